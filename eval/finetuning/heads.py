"""Two projections over cached features: a step is two small matrix products instead of two towers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eval.finetuning import objective, views
from eval.finetuning.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor


class Heads:
    """A `learning.Lesson` on features: `pictures` float32 (1 + views, p, width), `texts` float32 (t, width).

    `train` and `held` are int64 (n, 2): the numbers of picture and text of each pair. `projections` are the matrices
    to begin from, which are not changed; `scale` is what cosines are multiplied with.
    """

    def __init__(
        self, pictures: np.ndarray, texts: np.ndarray, train: np.ndarray, held: np.ndarray,
        projections: Mapping[str, Tensor], scale: float, recipe: Recipe,
    ) -> None:  # fmt: skip
        import torch

        self.recipe, self.pairs, self.held = recipe, len(train), held
        self.device = next(iter(projections.values())).device
        self.scale = min(scale, recipe.largest_scale)
        self.views, self.different = pictures.shape[0] - 1, pictures.shape[1]
        self.pictures = torch.from_numpy(pictures.reshape(-1, pictures.shape[2])).to(self.device)
        self.texts = torch.from_numpy(texts).to(self.device)
        self.train = torch.from_numpy(np.ascontiguousarray(train.T)).to(self.device)
        self.parameters = {name: torch.nn.Parameter(value.clone().float()) for name, value in projections.items()}
        self._turn: tuple[int, Tensor] = (-1, self.train[0])

    def loss(self, chosen: Tensor, upcoming: Tensor, epoch: int) -> Tensor:
        """Symmetric InfoNCE of these pairs, each picture in the view whose turn it is."""
        chosen = chosen.to(self.device)
        rows, texts = self.train[0][chosen], self.train[1][chosen]
        seen = self._turns(epoch)[chosen] * self.different + rows
        mask = objective.same(texts, rows) if self.recipe.same_caption == "ignored" else None
        shown = self._unit(self.pictures[seen], "visual.proj")
        said = self._unit(self.texts[texts], "text_projection")
        return objective.disagreement(shown, said, self.scale, self.recipe.half, mask)

    def figures(self) -> dict[str, float]:
        """How the held-out pairs fare in the plain view; nothing without them."""
        import torch

        if not len(self.held):
            return {}
        of_picture, picture_of = np.unique(self.held[:, 0], return_inverse=True)
        of_text, text_of = np.unique(self.held[:, 1], return_inverse=True)
        with torch.no_grad():
            shown = self._unit(self.pictures[torch.from_numpy(of_picture).to(self.device)], "visual.proj")
            said = self._unit(self.texts[torch.from_numpy(of_text).to(self.device)], "text_projection")
        return objective.figures(
            shown.cpu().numpy(), said.cpu().numpy(), picture_of, text_of, self.scale, self.recipe.half,
            self.recipe.batch, self.recipe.same_caption == "ignored",
        )  # fmt: skip

    def _unit(self, features: Tensor, name: str) -> Tensor:
        import torch

        return torch.nn.functional.normalize(features @ self.parameters[name], dim=-1)

    def _turns(self, epoch: int) -> Tensor:
        import torch

        if self._turn[0] != epoch:
            number = views.turn(self.pairs, epoch, self.views, self.recipe.seed)
            self._turn = (epoch, torch.from_numpy(number).to(self.device))
        return self._turn[1]
