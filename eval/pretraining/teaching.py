"""The first stage: the convolutional teacher learns to tell designs, keywords and subcategories apart."""

from __future__ import annotations

from typing import Any

from eval.pretraining.lessons import Lessons, order
from eval.pretraining.redrawing import Redrawing
from eval.pretraining.scores import Gallery
from eval.pretraining.student import SHARPNESS
from eval.pretraining.teacher import teacher

Tensor = Any


class Teaching:
    """A `learning.Stage`: softmax over designs, over keywords (equal shares to a design's own), over subcategories."""

    name = "teacher"

    def __init__(
        self,
        lessons: Lessons,
        pictures: Tensor,
        galleries: dict[str, Gallery],
        side: int,
        *,
        batch: int = 96,
        rate: float = 3e-3,
        seed: int = 0,
        look: int = 10,
    ) -> None:
        import torch

        self.lessons, self.pictures, self.galleries = lessons, pictures, galleries
        self.batch, self.rate, self.seed, self.look = min(batch, len(lessons)), rate, seed, look
        self.steps_per_epoch = len(lessons) // self.batch
        self.redraw = Redrawing(side)
        torch.manual_seed(seed)
        self.model = teacher(len(lessons), len(lessons.words), len(lessons.group_names))
        self.shares = lessons.labels / lessons.labels.sum(1, keepdim=True).clamp(min=1)

    def optimizers(self) -> list[Any]:
        """AdamW over everything."""
        import torch

        return [torch.optim.AdamW(self.model.parameters(), lr=self.rate, weight_decay=0.05, betas=(0.9, 0.99))]

    def loss(self, step: int) -> Tensor:
        """Sum of the three cross-entropies, the last one counted 0.3."""
        from torch.nn import functional

        epoch, place = divmod(step, self.steps_per_epoch)
        chosen = order(len(self.lessons), self.seed, epoch)[place * self.batch : (place + 1) * self.batch]
        views = self.redraw(self.pictures[chosen], self.seed * 1_000_003 + step, self.lessons.flips[chosen])
        rows = self.model(views)[2]
        designs = SHARPNESS * rows @ functional.normalize(self.model.P, dim=-1).T
        words = SHARPNESS * rows @ functional.normalize(self.model.T, dim=-1).T
        groups = SHARPNESS / 4 * self.model.S(rows)
        target = self.lessons.group_of[chosen]
        return (
            functional.cross_entropy(designs, _numbers(chosen), label_smoothing=0.05)
            - (self.shares[chosen] * words.log_softmax(1)).sum(1).mean()
            + 0.3 * functional.cross_entropy(groups, target, label_smoothing=0.05)
        )

    def figures(self, averaged: Any, epoch: int) -> dict[str, float]:
        """P@5 on every gallery with the learnt word vectors as queries, every `look` epochs."""
        import torch
        from torch.nn import functional

        if epoch % self.look:
            return {}
        words = functional.normalize(averaged.T.detach(), dim=-1)
        found = {}
        with torch.inference_mode():
            for name, gallery in self.galleries.items():
                columns = [self.lessons.words.index(query) for query in gallery.queries]
                rows = torch.cat([averaged(some)[2] for some in gallery.views.split(128)])
                found[name] = round(gallery.p5(words[columns], rows), 4)
        return found


def _numbers(chosen: Any) -> Tensor:
    import torch

    return torch.tensor(list(chosen))
