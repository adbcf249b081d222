"""The three plain styles: all satin, all tatami, or outlines only; and what a shape asks for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from data.demo import satin, tatami
from data.demo.rows import area, principal
from data.demo.running import ringed, run
from data.demo.shapes import Shape

Sewn = Iterator[tuple[str, list[np.ndarray]]]
SMALL = 14.0  # mm²: eyes and noses are satin in every style
_WIDE = 8.0  # mm: a line wider than this is filled like a surface


def satin_style(shapes: Sequence[Shape], rng: np.random.Generator) -> Sewn:
    """Surfaces crossed against their length, glossy; lines as satin bands."""
    for shape in shapes:
        yield shape.role, surface_or_line(shape, shape.stitch or "satin", rng)


def tatami_style(shapes: Sequence[Shape], rng: np.random.Generator) -> Sewn:
    """Surfaces filled with bricks in directions of their own, small ones satin; lines as satin bands."""
    for shape in shapes:
        small = shape.closed and area(shape.outline) < 3 * SMALL
        yield (
            shape.role,
            surface_or_line(shape, shape.stitch or ("satin" if small or not shape.closed else "fill"), rng),
        )


def outline_style(shapes: Sequence[Shape], rng: np.random.Generator) -> Sewn:
    """Every edge run three times, small surfaces satin, nothing filled."""
    for shape in shapes:
        yield shape.role, outlined(shape, rng)


def outlined(shape: Shape, rng: np.random.Generator, times: int = 3) -> list[np.ndarray]:
    """One shape as an outline; a small dark or light surface stays filled, so that eyes look."""
    if shape.closed and area(shape.outline) < SMALL:
        return satin.fill(shape.outline, principal(shape.outline[0]) + np.pi / 2, rng)
    lines = [ringed(ring) for ring in shape.outline] if shape.closed else shape.outline
    return [piece for line in lines for piece in run(line, times=times)]


def surface_or_line(shape: Shape, stitch: str, rng: np.random.Generator) -> list[np.ndarray]:
    """One shape in satin, fill or run."""
    if stitch == "run":
        return [piece for line in shape.outline for piece in run(ringed(line) if shape.closed else line, times=3)]
    if not shape.closed:
        return [piece for line in shape.outline for piece in satin.line(line, min(shape.width, _WIDE), rng)]
    bow = float(rng.uniform(-1, 1)) * min(0.008, 0.3 / max(float(np.ptp(shape.outline[0])), 1.0))
    if stitch == "satin":
        return satin.fill(shape.outline, principal(shape.outline[0]) + np.pi / 2 + rng.uniform(-0.2, 0.2), rng, bow)
    return tatami.fill(shape.outline, float(rng.uniform(0, np.pi)), rng, bow=bow)
