"""Running stitch: a thread that follows a line, once or three times."""

from __future__ import annotations

import numpy as np

LENGTH = 2.0  # mm of a stitch


def resampled(points: np.ndarray, step: float) -> np.ndarray:
    """Points about `step` apart along a line (n, 2), its ends among them."""
    legs = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(legs)))
    count = max(1, round(along[-1] / step))
    at = np.linspace(0.0, along[-1], count + 1)
    return np.column_stack((np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])))


def ringed(ring: np.ndarray) -> np.ndarray:
    """A ring as a line that ends where it began."""
    return np.concatenate((ring, ring[:1]))


def run(points: np.ndarray, length: float = LENGTH, times: int = 1) -> list[np.ndarray]:
    """A line sewn once, or three times over each stitch (bean stitch) with `times=3`."""
    even = resampled(points, length)
    if times == 3 and len(even) > 1:
        ahead = np.repeat(np.arange(len(even) - 1), 3) + np.tile([0, 1, 0], len(even) - 1)
        even = even[np.append(ahead, len(even) - 1)]
    return [even]


def shaken(points: np.ndarray, by: float, rng: np.random.Generator) -> np.ndarray:
    """The line moved off its place by about `by` mm, slowly changing, as a hand would draw it a second time."""
    knots = max(3, len(points) // 6)
    noise = rng.normal(0.0, by, (knots, 2))
    at = np.linspace(0, knots - 1, len(points))
    return points + np.column_stack([np.interp(at, np.arange(knots), noise[:, axis]) for axis in (0, 1)])
