"""Appliqué: cloth sewn onto cloth, its edge covered by a band of satin; small shapes are sewn as usual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from data.demo import satin
from data.demo.fills import SMALL, surface_or_line
from data.demo.rows import area
from data.demo.running import ringed, run
from data.demo.shapes import Shape

_EDGE = 2.2  # mm
_LARGE = 6 * SMALL  # mm²: below this a piece of cloth is not worth cutting


def cut(shape: Shape) -> bool:
    """Whether a shape becomes a piece of cloth."""
    return shape.closed and not shape.stitch and area(shape.outline) >= _LARGE


def sew(shapes: Sequence[Shape], rng: np.random.Generator) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Large surfaces as cloth: a run that shows where it goes, then its edge; everything else satin."""
    for shape in shapes:
        if not cut(shape):
            yield shape.role, surface_or_line(shape, shape.stitch or "satin", rng)
            continue
        edges = [ringed(ring) for ring in shape.outline]
        yield shape.role, [piece for edge in edges for piece in (*run(edge, 3.0), *satin.line(edge, _EDGE, rng))]
