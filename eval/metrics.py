"""What a ranking is worth: each metric a few lines, the first line of its docstring is what the screen says.

All take the ranked item ids (best first, no repeats), the judgments of the query (item → grade) and a cut `k`. An item
of grade ≥ 1 is relevant; an item without a judgment counts as not relevant. A ranking shorter than `k` is not padded:
the missing places hold nothing relevant. docs/metrics.md has the formulas with chance levels and ceilings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.contracts import Ranking
from eval.registry import meant

if TYPE_CHECKING:
    import pandas as pd

Judgments = Mapping[str, int]
Measure = Callable[[Sequence[str], Judgments, int], float]
WHOLE = 2**62  # the cut of a metric without one


@dataclass(frozen=True)
class Metric:
    """A metric at its cut: `metric("P@5")(items, judgments)` → float; `better` is "higher" or "lower"."""

    name: str  # "P@5"
    family: str  # "P"
    k: int | None
    says: str
    better: str
    measure: Measure

    def __call__(self, items: Sequence[str], judgments: Judgments) -> float:
        """The value for one query; ValueError when the query has no relevant item, for which it is not defined."""
        if not any(grade >= 1 for grade in judgments.values()):
            raise ValueError(f"{self.name} is not defined for a query without relevant items; leave the query out")
        return float(self.measure(items, judgments, WHOLE if self.k is None else self.k))


@dataclass(frozen=True)
class _Family:
    measure: Measure
    cut: str  # "always" | "optional" | "never"
    better: str


_families: dict[str, _Family] = {}


def _metric(name: str, cut: str, better: str = "higher") -> Callable[[Measure], Measure]:
    def register(measure: Measure) -> Measure:
        _families[name] = _Family(measure, cut, better)
        return measure

    return register


def _hits(items: Sequence[str], judgments: Judgments, k: int) -> int:
    return sum(judgments.get(item, 0) >= 1 for item in items[:k])


def _relevant(judgments: Judgments) -> int:
    return sum(grade >= 1 for grade in judgments.values())


@_metric("P", cut="always")
def precision(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """Share of the first k places that hold a relevant item; the denominator is k, however few were found."""
    return _hits(items, judgments, k) / k


@_metric("R", cut="always")
def recall(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """Share of the query's relevant items that stand among the first k."""
    return _hits(items, judgments, k) / _relevant(judgments)


@_metric("Hit", cut="always")
def hit(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """1 when at least one relevant item stands among the first k, else 0."""
    return float(_hits(items, judgments, k) > 0)


@_metric("RR", cut="optional")
def reciprocal_rank(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """1 / rank of the first relevant item; 0 when none was found (within k, if there is a k)."""
    return next((1 / rank for rank, item in enumerate(items[:k], 1) if judgments.get(item, 0) >= 1), 0.0)


@_metric("AP", cut="never")
def average_precision(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """Mean, over all relevant items, of the precision at the rank of each; an item that was not found adds 0."""
    ranks = [rank for rank, item in enumerate(items, 1) if judgments.get(item, 0) >= 1]
    return sum(found / rank for found, rank in enumerate(ranks, 1)) / _relevant(judgments)


@_metric("nDCG", cut="optional")
def ndcg(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """Grades found, each divided by log2(rank + 1), relative to the best possible order of the judged items."""
    best = sorted((grade for grade in judgments.values() if grade > 0), reverse=True)
    return _dcg([judgments.get(item, 0) for item in items[:k]]) / _dcg(best[:k])


def _dcg(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


@_metric("Rprec", cut="never")
def r_precision(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """Precision at R, where R is the number of the query's relevant items."""
    relevant = _relevant(judgments)
    return _hits(items, judgments, relevant) / relevant


@_metric("Judged", cut="always")
def judged(items: Sequence[str], judgments: Judgments, k: int) -> float:
    """Share of the first k results that have a judgment, relevant or not: how far the other numbers can be trusted."""
    shown = items[:k]
    return sum(item in judgments for item in shown) / len(shown) if shown else 0.0


def metric(name: str) -> Metric:
    """The metric called `name`, such as "P@5" or "AP"; LookupError for an unknown name, ValueError for a wrong cut."""
    written = re.fullmatch(r"([A-Za-z]+)(?:@(\d+))?", name)
    if not written or written[1] not in _families:
        known = ", ".join(families())
        raise LookupError(f"There is no metric {name!r}{meant(name.partition('@')[0], _families)}; there are {known}")
    family, k = _families[written[1]], int(written[2]) if written[2] else None
    if (k is None and family.cut == "always") or k == 0:
        raise ValueError(f"{name}: write how many results are looked at, for example {written[1]}@5")
    if k is not None and family.cut == "never":
        raise ValueError(f"{name}: {written[1]} looks at the whole ranking; write {written[1]}")
    says = (family.measure.__doc__ or "").splitlines()[0]
    return Metric(name, written[1], k, says, family.better, family.measure)


def families() -> tuple[str, ...]:
    """Every metric as it is written: "P@k", "RR[@k]", "AP" …"""
    marks = {"always": "@k", "optional": "[@k]", "never": ""}
    return tuple(name + marks[family.cut] for name, family in _families.items())


def names(k: int) -> tuple[str, ...]:
    """Every metric by name, those with a cut at `k` (RR looks at the whole ranking)."""
    return tuple(name if name == "RR" or family.cut == "never" else f"{name}@{k}" for name, family in _families.items())


def score(rankings: Sequence[Ranking], judgments: Mapping[str, Judgments], chosen: Sequence[str]) -> pd.DataFrame:
    """Value of each chosen metric for each query of `judgments` that has a relevant item: index query id.

    A query that no ranking answers scores 0. ValueError when two rankings answer one query.
    """
    import pandas as pd

    found = {ranking.query: ranking.items for ranking in rankings}
    if len(found) < len(rankings):
        raise ValueError("Two rankings answer the same query; a run has one ranking a query")
    asked = [query for query, judged_items in judgments.items() if _relevant(judged_items)]
    columns = {name: metric(name) for name in chosen}
    table = {name: [one(found.get(query, ()), judgments[query]) for query in asked] for name, one in columns.items()}
    return pd.DataFrame(table, index=pd.Index(asked, name="query", dtype="object"), dtype="float64")
