"""The stage in which the shipped picture tower learns from the convolutional teacher, patch by patch and as a whole."""

from __future__ import annotations

from typing import Any

from eval.pretraining import towers
from eval.pretraining.lessons import Lessons, order
from eval.pretraining.muon import muon
from eval.pretraining.redrawing import Redrawing
from eval.pretraining.scores import Gallery, seen

Tensor = Any

SHARPNESS = 16.0
"""Scale of cosines before a softmax."""


class Student:
    """A `learning.Stage`: the picture tower follows the teacher's features on redrawn pictures (distillation).

    Four agreements are asked for: the embedding's direction, the teacher's softmax over designs and over words, and,
    for every patch, the teacher's two last feature grids, standardised channel by channel.
    """

    name = "pictures"

    def __init__(
        self,
        lessons: Lessons,
        pictures: Tensor,
        teacher: Any,
        galleries: dict[str, Gallery],
        sizes: dict[str, int],
        *,
        batch: int = 64,
        rate: float = 4e-3,
        seed: int = 0,
        look: int = 10,
    ) -> None:
        import torch

        self.lessons, self.pictures, self.galleries = lessons, pictures, galleries
        self.batch, self.rate, self.seed, self.look = min(batch, len(lessons)), rate, seed, look
        self.steps_per_epoch = len(lessons) // self.batch
        self.halfway = (sizes["vision_layers"] + 1) // 2
        self.redraw = Redrawing(sizes["image_resolution"])
        self.teacher = teacher.eval().requires_grad_(False)
        torch.manual_seed(seed)
        self.visual = towers.dual_encoder(sizes).visual
        towers.start(self.visual, self.redraw(pictures[::4], seed + 7), seed)
        middle, last, _ = self._taught(self.redraw(pictures[::4], seed + 8))
        self.middle = (middle.mean((0, 1)), middle.std((0, 1)))
        self.last = (last.mean((0, 1)), last.std((0, 1)))
        width = sizes["vision_width"]
        self.model = torch.nn.ModuleDict(
            {
                "visual": self.visual,
                "middle": torch.nn.Linear(width, middle.shape[-1]),
                "last": torch.nn.Linear(width, last.shape[-1]),
            }
        )
        self.designs = torch.nn.functional.normalize(teacher.P.detach(), dim=-1)
        self.words = torch.nn.functional.normalize(teacher.T.detach(), dim=-1)

    def optimizers(self) -> list[Any]:
        """Muon for the blocks' matrices, AdamW for all the rest."""
        import torch

        blocks = [weight for weight in self.visual.transformer.parameters() if weight.ndim == 2]
        chosen = {id(weight) for weight in blocks}
        rest = [weight for weight in self.model.parameters() if id(weight) not in chosen]
        return [
            muon(blocks, self.rate),
            torch.optim.AdamW(rest, lr=self.rate, weight_decay=0.02, betas=(0.9, 0.98)),
        ]

    def views(self, step: int) -> Tensor:
        """The redrawn pictures of this step."""
        epoch, place = divmod(step, self.steps_per_epoch)
        chosen = order(len(self.lessons), self.seed, epoch)[place * self.batch : (place + 1) * self.batch]
        return self.redraw(self.pictures[chosen], self.seed * 1_000_003 + step, self.lessons.flips[chosen])

    def loss(self, step: int) -> Tensor:
        """The sum of the four disagreements."""
        from torch.nn import functional

        views = self.views(step)
        middle, last, target = self._taught(views)
        rows, halfway, final = towers.see(self.visual, views, self.halfway)
        rows = functional.normalize(rows, dim=-1)
        patches = functional.mse_loss(self.model["middle"](halfway), _standard(middle, self.middle))
        patches = patches + functional.mse_loss(self.model["last"](final), _standard(last, self.last))
        direction = 1 - (rows * target).sum(1).mean()
        return (
            4 * direction
            + patches
            + _disagreement(rows, target, self.designs)
            + 0.5 * _disagreement(rows, target, self.words)
        )

    def _taught(self, views: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The teacher's two grids as one row of channels per patch, (N, 64, C), and its unit rows."""
        import torch
        from torch.nn import functional

        with torch.no_grad():
            middle, last, rows = self.teacher(views)
            last = functional.interpolate(last, size=middle.shape[-2:], mode="bilinear", align_corners=False)
            return middle.flatten(2).mT, last.flatten(2).mT, rows

    def figures(self, averaged: Any, epoch: int) -> dict[str, float]:
        """P@5 on every gallery with the teacher's word vectors as queries, every `look` epochs."""
        if epoch % self.look:
            return {}
        found = {}
        for name, gallery in self.galleries.items():
            columns = [self.lessons.words.index(query) for query in gallery.queries]
            found[name] = round(gallery.p5(self.words[columns], seen(averaged["visual"], gallery.views)), 4)
        return found


def _standard(grid: Tensor, moments: tuple[Tensor, Tensor]) -> Tensor:
    return (grid - moments[0]) / (moments[1] + 1e-4)


def _disagreement(rows: Tensor, target: Tensor, proxies: Tensor) -> Tensor:
    """Cross-entropy of the two softmaxes over the same proxies."""
    wanted = (SHARPNESS * target @ proxies.T).softmax(-1)
    return -(wanted * (SHARPNESS * rows @ proxies.T).log_softmax(-1)).sum(-1).mean()
