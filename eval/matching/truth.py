"""Which pairs are matches: equal values of a column, overruled pair by pair by what people said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

MOST_PAIRS = 5_000_000  # true pairs; a column with more is no key of an item
GROUPS = 100  # left items are dealt into as many groups, which are resampled and left out together
UNKNOWN = -1
Labels = Mapping[tuple[int, int], bool]  # (left row, right row) → is it a match


@dataclass(frozen=True)
class Truth:
    """Codes of the key column on both sides (int32, UNKNOWN where the cell is empty) and the groups of left items."""

    left: np.ndarray  # int32 (n,)
    right: np.ndarray  # int32 (m,)
    groups: np.ndarray  # int32 (n,); items of one key stay together
    same: bool = False  # both sides are one set: a pair stands once

    @property
    def known(self) -> tuple[np.ndarray, np.ndarray]:
        """Which left and which right items have a key."""
        return self.left != UNKNOWN, self.right != UNKNOWN

    def of(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For pairs of rows: is the truth known, and is it a match."""
        a, b = self.left[left], self.right[right]
        known = (a != UNKNOWN) & (b != UNKNOWN)
        return known, known & (a == b)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Every match by the column: left rows ascending, right rows; ValueError when there are too many."""
        order = np.argsort(self.right, kind="stable")
        keys = self.right[order]
        starts, ends = (np.searchsorted(keys, self.left, side=side) for side in ("left", "right"))
        counts = np.where(self.left == UNKNOWN, 0, ends - starts)
        if counts.sum() > MOST_PAIRS:
            raise ValueError(
                f"The column makes {counts.sum():,} matching pairs; choose one whose equal values mean the same "
                "article, such as an article number"
            )
        left = np.repeat(np.arange(len(self.left)), counts)
        inside = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
        right = order[np.repeat(starts, counts) + inside]
        keep = left < right if self.same else np.ones(len(left), bool)
        return left[keep], right[keep]


def truth(left: Sequence[str], right: Sequence[str], seed: int = 0, same: bool = False) -> Truth:
    """The truth of two columns of key values, "" where nobody knows; groups are dealt by `seed`."""
    values = sorted({*left, *right} - {""})
    code = {value: number for number, value in enumerate(values)} | {"": UNKNOWN}
    first, second = (np.array([code[value] for value in side], np.int32) for side in (left, right))
    dealt = np.random.default_rng(seed).permutation(len(values) + len(left))
    deck = np.where(first == UNKNOWN, len(values) + np.arange(len(left)), first)
    __, ranks = np.unique(dealt[deck], return_inverse=True)
    return Truth(first, second, (ranks % GROUPS).astype(np.int32), same)
