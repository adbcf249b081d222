"""Seeded batches of pictures as another draughtsman might have drawn them: what teaches a model to see the design."""

from __future__ import annotations

from typing import Any

from eval.pretraining.pictures import normalised

Tensor = Any


class Redrawing:
    """Seeded random redrawings: shape, colours, line and background change, the design stays.

    `strength` 1 is what training uses; 0 leaves geometry and colours alone.
    """

    def __init__(self, side: int, strength: float = 1.0) -> None:
        self.side = side
        self.strength = strength

    def __call__(self, pictures: Tensor, seed: int, may_flip: Tensor | None = None) -> Tensor:
        """uint8 (N, 4, S, S) premultiplied → float32 (N, 3, side, side), normalised; equal seeds, equal pixels."""
        ink, alpha, dice = self.drawn(pictures, seed, may_flip)
        shown = ink + (1 - alpha) * self._background(len(pictures), dice)
        shown = self._soften(shown, dice)
        return normalised(self._erase(shown, dice).clamp_(0, 1))

    def drawn(self, pictures: Tensor, seed: int, may_flip: Tensor | None = None) -> tuple[Tensor, Tensor, Any]:
        """The design: premultiplied colours (N, 3, side, side) and alpha (N, 1, side, side) of 0..1, and the dice.

        The dice are a torch.Generator that goes on where the design ended.
        """
        import torch

        dice = torch.Generator().manual_seed(seed)
        inked = torch.nn.functional.grid_sample(
            pictures.float().div_(255), self._grid(len(pictures), dice, may_flip), align_corners=False
        )
        ink, alpha = inked[:, :3], inked[:, 3:]
        ink, alpha = self._line(ink, alpha, dice)
        ink = self._recolour(ink, alpha, dice)
        return self._flatten(ink, alpha, dice), alpha, dice

    def _some(self, n: int, share: float, dice: Any) -> Tensor:
        """1.0 with probability `share`, else 0.0: float32 (n, 1, 1, 1)."""
        import torch

        return (torch.rand(n, 1, 1, 1, generator=dice) < share * self.strength).float()

    def _grid(self, n: int, dice: Any, may_flip: Tensor | None) -> Tensor:
        """Where each output pixel is read from: turn, stretch, shear, perspective, elastic bend."""
        import math

        import torch

        def normal(*size: int) -> Tensor:
            return torch.randn(*size, generator=dice) * self.strength

        angle = normal(n) * math.radians(11)
        size = torch.exp(normal(n) * 0.13 + 0.04 * self.strength)
        stretch = torch.exp(normal(n) * 0.12)
        shear = normal(n) * 0.12
        flip = torch.where(torch.rand(n, generator=dice) < 0.35 * self.strength, -1.0, 1.0)
        if may_flip is not None:
            flip = torch.where(may_flip, flip, 1.0)
        cos, sin = torch.cos(angle) * size, torch.sin(angle) * size
        matrix = torch.stack([cos * stretch, (-sin + shear), sin, cos / stretch], 1).view(n, 2, 2)
        matrix[:, :, 0] *= flip[:, None]
        lines = (torch.arange(self.side) * 2 + 1) / self.side - 1
        y, x = torch.meshgrid(lines, lines, indexing="ij")
        at = torch.stack([x, y], -1).view(1, -1, 2)
        depth = 1 + (at * (normal(n, 1, 2) * 0.13)).sum(-1, keepdim=True)
        at = (at / depth) @ matrix.transpose(1, 2) + normal(n, 1, 2) * 0.07
        bend = torch.nn.functional.interpolate(
            normal(n, 2, 5, 5) * 0.06, size=(self.side, self.side), mode="bicubic", align_corners=True
        )
        return at.view(n, self.side, self.side, 2) + bend.permute(0, 2, 3, 1)

    def _line(self, ink: Tensor, alpha: Tensor, dice: Any) -> tuple[Tensor, Tensor]:
        """For some, a thicker silhouette or a dark outline."""
        import torch

        fat = torch.nn.functional.max_pool2d(alpha, 3, 1, 1)
        shade = torch.rand(len(ink), 3, 1, 1, generator=dice) * 0.5
        outlined = self._some(len(ink), 0.15, dice)
        ink = ink + outlined * (fat - alpha) * shade
        return ink, alpha + outlined * (fat - alpha)

    def _recolour(self, ink: Tensor, alpha: Tensor, dice: Any) -> Tensor:
        """Two colour mixings, one for the dark and one for the light parts, each a turned and scaled colour space."""
        import torch

        n = len(ink)
        grey = (ink * torch.tensor([0.3, 0.59, 0.11]).view(1, 3, 1, 1)).sum(1, keepdim=True)
        blend = torch.sigmoid((grey - 0.55 * alpha) * 10)
        first, second = self._mixing(n, dice), self._mixing(n, dice)
        second = torch.where(torch.rand(n, 1, 1, generator=dice) < 0.5, first, second)
        flat = torch.cat([ink, alpha], 1).flatten(2)
        one, two = (first @ flat).view_as(ink), (second @ flat).view_as(ink)
        return torch.minimum((one + (two - one) * blend).clamp_(min=0), alpha)

    def _mixing(self, n: int, dice: Any) -> Tensor:
        """(n, 3, 4) matrices from premultiplied RGBA to premultiplied RGB: hue, saturation, contrast, brightness."""
        import math

        import torch

        def normal(*size: int) -> Tensor:
            return torch.randn(*size, generator=dice) * self.strength

        wild = torch.where(torch.rand(n, generator=dice) < 0.2, 1.2, 0.22)
        turn = normal(n) * wild
        saturation = torch.exp(normal(n) * 0.35)
        saturation = torch.where(torch.rand(n, generator=dice) < 0.07 * self.strength, 0.0, saturation)
        contrast = torch.exp(normal(n) * 0.2)
        grey = torch.full((3, 3), 1 / 3)
        cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
        c, s = torch.cos(turn).view(n, 1, 1), torch.sin(turn).view(n, 1, 1)
        hue = grey + (c * (torch.eye(3) - grey) + s * cross) * saturation.view(n, 1, 1)
        gain = torch.exp(normal(n, 3, 1) * 0.1) * contrast.view(n, 1, 1)
        offset = (1 - gain) * 0.5 + normal(n, 1, 1) * 0.1
        return torch.cat([hue * gain, offset], 2)

    def _flatten(self, ink: Tensor, alpha: Tensor, dice: Any) -> Tensor:
        """For some, details are smoothed away and colours cut to a few levels, as in flat drawing."""
        import torch

        n = len(ink)
        smooth = torch.nn.functional.avg_pool2d(ink, 5, 1, 2)
        ink = ink + self._some(n, 0.25, dice) * (smooth - ink) * alpha
        levels = torch.randint(2, 6, (n, 1, 1, 1), generator=dice)
        cut = (ink * levels).round() / levels
        return torch.minimum(ink + self._some(n, 0.15, dice) * (cut - ink), alpha)

    def _background(self, n: int, dice: Any) -> Tensor:
        """White for most, any colour for the others: (n, 3, 1, 1)."""
        import torch

        colour = torch.rand(n, 3, 1, 1, generator=dice)
        return 1 - self._some(n, 0.12, dice) * (1 - colour)

    def _soften(self, shown: Tensor, dice: Any) -> Tensor:
        """For some, a blur or a sharpening."""
        import torch

        blurred = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(shown, (1, 1, 1, 1), mode="replicate"), 3, 1)
        amount = torch.rand(len(shown), 1, 1, 1, generator=dice) * 2 - 1
        return shown + self._some(len(shown), 0.4, dice) * amount * (blurred - shown)

    def _erase(self, shown: Tensor, dice: Any) -> Tensor:
        """For some, one rectangle becomes a plain colour."""
        import torch

        n = len(shown)
        lines = torch.arange(self.side) / self.side
        size, start = torch.rand(2, n, 2, generator=dice)
        size = 0.1 + 0.3 * size
        start = start * (1 - size)
        inside = (lines >= start[..., None]) & (lines < (start + size)[..., None])
        hole = (inside[:, 0, :, None] & inside[:, 1, None, :]).unsqueeze(1).float() * self._some(n, 0.25, dice)
        colour = torch.where(torch.rand(n, 1, 1, 1, generator=dice) < 0.5, 1.0, torch.rand(n, 3, 1, 1, generator=dice))
        return shown + hole * (colour - shown)
