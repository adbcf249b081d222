"""What tuning asks for and what it is judged by: symmetric InfoNCE, and how near held-out pairs are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

BLOCK = 2048
FIRST = 5  # R@5: is the picture among the five nearest to its caption?


def disagreement(pictures: Tensor, texts: Tensor, scale: float | Tensor, half: float = 0.5,
                 same: Tensor | None = None) -> Tensor:  # fmt: skip
    """Symmetric InfoNCE of unit rows (n, size): row i of both is pair i (arXiv:2103.00020, figure 3).

    half · cross-entropy picture → text + (1 − half) · text → picture. `same`, bool (n, n), marks places that count
    neither as right nor as wrong; its diagonal is not looked at.
    """
    import torch
    from torch.nn import functional

    logits = scale * pictures @ texts.T
    if same is not None:
        logits = logits.masked_fill(same & ~torch.eye(len(same), dtype=torch.bool, device=same.device), -torch.inf)
    right = torch.arange(len(logits), device=logits.device)
    return half * functional.cross_entropy(logits, right) + (1 - half) * functional.cross_entropy(logits.T, right)


def same(texts: Tensor, pictures: Tensor) -> Tensor | None:
    """Where pairs of a batch share caption or picture, by their numbers int64 (n,): bool (n, n); None when none do."""
    import torch

    found = (texts[:, None] == texts) | (pictures[:, None] == pictures)
    return found if int(torch.count_nonzero(found)) > len(texts) else None


def figures(pictures: np.ndarray, texts: np.ndarray, picture_of: np.ndarray, text_of: np.ndarray, scale: float,
            half: float, batch: int, ignored: bool) -> dict[str, float]:  # fmt: skip
    """How held-out pairs fare: unit rows of different pictures (p, size) and texts (t, size), pair i by its numbers.

    - `validation_loss`: mean `disagreement` over batches in a fixed order.
    - `pair_cosine`: mean inner product of the pairs.
    - `match_probability`: mean probability of the right text in softmax(scale · I · Tᵀ) over all pairs; the report of
      2025 printed this as «Cosine Sim», and it depends on the number of pairs.
    - `R@5`: the share of pairs whose picture is among the five nearest of all different pictures to its caption.
    """
    import numpy as np
    import torch

    shown, said = torch.from_numpy(pictures)[picture_of], torch.from_numpy(texts)[text_of]
    losses, sizes = [], []
    for start in range(0, len(shown), batch):
        part = slice(start, start + batch)
        mask = same(torch.from_numpy(text_of[part]), torch.from_numpy(picture_of[part])) if ignored else None
        losses.append(float(disagreement(shown[part], said[part], scale, half, mask)))
        sizes.append(len(shown[part]))
    near, right, found = [], [], []
    for start in range(0, len(shown), BLOCK):
        part = slice(start, start + BLOCK)
        own = (shown[part] * said[part]).sum(1)
        near.append(own)
        right.append((scale * own - torch.logsumexp(scale * shown[part] @ said.T, 1)).exp())
        found.append(((said[part] @ torch.from_numpy(pictures).T > own[:, None] + 1e-7).sum(1) < FIRST).float())
    means: dict[str, Any] = {"validation_loss": np.average(losses, weights=sizes)}
    for name, parts in (("pair_cosine", near), ("match_probability", right), ("R@5", found)):
        means[name] = torch.cat(parts).mean()
    return {name: float(value) for name, value in means.items()}
