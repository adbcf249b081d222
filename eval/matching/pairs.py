"""The pairs themselves: those a threshold shows, for export, and those nearest to it, for people to look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from eval.matching.scale import place, threshold
from eval.matching.tally import Counted


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows with their cosines and what is known of them; all arrays have one length."""

    left: np.ndarray
    right: np.ndarray
    cosine: np.ndarray
    known: np.ndarray  # bool: the column or a person says whether it is a match
    match: np.ndarray  # bool

    def __len__(self) -> int:
        return len(self.left)

    def some(self, places: np.ndarray) -> Pairs:
        """Those pairs only, in that order."""
        return Pairs(*(getattr(self, name)[places] for name in ("left", "right", "cosine", "known", "match")))


def candidates(counted: Counted, rule: str = "all") -> Pairs:
    """The pairs the rule may show, nearest first; of all pairs only those kept. LookupError for an unknown rule."""
    left, right, cosine = counted.shown(rule)
    order = np.lexsort((right, left, -cosine))
    left, right, cosine = (np.asarray(column[order]) for column in (left, right, cosine))
    return Pairs(left.astype(np.int64), right.astype(np.int64), cosine, *counted.said(left, right))


def reaching(counted: Counted, value: float, rule: str = "all") -> Pairs:
    """The pairs whose cosine reaches the threshold, nearest first.

    ValueError where not all of them were kept one by one.
    """
    lowest = counted.found.complete
    if rule == "all" and place(value) < place(lowest):
        raise ValueError(
            f"Of so many pairs only the nearest {len(counted.found.left):,} are kept one by one: all of them from "
            f"cosine {lowest:.3f} up; {value:.3f} was asked for. Take a higher one, or the rule “best” or “mutual”"
        )
    pairs = candidates(counted, rule)
    return pairs.some(np.flatnonzero(pairs.cosine >= np.float32(float(threshold(place(value))) - 1e-6)))


def nearest(
    counted: Counted, value: float, count: int, rule: str = "all", without: Collection[tuple[int, int]] = ()
) -> Pairs:
    """The `count` pairs whose cosines lie nearest to the threshold, nearest first; `without` those pairs."""
    pairs = candidates(counted, rule)
    if without:
        left_out = set(without)
        rows = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
        pairs = pairs.some(np.flatnonzero([pair not in left_out for pair in rows]))
    far = np.abs(pairs.cosine - np.float32(value))
    return pairs.some(np.argsort(far, kind="stable")[:count])
