"""Before and after of a classification: one classifier with and without a group, on the test items that both judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.probing import scoring
from eval.probing.outcome import Probe


@dataclass(frozen=True)
class Change:
    """A classifier's metric with everything and without the group, on the `items` that are in both test parts.

    `low` and `high` bound after − before with 95 %: a percentile bootstrap over whole designs, drawn alike for both.
    """

    spec: str
    classifier: str
    metric: str
    before: float
    after: float
    low: float
    high: float
    items: int

    @property
    def difference(self) -> float:
        """After − before."""
        return self.after - self.before


def changes(before: Probe, after: Probe, metric: str) -> list[Change]:
    """The change of every classifier that both probes have; ValueError when their test parts have no item in common.

    Of cross-entropy less is better, of the others more.
    """
    if metric not in scoring.METRICS:
        raise LookupError(f"There is no metric {metric!r}; there are {', '.join(scoring.METRICS)}")
    judged = set(after.test)
    common = [item for item in before.test if item in judged]
    if not common:
        raise ValueError("The two classifications judge no item in common, so that they cannot be compared")
    classes = sorted({*before.classes, *after.classes})
    groups = dict(zip(before.test, before.group, strict=True))
    _names, place = np.unique([groups[item] for item in common], return_inverse=True)
    several = int(place.max()) + 1
    drawn = np.random.default_rng(0).multinomial(several, np.full(several, 1 / several), scoring.RESAMPLES)[:, place]
    weights = np.vstack([np.ones((1, len(common))), drawn]).astype(np.float64)
    found = []
    for name in [name for name in before.cells if name in after.cells]:
        first, second = (_values(one, name, metric, common, classes, weights) for one in (before, after))
        spread = second[1:] - first[1:]
        low, high = np.nanquantile(spread, (0.025, 0.975)) if several > 1 else (np.nan, np.nan)
        ends = float(first[0]), float(second[0]), float(low), float(high)
        found.append(Change(before.spec, name, metric, *ends, len(common)))
    return found


def _values(
    one: Probe, classifier: str, metric: str, common: list[str], classes: list[str], weights: np.ndarray
) -> np.ndarray:
    """The metric under each weighting of the common items; classes by their places in `classes`."""
    cell, at = one.cells[classifier], {item: row for row, item in enumerate(one.test)}
    rows, place = [at[item] for item in common], [classes.index(name) for name in one.classes]
    truth = np.array([place[one.truth[row]] for row in rows])
    said = np.array([place[cell.top[row][0]] for row in rows])
    rank, loss = np.asarray(cell.rank)[rows], np.asarray(cell.loss, np.float64)[rows]
    return scoring.values(truth, rank, loss, said, weights, len(classes))[metric]
