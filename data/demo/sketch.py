"""Watercolour sketch: thin washes of loose stitches that miss their edges a little, then outlines drawn by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from data.demo.fills import SMALL, outlined
from data.demo.rows import area, rows
from data.demo.running import ringed, run, shaken
from data.demo.satin import split
from data.demo.shapes import Shape

_SPACING = 0.62  # mm between rows where the wash is dense
_THINNEST = 0.55  # share of rows that are sewn where it is thin
_MISSES = 0.9  # mm by which a wash misses its outline


def sew(shapes: Sequence[Shape], rng: np.random.Generator) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Washes of all surfaces first, then every outline, each drawn twice."""
    angle = float(rng.uniform(0.2, 1.2)) * (1 if rng.random() < 0.5 else -1)
    for shape in shapes:
        if shape.closed and area(shape.outline) >= SMALL:
            yield shape.role, _wash(shape, angle + float(rng.normal(0, 0.12)), rng)
    drawn = "dark" if any(shape.role == "dark" for shape in shapes) else ""
    for shape in shapes:
        small = shape.closed and area(shape.outline) < SMALL
        yield (shape.role if small or not drawn else drawn), outlined(shape, rng) if small else _drawn(shape, rng)


def _wash(shape: Shape, angle: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Rows to and fro, like strokes of a brush: they end unevenly, fewer and shorter on the thin side."""
    aside = rng.uniform(-_MISSES, _MISSES, 2)
    found = rows([ring + aside for ring in shape.outline], angle, _SPACING)
    if not len(found.number):
        return []
    share = (found.height - found.height[0]) / max(np.ptp(found.height), 1e-9)
    share = share if rng.random() < 0.5 else 1 - share
    kept = np.flatnonzero(rng.random(len(share)) < 1 - (1 - _THINNEST) * share)
    length = (found.right - found.left)[kept]
    slow = np.interp(np.arange(len(kept)), np.arange(0, len(kept) + 9, 8), rng.random(len(kept) // 8 + 2))
    short = length * np.clip(0.55 * slow + rng.normal(0, 0.08, len(kept)), 0, 0.8) * (0.35 + share[kept])
    late = rng.random() < 0.5
    x = np.column_stack((found.left[kept] + short * late, found.right[kept] - short * (not late)))
    x += rng.normal(0, 0.3, x.shape)
    x[1::2] = x[1::2, ::-1]
    way = found.back(x.ravel(), np.repeat(found.height[kept], 2) + rng.normal(0, 0.15, 2 * len(kept)))
    far = np.flatnonzero(np.hypot(*np.diff(way, axis=0)[1::2].T) > 5 * _SPACING) * 2 + 2
    return [split(piece, rng, 5.0) for piece in np.split(way, far) if len(piece) > 1]


def _drawn(shape: Shape, rng: np.random.Generator) -> list[np.ndarray]:
    lines = [ringed(ring) for ring in shape.outline] if shape.closed else shape.outline
    return [piece for line in lines for by in (0.12, 0.35) for piece in run(shaken(line, by, rng))]
