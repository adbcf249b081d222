"""What every number is read against: the chance level of a random ranking and the ceiling of the best one.

For one query: n items in the gallery, R of them relevant, J judged, the ranking recorded down to a depth D.
The chance level is the expected value under a uniformly random order of the gallery, in closed form; a metric without
one here is simulated (`SIMULATED` random orders, seed 0). The ceiling is the value of the best possible ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from eval.metrics import Metric

Judgments = Mapping[str, int]
Expected = Callable[[int, int, int, Judgments], float]
SIMULATED = 2000


def _relevant(judgments: Judgments) -> int:
    return sum(grade >= 1 for grade in judgments.values())


def _precision(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """R · min(k, D, n) / (n · k): each filled place is relevant with probability R / n."""
    return _relevant(judgments) * min(k, depth, n) / (n * k)


def _recall(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """min(k, D, n) / n: each relevant item is among the first k with that probability."""
    return min(k, depth, n) / n


def _hit(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """1 − C(n − R, k) / C(n, k): one minus the probability that all k are drawn from the others."""
    relevant = _relevant(judgments)
    places = np.arange(min(k, depth, n))
    return float(1 - np.prod(np.maximum(n - relevant - places, 0) / (n - places)))


def _reciprocal(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """Σ P(first relevant at r) / r over r ≤ min(k, D, n − R + 1); P is the hypergeometric waiting time."""
    relevant = _relevant(judgments)
    ranks = np.arange(1, min(k, depth, n - relevant + 1) + 1)
    left = n - ranks + 1
    none_before = np.cumprod(np.concatenate([[1.0], (left - relevant) / left]))[:-1]
    return float((none_before * relevant / left / ranks).sum())


def _average(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """(1/n) Σ (1 + (r − 1)(R − 1)/(n − 1)) / r over r ≤ min(D, n)."""
    ranks = np.arange(1, min(depth, n) + 1)
    before = (ranks - 1) * (_relevant(judgments) - 1) / max(n - 1, 1)
    return float(((1 + before) / ranks).sum() / n)


def _ndcg(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """(Σ grades / n) Σ 1/log2(r + 1) over r ≤ min(k, D, n), divided by the best DCG at k."""
    grades = np.array(sorted((grade for grade in judgments.values() if grade > 0), reverse=True), dtype=float)
    best = (grades[:k] / np.log2(np.arange(2, min(k, len(grades)) + 2))).sum()
    places = (1 / np.log2(np.arange(2, min(k, depth, n) + 2))).sum()
    return float(grades.sum() / n * places / best)


def _r_precision(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """min(R, D) / n: each of the first R places is relevant with probability R / n."""
    return min(_relevant(judgments), depth) / n


def _judged(n: int, k: int, depth: int, judgments: Judgments) -> float:
    """J / n at every place."""
    return len(judgments) / n


_EXPECTED: dict[str, Expected] = {
    "P": _precision, "R": _recall, "Hit": _hit, "RR": _reciprocal, "AP": _average, "nDCG": _ndcg, "Rprec": _r_precision,
    "Judged": _judged,
}  # fmt: skip


def chance(metric: Metric, judgments: Judgments, gallery: int, depth: int) -> float:
    """Expected value of `metric` for one query when the gallery's order is random.

    `judgments` are those of items in the gallery. ValueError when they are more than the gallery holds.
    """
    if len(judgments) > gallery:
        raise ValueError(f"{len(judgments)} judged items cannot stand in a gallery of {gallery}")
    k = gallery if metric.k is None else metric.k
    if metric.family in _EXPECTED:
        return _EXPECTED[metric.family](gallery, k, depth, judgments)
    return _simulated(metric, judgments, gallery, depth)


def _simulated(metric: Metric, judgments: Judgments, gallery: int, depth: int) -> float:
    rng = np.random.default_rng(0)
    items = list(judgments)
    values = []
    for _ in range(SIMULATED):
        places = rng.permutation(gallery)[: len(items)]  # the rank of each judged item; the others are unjudged
        order = [""] * gallery
        for item, place in zip(items, places, strict=True):
            order[place] = item
        values.append(metric(order[:depth], judgments))
    return float(np.mean(values))


def ceiling(metric: Metric, judgments: Judgments, gallery: int, depth: int) -> float:
    """Value of `metric` for the best ranking: judged items by falling grade, then the rest of the gallery."""
    best = sorted(judgments, key=lambda item: -judgments[item])
    looked_at = min(depth, gallery, max(metric.k or 0, len(best)))
    filled = best + [""] * (looked_at - len(best))
    return metric(filled[:looked_at], judgments)
