"""What missing judgments can still change: scores and verdicts with bounds, and the labels that decide most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from eval import metrics, stats
from eval.judging.merging import Labels, Pair
from eval.judging.pooling import Ranked

BOUNDED = ("P", "Hit", "RR")  # more relevant items never lower these, and the rest of the catalogue is not in them
EXACT = 1e-12


@dataclass(frozen=True)
class Bounds:
    """A model's score as far as the judgments fix it; all means are over the same queries.

    `pessimistic` counts an unjudged item as not relevant (what is usually reported), `optimistic` as relevant,
    `condensed` takes unjudged items out of the ranking first (Sakai 2007). `unjudged` of `shown` items among the first
    k have no judgment.
    """

    model: str
    run: str
    metric: str
    pessimistic: float
    optimistic: float
    condensed: float
    unjudged: int
    shown: int
    queries: int
    per_query: dict[str, tuple[float, float, float]]  # query → pessimistic, optimistic, condensed

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval over queries of the pessimistic mean (`eval.stats.interval`); None for fewer than two."""
        values = [each[0] for each in self.per_query.values()]
        return stats.interval(values) if len(values) > 1 else None

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {**asdict(self), "interval": self.interval}


@dataclass(frozen=True)
class Gap:
    """Two models on P@k: where their difference (first − second) lies whatever the missing judgments say.

    `missing` is how many labels could still move it; `state` is "first", "second" (decided for that one), "equal"
    (nothing is missing and the means agree) or "undecided".
    """

    first: str
    second: str
    low: float
    high: float
    known: float  # with unjudged items as not relevant
    missing: int

    @property
    def state(self) -> str:
        """Who is better, as far as that is settled."""
        if self.low > EXACT:
            return "first"
        if self.high < -EXACT:
            return "second"
        return "undecided" if self.missing else "equal"

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {**asdict(self), "state": self.state}


@dataclass(frozen=True)
class Wanted:
    """An unjudged pair and how far its label can move the undecided differences: Σ |1/k/queries| over those pairs."""

    query: str
    item: str
    weight: float


def counted(labels: Labels, queries: Iterable[str]) -> list[str]:
    """The queries with a relevant item among the judged ones: those that are in every mean."""
    return [query for query in queries if any(grade >= 1 for grade in labels.get(query, {}).values())]


def bounds(ranked: Ranked, labels: Labels, metric: str, queries: Sequence[str]) -> Bounds:
    """The model's bounds on that metric over `queries`; ValueError for a metric that has none (see BOUNDED)."""
    chosen = metrics.metric(metric)
    if chosen.family not in BOUNDED or chosen.k is None:
        raise ValueError(f"{metric} has no bounds; there are {', '.join(f'{name}@k' for name in BOUNDED)}")
    k, per_query, unjudged, shown = chosen.k, {}, 0, 0
    for query in queries:
        judged, items = labels.get(query, {}), list(ranked.items.get(query, ()))
        first = items[:k]
        unknown = [item for item in first if item not in judged]
        hoped = {**judged, **dict.fromkeys(unknown, 1)}
        known = [item for item in items if item in judged]
        per_query[query] = (
            chosen.measure(first, judged, k),
            chosen.measure(first, hoped, k),
            chosen.measure(known, judged, k),
        )
        unjudged, shown = unjudged + len(unknown), shown + len(first)
    count = max(len(per_query), 1)
    low, high, condensed = (sum(values[i] for values in per_query.values()) / count for i in range(3))
    return Bounds(ranked.name, ranked.run, metric, low, high, condensed, unjudged, shown, len(per_query), per_query)


def _moves(first: Ranked, second: Ranked, k: int, queries: Sequence[str]) -> dict[Pair, float]:
    """Pair → what a relevant label adds to P@k(first) − P@k(second); pairs that both show cancel out."""
    step, found = 1.0 / (k * max(len(queries), 1)), {}
    for query in queries:
        a, b = (set(one.items.get(query, ())[:k]) for one in (first, second))
        found.update({(query, item): step for item in a - b})
        found.update({(query, item): -step for item in b - a})
    return found


def gap(first: Ranked, second: Ranked, labels: Labels, k: int, queries: Sequence[str]) -> Gap:
    """The difference of two models on P@k with its exact bounds over every way the missing labels can turn out."""
    known = low = high = 0.0
    missing = 0
    for (query, item), move in _moves(first, second, k, queries).items():
        grade = labels.get(query, {}).get(item)
        if grade is None:
            missing += 1
            low, high = low + min(move, 0.0), high + max(move, 0.0)
        elif grade >= 1:
            known += move
    return Gap(first.name, second.name, known + low, known + high, known, missing)


def gaps(ranked: Sequence[Ranked], labels: Labels, k: int, queries: Sequence[str]) -> list[Gap]:
    """Every pair of models, in the order given."""
    return [gap(a, b, labels, k, queries) for a, b in combinations(ranked, 2)]


def weights(ranked: Sequence[Ranked], labels: Labels, k: int, queries: Sequence[str]) -> dict[Pair, float]:
    """Unjudged pair → how far its label can move the differences that are undecided; pairs that move none are absent.

    Only items that one model of such a pair shows among its first k and the other does not can move it.
    """
    found: dict[Pair, float] = {}
    for a, b in combinations(ranked, 2):
        if gap(a, b, labels, k, queries).state != "undecided":
            continue
        for (query, item), move in _moves(a, b, k, queries).items():
            if item not in labels.get(query, {}):
                found[query, item] = found.get((query, item), 0.0) + abs(move)
    return found


def queue(
    ranked: Sequence[Ranked], labels: Labels, k: int, queries: Sequence[str], order: Mapping[Pair, int] | None = None
) -> list[Wanted]:
    """Every unjudged item that some model shows among its first k, heaviest first; `order` breaks ties.

    Once the whole of it is labelled, the pessimistic and the optimistic score of every model are equal.
    """
    weigh, place = weights(ranked, labels, k, queries), order or {}
    shown = {
        (query, item)
        for one in ranked
        for query in queries
        for item in one.items.get(query, ())[:k]
        if item not in labels.get(query, {})
    }
    found = [Wanted(query, item, weigh.get((query, item), 0.0)) for query, item in shown]
    return sorted(found, key=lambda w: (-round(w.weight, 12), place.get((w.query, w.item), 0), w.query, w.item))
