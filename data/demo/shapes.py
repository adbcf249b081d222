"""Motifs read from their drawings: the outlines of every shape in sewing order, with the role of its colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, cos, radians, sin
from pathlib import Path
from typing import Any

import numpy as np

ROLES = ("main", "second", "accent", "dark", "light")
STITCHES = ("", "satin", "fill", "run")
SIDE = 100.0  # of the square that every motif is drawn in
_STEP = 0.8  # of the drawing's units, between two points of a curve
_BENDS = 4  # a curve has at least so many points


@dataclass(frozen=True, eq=False)
class Shape:
    """One element of a drawing: a surface (`closed`) of one or more rings, or lines of a `width`.

    `outline` holds float64 (n, 2) arrays, y downwards; rings do not repeat their first point, holes are rings inside
    others (even-odd). A line that ends where it began repeats it. `stitch` is "" where the style decides.
    """

    outline: tuple[np.ndarray, ...]
    closed: bool
    width: float
    role: str
    stitch: str = ""


@lru_cache(maxsize=512)
def read(path: Path) -> tuple[Shape, ...]:
    """The shapes of a motif in the order they are drawn; ValueError naming the file and what is wrong with it."""
    import svgelements

    drawing = svgelements.SVG.parse(str(path), width=SIDE, height=SIDE)
    shapes = tuple(_shape(element, path) for element in drawing.elements() if isinstance(element, svgelements.Shape))
    if not shapes:
        raise ValueError(
            f"{path.name} draws nothing; it needs at least one path, circle, ellipse, rect, polygon or line"
        )
    return shapes


def _shape(element: Any, path: Path) -> Shape:
    values = element.values
    role, stitch = values.get("class") or "", values.get("data-stitch") or ""
    if role not in ROLES:
        raise ValueError(f"{path.name}: class is {role!r}; it must be one of {', '.join(ROLES)}")
    if stitch not in STITCHES:
        raise ValueError(f"{path.name}: data-stitch is {stitch!r}; it may be {', '.join(STITCHES[1:])}")
    filled = values.get("fill") != "none"
    lines = [line for line in _lines(element) if len(line) > 1]
    if filled:
        lines = [_open(ring) for ring in lines if len(ring) > 2]
    if not lines:
        raise ValueError(f"{path.name}: an element of class {role!r} has no extent")
    width = 0.0 if filled else float(element.stroke_width or 1.0)
    return Shape(tuple(lines), filled, width, role, stitch)


def _open(ring: np.ndarray) -> np.ndarray:
    return ring[:-1] if np.allclose(ring[0], ring[-1]) else ring


def _lines(element: Any) -> Iterable[np.ndarray]:
    """The subpaths of an element as polylines."""
    import svgelements

    for part in abs(svgelements.Path(element)).as_subpaths():
        points = [point for segment in svgelements.Path(part) for point in _sampled(segment)]
        yield np.array(points, dtype=np.float64).reshape(-1, 2)


def _sampled(segment: Any) -> list[tuple[float, float]]:
    import svgelements

    if isinstance(segment, svgelements.Move):
        return [(segment.end.x, segment.end.y)]
    if isinstance(segment, svgelements.Line | svgelements.Close):
        return [(segment.end.x, segment.end.y)] if segment.end is not None else []
    bends = segment.npoint(np.linspace(0, 1, _BENDS + 1))
    length = np.hypot(*np.diff(bends, axis=0).T).sum()
    count = max(_BENDS, ceil(length / _STEP))
    return [(float(x), float(y)) for x, y in segment.npoint(np.linspace(0, 1, count + 1))[1:]]


def placed(shapes: Sequence[Shape], scale: float, angle: float = 0.0, dx: float = 0.0, dy: float = 0.0,
           flip: bool = False) -> tuple[Shape, ...]:  # fmt: skip
    """The shapes in millimetres: the middle of the drawing comes to (dx, dy), one unit is `scale` millimetres.

    `angle` turns clockwise, in degrees; `flip` mirrors left and right before that. Widths grow with the scale.
    """
    turn = np.array([[cos(radians(angle)), sin(radians(angle))], [-sin(radians(angle)), cos(radians(angle))]])
    turn = np.diag([-scale if flip else scale, scale]) @ turn
    middle, to = np.array([SIDE / 2, SIDE / 2]), np.array([dx, dy])
    return tuple(
        replace(shape, outline=tuple((line - middle) @ turn + to for line in shape.outline), width=shape.width * scale)
        for shape in shapes
    )


def recoloured(shapes: Sequence[Shape], role: str) -> tuple[Shape, ...]:
    """The shapes all in one role, for silhouettes and frames."""
    return tuple(replace(shape, role=role) for shape in shapes)


def extent(shapes: Sequence[Shape]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all outlines, line widths included."""
    lows = [line.min(axis=0) - shape.width / 2 for shape in shapes for line in shape.outline]
    highs = [line.max(axis=0) + shape.width / 2 for shape in shapes for line in shape.outline]
    left, top = np.min(lows, axis=0)
    right, bottom = np.max(highs, axis=0)
    return float(left), float(top), float(right), float(bottom)
