"""Words become lines to be sewn: a stroke alphabet of our own, Russian capitals, digits and a few Latin letters."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from data.demo.shapes import Shape
from data.demo.vocabulary import table

HEIGHT = 10.0  # of a capital, in units of the alphabet
_GAP, _SPACE, _BENDS = 2.6, 4.0, 10


def _curve(points: np.ndarray) -> np.ndarray:
    """A cubic Bézier curve of four points (4, 2), sampled without its first point."""
    t = np.linspace(0.0, 1.0, _BENDS + 1)[1:, None]
    a, b, c, d = points
    return (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d


def _strokes(path: str) -> tuple[np.ndarray, ...]:
    strokes: list[list[np.ndarray]] = []
    for command, numbers in re.findall(r"([MLC])([^MLC]*)", path):
        points = np.array(re.findall(r"-?[\d.]+", numbers), dtype=np.float64).reshape(-1, 2)
        if command == "M":
            strokes.append([points])
        elif command == "L":
            strokes[-1].append(points)
        else:
            strokes[-1].append(_curve(np.vstack([strokes[-1][-1][-1], points])))
    return tuple(np.vstack(parts) for parts in strokes)


@lru_cache
def glyphs() -> dict[str, tuple[float, tuple[np.ndarray, ...]]]:
    """Letter → its width and its strokes, float64 (n, 2), y downwards, capitals 10 high."""
    return {row["letter"]: (float(row["width"]), _strokes(row["strokes"])) for row in table("glyphs.tsv")}


def lettered(words: str, width: float, middle: tuple[float, float], tallest: float, role: str) -> tuple[Shape, ...]:
    """The words on one line in capitals around `middle`, at most `width` wide and `tallest` high, in millimetres.

    LookupError for a letter that the alphabet lacks, ValueError when there is nothing to letter.
    """
    placed: list[np.ndarray] = []
    at = 0.0
    for letter in words.strip().upper():
        if letter == " ":
            at += _SPACE
        elif letter not in glyphs():
            raise LookupError(f"The alphabet has no {letter!r}; it has {''.join(glyphs())}")
        else:
            wide, strokes = glyphs()[letter]
            placed += [stroke + np.array([at, 0.0]) for stroke in strokes]
            at += wide + _GAP
    if not placed:
        raise ValueError(f"There is nothing to letter in {words!r}")
    length = at - _GAP
    scale = min(width / length, tallest / HEIGHT)
    shift = np.array([length / 2, HEIGHT / 2])
    return tuple(
        Shape(((stroke - shift) * scale + np.array(middle),), False, 1.5 * scale, role, "satin") for stroke in placed
    )
