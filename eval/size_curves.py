"""A metric over growing galleries as it was measured, model by model, and where two models change places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from eval import stats

OUTSIDE = "outside"  # share of the first k places that hold an item nobody judged for any query


@dataclass(frozen=True)
class Point:
    """A metric at one size: median over the draws and the band that holds nine tenths of them."""

    size: int
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """One model over growing galleries; `metrics` and `chance` are by the metric's name, `OUTSIDE` among them."""

    spec: str
    k: int
    draws: int
    seed: int
    pool: int  # items judged for some query and here: the smallest gallery
    queries: int  # that have a relevant item here
    metrics: dict[str, tuple[Point, ...]]
    chance: dict[str, tuple[float, ...]]  # expected value of a random order at each size
    fingerprints: dict[str, str]  # catalogue, query_set, searcher
    values: dict[str, tuple[tuple[float, ...], ...]] = field(
        default_factory=dict
    )  # metric → size → query (mean of draws)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The galleries' sizes, rising."""
        return tuple(point.size for point in next(iter(self.metrics.values())))

    def record(self) -> dict[str, Any]:
        """The curve as JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Curve:
        """What `record` wrote."""
        points = {name: tuple(Point(**point) for point in line) for name, line in record["metrics"].items()}
        chance = {name: tuple(values) for name, values in record["chance"].items()}
        values = {
            name: tuple(map(tuple, lines)) for name, lines in record.get("values", {}).items()
        }  # older ones have none
        own: dict[str, Any] = {"metrics": points, "chance": chance, "values": values}
        return cls(**{name: record[name] for name in cls.__dataclass_fields__ if name not in own}, **own)


@dataclass(frozen=True)
class Crossing:
    """Where two models' lines cross: about `size` items, on a logarithmic scale between two measured sizes.

    `means`: "overtakes" when it is proven that `first` is ahead in the smallest gallery and `second` in the largest,
    each of them above chance there; "chance" when neither is above chance at either end; else "nothing".
    """

    first: str  # ahead in smaller galleries
    second: str  # ahead in larger ones
    size: float
    value: float
    means: str = "nothing"


def crossings(curves: Sequence[Curve], metric: str) -> tuple[Crossing, ...]:
    """Where the medians of two models cross, for every pair that was measured at the same sizes."""
    found = []
    for place, one in enumerate(curves):
        for other in curves[place + 1 :]:
            if one.sizes == other.sizes:
                found += _between(one, other, metric)
    return tuple(found)


def _between(one: Curve, other: Curve, metric: str) -> list[Crossing]:
    first, second = one.metrics[metric], other.metrics[metric]
    gaps = [a.median - b.median for a, b in zip(first, second, strict=True)]
    found = []
    for i in range(len(gaps) - 1):
        if gaps[i] * gaps[i + 1] < 0:
            share = gaps[i] / (gaps[i] - gaps[i + 1])
            size = float(first[i].size ** (1 - share) * first[i + 1].size ** share)
            value = first[i].median + share * (first[i + 1].median - first[i].median)
            ahead, behind = (one, other) if gaps[i] > 0 else (other, one)
            found.append(Crossing(ahead.spec, behind.spec, size, float(value), _means(ahead, behind, metric)))
    return found


def _means(ahead: Curve, behind: Curve, metric: str) -> str:
    """What a crossing is worth, by 95 % intervals over queries at both ends of the curves, where no draw differs."""
    known = {one.spec: [above_chance(one, metric, end) for end in (0, -1)] for one in (ahead, behind)}
    if any(above is None for both in known.values() for above in both):
        return "nothing"
    if not any(above for both in known.values() for above in both):
        return "chance"
    small, large = (np.subtract(ahead.values[metric][end], behind.values[metric][end]) for end in (0, -1))
    proven = stats.interval(small.tolist())[0] > 0 and stats.interval((-large).tolist())[0] > 0
    return "overtakes" if proven and known[ahead.spec][0] and known[behind.spec][1] else "nothing"


def above_chance(one: Curve, metric: str, end: int) -> bool | None:
    """True when the 95 % interval of the mean over queries lies above chance at that size; None where nobody knows."""
    if metric not in one.values or metric not in one.chance:
        return None
    return stats.interval(list(one.values[metric][end]))[0] > one.chance[metric][end]
