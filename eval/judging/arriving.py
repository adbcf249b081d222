"""What is new to a log: of a query set that came with judgments, and of a file whose rows may be here already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from data.judgments import QuerySet
from eval import workspace
from eval.judging.merging import RULES, Labels, Opinions, Pair, labels, opinions
from eval.judging.rows import IMPORTED, MERGED, Judgment, wording

CAME = "set:"  # how the events of judgments begin that came with a query set


@dataclass(frozen=True)
class Taken:
    """What became of a file's rows: how many were `new` and how many were `known` here already; none is left out.

    `guidelines` of the file: "taken", "kept" (others stand here and stay), or "" when it brought nothing new.
    """

    new: int
    known: int
    guidelines: str = ""


def came(query_set: QuerySet, rows: Sequence[Judgment]) -> list[Judgment]:
    """The judgments of the query set that the log's `rows` about it do not hold, as imported ones.

    A grade is compared with the one that came with a query set of that name last, so that a grade which goes back is
    new again, and one that stayed does not undo what was imported or judged since. Grades that were merged from this
    log are not new to it.
    """
    last = _came_last(query_set.name, rows)
    own = _merged_here(query_set, rows)
    found = []
    for query in query_set.queries:
        for item, grade in query_set.judgments.get(query.id, {}).items():
            before = last.get((query.id, item))
            if (before is not None and before.grade == grade) or any(
                known.get(query.id, {}).get(item) == grade for known in own
            ):
                continue
            event = CAME + workspace.key(query_set.name, query.id, item, grade, before.event if before else "")
            found.append(
                Judgment(
                    query_set.name, query.id, item, grade, source=IMPORTED, wording=wording(query.text), event=event
                )
            )
    return found


def _came_last(name: str, rows: Iterable[Judgment]) -> dict[Pair, Judgment]:
    """Pair → the newest row that came with a query set of that name; rows of before `CAME` are known by their key."""
    return {
        row.pair: row
        for row in rows
        if row.event.startswith(CAME)
        or (row.source == IMPORTED and row.event == _before_came(name, *row.pair, row.grade))
    }


@lru_cache(maxsize=65_536)
def _before_came(name: str, query: str, item: str, grade: int | None) -> str:
    return workspace.key("imported", name, query, item, grade)


def _merged_here(query_set: QuerySet, rows: Sequence[Judgment]) -> list[Labels]:
    """For a merged version: what its rule makes of the rows it names and of all there are; nothing for other versions.

    In the log that it was merged from, the first is the version itself.
    """
    mark, _space, rest = query_set.version.partition(" ")
    sequence, _space, rule = rest.partition(" ")
    if mark != MERGED or not sequence.isdecimal() or rule not in RULES:
        return []
    first = [row for row in rows if row.sequence <= int(sequence)]
    return [labels(opinions(first), rule), labels(opinions(rows), rule)]


def taken(given: Sequence[Judgment], held: Opinions, there: Mapping[str, Judgment]) -> tuple[list[Judgment], int]:
    """Of a file's rows those that are new, with events nobody else has, and how many are known already.

    `held` is what stands; a row without an event is known when its rater said that last. `there` are the log's rows, of
    any query set, by event: a row whose event belongs to another judgment (of another query set, or of a grade that was
    changed in the file) is a judgment of its own and gets an event made of all it says.
    """
    last = {(pair, who): row for pair, of_pair in held.items() for who, row in of_pair.items()}
    seen, new, known = dict(there), [], 0
    for row in given:
        one = row
        if one.event and one.event in seen and not _same(one, seen[one.event]):
            one = replace(one, event=workspace.key(one.event, *_said(one)))
        standing = last.get((one.pair, one.who))
        if one.event in seen if one.event else standing is not None and _opinion(standing) == _opinion(one):
            known += 1
            continue
        if one.event:
            seen[one.event] = one
        last[one.pair, one.who] = one
        new.append(one)
    return new, known


def derived(given: Iterable[Judgment]) -> list[str]:
    """The events that the rows of a file may be known by: their own, and the ones `taken` would give them."""
    return [event for row in given if row.event for event in (row.event, workspace.key(row.event, *_said(row)))]


def _opinion(row: Judgment) -> tuple[str, int | None]:
    return row.kind, row.grade


def _said(row: Judgment) -> tuple[str | int | None, ...]:
    return row.query_set, row.query, row.item, row.kind, row.grade, row.rater, row.source, row.comment


def _same(one: Judgment, other: Judgment) -> bool:
    return _said(one) == _said(other)
