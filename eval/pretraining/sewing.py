"""Seeded redrawings as a shop of textiles shows a design: sewn or outlined, small, repeated, framed, on any cloth."""

from __future__ import annotations

import math
from typing import Any

from eval.pretraining.pictures import normalised
from eval.pretraining.redrawing import Redrawing

Tensor = Any

LAYOUTS: tuple[tuple[float, tuple[tuple[float, float], ...]], ...] = (
    (1.0, ((0.0, 0.0),)),
    (0.62, ((0.0, 0.0),)),
    (0.5, ((-0.48, 0.0), (0.48, 0.0))),
    (0.32, ((-0.62, 0.0), (0.0, 0.0), (0.62, 0.0))),
    (0.3, tuple((0.62 * math.sin(turn * math.pi / 3), 0.62 * math.cos(turn * math.pi / 3)) for turn in range(6))),
)
"""How much smaller, and where copies stand, across and down from -1 to 1: one, a small one, two, a row, a wreath."""
SHARES = (0.45, 0.25, 0.12, 0.08, 0.10)
"""How often each layout is drawn."""


class Sewing:
    """Draws designs as `Redrawing` does, then lays them out; geometry and colours of every picture are seeded."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.redraw = Redrawing(side)

    def __call__(self, pictures: Tensor, seed: int, may_flip: Tensor | None = None) -> Tensor:
        """uint8 (N, 4, S, S) premultiplied → float32 (N, 3, side, side), normalised; equal seeds, equal pixels."""
        import torch

        ink, alpha, dice = self.redraw.drawn(pictures, seed, may_flip)
        ink, alpha = self._outlined(ink, alpha, dice)
        ink = ink * self._threads(len(ink), dice, depth=0.3)
        layers = self._laid_out(torch.cat([ink, alpha], 1), dice)
        layers = self._framed(layers, dice)
        ink, alpha = layers[:, :3], layers[:, 3:]
        return normalised((ink + (1 - alpha) * self._cloth(len(ink), dice)).clamp(0, 1))

    def _outlined(self, ink: Tensor, alpha: Tensor, dice: Any) -> tuple[Tensor, Tensor]:
        """For a quarter, nothing but the edges, in one colour; for some of these the fill shines through."""
        import torch
        from torch.nn import functional

        n = len(ink)
        grey = ink.mean(1, keepdim=True) - alpha  # ground 0 below the darkest and the lightest colour alike
        edges = functional.max_pool2d(grey, 3, 1, 1) + functional.max_pool2d(-grey, 3, 1, 1)
        rim = functional.max_pool2d(alpha, 3, 1, 1) + functional.max_pool2d(-alpha, 3, 1, 1)
        line = (4 * torch.maximum(edges, rim) - 0.4).clamp(0, 1)
        colour = torch.rand(n, 3, 1, 1, generator=dice) * 0.5
        shining = torch.rand(n, 1, 1, 1, generator=dice) * (torch.rand(n, 1, 1, 1, generator=dice) < 0.4)
        chosen = (torch.rand(n, 1, 1, 1, generator=dice) < 0.25).float()
        drawn_ink = line * colour + (1 - line) * shining * ink
        drawn_alpha = line + (1 - line) * shining * alpha
        return ink + chosen * (drawn_ink - ink), alpha + chosen * (drawn_alpha - alpha)

    def _threads(self, n: int, dice: Any, depth: float) -> Tensor:
        """Parallel threads in any direction as light and shade around 1: (n, 1, side, side)."""
        import torch

        lines = torch.arange(self.side, dtype=torch.float32)
        turn, period, begin, deep = torch.rand(4, n, 1, 1, generator=dice)
        along = lines[None, :, None] * torch.sin(turn * math.pi) + lines[None, None] * torch.cos(turn * math.pi)
        wave = torch.sin(2 * math.pi * (along / (1.5 + 4 * period) + begin))
        return 1 + (depth * deep * wave).unsqueeze(1)

    def _laid_out(self, layers: Tensor, dice: Any) -> Tensor:
        """Copies of (n, 4, side, side) where their drawn layouts put them."""
        import torch
        from torch.nn import functional

        n = len(layers)
        chosen = torch.multinomial(torch.tensor(SHARES), n, replacement=True, generator=dice).tolist()
        jitter = torch.exp(0.1 * torch.randn(n, generator=dice)).tolist()
        small = functional.interpolate(functional.avg_pool2d(layers, 2), size=self.side, mode="bilinear")
        found = torch.zeros_like(layers)
        for copy in range(max(len(places) for _, places in LAYOUTS)):
            rows = [row for row in range(n) if copy < len(LAYOUTS[chosen[row]][1])]
            if not rows:
                continue
            sizes = [LAYOUTS[chosen[row]][0] * jitter[row] for row in rows]
            source = torch.stack(
                [small[row] if size < 0.55 else layers[row] for row, size in zip(rows, sizes, strict=True)]
            )
            matrix = torch.zeros(len(rows), 2, 3)
            for line, (row, size) in enumerate(zip(rows, sizes, strict=True)):
                across, down = LAYOUTS[chosen[row]][1][copy]
                matrix[line] = torch.tensor([[1 / size, 0, -across / size], [0, 1 / size, -down / size]])
            grid = functional.affine_grid(matrix, list(source.shape), align_corners=False)
            placed = functional.grid_sample(source, grid, align_corners=False)
            found[rows] = found[rows] * (1 - placed[:, 3:]) + placed
        return found

    def _framed(self, layers: Tensor, dice: Any) -> Tensor:
        """For a third, a ring, an oval, a square or a ring of dots around a design made smaller."""
        import torch
        from torch.nn import functional

        n = len(layers)
        chosen = torch.rand(n, generator=dice) < 0.33
        matrix = torch.eye(2, 3).repeat(n, 1, 1) * torch.where(chosen, 1.35, 1.0)[:, None, None]
        grid = functional.affine_grid(matrix, list(layers.shape), align_corners=False)
        layers = functional.grid_sample(layers, grid, align_corners=False)
        lines = (torch.arange(self.side) * 2 + 1) / self.side - 1
        down, across = lines[None, :, None], lines[None, None]
        wide, thick, dots, kind = torch.rand(4, n, 1, 1, generator=dice)
        oval = torch.sqrt((across / (0.75 + 0.25 * wide)) ** 2 + down**2)
        square = torch.maximum(across.abs(), down.abs()).expand(n, -1, -1)
        distance = torch.where(kind < 0.6, oval, square)
        ring = 1 - ((distance - 0.88).abs() / (0.03 + 0.07 * thick) - 0.5).clamp(0, 1)
        dotted = (0.5 + 2 * torch.sin(torch.atan2(down, across) * (6 + 10 * dots).round())).clamp(0, 1)
        ring = ring * torch.where(dots < 0.4, dotted, torch.ones(())) * chosen[:, None, None]
        colour = torch.rand(n, 3, 1, 1, generator=dice)
        ring = ring.unsqueeze(1)
        behind = 1 - layers[:, 3:]
        return torch.cat([layers[:, :3] + behind * ring * colour, layers[:, 3:] + behind * ring], 1)

    def _cloth(self, n: int, dice: Any) -> Tensor:
        """Pale, dark or any colour, woven: (n, 3, side, side)."""
        import torch

        colour = torch.rand(n, 3, 1, 1, generator=dice)
        kind = torch.rand(n, 1, 1, 1, generator=dice)
        colour = torch.where(kind < 0.55, 1 - 0.3 * colour, torch.where(kind < 0.75, 0.35 * colour, colour))
        weft, warp = (torch.randn(n, 1, *size, generator=dice) for size in ((self.side, 1), (1, self.side)))
        grain = torch.randn(n, 1, self.side, self.side, generator=dice)
        rough = 0.08 * torch.rand(n, 1, 1, 1, generator=dice)
        return colour * (1 + rough * (grain + 0.5 * weft + 0.5 * warp))
