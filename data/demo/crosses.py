"""Cross-stitch: a drawing on a grid of small crosses, each cell in the colour that lies on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from data.demo.rows import rows
from data.demo.running import resampled
from data.demo.shapes import Shape

CELL = 1.6  # mm


def sew(shapes: Sequence[Shape], rng: np.random.Generator) -> Iterator[tuple[str, list[np.ndarray]]]:
    """The runs of each role in turn."""
    cells: dict[tuple[int, int], str] = {}
    for shape in shapes:
        for cell in _covered(shape):
            cells[cell] = shape.role
    for role in dict.fromkeys(shape.role for shape in shapes):
        wanted = sorted((row, column) for (row, column), top in cells.items() if top == role)
        if wanted:
            yield role, [_row(*stretch) for stretch in _stretches(wanted)]


def _covered(shape: Shape) -> list[tuple[int, int]]:
    """The cells (row, column) of a shape; a small one covers at least the cell it lies in."""
    cells: list[tuple[int, int]] = []
    if shape.closed:
        found = rows(shape.outline, 0.0, CELL)
        first = np.ceil(found.left / CELL - 0.5).astype(int)
        last = np.ceil(found.right / CELL - 0.5).astype(int)
        for row, start, end in zip(found.number.tolist(), first.tolist(), last.tolist(), strict=True):
            cells += [(row, column) for column in range(start, end)]
    for line in shape.outline if not cells else ():
        on = resampled(line, CELL / 4) if not shape.closed else line.mean(axis=0)[None]
        cells += [(int(y), int(x)) for x, y in np.unique(np.floor(on / CELL), axis=0)]
    return cells


def _stretches(cells: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(row, first column, column after the last) of neighbours in a row, row by row."""
    row, start = cells[0]
    before = start - 1
    for at, column in [*cells, (-(10**9), 0)]:
        if at != row or column != before + 1:
            yield row, start, before + 1
            row, start = at, column
        before = column


def _row(row: int, start: int, end: int) -> np.ndarray:
    """A row of crosses: one zigzag of diagonals there, the other ones back; every point is a corner of the grid."""
    columns = np.arange(start, end + 1)
    there = np.column_stack((columns, row + (columns - start + 1) % 2))
    back = np.column_stack((columns, row + (columns - start) % 2))[::-1]
    return np.concatenate((there, back)) * CELL
