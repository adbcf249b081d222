"""The same comparison over parts of a query set: by the category or shop of the relevant items, by kind of query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from eval import stats
from eval.comparison import Verdict, compare

if TYPE_CHECKING:
    from data.queries import Query

MIXED = ""  # the part of queries that belong to no value


def by_items(judgments: Mapping[str, Mapping[str, int]], value_of: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Value → the queries more than half of whose relevant items have it; the others are `MIXED`. Largest part first.

    Every query with a relevant item is in exactly one part.
    """
    parts: dict[str, list[str]] = {}
    for query, judged in judgments.items():
        relevant = [value_of.get(item, MIXED) for item, grade in judged.items() if grade >= 1]
        if relevant:
            value, count = Counter(relevant).most_common(1)[0]
            parts.setdefault(value if 2 * count > len(relevant) else MIXED, []).append(query)
    return _ordered(parts)


def by_kind(queries: Sequence[Query]) -> dict[str, tuple[str, ...]]:
    """Kind (tag `kind:`) → the queries of it; those without one are `MIXED`."""
    parts: dict[str, list[str]] = {}
    for query in queries:
        parts.setdefault(query.kind or MIXED, []).append(query.id)
    return _ordered(parts)


def _ordered(parts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    order = sorted(parts, key=lambda value: (value == MIXED, -len(parts[value]), value))
    return {value: tuple(parts[value]) for value in order}


def verdicts(
    first: Mapping[str, float], second: Mapping[str, float], parts: Mapping[str, Sequence[str]]
) -> dict[str, Verdict]:
    """Value → the verdict on `first` − `second` over that part's queries, p corrected (Holm) over all parts shown.

    The labels are "first" and "second". Parts without a query that both have are left out.
    """
    found: dict[str, Verdict] = {}
    for value, queries in parts.items():
        chosen = [query for query in queries if query in first and query in second]
        if chosen:
            scores = {"first": {q: first[q] for q in chosen}, "second": {q: second[q] for q in chosen}}
            found[value] = compare(scores).between("first", "second")
    corrected = stats.holm([verdict.p for verdict in found.values()])
    return {v: replace(verdict, corrected=p) for (v, verdict), p in zip(found.items(), corrected, strict=True)}
