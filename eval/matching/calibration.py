"""How probable a match is at a cosine: isotonic or Platt, chosen and checked on items that were not fitted to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eval.matching.scale import FIRST, STEP, bins, place, threshold
from eval.matching.sweep import NAN, resampled
from eval.matching.tally import Tally

METHODS = ("isotonic", "platt")
FOLDS = 5
RESAMPLED = 100  # refits behind the band
LEAST = 1e-9  # a probability of nothing or everything is told as this much, so that a surprise costs something finite
TENTHS = 10
Counts = tuple[np.ndarray, np.ndarray]  # matches and others, one number a bin
Curve = np.ndarray  # float64 (BINS,): the probability in each bin


@dataclass(frozen=True)
class Calibrated:
    """The probability of a match by cosine, and how well the method told it of items held out."""

    method: str
    cosines: np.ndarray  # float64 (b,): the bins that hold pairs, rising
    probability: np.ndarray  # float64 (b,): fitted to everything
    low: np.ndarray  # float64 (b,): 95 % band, refitted to resampled groups of left items
    high: np.ndarray
    log_loss: dict[str, float]  # each method, held out, a pair (natural logarithm)
    brier: dict[str, float]  # each method, held out: mean squared error
    baseline: float  # log loss of telling every pair the overall share of matches
    reliability: tuple[tuple[float, float, int], ...]  # held out: mean told, share of matches, pairs; by tenths told

    def at(self, cosine: float) -> tuple[float, float, float]:
        """Probability, and the ends of its band, at the bin of that cosine (the nearest that holds pairs)."""
        wanted = float(threshold(bins(np.array([cosine], np.float32))[0]))
        here = int(np.abs(self.cosines - wanted).argmin())
        return float(self.probability[here]), float(self.low[here]), float(self.high[here])

    def above(self, tally: Tally, cosine: float) -> float:
        """The share of matches that the curve expects among the pairs of that tally from `cosine` up; NaN for none."""
        pairs = (tally.hits + tally.misses).sum(axis=0)
        there = np.flatnonzero(pairs)
        up = there >= place(cosine)
        weight = pairs[there][up]
        return float((self.probability[up] * weight).sum() / weight.sum()) if up.any() else NAN


def calibrate(tally: Tally, seed: int = 0) -> Calibrated:
    """Fit both methods, choose by held-out log loss over FOLDS folds of groups, refit the better one on everything.

    ValueError where there are no matches, nothing else, or fewer than FOLDS groups with matches.
    """
    totals = tally.hits.sum(), tally.misses.sum()
    with_matches = int((tally.hits.sum(axis=1) > 0).sum())
    if not all(totals) or with_matches < FOLDS:
        raise ValueError(
            f"A probability is learnt from matches and from other pairs: here are {totals[0]} and {totals[1]}, the "
            f"matches in {with_matches} groups of items; at least {FOLDS} groups are needed"
        )
    held = {name: _held_out(tally, fit) for name, fit in _FITS.items()}
    every = tally.hits.sum(axis=0), tally.misses.sum(axis=0)
    loss = {name: _log_loss(told, tally) for name, told in held.items()}
    brier = {name: _brier(told, tally) for name, told in held.items()}
    method = min(METHODS, key=lambda name: loss[name])
    there = np.flatnonzero(every[0] + every[1])
    curve = _FITS[method](every)
    low, high = _band(tally, _FITS[method], seed)
    share = totals[0] / sum(totals)
    baseline = float(-(share * np.log(share) + (1 - share) * np.log(1 - share)))
    return Calibrated(method, threshold(there), curve[there], low[there], high[there], loss, brier, baseline,
                      _reliability(held[method], tally))  # fmt: skip


def _isotonic(counts: Counts) -> Curve:
    """Probability that never falls as the cosine rises (pool adjacent violators), each bin weighted by its pairs."""
    from sklearn.isotonic import IsotonicRegression

    hits, misses = counts
    there = np.flatnonzero(hits + misses)
    weight = (hits + misses)[there]
    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    model.fit(there, hits[there] / weight, sample_weight=weight)
    return np.asarray(model.predict(np.arange(len(hits))), np.float64)


def _platt(counts: Counts) -> Curve:
    """Logistic regression on the cosine (Platt 1999), without a penalty."""
    from sklearn.linear_model import LogisticRegression

    hits, misses = counts
    places = np.concatenate([np.flatnonzero(hits), np.flatnonzero(misses)])
    labels = np.repeat([1, 0], [np.count_nonzero(hits), np.count_nonzero(misses)])
    weight = np.concatenate([hits[hits > 0], misses[misses > 0]])
    model = LogisticRegression(C=np.inf, max_iter=1000, tol=1e-8)
    model.fit(_scaled(places), labels, sample_weight=weight)
    return np.asarray(model.predict_proba(_scaled(np.arange(len(hits))))[:, 1], np.float64)


def _scaled(places: np.ndarray) -> np.ndarray:
    """Bins as tenths of cosine in a column: numbers of a size that the solver likes."""
    return ((places - FIRST) / (STEP / 10))[:, None]


_FITS: dict[str, Callable[[Counts], Curve]] = {"isotonic": _isotonic, "platt": _platt}


def _held_out(tally: Tally, fit: Callable[[Counts], Curve]) -> np.ndarray:
    """float64 (FOLDS, BINS): the curve of each fold, fitted to the groups outside it."""
    fold = folds(tally)
    told = []
    for number in range(FOLDS):
        inside = fold != number
        told.append(fit((tally.hits[inside].sum(axis=0), tally.misses[inside].sum(axis=0))))
    return np.clip(np.stack(told), LEAST, 1 - LEAST)


def folds(tally: Tally) -> np.ndarray:
    """The fold of each group; groups with matches are dealt evenly."""
    order = np.argsort(tally.hits.sum(axis=1) == 0, kind="stable")
    fold = np.empty(len(order), np.int64)
    fold[order] = np.arange(len(order)) % FOLDS
    return fold


def _by_fold(tally: Tally) -> tuple[np.ndarray, np.ndarray]:
    """Matches and others by fold: (FOLDS, BINS) each."""
    fold = folds(tally)
    parts = [[counts[fold == number].sum(axis=0) for number in range(FOLDS)] for counts in (tally.hits, tally.misses)]
    return np.stack(parts[0]), np.stack(parts[1])


def _log_loss(told: np.ndarray, tally: Tally) -> float:
    hits, misses = _by_fold(tally)
    return float(-(hits * np.log(told) + misses * np.log1p(-told)).sum() / (hits.sum() + misses.sum()))


def _brier(told: np.ndarray, tally: Tally) -> float:
    hits, misses = _by_fold(tally)
    return float((hits * (1 - told) ** 2 + misses * told**2).sum() / (hits.sum() + misses.sum()))


def _reliability(told: np.ndarray, tally: Tally) -> tuple[tuple[float, float, int], ...]:
    hits, misses = _by_fold(tally)
    tenth = np.minimum((told * TENTHS).astype(np.int64), TENTHS - 1)
    lines = []
    for number in range(TENTHS):
        here = tenth == number
        pairs = hits[here].sum() + misses[here].sum()
        if pairs:
            mean = float((told[here] * (hits + misses)[here]).sum() / pairs)
            lines.append((mean, float(hits[here].sum() / pairs), int(pairs)))
    return tuple(lines)


def _band(tally: Tally, fit: Callable[[Counts], Curve], seed: int) -> tuple[Curve, Curve]:
    curves = []
    for drawn in resampled(tally, seed)[:RESAMPLED]:
        counts = drawn @ tally.hits, drawn @ tally.misses
        if counts[0].any() and counts[1].any():
            curves.append(fit(counts))
    if len(curves) < 2:
        return np.full(tally.hits.shape[1], NAN), np.full(tally.hits.shape[1], NAN)
    low, high = np.quantile(np.stack(curves), [0.025, 0.975], axis=0)
    return low, high
