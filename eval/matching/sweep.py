"""What a threshold on the cosine gives: recall, precision, false-positive rate, and wrong matches to a right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.matching.scale import BINS, FIRST, STEP, place, threshold
from eval.matching.tally import Tally

THRESHOLDS = (0.85, 0.90, 0.95, 0.99)  # those of the groceries document
RESAMPLES = 999
NAN = float("nan")


@dataclass(frozen=True)
class Point:
    """The numbers at one threshold; a ratio whose denominator is 0 is not a number."""

    threshold: float
    tp: int  # pairs shown that are matches
    fp: int  # pairs shown that are not
    fn: int  # matches not shown
    tn: int  # other pairs not shown

    @property
    def recall(self) -> float:
        """TP / (TP + FN): the share of all matches that is shown."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def precision(self) -> float:
        """TP / (TP + FP): the share of the pairs shown that are matches."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def fpr(self) -> float:
        """FP / (FP + TN): the share of all pairs that are no matches which is shown."""
        return ratio(self.fp, self.fp + self.tn)

    @property
    def fp_tp(self) -> float:
        """FP / TP: wrong matches to a right one, the groceries document's number; it is no rate and has no limit."""
        return ratio(self.fp, self.tp)

    def record(self) -> dict[str, Any]:
        """Counts and ratios by name; None where a ratio is not a number."""
        ratios = {"recall": self.recall, "precision": self.precision, "fpr": self.fpr, "fp_tp": self.fp_tp}
        return asdict(self) | {name: None if np.isnan(value) else value for name, value in ratios.items()}


def ratio(part: float, whole: float) -> float:
    """part / whole, not a number when there is no whole."""
    return part / whole if whole else NAN


def checked(thresholds: Sequence[float]) -> tuple[float, ...]:
    """The thresholds in rising order, each once; ValueError for one outside −1 … 1 or finer than 0.001."""
    for value in thresholds:
        if not -1 <= value <= 1:
            raise ValueError(f"A threshold on the cosine lies between −1 and 1; {value} came")
        if abs(value * STEP - round(value * STEP)) > 1e-6:
            raise ValueError(f"Thresholds are multiples of {1 / STEP}; {value} came")
    return tuple(sorted({round(float(value), 3) for value in thresholds}))


def at(tally: Tally, value: float) -> Point:
    """The numbers at one threshold."""
    return _point(tally, place(value), round(float(value), 3))


def at_bin(tally: Tally, number: int) -> Point:
    """The numbers at the threshold of a bin."""
    return _point(tally, number, round(float(threshold(number)), 3))


def _point(tally: Tally, number: int, value: float) -> Point:
    whole = tally.whole
    tp, fp = (int(counts[number]) if number < BINS else 0 for counts in (whole.right, whole.wrong))
    return Point(value, tp, fp, whole.matches - tp, whole.others - fp)


def sweep(tally: Tally, thresholds: Sequence[float] = THRESHOLDS) -> list[Point]:
    """The numbers at each threshold, rising; ValueError as `checked`."""
    return [at(tally, value) for value in checked(thresholds)]


def curve(tally: Tally) -> list[Point]:
    """Every threshold at which anything changes, from the lowest cosine of a match to the highest of any pair."""
    shown = tally.whole.right + tally.whole.wrong
    hit = np.flatnonzero(tally.hits.sum(axis=0))
    if not shown.any():
        return []
    first, last = int(hit[0]) if len(hit) else FIRST, int(np.flatnonzero(shown)[-1])
    return [at_bin(tally, number) for number in range(first, last + 1)]


def resampled(tally: Tally, seed: int = 0) -> np.ndarray:
    """How often each group is drawn in each of RESAMPLES bootstrap samples of the groups: int64 (RESAMPLES, groups)."""
    count = len(tally.matches)
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), RESAMPLES)


def interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """The percentile interval of resampled values; not a number where fewer than two of them are numbers."""
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        return NAN, NAN
    low, high = np.quantile(finite, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def intervals(tally: Tally, point: Point, seed: int = 0) -> dict[str, tuple[float, float]]:
    """95 % intervals of recall and precision at a point: percentile bootstrap over groups of left items.

    Where all pairs or none are on one side no resample can tell; there the exact binomial interval stands.
    """
    number = place(point.threshold)
    drawn = resampled(tally, seed)
    hits, misses = (counts[:, min(number, BINS - 1)] for counts in tally.reached)
    tp, fp, matches = (drawn @ counts for counts in (hits, misses, tally.matches))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {"recall": interval(tp / matches), "precision": interval(tp / (tp + fp))}
    for name, other in (("recall", point.fn), ("precision", point.fp)):
        if not (point.tp and other):
            found[name] = _exact(point.tp, other)
    return found


def _exact(of: int, others: int) -> tuple[float, float]:
    """The 95 % interval of Clopper and Pearson (1934) where a share is all or nothing."""
    if not of + others:
        return NAN, NAN
    slack = 0.025 ** (1 / (of + others))
    return (slack, 1.0) if of else (0.0, 1 - slack)
