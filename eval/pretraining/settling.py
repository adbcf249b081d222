"""The last stage: the picture tower learns to see a design where it is sewn, small, repeated, framed or outlined."""

from __future__ import annotations

import copy
from typing import Any

from eval.pretraining import towers
from eval.pretraining.lessons import Lessons, order
from eval.pretraining.muon import muon
from eval.pretraining.scores import Gallery, seen
from eval.pretraining.sewing import Sewing

Tensor = Any

SHARPNESS = 16.0
"""Scale of cosines before a softmax."""
PLAIN = 0.25
"""Share of a batch that is shown as before, so that nothing is forgotten."""


class Settling:
    """A `learning.Stage`: the tower gives a sewn design the row that it gave the plainly redrawn one before the stage.

    Text towers stay as they are, because the rows they were taught to point at stay in place. `words` are unit text
    rows (any number, size) that sharpen the agreement. A gallery comes with the unit text rows of its queries.
    `begin` is the tower of an earlier round; by default learning begins at `visual` itself.
    """

    name = "sewn"

    def __init__(
        self,
        lessons: Lessons,
        pictures: Tensor,
        visual: Any,
        words: Tensor,
        galleries: dict[str, tuple[Gallery, Tensor]],
        *,
        begin: Any = None,
        batch: int = 64,
        rate: float = 2e-3,
        seed: int = 0,
        look: int = 5,
    ) -> None:
        self.lessons, self.pictures, self.words, self.galleries = lessons, pictures, words, galleries
        self.batch, self.rate, self.seed, self.look = min(batch, len(lessons)), rate, seed, look
        self.steps_per_epoch = len(lessons) // self.batch
        self.before = copy.deepcopy(visual).eval().requires_grad_(False)
        self.model = copy.deepcopy(begin or visual).requires_grad_(True)
        self.sewing = Sewing(visual.image_size[0])
        self.designs = seen(self.before, self.sewing.redraw(pictures, seed + 9, lessons.flips)).clone()

    def optimizers(self) -> list[Any]:
        """Muon for the blocks' matrices, AdamW for all the rest."""
        import torch

        blocks = [weight for weight in self.model.transformer.parameters() if weight.ndim == 2]
        chosen = {id(weight) for weight in blocks}
        rest = [weight for weight in self.model.parameters() if id(weight) not in chosen]
        return [muon(blocks, self.rate), torch.optim.AdamW(rest, lr=self.rate, weight_decay=0.02, betas=(0.9, 0.98))]

    def loss(self, step: int) -> Tensor:
        """Distance of directions, and of the softmaxes over designs and over words, to those of the tower before."""
        import torch
        from torch.nn import functional

        epoch, place = divmod(step, self.steps_per_epoch)
        chosen = order(len(self.lessons), self.seed + 1, epoch)[place * self.batch : (place + 1) * self.batch]
        seed = self.seed * 1_000_003 + step
        pictures, flips = self.pictures[chosen], self.lessons.flips[chosen]
        plain = self.sewing.redraw(pictures, seed, flips)
        with torch.no_grad():
            target = functional.normalize(self.before(plain), dim=-1)
        shown = self.sewing(pictures, seed + 500_000, flips)
        shown[: int(PLAIN * len(shown))] = plain[: int(PLAIN * len(shown))]
        rows = functional.normalize(towers.see(self.model, shown, 1)[0], dim=-1)
        apart = 4 * (1 - (rows * target).sum(1).mean())
        return apart + _disagreement(rows, target, self.designs) + 0.5 * _disagreement(rows, target, self.words)

    def figures(self, averaged: Any, epoch: int) -> dict[str, float]:
        """P@5 on every gallery, every `look` epochs."""
        if epoch % self.look:
            return {}
        return {
            name: round(gallery.p5(asked, seen(averaged, gallery.views)), 4)
            for name, (gallery, asked) in self.galleries.items()
        }


def _disagreement(rows: Tensor, target: Tensor, proxies: Tensor) -> Tensor:
    """Cross-entropy of the two softmaxes over the same proxies."""
    wanted = (SHARPNESS * target @ proxies.T).softmax(-1)
    return -(wanted * (SHARPNESS * rows @ proxies.T).log_softmax(-1)).sum(-1).mean()
