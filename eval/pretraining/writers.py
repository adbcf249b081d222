"""The stage in which a text tower learns to point at the pictures that its words are true of."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from data.progress import Progress, silent
from eval.pretraining.captions import Captions
from eval.pretraining.muon import muon
from eval.pretraining.redrawing import Redrawing
from eval.pretraining.scores import Gallery, seen

Tensor = Any
Tokenize = Callable[[list[str]], Tensor]

SHARPNESS = 20.0
"""Scale of cosines before the softmax; stored in the model as logit_scale."""


def shelf(
    visual: Any, pictures: Tensor, side: int, views: int, seed: int, flips: Tensor, progress: Progress = silent
) -> Tensor:
    """Unit rows of every design in several redrawings: float32 (views, designs, size). Seeds are their own."""
    import torch

    redraw = Redrawing(side)
    drawn = []
    for number in range(views):
        progress(number, views, "views")
        starts = range(0, len(pictures), 128)
        some = [
            seen(visual, redraw(pictures[i : i + 128], seed + 500_000 + number * 1000 + i // 128, flips[i : i + 128]))
            for i in starts
        ]
        drawn.append(torch.cat(some))
    return torch.stack(drawn)


class Words:
    """A `learning.Stage`: multi-positive softmax of a caption over one redrawing of every design; pictures are fixed.

    `model` is a whole open_clip.CLIP of which only the text tower and its projection learn. A caption true of several
    designs asks for equal shares of the softmax (as in SupCon, Khosla et al. 2020, arXiv:2004.11362).
    """

    name = "words"

    def __init__(
        self,
        model: Any,
        tokenize: Tokenize,
        captions: Captions,
        views: Tensor,
        galleries: dict[str, Gallery],
        *,
        batch: int = 256,
        rate: float = 2e-3,
        seed: int = 0,
        look: int = 5,
    ) -> None:
        self.model, self.tokenize, self.captions, self.shelf = model, tokenize, captions, views
        self.batch, self.rate, self.seed, self.look = batch, rate, seed, look
        self.steps_per_epoch = max(1, views.shape[1] * 4 // batch)
        self.model.visual.requires_grad_(False)
        self.model.logit_scale.requires_grad_(False).fill_(math.log(SHARPNESS))
        self.galleries = {name: (gallery, seen(model.visual, gallery.views)) for name, gallery in galleries.items()}

    def optimizers(self) -> list[Any]:
        """Muon for the blocks' matrices, AdamW for all the rest of the text tower."""
        import torch

        blocks = [weight for weight in self.model.transformer.parameters() if weight.ndim == 2]
        chosen = {id(weight) for weight in blocks}
        rest = [weight for weight in self.model.parameters() if weight.requires_grad and id(weight) not in chosen]
        return [
            muon(blocks, self.rate),
            torch.optim.AdamW(rest, lr=self.rate, weight_decay=0.02, betas=(0.9, 0.98)),
        ]

    def loss(self, step: int) -> Tensor:
        """Cross-entropy between a caption's softmax over designs and the designs it is true of, and the way back."""
        import torch

        texts, truth = self.captions.draw(self.batch, self.seed * 1_000_003 + step)
        designs = self.shelf.shape[1]
        dice = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        chosen = torch.randint(len(self.shelf), (designs,), generator=dice)
        pictures = self.shelf[chosen, torch.arange(designs)]
        scores = SHARPNESS * written(self.model, self.tokenize(texts)) @ pictures.T
        forth = -(truth * scores.log_softmax(1)).sum(1).mean()
        back = truth.T / truth.sum(0)[:, None].clamp(min=1e-6)
        known = truth.sum(0) > 0
        return forth - 0.3 * (back * scores.T.log_softmax(1)).sum(1)[known].mean()

    def figures(self, averaged: Any, epoch: int) -> dict[str, float]:
        """P@5 on every gallery with the text tower's own vectors as queries, every `look` epochs."""
        import torch

        if epoch % self.look:
            return {}
        found = {}
        with torch.inference_mode():
            for name, (gallery, pictures) in self.galleries.items():
                found[name] = round(gallery.p5(written(averaged, self.tokenize(gallery.queries)), pictures), 4)
        return found


def written(model: Any, rows: Tensor) -> Tensor:
    """Unit text rows as `model.encode_text` gives them, without the time that columns of nothing but padding take."""
    from open_clip.transformer import text_global_pool
    from torch.nn import functional

    used = int((rows != 0).any(0).sum())
    rows, mask = rows[:, :used], model.attn_mask[:used, :used]
    tokens = model.transformer(model.token_embedding(rows) + model.positional_embedding[:used], attn_mask=mask)
    pooled = text_global_pool(model.ln_final(tokens), rows, model.text_pool_type, eos_token_id=model.text_eos_id)
    return functional.normalize(pooled @ model.text_projection, dim=-1)
