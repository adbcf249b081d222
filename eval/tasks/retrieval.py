"""Retrieval of pictures by words or by a picture: queries are asked, rankings kept, scores computed from them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from data.judgments import PictureQuery
from data.progress import Progress, silent
from data.refusals import Refused
from eval import environment, workspace
from eval.contracts import Ranking, Run, Searcher, TaskInfo
from eval.grouping.excluded import NOTHING, Excluded
from eval.scoring import Scores, names, scores

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import Query, QuerySet

__all__ = ["TASK", "Scores", "evaluate", "names", "scores"]
TASK = TaskInfo("retrieval", "Queries in words or pictures over a catalogue of pictures, scored against judgments.")
POOLS = ("catalogue", "judged")
DEPTH = 1000  # how many results of each query are kept; AP and nDCG see no further
DEPTH_OF_PICTURES = 100  # the same where queries are pictures: there are as many of them as items
STEP = 32  # queries asked between two looks at whether the user cancelled
Where = Mapping[str, str | Sequence[str]] | None


@dataclass(frozen=True)
class _Gallery:
    """What is searched: catalogue rows, and the judgments of items among them, query by query."""

    rows: np.ndarray
    judgments: dict[str, dict[str, int]]
    absent: dict[str, list[str]]  # judged items that are not in the gallery
    unasked: dict[str, dict[str, int]]  # judgments of queries that are pictures of a group that is left out

    @cached_property
    def answerable(self) -> dict[str, None]:
        """The queries that have a relevant item in the gallery, in the order of the set."""
        return {query: None for query, items in self.judgments.items() if any(grade >= 1 for grade in items.values())}


def _gallery(catalogue: Catalogue, query_set: QuerySet, pool: str, where: Where, without: Excluded) -> _Gallery:
    if pool not in POOLS:
        raise ValueError(f"There is no pool {pool!r}; there are {' and '.join(POOLS)}")
    rows = catalogue.rows(where) if where else np.arange(len(catalogue))
    if pool == "judged":
        rows = rows[[catalogue.ids[row] in query_set.pool for row in rows]]
    rows = without.rows(catalogue, rows)
    inside, gone = {catalogue.ids[row] for row in rows}, without.items
    judged = {query.id: query_set.judgments.get(query.id, {}) for query in query_set.queries}
    kept = {query: {item: grade for item, grade in items.items() if item in inside} for query, items in judged.items()}
    asking = {query.id for query in query_set.queries if isinstance(query, PictureQuery) and query.item in gone}
    asked, unasked = ({q: v for q, v in kept.items() if (q in asking) is away} for away in (False, True))
    absent = {query: sorted(set(judged[query]) - inside) for query in asked if set(judged[query]) - inside}
    gallery = _Gallery(rows.astype(np.int64), asked, absent, unasked)
    if not gallery.answerable and not unjudged(query_set):
        if without.groups:
            raise Refused("group_answers", found=without.names)
        raise ValueError(
            f"No query of {query_set.name} has a relevant item among the {len(rows)} items that would be searched in "
            f"{catalogue.name}; check that the judgments name this catalogue's ids, and the filter {where or '(none)'}"
        )
    return gallery


def unjudged(query_set: QuerySet) -> bool:
    """True for a query set about which nothing has been said: it can be asked to be judged, and has no scores."""
    return not any(query_set.judgments.values())


def evaluate(
    catalogue: Catalogue,
    query_set: QuerySet,
    searcher: Searcher,
    pool: str = "catalogue",
    where: Where = None,
    depth: int | None = None,
    k: int = 5,
    progress: Progress = silent,
    without: Excluded = NOTHING,
    **settings: Any,
) -> Run:
    """Ask every query and keep its best `depth` (at least `k`) items, DEPTH or DEPTH_OF_PICTURES when None.

    A set that nobody has judged yet is asked whole, for its results to be judged: such a run has no scores. Else of
    pictures only those are asked that have a relevant item in the gallery; the others are counted as left out.
    `pool="catalogue"` searches the whole catalogue, `"judged"` only items that some query of the set has a judgment
    for; `where` keeps items with those column values, in both. Groups that are left out (`without`) are not searched,
    their pictures do not ask, and their judgments do not count. Further `settings` are recorded in the run. ValueError
    when no query has a relevant item among the searched ones, or for an unknown pool; may raise Cancelled.
    """
    depth = (DEPTH_OF_PICTURES if query_set.of_pictures else DEPTH) if depth is None else depth
    if k < 1 or depth < 1:
        raise ValueError(f"k and depth must be at least 1; {k} and {depth} came")
    started = time.perf_counter()
    gallery = _gallery(catalogue, query_set, pool, where, without)
    depth = max(depth, k)
    rows = None if len(gallery.rows) == len(catalogue) else gallery.rows
    asking = gallery.answerable if query_set.of_pictures and gallery.answerable else gallery.judgments
    queries = tuple(query for query in query_set.queries if query.id in asking)
    rankings = _asked(queries, searcher, depth, rows, progress)
    return Run(
        id=workspace.new_id(),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        task=TASK.name,
        spec=str(searcher.spec),
        catalogue=catalogue.name,
        query_set=query_set.name,
        rankings=tuple(rankings),
        settings={**settings, **searcher.settings, "k": k, "pool": pool, "depth": depth,
                  "where": {**_plain(where), **without.where}, "gallery": len(gallery.rows),
                  "catalogue_size": len(catalogue),
                  **({"asks": "pictures"} if query_set.of_pictures else {}),
                  **({"unjudged": True} if unjudged(query_set) else {})},
        fingerprints={"catalogue": catalogue.fingerprint, "query_set": query_set.fingerprint,
                      "searcher": searcher.fingerprint, **searcher.fingerprints},
        environment=environment.describe(),
        facts=_facts(queries, searcher, gallery, catalogue, without),
        seconds=time.perf_counter() - started,
    )  # fmt: skip


def _plain(where: Where) -> dict[str, list[str]]:
    return {column: [value] if isinstance(value, str) else list(value) for column, value in (where or {}).items()}


def _asked(
    queries: Sequence[Query], searcher: Searcher, depth: int, rows: np.ndarray | None, progress: Progress
) -> list[Ranking]:
    rankings: list[Ranking] = []
    for start in range(0, len(queries), STEP):
        progress(start, len(queries), "evaluate")
        rankings += searcher.search(queries[start : start + STEP], depth, rows)
    progress(len(queries), len(queries), "evaluate")
    return rankings


def _facts(
    queries: Sequence[Query], searcher: Searcher, gallery: _Gallery, catalogue: Catalogue, without: Excluded
) -> dict[str, Any]:
    """The judgments as they were, so that a run can be scored for ever, and what came to light on the way."""
    relevant = {
        query: sorted(item for item, grade in gallery.judgments[query].items() if grade >= 1)
        for query in gallery.answerable
    }
    pictures = {query.id: query.item or query.image for query in queries if isinstance(query, PictureQuery)}
    cut = [query.id for query in queries if query.id not in pictures and searcher.truncated(query.text)]
    found = {
        "judgments": gallery.judgments,
        "texts": {query.id: query.text for query in queries},
        "absent": gallery.absent,
        **({"unasked": gallery.unasked} if gallery.unasked else {}),
        "truncated": cut,
        **searcher.facts(queries, relevant),
    }
    if without.groups:
        found["without"] = sorted(without.items & set(catalogue.ids))
    if pictures:
        inside = {catalogue.ids[row] for row in gallery.rows}
        found |= {"pictures": pictures, "own": sorted(query for query, item in pictures.items() if item in inside)}
    return found
