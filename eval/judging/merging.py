"""Many opinions, one grade: the newest of each rater counts, then a rule decides; the result is a query set."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from data.judgments import QuerySet
from eval.judging.rows import HUMAN, MERGED, Judgment

Pair = tuple[str, str]
Labels = dict[str, dict[str, int]]  # query id → item id → grade
Opinions = dict[Pair, dict[str, Judgment]]  # pair → whose → the newest that was not taken back


def opinions(rows: Iterable[Judgment]) -> Opinions:
    """Each rater's newest judgment of each pair («cannot tell» among them) that was not taken back.

    Taking back one of several judgments of a pair leaves the one before it standing.
    """
    said: dict[Pair, dict[str, list[Judgment]]] = {}
    for row in rows:
        of_rater = said.setdefault(row.pair, {}).setdefault(row.who, [])
        if row.kind != "withdrawn":
            of_rater.append(row)
        elif of_rater:
            of_rater.pop()
    held = {pair: {who: rows[-1] for who, rows in of_pair.items() if rows} for pair, of_pair in said.items()}
    return {pair: of_pair for pair, of_pair in held.items() if of_pair}


def majority(grades: Sequence[int]) -> int:
    """The grade most gave; of several equally frequent ones the lowest."""
    counted = Counter(grades)
    most = max(counted.values())
    return min(grade for grade, count in counted.items() if count == most)


def mean(grades: Sequence[int]) -> int:
    """The mean grade, halves upwards."""
    return math.floor(sum(grades) / len(grades) + 0.5)


def strictest(grades: Sequence[int]) -> int:
    """The lowest grade anybody gave."""
    return min(grades)


def newest(grades: Sequence[int]) -> int:
    """The grade that was given last, whoever gave it."""
    return grades[-1]


RULES: dict[str, Callable[[Sequence[int]], int]] = {
    "majority": majority,
    "mean": mean,
    "strictest": strictest,
    "newest": newest,
}


def labels(held: Opinions, rule: str = "majority") -> Labels:
    """Query → item → grade by that rule over the newest grade of each rater.

    Where a rater has graded a pair, grades without a rater (imported ones) no longer count for it; «cannot tell»
    counts for nothing. LookupError for an unknown rule.
    """
    if rule not in RULES:
        raise LookupError(f"There is no merging rule {rule!r}; there are {', '.join(RULES)}")
    found: Labels = {}
    for (query, item), of_pair in held.items():
        graded = sorted((row for row in of_pair.values() if row.grade is not None), key=lambda row: row.sequence)
        people = [row.grade for row in graded if row.source == HUMAN]
        grades = [grade for grade in people or [row.grade for row in graded] if grade is not None]
        if grades:
            found.setdefault(query, {})[item] = RULES[rule](grades)
    return found


def version(query_set: QuerySet, rows: Sequence[Judgment], rule: str = "majority") -> QuerySet:
    """The query set with the grades that the rows give by that rule; its version names rule and newest row.

    ValueError when the rows grade nothing.
    """
    known = {query.id for query in query_set.queries}
    merged = {query: items for query, items in labels(opinions(rows), rule).items() if query in known}
    if not merged:
        raise ValueError(f"Nothing of {query_set.name} has been graded yet, so there is nothing to make a version of")
    return replace(
        query_set,
        version=f"{MERGED} {rows[-1].sequence} {rule}",
        judgments={query.id: merged[query.id] for query in query_set.queries if query.id in merged},
    )


def counts(held: Opinions) -> Mapping[str, int]:
    """How many pairs each rater (or source without one) has graded or could not tell, most first."""
    counted = Counter(who for of_pair in held.values() for who in of_pair)
    return dict(counted.most_common())
