"""A part of a picture: a box in shares of its width and height, so that it fits the picture at any size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

LEAST = 0.02  # share of a side; smaller boxes come from a slip of the hand


@dataclass(frozen=True)
class Box:
    """Left, top, right and bottom as shares from 0 to 1; ValueError for what is no part of a picture."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        inside = all(0 <= value <= 1 for value in (self.left, self.top, self.right, self.bottom))
        if not inside or self.right - self.left < LEAST or self.bottom - self.top < LEAST:
            raise ValueError(
                f"A box is left,top,right,bottom in shares of the picture from 0 to 1, at least {LEAST} a side; "
                f"{self.left:g},{self.top:g},{self.right:g},{self.bottom:g} came"
            )

    @classmethod
    def read(cls, text: str) -> Box:
        """The box written `0.5,0.5,1,1`; ValueError for anything else."""
        numbers = re.fullmatch(r"\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*", text)
        try:
            return cls(*map(float, numbers.groups() if numbers else ()))
        except TypeError:
            raise ValueError(f"{text!r} is no box; write left,top,right,bottom, for example 0.5,0,1,0.5") from None

    def __str__(self) -> str:
        return ",".join(f"{value:.4g}" for value in (self.left, self.top, self.right, self.bottom))

    @property
    def area(self) -> float:
        """Share of the picture's area."""
        return (self.right - self.left) * (self.bottom - self.top)

    def cut(self, picture: Image.Image) -> Image.Image:
        """That part of the picture, at least one pixel a side."""
        width, height = picture.size
        left, top = min(int(self.left * width), width - 1), min(int(self.top * height), height - 1)
        right, bottom = max(left + 1, round(self.right * width)), max(top + 1, round(self.bottom * height))
        return picture.crop((left, top, right, bottom))


def squared(left: float, top: float, right: float, bottom: float, margin: float = 0.0) -> Box | None:
    """The box of these shares with a margin (share of its sides) on all sides, clipped; None where nothing is left."""
    wide, high = (right - left) * margin, (bottom - top) * margin
    try:
        return Box(max(0.0, left - wide), max(0.0, top - high), min(1.0, right + wide), min(1.0, bottom + high))
    except ValueError:
        return None
