"""A small convolutional net: learns far more from few pictures than a transformer, then teaches one."""

from __future__ import annotations

from typing import Any

Tensor = Any


def teacher(designs: int, words: int, groups: int, width: int = 32, size: int = 192) -> Any:
    """A torch module; `forward` maps (N, 3, 64, 64) to (grid (N, 4w, 8, 8), grid (N, 8w, 4, 4), rows (N, size)).

    Rows are unit vectors. `P`, `T` hold one vector per design and per word, `S` is a linear layer to subcategories.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    class Teacher(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(
                nn.Conv2d(3, width, 3, 2, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
                _residual(width, width, 1),
                _residual(width, 2 * width, 2),
                _residual(2 * width, 4 * width, 2),
                _residual(4 * width, 4 * width, 1),
                _residual(4 * width, 8 * width, 2),
            )
            self.fc = nn.Linear(8 * width, size)
            self.bn = nn.BatchNorm1d(size)
            self.P = nn.Parameter(torch.randn(designs, size) * 0.05)
            self.T = nn.Parameter(torch.randn(words, size) * 0.05)
            self.S = nn.Linear(size, groups)

        def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            middle = self.net[:7](pictures.contiguous(memory_format=torch.channels_last))
            last = self.net[7](middle)
            return middle, last, functional.normalize(self.bn(self.fc(last.mean((2, 3)))), dim=-1)

    return Teacher().to(memory_format=torch.channels_last)


def _residual(before: int, after: int, stride: int) -> Any:
    from torch import nn
    from torch.nn import functional

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Conv2d(before, after, 3, stride, 1, bias=False)
            self.b = nn.BatchNorm2d(after)
            self.c = nn.Conv2d(after, after, 3, 1, 1, bias=False)
            self.d = nn.BatchNorm2d(after)
            self.s: Any = nn.Identity()
            if stride > 1 or before != after:
                self.s = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

        def forward(self, grid: Tensor) -> Tensor:
            inner = functional.relu(self.b(self.a(grid)))
            return functional.relu(self.d(self.c(inner)) + self.s(grid))

    return Residual()
