"""Satin: threads laid side by side across a surface or along a line, glossy because they are long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.demo.rows import Rows, rows, sections
from data.demo.running import resampled, run

SPACING = 0.21  # mm between two crossings, 0.42 between needle points on one side
LONGEST = 9.0  # mm; a longer crossing is split
NARROWEST = 1.1  # mm; a thinner line is run, not satin
_PULL = 0.08  # mm: how unevenly the crossings end


def fill(rings: Sequence[np.ndarray], angle: float, rng: np.random.Generator, bow: float = 0.0) -> list[np.ndarray]:
    """The surface inside `rings` (mm) crossed at `angle` (radians), after a run along its middle."""
    found = rows(rings, angle, SPACING, bow)
    runs = []
    for section in sections(found):
        if len(section) > 12:
            runs.append(_middle(found, section))
        runs.append(_crossed(found, section, rng))
    return runs


def _middle(found: Rows, section: np.ndarray) -> np.ndarray:
    some = section[:: max(1, round(2.5 / SPACING))]
    return found.back((found.left[some] + found.right[some]) / 2, found.height[some])[::-1]


def _crossed(found: Rows, section: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    odd = np.arange(len(section)) % 2 == 1
    x = np.where(odd, found.right[section], found.left[section]) + rng.uniform(-_PULL, _PULL, len(section))
    way = split(np.column_stack((x, found.height[section])), rng)  # on the bow, not on chords of it
    return found.back(way[:, 0], way[:, 1])


def line(points: np.ndarray, width: float, rng: np.random.Generator, spacing: float = SPACING) -> list[np.ndarray]:
    """A line (n, 2) as a band of satin of `width` mm with round ends, after a run along its middle; thin ones run."""
    if width < NARROWEST:
        return run(points)
    even = resampled(points, spacing)
    if len(even) < 4:
        return run(points)
    closed = bool(np.allclose(points[0], points[-1]))
    across = _normals(even, closed, round(width / spacing / 2))
    reach = np.full(len(even), width / 2)
    if not closed:
        from_end = np.minimum(np.arange(len(even)), np.arange(len(even))[::-1]) * spacing
        inward = np.clip(1 - from_end / (width / 2), 0, 1)
        reach *= np.sqrt(1 - 0.85 * inward**2)
    side = np.where(np.arange(len(even)) % 2 == 1, 1, -1) * (reach + rng.uniform(-_PULL, _PULL, len(even)))
    return [resampled(points, 2.2)[::-1], split(even + across * side[:, None], rng)]


def _normals(points: np.ndarray, closed: bool, smooth: int) -> np.ndarray:
    """Unit vectors across a line, turning gently at its corners: averaged over `smooth` points to either side."""
    along = np.gradient(points, axis=0)
    if closed:
        along[0] = along[-1] = points[1] - points[-2]
    window = 2 * smooth + 1
    if 1 < window < len(points):
        if closed:
            padded = np.pad(along[:-1], ((smooth, smooth + 1), (0, 0)), mode="wrap")
        else:
            padded = np.pad(along, ((smooth, smooth), (0, 0)), mode="edge")
        sums = np.cumsum(np.concatenate((np.zeros((1, 2)), padded)), axis=0)
        along = (sums[window:] - sums[:-window]) / window
    across = np.column_stack((-along[:, 1], along[:, 0]))
    return across / np.maximum(np.hypot(*across.T), 1e-9)[:, None]


def split(points: np.ndarray, rng: np.random.Generator, longest: float = LONGEST) -> np.ndarray:
    """The same way with needle points put into stitches longer than `longest`, unevenly so that they draw no line.

    No part is longer than `longest`, but for a fifth.
    """
    leap = np.diff(points, axis=0)
    length = np.hypot(leap[:, 0], leap[:, 1])
    parts = np.where(length > longest, np.ceil(length / (0.75 * longest)), 1).astype(np.int64)
    if parts.max(initial=1) == 1:
        return points
    stitch = np.repeat(np.arange(len(parts)), parts)
    at = np.arange(len(stitch)) - np.repeat(np.cumsum(parts) - parts, parts)
    moved = at + np.where(at > 0, rng.uniform(-0.3, 0.3, len(at)), 0.0)
    share = moved / parts[stitch]
    return np.concatenate((points[stitch] + leap[stitch] * share[:, None], points[-1:]))
