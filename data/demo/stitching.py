"""Shapes become stitches: six styles of sewing, and the needle's way through all shapes in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from data.demo import applique, crosses, fills, sketch
from data.demo.shapes import Shape
from data.embroidery import Embroidery, Patch, Thread

Runs = list[np.ndarray]
_SEWN_OVER = 1.6  # mm; a shorter way to the next run is sewn, not jumped
STYLES: dict[str, Callable[[Sequence[Shape], np.random.Generator], Iterable[tuple[str, Runs]]]] = {
    "satin": fills.satin_style,
    "tatami": fills.tatami_style,
    "outline": fills.outline_style,
    "cross": crosses.sew,
    "applique": applique.sew,
    "sketch": sketch.sew,
}


def sewn(shapes: Sequence[Shape], palette: Mapping[str, Thread], style: str, seed: int) -> Embroidery:
    """The shapes (in mm) sewn in one of `STYLES` with the threads of their roles.

    The same arguments give the same points. LookupError for an unknown style or a role without thread, ValueError when
    nothing can be sewn because every shape is smaller than a stitch.
    """
    if style not in STYLES:
        raise LookupError(f"There is no style {style!r}; there are {', '.join(STYLES)}")
    if lacking := {shape.role for shape in shapes} - set(palette):
        raise LookupError(f"The palette has no thread for {', '.join(sorted(lacking))}; it has {', '.join(palette)}")
    rng = np.random.default_rng(seed)
    parts = [(palette[role], [run for run in runs if len(run) > 1]) for role, runs in STYLES[style](shapes, rng)]
    return _joined(parts, _laid(shapes, parts, palette) if style == "applique" else ())


def _laid(shapes: Sequence[Shape], parts: Sequence[tuple[Thread, Runs]],
          palette: Mapping[str, Thread]) -> tuple[Patch, ...]:  # fmt: skip
    """The pieces of cloth, each before the first stitch of its shape; appliqué sews one part a shape."""
    before = np.cumsum([0, *(sum(len(run) for run in runs) for _, runs in parts)])
    return tuple(
        Patch(shape.outline, palette[shape.role].rgb, int(at))
        for shape, at in zip(shapes, before, strict=False)
        if applique.cut(shape)
    )


def _joined(parts: Sequence[tuple[Thread, Runs]], patches: tuple[Patch, ...]) -> Embroidery:
    threads = tuple(dict.fromkeys(thread for thread, _ in parts))
    runs = [run for _, found in parts for run in found]
    colours = [threads.index(thread) for thread, found in parts for _ in found]
    if not runs:
        raise ValueError("Nothing can be sewn: every shape is smaller than a stitch; draw them larger")
    jumped = np.array(list(_jumped(runs, colours)))
    starts = np.cumsum([0, *(len(run) for run in runs[:-1])])
    points, jump = np.concatenate(runs), np.zeros(sum(map(len, runs)), dtype=bool)
    colour = np.repeat(np.array(colours, dtype=np.int16), [len(run) for run in runs])
    once_more = starts[jumped]  # after a jump the needle goes down where it stands
    points, colour = (
        np.insert(points, once_more, points[once_more], axis=0),
        np.insert(colour, once_more, colour[once_more]),
    )
    jump = np.insert(jump, once_more, True)
    laid = (replace(patch, at=patch.at + int(np.count_nonzero(once_more < patch.at))) for patch in patches)
    return Embroidery(points.astype(np.float32), colour, jump, threads, tuple(laid))


def _jumped(runs: Runs, colours: list[int]) -> Iterator[bool]:
    """Whether the way to the start of each run is jumped."""
    yield True
    for at in range(1, len(runs)):
        way = runs[at][0] - runs[at - 1][-1]
        yield colours[at] != colours[at - 1] or float(np.hypot(*way)) > _SEWN_OVER
