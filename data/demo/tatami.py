"""Tatami: a surface filled with rows of equal stitches, each row shifted against the one before like bricks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.demo.rows import Rows, rows, sections
from data.demo.satin import split

SPACING = 0.45  # mm between rows
LENGTH = 3.4  # mm of a stitch
_BRICKS = np.array([0.0, 0.5, 0.25, 0.75])  # shift of a row, in stitches
_MARGIN = 0.9  # mm: no needle point nearer than this to the end of a row
_UNDERLAY = 2.4  # mm between the rows beneath
_PULL = 0.12  # mm: how unevenly rows end


def fill(rings: Sequence[np.ndarray], angle: float, rng: np.random.Generator, spacing: float = SPACING,
         length: float = LENGTH, bow: float = 0.0, underlay: bool = True) -> list[np.ndarray]:  # fmt: skip
    """The surface inside `rings` (mm) in rows at `angle` (radians): runs of needle points, float64 (n, 2) each."""
    runs = fill(rings, angle + np.pi / 2, rng, _UNDERLAY, 4.0, underlay=False) if underlay else []
    found = rows(rings, angle, spacing, bow)
    for section in sections(found):
        runs.append(_sewn(found, section, length, rng))
    return runs


def _sewn(found: Rows, section: np.ndarray, length: float, rng: np.random.Generator) -> np.ndarray:
    """One section, to and fro."""
    pull = rng.uniform(-_PULL, _PULL, (2, len(section)))
    left, right = found.left[section] + pull[0], found.right[section] + pull[1]
    right = np.maximum(right, left + 0.2)
    shift = _BRICKS[found.number[section] % len(_BRICKS)] * length
    first = np.ceil((left + _MARGIN - shift) / length)
    inner = np.maximum(np.floor((right - _MARGIN - shift) / length) - first + 1, 0).astype(np.int64)
    row = np.repeat(np.arange(len(section)), inner + 2)
    at = np.arange(len(row)) - np.repeat(np.cumsum(inner + 2) - inner - 2, inner + 2)
    at = np.where(row % 2 == 1, inner[row] + 1 - at, at)
    x = (first[row] + at - 1) * length + shift[row]
    x = np.where(at == 0, left[row], np.where(at == inner[row] + 1, right[row], x))
    return split(found.back(x, found.height[section][row]), rng)
