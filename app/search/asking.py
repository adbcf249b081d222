"""One search from a question to an answer: clean words, time the search, join the items, say what has to be said."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from app.answers import Answer, hits
from data import cleaning
from data.catalogue import Catalogue
from data.queries import TextQuery
from eval import search
from eval.contracts import Ranking, Searcher

Where = Mapping[str, str | Sequence[str]] | None


def ask(searcher: Searcher, catalogue: Catalogue, text: str, k: int, where: Where) -> Answer:
    """Search for a text; ValueError when nothing is asked, or when the filter names what is not there."""
    asked = cleaning.normalise(text)
    if not asked.text:
        raise ValueError("The query is empty; write a few words, for example «котёнок в шляпе»")
    notes = asked.notes + (("truncated",) if searcher.truncated(asked.text) else ())
    query = TextQuery("live", asked.text)
    return timed(searcher, catalogue, asked.text, where, notes, lambda rows: searcher.search([query], k, rows)[0])


def similar(searcher: Searcher, catalogue: Catalogue, item: str, k: int, where: Where) -> Answer:
    """The items nearest to `item`; LookupError for an unknown item or a model that compares words."""
    return timed(searcher, catalogue, item, where, (), lambda rows: search.similar(searcher, catalogue, item, k, rows))


def timed(
    searcher: Searcher,
    catalogue: Catalogue,
    text: str,
    where: Where,
    notes: tuple[str, ...],
    find: Callable[[np.ndarray | None], Ranking],
) -> Answer:
    """What `find` finds among the rows that `where` keeps, with how long it took and the items joined."""
    rows = catalogue.rows(where) if where else None
    started = time.perf_counter()
    ranking = find(rows)
    seconds = time.perf_counter() - started
    gallery = len(catalogue) if rows is None else len(rows)
    return Answer(str(searcher.spec), text, hits(catalogue, ranking), seconds, gallery, notes)
