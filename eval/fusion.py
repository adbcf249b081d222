"""Fusing rankings by reciprocal ranks, with weights that are never tuned on the query they are reported on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

OFFSET = 60  # Cormack, Clarke and Büttcher (SIGIR 2009): 1 / (60 + rank)
PARTS = 10  # weights are tried in tenths
Weights = tuple[float, ...]


def grid(towers: int, parts: int = PARTS) -> tuple[Weights, ...]:
    """Every way to share one among that many rankings in steps of 1/parts, the most even first."""
    shares = [w for w in product(range(parts + 1), repeat=towers) if sum(w) == parts]
    shares.sort(key=lambda w: (sum(x * x for x in w), w))
    return tuple(tuple(x / parts for x in w) for w in shares)


def equal(towers: int) -> Weights:
    """Plain reciprocal rank fusion."""
    return (1 / towers,) * towers


def fused(ranks: np.ndarray, weights: Sequence[float], depth: int) -> np.ndarray:
    """Rows best first by Σ w / (60 + rank), at most `depth`; ties by the smaller row.

    `ranks` float64 (towers, n), infinite where a tower does not rank the item; what no weighted tower ranks is left
    out, so that all weight on one tower gives that tower's own ranking.
    """
    scores = (np.asarray(weights)[:, None] / (OFFSET + ranks)).sum(axis=0)
    ranked = np.flatnonzero(scores > 0)
    order: np.ndarray = ranked[np.argsort(-scores[ranked], kind="stable")[:depth]]
    return order


@dataclass(frozen=True)
class Tuned:
    """Weights tuned two ways: on all queries, and for each query on all the others."""

    weights: Weights  # best on all queries; its own mean there is too good to be reported
    in_sample: float
    held_out_weights: tuple[Weights, ...]  # query by query
    held_out: tuple[float, ...]  # the metric of each query under the weights tuned without it

    @property
    def mean(self) -> float:
        """The honest mean: never above `in_sample`."""
        return float(np.mean(self.held_out))


def tuned(values: np.ndarray, tried: Sequence[Weights]) -> Tuned:
    """Choose among `tried` by `values` float64 (weights, queries); equal means go to the more even weights.

    ValueError for fewer than two queries: there is no other query to tune on.
    """
    if values.shape[1] < 2:
        raise ValueError(f"Tuning without the query itself needs at least two queries; {values.shape[1]} came")
    sums = values.sum(axis=1)
    best = int(np.argmax(np.round(sums, 9)))
    without = np.argmax(np.round(sums[:, None] - values, 9), axis=0)
    held_out = values[without, np.arange(values.shape[1])]
    return Tuned(
        tuple(tried[best]), float(sums[best] / values.shape[1]),
        tuple(tuple(tried[row]) for row in without), tuple(held_out.tolist()),
    )  # fmt: skip
