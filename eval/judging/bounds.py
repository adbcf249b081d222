"""What missing judgments can still change in the score of a model, and which queries they can bring into it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from eval import metrics, stats
from eval.judging.merging import Labels
from eval.judging.pooling import Ranked

BOUNDED = ("P", "Hit", "RR")  # more relevant items never lower these, and the rest of the catalogue is not in them
Open = Mapping[str, Collection[str]]  # query without a known relevant item → unjudged items that some model shows
NONE: Open = {}


@dataclass(frozen=True)
class Bounds:
    """A model's score as far as the judgments fix it: the mean over queries with a relevant item.

    `reported` is the usual value: an unjudged item counts as not relevant. `pessimistic` and `optimistic` are the
    lowest and the highest mean that any labels of what the compared models show among the first k can give; a query
    that gets its first relevant item by such a label counts from then on. `condensed` takes unjudged items out of the
    ranking first (Sakai 2007). `unjudged` of `shown` items among the first k have no judgment.
    """

    model: str
    run: str
    metric: str
    reported: float
    pessimistic: float
    optimistic: float
    condensed: float
    unjudged: int
    shown: int
    queries: int
    per_query: dict[str, tuple[float, float, float]]  # counted query → reported, optimistic, condensed

    @property
    def key(self) -> str:
        """The run's id, or the model's name where there is none: tells two runs of one model apart."""
        return self.run or self.model

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval over queries of the reported mean (`eval.stats.interval`); None for fewer than two."""
        values = [each[0] for each in self.per_query.values()]
        return stats.interval(values) if len(values) > 1 else None

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {**asdict(self), "interval": self.interval}


def counted(labels: Labels, queries: Iterable[str]) -> list[str]:
    """The queries with a relevant item among the judged ones: those that are in every mean."""
    return [query for query in queries if any(grade >= 1 for grade in labels.get(query, {}).values())]


def possible(ranked: Sequence[Ranked], labels: Labels, k: int, queries: Iterable[str]) -> dict[str, frozenset[str]]:
    """The queries without a known relevant item that a missing label can still bring into the means.

    Each with its unjudged items among the first k of any of the rankings.
    """
    known, found = set(counted(labels, queries := list(queries))), {}
    for query in queries:
        shown = {item for one in ranked for item in one.items.get(query, ())[:k]}
        unjudged = shown - set(labels.get(query, {}))
        if query not in known and unjudged:
            found[query] = frozenset(unjudged)
    return found


def bounds(ranked: Ranked, labels: Labels, metric: str, queries: Sequence[str], more: Open = NONE) -> Bounds:
    """The model's bounds on that metric over `queries`, which all count, and `more` that may come to (`possible`).

    ValueError for a metric that has none (see BOUNDED).
    """
    chosen = metrics.metric(metric)
    if chosen.family not in BOUNDED or chosen.k is None:
        raise ValueError(f"{metric} has no bounds; there are {', '.join(f'{name}@k' for name in BOUNDED)}")
    k, per_query = chosen.k, {}
    for query in queries:
        judged, items = labels.get(query, {}), list(ranked.items.get(query, ()))
        first = items[:k]
        hoped = {**dict.fromkeys(first, 1), **judged}
        known = [item for item in items if item in judged]
        per_query[query] = (
            chosen.measure(first, judged, k),
            chosen.measure(first, hoped, k),
            chosen.measure(known, judged, k),
        )
    sums = [sum(values[i] for values in per_query.values()) for i in range(3)]
    joining = [_joining(ranked, items, query, chosen, k) for query, items in more.items()]
    low = lowest(sums[0], len(per_query), [one[0] for one in joining])
    high = highest(sums[1], len(per_query), [one[1] for one in joining])
    shown = [(query, item) for query in (*queries, *more) for item in ranked.items.get(query, ())[:k]]
    unjudged = sum(item not in labels.get(query, {}) for query, item in shown)
    count = max(len(per_query), 1)
    return Bounds(
        ranked.name, ranked.run, metric, sums[0] / count, low, high, sums[2] / count, unjudged, len(shown),
        len(per_query), per_query,
    )  # fmt: skip


def _joining(
    ranked: Ranked, unjudged: Collection[str], query: str, chosen: metrics.Metric, k: int
) -> tuple[float, float]:
    """The lowest and highest value of a query that comes to count by a label of one of `unjudged`."""
    first = list(ranked.items.get(query, ())[:k])
    own = [item for item in first if item in unjudged]
    best = chosen.measure(first, dict.fromkeys(own, 1), k)
    if len(own) < len(unjudged):
        return 0.0, best  # another model's item may be the relevant one
    return min(chosen.measure(first, {item: 1}, k) for item in own), best


def highest(total: float, count: int, more: Iterable[float]) -> float:
    """The highest mean of `count` values of that sum and any of `more`; 0 is the mean of nothing."""
    for value in sorted(more, reverse=True):
        if value <= (total / count if count else 0.0):
            break
        total, count = total + value, count + 1
    return total / count if count else 0.0


def lowest(total: float, count: int, more: Iterable[float]) -> float:
    """The lowest such mean."""
    return -highest(-total, count, [-value for value in more]) + 0.0
