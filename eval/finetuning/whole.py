"""Whole towers as a lesson: pictures are decoded ahead in threads while the model learns from the batch before."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from eval import dual_encoder
from eval.finetuning import objective, views
from eval.finetuning.recipe import Recipe
from eval.precision import device
from eval.vector_files import usable_cores

if TYPE_CHECKING:
    from torch import Tensor

    from data.catalogue import Catalogue
    from eval.dual_encoder import DualEncoder

CHUNK = 64


class Towers:
    """A `learning.Lesson` that changes all tensors of an encoder but the `frozen` ones; takes the encoder over.

    `digests` and `texts` are the different pictures and captions, `train` and `held` int64 (n, 2) numbers of both.
    """

    def __init__(
        self, encoder: DualEncoder, catalogue: Catalogue, digests: Sequence[str], texts: Sequence[str],
        train: np.ndarray, held: np.ndarray, recipe: Recipe,
    ) -> None:  # fmt: skip
        import torch

        self.encoder, self.catalogue, self.recipe, self.pairs = encoder, catalogue, recipe, len(train)
        self.digests, self.train, self.held = digests, train, held
        self.item = dict(zip(catalogue.table["sha256"], catalogue.ids, strict=True))
        self.tokens = torch.from_numpy(encoder.tokens.rows(list(texts)))
        named = dict(encoder.model.named_parameters())
        chosen = {name: value for name, value in named.items() if not name.startswith((*recipe.frozen, "logit_bias"))}
        if not chosen:
            raise ValueError(f"Every tensor of {encoder.spec} is frozen; freeze fewer: {', '.join(recipe.frozen)}")
        for value in chosen.values():
            value.data = value.data.clone()  # it may be mapped from the file of the base
        self.parameters: dict[str, Any] = {name: value.requires_grad_(True) for name, value in chosen.items()}
        self._pool = ThreadPoolExecutor(usable_cores(), "finetune")
        self._ahead: tuple[tuple[int, ...], list[Future[np.ndarray]]] = ((), [])

    def loss(self, chosen: Tensor, upcoming: Tensor, epoch: int) -> Tensor:
        """Symmetric InfoNCE of these pairs through both towers."""
        import torch

        pairs = self.train[chosen.numpy()]
        waiting = self._asked(chosen.numpy(), epoch)
        ahead = epoch if len(upcoming) == 0 or self._same_epoch(chosen, epoch) else epoch + 1
        self._ahead = (tuple(upcoming.tolist()), self._prepared(upcoming.numpy(), ahead))
        shown = self._seen(np.stack([one.result() for one in waiting]))
        numbers, place = np.unique(pairs[:, 1], return_inverse=True)
        said = self._read(numbers)[torch.from_numpy(place).to(device())]
        mask = None
        if self.recipe.same_caption == "ignored":
            mask = objective.same(torch.from_numpy(pairs[:, 1]), torch.from_numpy(pairs[:, 0]))
        mask = None if mask is None else mask.to(device())
        return objective.disagreement(shown, said, self._scale(), self.recipe.half, mask)

    def figures(self) -> dict[str, float]:
        """How the held-out pairs fare in the plain view; nothing without them."""
        import torch

        if not len(self.held):
            return {}
        of_picture, picture_of = np.unique(self.held[:, 0], return_inverse=True)
        of_text, text_of = np.unique(self.held[:, 1], return_inverse=True)
        with torch.no_grad():
            shown = np.concatenate([self._seen(part).cpu().numpy() for part in self._plain(of_picture)])
            parts = [of_text[start : start + CHUNK] for start in range(0, len(of_text), CHUNK)]
            said = np.concatenate([self._read(part).cpu().numpy() for part in parts])
            scale = float(self._scale())
        return objective.figures(shown, said, picture_of, text_of, scale, self.recipe.half, self.recipe.batch,
                                 self.recipe.same_caption == "ignored")  # fmt: skip

    def close(self) -> None:
        """End the threads that decode ahead."""
        self._pool.shutdown(cancel_futures=True)

    def _same_epoch(self, chosen: Tensor, epoch: int) -> bool:
        """False for the last batch of an epoch: the next one shows other views."""
        from eval.finetuning.learning import order

        last = order(self.pairs, self.recipe.seed, epoch)[-1]
        return not bool((chosen == last).any())

    def _asked(self, chosen: np.ndarray, epoch: int) -> list[Future[np.ndarray]]:
        """The pictures of this step: those prepared ahead when they are the same."""
        numbers, waiting = self._ahead
        return waiting if numbers == tuple(chosen.tolist()) and waiting else self._prepared(chosen, epoch)

    def _prepared(self, chosen: np.ndarray, epoch: int) -> list[Future[np.ndarray]]:
        turns = views.turn(self.pairs, epoch, self.recipe.views, self.recipe.seed)
        return [
            self._pool.submit(self._one, int(picture), int(number))
            for picture, number in zip(self.train[chosen, 0], turns[chosen], strict=True)
        ]

    def _one(self, picture: int, number: int) -> np.ndarray:
        digest = self.digests[picture]
        seen = views.view(self.catalogue.picture(self.item[digest]), number, digest, self.recipe.looks())
        return self.encoder.prepare(seen)

    def _plain(self, pictures: np.ndarray) -> Any:
        for start in range(0, len(pictures), CHUNK):
            part = [self._pool.submit(self._one, int(number), 0) for number in pictures[start : start + CHUNK]]
            yield np.stack([one.result() for one in part])

    def _seen(self, prepared: np.ndarray) -> Tensor:
        import torch

        there = torch.from_numpy(prepared).to(device())
        return torch.nn.functional.normalize(self.encoder.model.encode_image(there), dim=-1)

    def _read(self, numbers: np.ndarray) -> Tensor:
        import torch

        rows = self.tokens[torch.from_numpy(np.asarray(numbers))].to(device())
        return torch.nn.functional.normalize(dual_encoder.text_features(self.encoder.model, rows), dim=-1)

    def _scale(self) -> Tensor:
        import math

        return self.encoder.model.logit_scale.clamp(max=math.log(self.recipe.largest_scale)).exp()
