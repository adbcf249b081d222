"""Every cosine between two sets of vectors, block by block in bounded memory: counted, and the nearest pairs kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data.progress import Progress, silent
from eval.matching.nearest import Nearest
from eval.matching.scale import BINS, FIRST, SLACK, STEP

BLOCK_BYTES = 16 * 2**20  # of one block of cosines; a few arrays of that size stand at once
KEPT = 200_000  # pairs kept by default, the nearest


@dataclass(frozen=True)
class Found:
    """What one pass over all pairs leaves behind; rows are those of the two matrices."""

    seen: np.ndarray  # int64 (groups, BINS): pairs of known items by the group of their left item and their cosine
    asked: np.ndarray  # float32 (p,): cosines of the pairs asked for
    best_right: np.ndarray  # int64 (n,): the nearest right row of every left row, −1 where there is none
    best_right_cosine: np.ndarray  # float32 (n,)
    best_left: np.ndarray  # int64 (m,): the nearest left row of every right row, −1 where there is none
    left: np.ndarray  # int32 (k,): the nearest pairs, nearest first
    right: np.ndarray  # int32 (k,)
    cosine: np.ndarray  # float32 (k,)
    complete: float  # every pair with at least this cosine is among them


def compare(
    left: np.ndarray,
    right: np.ndarray,
    groups: np.ndarray,
    asked: tuple[np.ndarray, np.ndarray] | None = None,
    known: tuple[np.ndarray, np.ndarray] | None = None,
    same: bool = False,
    keep: int = KEPT,
    progress: Progress = silent,
) -> Found:
    """Compare unit rows (n, size) with unit rows (m, size); one product a block, none of them kept.

    `groups` (n,) numbers the left rows from 0; `asked` are pairs (left rows ascending, right rows) whose cosines are
    wanted; pairs outside `known` (bool of n and of m) are not counted in `seen`. With `same` both are one set: a pair
    stands once, its smaller row on the left, and nothing is paired with itself. ValueError for matrices that do not fit
    together; may raise Cancelled.
    """
    _fit(left, right, same)
    asked = (np.empty(0, np.int64), np.empty(0, np.int64)) if asked is None else asked
    known = (np.ones(len(left), bool), np.ones(len(right), bool)) if known is None else known
    work = _Pass(left, right, asked, known, same, keep, int(groups.max()) + 1 if len(groups) else 1)
    done = 0
    for group, rows in _blocks(groups, len(right)):
        progress(done, len(left), "match")
        work.take(group, rows)
        done += len(rows)
    progress(len(left), len(left), "match")
    return work.found()


def _fit(left: np.ndarray, right: np.ndarray, same: bool) -> None:
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[1]:
        raise ValueError(f"Vectors of shape {left.shape} and {right.shape} cannot be compared with each other")
    if not len(left) or not len(right):
        raise ValueError(f"Nothing to match: {len(left)} items on one side, {len(right)} on the other")
    if same and len(left) != len(right):
        raise ValueError("Duplicates are looked for within one set of vectors; two came")


def _blocks(groups: np.ndarray, width: int) -> Iterator[tuple[int, np.ndarray]]:
    """Rows of one group at a time, ascending, so many that a block of cosines has BLOCK_BYTES."""
    height = max(1, BLOCK_BYTES // (4 * width))
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        for start in range(0, len(rows), height):
            yield int(group), rows[start : start + height]


class _Pass:
    """The state of one pass: counts, the nearest of every row, and a buffer of the nearest pairs."""

    def __init__(
        self, left: np.ndarray, right: np.ndarray, asked: tuple[np.ndarray, np.ndarray],
        known: tuple[np.ndarray, np.ndarray], same: bool, keep: int, groups: int,
    ) -> None:  # fmt: skip
        self.left, self.right, self.asked, self.known, self.same = left, right, asked, known, same
        self.seen = np.zeros((groups, BINS), np.int64)
        self.cosines = np.empty(len(asked[0]), np.float32)
        self.best_right, self.best_right_cosine = np.full(len(left), -1), np.full(len(left), -np.inf, np.float32)
        self.best_left, self.best_left_cosine = np.full(len(right), -1), np.full(len(right), -np.inf, np.float32)
        self.nearest = Nearest(keep)

    def take(self, group: int, rows: np.ndarray) -> None:
        """Compare these left rows with everything on the right."""
        block = np.asarray(self.left[rows], np.float32) @ self.right.T
        if self.same:
            block[np.arange(len(rows)), rows] = -np.inf
        self._best(block, rows)
        if self.same:
            block[np.arange(block.shape[1]) < rows[:, None]] = -np.inf
        self._gather(block, rows)
        self.nearest.take(block, rows)
        self._count(block, rows, group)

    def _best(self, block: np.ndarray, rows: np.ndarray) -> None:
        best = block.argmax(axis=1)
        self.best_right_cosine[rows] = block[np.arange(len(rows)), best]
        self.best_right[rows] = np.where(np.isfinite(self.best_right_cosine[rows]), best, -1)
        upper = block.argmax(axis=0)
        value = block[upper, np.arange(block.shape[1])]
        row = rows[upper]
        better = (value > self.best_left_cosine) | ((value == self.best_left_cosine) & (row < self.best_left))
        better &= np.isfinite(value)
        self.best_left[better], self.best_left_cosine[better] = row[better], value[better]

    def _gather(self, block: np.ndarray, rows: np.ndarray) -> None:
        starts, ends = (np.searchsorted(self.asked[0], rows, side=side) for side in ("left", "right"))
        places = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])
        lines = np.repeat(np.arange(len(rows)), ends - starts)
        self.cosines[places] = block[lines, self.asked[1][places]]

    def _count(self, block: np.ndarray, rows: np.ndarray, group: int) -> None:
        lines, columns = self.known[0][rows], self.known[1]
        if not (lines.all() and columns.all()):
            block = block[np.ix_(lines, columns)]
        np.maximum(block, np.float32(-1 - 0.5 / STEP), out=block)  # what is not compared lands in bin 0
        block += np.float32(SLACK)
        block *= np.float32(STEP)
        block += np.float32(FIRST)
        self.seen[group] += np.bincount(block.astype(np.int64).ravel(), minlength=BINS)[:BINS]

    def found(self) -> Found:
        """What was found, pairs nearest first, equal ones by their rows."""
        self.seen[:, 0] = 0
        left, right, cosine = self.nearest.sorted()
        return Found(
            self.seen, self.cosines, self.best_right, self.best_right_cosine, self.best_left, left, right, cosine,
            self.nearest.complete,
        )  # fmt: skip
