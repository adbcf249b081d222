"""Queries that are pictures: items of a catalogue that ask for their like, by a column or to be judged by people."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from data.judgments import PictureQuery, QuerySet
from data.shelf import plain_name

if TYPE_CHECKING:
    from data.catalogue import Catalogue

SOURCE = "source"
MOST = 2_000_000  # pairs of a query and a relevant item


def from_column(catalogue: Catalogue, column: str, name: str = "") -> QuerySet:
    """Each item asks, with its picture, for the items of other sources that have the same value in `column`.

    With one source for all (or none), for the other items of that value. Items without a value, or alone with theirs,
    ask nothing. The set is called `<catalogue>-by-<column>` unless named. LookupError when there is no such column,
    ValueError when no item shares its value with another, or so many do that over `MOST` pairs would be right.
    """
    if column not in catalogue.table.columns:
        there = ", ".join(catalogue.table.columns)
        raise LookupError(f"Catalogue {catalogue.name} has no column {column!r}; it has {there}")
    values, sources = catalogue.table[column].tolist(), catalogue.table[SOURCE].tolist()
    several = len(set(sources)) > 1
    sharing: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        sharing.setdefault(value, []).append(row)
    if sum(len(rows) ** 2 for value, rows in sharing.items() if value) > 2 * MOST:
        raise ValueError(f"Too many items of {catalogue.name} share their {column}; choose a column of finer values")
    queries, judgments = [], {}
    for row, (item, value) in enumerate(zip(catalogue.ids, values, strict=True)):
        alike = [
            catalogue.ids[other]
            for other in sharing[value]
            if other != row and not (several and sources[other] == sources[row])
        ]
        if value and alike:
            queries.append(PictureQuery(item, catalogue.table["title"].iloc[row], (f"kind:{sources[row]}",), item))
            judgments[item] = dict.fromkeys(alike, 1)
    if not queries:
        where = "in different sources " if several else ""
        raise ValueError(f"No two items {where}of {catalogue.name} have the same {column}; choose another column")
    called = plain_name(name or f"{catalogue.name}-by-{column}", "queries")
    return QuerySet(called, "1", catalogue.name, tuple(queries), judgments)


def drawn(catalogue: Catalogue, count: int, name: str = "", seed: int = 0) -> QuerySet:
    """So many items that ask with their pictures, drawn at random; nothing is judged yet.

    The set is called `<catalogue>-to-judge` unless named. ValueError when fewer than one or more than all are wanted.
    """
    if not 1 <= count <= len(catalogue):
        raise ValueError(f"From 1 to {len(catalogue)} items of {catalogue.name} can ask; {count} came")
    rows = sorted(random.Random(seed).sample(range(len(catalogue)), count))
    titles = catalogue.table["title"].tolist()
    queries = tuple(PictureQuery(catalogue.ids[row], titles[row], (), catalogue.ids[row]) for row in rows)
    return QuerySet(plain_name(name or f"{catalogue.name}-to-judge", "queries"), "1", catalogue.name, queries, {})
