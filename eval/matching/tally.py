"""Pairs counted by cosine: how many are shown at a threshold, how many of them are matches, under each rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from eval.matching.blocks import Found
from eval.matching.scale import BINS, bins
from eval.matching.truth import Labels, Truth

RULES = ("all", "best", "mutual")


@dataclass(frozen=True)
class Tally:
    """Counts of pairs by the group of their left item and by the bin of their cosine; true and false ones apart."""

    hits: np.ndarray  # int64 (groups, BINS): pairs that the rule may show and that are matches
    misses: np.ndarray  # int64 (groups, BINS): such pairs that are not
    matches: np.ndarray  # int64 (groups,): all matches, shown or not
    others: np.ndarray  # int64 (groups,): all pairs that are not
    unjudged: int = 0  # pairs of the rule whose truth nobody knows

    @cached_property
    def reached(self) -> tuple[np.ndarray, np.ndarray]:
        """int64 (groups, BINS) each: matches and others whose cosine reaches the threshold of a bin."""
        above = [np.cumsum(counts[:, ::-1], axis=1)[:, ::-1] for counts in (self.hits, self.misses)]
        return above[0], above[1]

    @cached_property
    def whole(self) -> Whole:
        """The same over all groups."""
        hits, misses = (counts.sum(axis=0) for counts in self.reached)
        return Whole(hits, misses, int(self.matches.sum()), int(self.others.sum()))


@dataclass(frozen=True)
class Whole:
    """Counts at every threshold: TP and FP (int64, one a bin), and how many matches and others there are."""

    right: np.ndarray
    wrong: np.ndarray
    matches: int
    others: int


@dataclass(frozen=True)
class Counted:
    """What is needed to count pairs again when labels arrive: the pass over all pairs, and the column's truth."""

    truth: Truth
    found: Found
    true_left: np.ndarray  # the column's matches, whose cosines are `found.asked`
    true_right: np.ndarray
    labels: Labels = field(default_factory=dict)
    more: Mapping[tuple[int, int], float] = field(default_factory=dict)  # cosines of labelled pairs that were not kept

    @cached_property
    def _known(self) -> tuple[np.ndarray, np.ndarray]:
        """Every pair whose cosine is known: its code (left row × right items + right row), and the cosine."""
        best = self.shown("best")
        more = np.array(list(self.more), np.int64).reshape(-1, 2)
        left = np.concatenate([self.true_left, self.found.left, best[0], more[:, 0]]).astype(np.int64)
        right = np.concatenate([self.true_right, self.found.right, best[1], more[:, 1]]).astype(np.int64)
        extra = np.array(list(self.more.values()), np.float32)
        cosines = np.concatenate([self.found.asked, self.found.cosine, best[2], extra])
        return left * len(self.truth.right) + right, cosines

    def lacking(self, pairs: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
        """Those of the pairs of rows whose cosine was not kept."""
        wanted = np.array([i * len(self.truth.right) + j for i, j in pairs], np.int64)
        there = np.isin(wanted, self._known[0])
        return [pair for pair, known in zip(pairs, there.tolist(), strict=True) if not known]

    @cached_property
    def _labelled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Labelled pairs whose cosine is known: left rows, right rows, cosines, is it a match."""
        width = len(self.truth.right)
        wanted = np.array([i * width + j for i, j in self.labels], np.int64)
        said = np.array(list(self.labels.values()), bool)
        codes, cosines = self._known if self.labels else (wanted, np.empty(0, np.float32))
        there = np.flatnonzero(np.isin(codes, wanted))
        codes, first = np.unique(codes[there], return_index=True)
        order = np.argsort(wanted)
        return codes // width, codes % width, cosines[there[first]], said[order][np.searchsorted(wanted[order], codes)]

    @property
    def used(self) -> int:
        """How many labels count: those of pairs whose cosine is kept here."""
        return len(self._labelled[0])

    def tally(self, rule: str = "all") -> Tally:
        """Count the pairs that `rule` may show: "all" pairs, each left item's "best", or the best of both: "mutual".

        LookupError for an unknown rule.
        """
        every = self._every()
        if rule == "all":
            return every
        left, right, cosines = self.shown(rule)
        known, true = self.said(left, right)
        hits, misses = (_counted(self.truth.groups[left[some]], cosines[some], len(every.hits))
                        for some in (known & true, known & ~true))  # fmt: skip
        return Tally(hits, misses, every.matches, every.others, int((~known).sum()))

    def _every(self) -> Tally:
        groups, count = self.truth.groups, len(self.found.seen)
        hits = _counted(groups[self.true_left], self.found.asked, count)
        misses = self.found.seen - hits
        left, right, cosines, said = self._labelled
        known, true = self.truth.of(left, right)
        for counts, add, take in ((hits, said, known & true), (misses, ~said, known & ~true)):
            counts += _counted(groups[left[add]], cosines[add], count)
            counts -= _counted(groups[left[take]], cosines[take], count)
        pairs = len(self.truth.left) * len(self.truth.right)
        pairs = len(self.truth.left) * (len(self.truth.left) - 1) // 2 if self.truth.same else pairs
        judged = int(hits.sum() + misses.sum())
        return Tally(hits, misses, hits.sum(axis=1), misses.sum(axis=1), pairs - judged)

    def shown(self, rule: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs the rule may show, of all pairs those kept: left rows, right rows, cosines.

        LookupError for an unknown rule.
        """
        found = self.found
        if rule not in RULES:
            raise LookupError(f"There is no rule {rule!r}; there are {', '.join(RULES)}")
        if rule == "all":
            return found.left, found.right, found.cosine
        left = np.flatnonzero(found.best_right >= 0)
        right = found.best_right[left]
        if rule == "mutual":
            both = found.best_left[right] == left
            left, right = left[both], right[both]
        cosines = found.best_right_cosine[left]
        if self.truth.same:
            __, first = np.unique(np.sort(np.stack([left, right]), axis=0), axis=1, return_index=True)
            left, right, cosines = np.minimum(left, right)[first], np.maximum(left, right)[first], cosines[first]
        return left, right, cosines

    def said(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For pairs of rows: is the truth known, and is it a match; what people said goes before the column."""
        known, true = self.truth.of(left, right)
        for (i, j), match in self.labels.items():
            here = (left == i) & (right == j)
            known[here], true[here] = True, match
        return known, true


def _counted(groups: np.ndarray, cosines: np.ndarray, count: int) -> np.ndarray:
    """int64 (count, BINS): how many of these pairs fall into each group and bin."""
    flat = groups.astype(np.int64) * BINS + bins(cosines)
    return np.bincount(flat, minlength=count * BINS).reshape(count, BINS)
