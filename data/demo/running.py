"""Running stitch: a thread that follows a line, once or three times."""

from __future__ import annotations

import numpy as np

LENGTH = 2.0  # mm of a stitch
_BESIDE = 0.22  # mm: the three threads of a bean stitch lie side by side


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
    if times != 3 or len(even) < 2:
        return [even]
    leap = np.diff(even, axis=0)
    aside = leap[:, ::-1] * [-1, 1] / np.maximum(np.hypot(*leap.T), 1e-9)[:, None] * _BESIDE
    there, back = even[:-1] + aside, even[1:] + aside
    return [np.concatenate((np.stack((there, back, even[:-1] - aside), axis=1).reshape(-1, 2), even[-1:]))]


def shaken(points: np.ndarray, by: float, rng: np.random.Generator) -> np.ndarray:
    """The line moved off its place by about `by` mm, slowly changing, as a hand would draw it a second time."""
    knots = max(3, len(points) // 6)
    noise = rng.normal(0.0, by, (knots, 2))
    at = np.linspace(0, knots - 1, len(points))
    return points + np.column_stack([np.interp(at, np.arange(knots), noise[:, axis]) for axis in (0, 1)])
