"""Causes added up: how many failures each explains, how much they cost, and what became of them after fine-tuning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eval.failures.causes import FOUND, RULES_OF, UNEXPLAINED

CODES = (*dict.fromkeys(code for rules in RULES_OF.values() for code in rules), UNEXPLAINED)


@dataclass(frozen=True)
class Bar:
    """One bar of a Pareto chart: a cause, its queries, its part of all failures, and that of all bars so far."""

    code: str
    count: int
    share: float
    cumulative: float


def pareto(named: Mapping[str, str]) -> tuple[Bar, ...]:
    """Query → cause in, bars by falling count out; queries without a loss are in none."""
    counts = Counter(code for code in named.values() if code != FOUND)
    total, so_far, bars = sum(counts.values()), 0, []
    for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], CODES.index(pair[0]))):
        so_far += count
        bars.append(Bar(code, count, count / total, so_far / total))
    return tuple(bars)


@dataclass(frozen=True)
class Transition:
    """What became of every query between two models: `counts[i][j]` queries went from `codes[i]` to `codes[j]`."""

    codes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    queries: dict[tuple[str, str], tuple[str, ...]]
    mended: int  # failed before, nothing lost after
    broken: int  # the other way round

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        moved = [{"from": a, "to": b, "queries": list(queries)} for (a, b), queries in self.queries.items()]
        return {"codes": list(self.codes), "counts": [list(row) for row in self.counts], "moved": moved,
                "mended": self.mended, "broken": self.broken}  # fmt: skip


def transition(before: Mapping[str, str], after: Mapping[str, str]) -> Transition:
    """From the causes of one model to those of another, over the queries that both answered."""
    both = [query for query in before if query in after]
    moved: dict[tuple[str, str], list[str]] = {}
    for query in both:
        moved.setdefault((before[query], after[query]), []).append(query)
    there = {code for pair in moved for code in pair} | {FOUND}
    codes = tuple(code for code in (FOUND, *CODES) if code in there)
    counts = tuple(tuple(len(moved.get((a, b), ())) for b in codes) for a in codes)
    mended = sum(before[q] != FOUND and after[q] == FOUND for q in both)
    broken = sum(before[q] == FOUND and after[q] != FOUND for q in both)
    return Transition(codes, counts, {pair: tuple(found) for pair, found in moved.items()}, mended, broken)
