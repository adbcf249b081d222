"""Muon: momentum whose matrices are made orthogonal, several times fewer steps than AdamW for small transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Tensor = Any

COEFFICIENTS = (3.4445, -4.775, 2.0315)
"""Of the quintic Newton-Schulz iteration: K. Jordan, https://kellerjordan.github.io/posts/muon/."""


def muon(parameters: Sequence[Tensor], rate: float, momentum: float = 0.95, decay: float = 0.05) -> Any:
    """A torch optimizer for the 2-D weights of transformer blocks, fast in float32 on a CPU.

    `torch.optim.Muon` works in bfloat16 and one matrix at a time, which is slow there. A fused query-key-value matrix
    (3w, w) is orthogonalised in its three parts. Steps are scaled to AdamW's size: 0.2 sqrt(max(rows, columns)).
    """
    from torch.optim import Optimizer

    class _Muon(Optimizer):
        def step(self, closure: Any = None) -> Any:
            for group in self.param_groups:
                _step(group, self.state)

    return _Muon(parameters, {"lr": rate, "momentum": momentum, "weight_decay": decay})


def _step(group: dict[str, Any], state: dict[Tensor, dict[str, Tensor]]) -> None:
    import torch

    with torch.no_grad():
        pieces: list[tuple[int, Tensor]] = []
        for number, weight in enumerate(group["params"]):
            mean = state[weight].setdefault("mean", torch.zeros_like(weight))
            mean.lerp_(weight.grad, 1 - group["momentum"])
            update = weight.grad.lerp(mean, group["momentum"])
            fused = update.shape[0] == 3 * update.shape[1]
            pieces += [(number, part) for part in (update.chunk(3) if fused else [update])]
        made = orthogonal([piece for _, piece in pieces])
        for number, weight in enumerate(group["params"]):
            update = torch.cat([one for (owner, _), one in zip(pieces, made, strict=True) if owner == number])
            weight.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-group["lr"])


def orthogonal(matrices: Sequence[Tensor], rounds: int = 4) -> list[Tensor]:
    """Each matrix with its singular values pushed near 1, times 0.2 sqrt(longer side); equal shapes go together."""
    import torch

    a, b, c = COEFFICIENTS
    made: list[Tensor] = [None] * len(matrices)
    for shape in sorted({tuple(matrix.shape) for matrix in matrices}):
        places = [place for place, matrix in enumerate(matrices) if tuple(matrix.shape) == shape]
        x = torch.stack([matrices[place] for place in places])
        x = x.mT if shape[0] > shape[1] else x
        x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
        for _ in range(rounds):
            gram = x @ x.mT
            x = a * x + (b * gram + c * gram @ gram) @ x
        x = x.mT if shape[0] > shape[1] else x
        for place, one in zip(places, x * (0.2 * max(shape) ** 0.5), strict=True):
            made[place] = one
    return made
