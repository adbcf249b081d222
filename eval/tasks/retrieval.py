"""Text → picture retrieval: every query of a set is asked, the rankings are kept, scores are computed from them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from data.progress import Progress, silent
from eval import environment, floors, metrics, workspace
from eval.contracts import Ranking, Run, Searcher, TaskInfo

if TYPE_CHECKING:
    import pandas as pd

    from data.catalogue import Catalogue
    from data.queries import QuerySet

TASK = TaskInfo("retrieval", "Text queries over a catalogue of pictures, scored against relevance judgments.")
POOLS = ("catalogue", "judged")
DEPTH = 1000  # how many results of each query are kept; AP and nDCG see no further
STEP = 32  # queries asked between two looks at whether the user cancelled
Where = Mapping[str, str | Sequence[str]] | None


def names(k: int) -> tuple[str, ...]:
    """The metrics this task shows, at that k."""
    return metrics.names(k)


@dataclass(frozen=True)
class _Gallery:
    """What is searched: catalogue rows, and the judgments of items among them, query by query."""

    rows: np.ndarray
    judgments: dict[str, dict[str, int]]
    absent: dict[str, list[str]]  # judged items that are not in the gallery

    @property
    def answerable(self) -> list[str]:
        return [query for query, items in self.judgments.items() if any(grade >= 1 for grade in items.values())]


def _gallery(catalogue: Catalogue, query_set: QuerySet, pool: str, where: Where) -> _Gallery:
    if pool not in POOLS:
        raise ValueError(f"There is no pool {pool!r}; there are {' and '.join(POOLS)}")
    rows = catalogue.rows(where) if where else np.arange(len(catalogue))
    if pool == "judged":
        rows = rows[[catalogue.ids[row] in query_set.pool for row in rows]]
    inside = {catalogue.ids[row] for row in rows}
    judged = {query.id: query_set.judgments.get(query.id, {}) for query in query_set.queries}
    kept = {query: {item: grade for item, grade in items.items() if item in inside} for query, items in judged.items()}
    absent = {query: sorted(set(items) - inside) for query, items in judged.items() if set(items) - inside}
    gallery = _Gallery(rows.astype(np.int64), kept, absent)
    if not gallery.answerable:
        raise ValueError(
            f"No query of {query_set.name} has a relevant item among the {len(rows)} items that would be searched in "
            f"{catalogue.name}; check that the judgments name this catalogue's ids, and the filter {where or '(none)'}"
        )
    return gallery


def evaluate(
    catalogue: Catalogue,
    query_set: QuerySet,
    searcher: Searcher,
    pool: str = "catalogue",
    where: Where = None,
    depth: int = DEPTH,
    k: int = 5,
    progress: Progress = silent,
    **settings: Any,
) -> Run:
    """Ask every query and keep its best `depth` (at least `k`) items.

    `pool="catalogue"` searches the whole catalogue, `"judged"` only items that some query of the set has a judgment
    for; `where` keeps items with those column values, in both. Further `settings` are recorded in the run. ValueError
    when no query has a relevant item among the searched ones, or for an unknown pool; may raise Cancelled.
    """
    if k < 1 or depth < 1:
        raise ValueError(f"k and depth must be at least 1; {k} and {depth} came")
    started = time.perf_counter()
    gallery = _gallery(catalogue, query_set, pool, where)
    depth = max(depth, k)
    rows = None if len(gallery.rows) == len(catalogue) else gallery.rows
    rankings = _asked(query_set, searcher, depth, rows, progress)
    return Run(
        id=workspace.new_id(),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        task=TASK.name,
        spec=str(searcher.spec),
        catalogue=catalogue.name,
        query_set=query_set.name,
        rankings=tuple(rankings),
        settings={**settings, **searcher.settings, "k": k, "pool": pool, "where": _plain(where), "depth": depth,
                  "gallery": len(gallery.rows), "catalogue_size": len(catalogue)},
        fingerprints={"catalogue": catalogue.fingerprint, "query_set": query_set.fingerprint,
                      "searcher": searcher.fingerprint, **searcher.fingerprints},
        environment=environment.describe(),
        facts=_facts(query_set, searcher, gallery),
        seconds=time.perf_counter() - started,
    )  # fmt: skip


def _plain(where: Where) -> dict[str, list[str]]:
    return {column: [value] if isinstance(value, str) else list(value) for column, value in (where or {}).items()}


def _asked(
    query_set: QuerySet, searcher: Searcher, depth: int, rows: np.ndarray | None, progress: Progress
) -> list[Ranking]:
    rankings: list[Ranking] = []
    for start in range(0, len(query_set.queries), STEP):
        progress(start, len(query_set.queries), "evaluate")
        rankings += searcher.search(query_set.queries[start : start + STEP], depth, rows)
    progress(len(query_set.queries), len(query_set.queries), "evaluate")
    return rankings


def _facts(query_set: QuerySet, searcher: Searcher, gallery: _Gallery) -> dict[str, Any]:
    """The judgments as they were, so that a run can be scored for ever, and what came to light on the way."""
    relevant = {
        query: sorted(item for item, grade in gallery.judgments[query].items() if grade >= 1)
        for query in gallery.answerable
    }
    cut = [query.id for query in query_set.queries if searcher.truncated(query.text)]
    return {
        "judgments": gallery.judgments,
        "texts": {query.id: query.text for query in query_set.queries},
        "absent": gallery.absent,
        "truncated": cut,
        **searcher.facts(query_set.queries, relevant),
    }


@dataclass(frozen=True)
class Scores:
    """A run's numbers: means over the queries that have a relevant item in the gallery, and the table behind them."""

    mean: dict[str, float]
    per_query: pd.DataFrame  # index: query id; columns: text, relevant (in the gallery), then one a metric
    chance: dict[str, float]  # mean over the same queries of the expected value under a random order
    ceiling: dict[str, float]  # mean over the same queries of the best possible value
    counts: dict[str, Any]


def scores(run: Run, query_set: QuerySet | None = None, chosen: Sequence[str] = ()) -> Scores:
    """Score a run by the `chosen` metrics (all at the run's own k when none is named).

    The judgments are those the run was made with, kept in the run; a `query_set`, when given, must be that one:
    ValueError otherwise. LookupError for an unknown metric.
    """
    if query_set is not None and query_set.fingerprint != run.fingerprints["query_set"]:
        raise ValueError(
            f"Run {run.id} was made with another version of {run.query_set} ({run.fingerprints['query_set'][:16]}) "
            f"than this one ({query_set.fingerprint[:16]}); score it with its own judgments, or evaluate again"
        )
    wanted = [metrics.metric(name) for name in chosen or names(int(run.settings["k"]))]
    judgments: dict[str, dict[str, int]] = run.facts["judgments"]
    table = metrics.score(run.rankings, judgments, [metric.name for metric in wanted])
    gallery, depth = int(run.settings["gallery"]), int(run.settings["depth"])
    bounds = {
        name: {m.name: float(np.mean([bound(m, judgments[q], gallery, depth) for q in table.index])) for m in wanted}
        for name, bound in (("chance", floors.chance), ("ceiling", floors.ceiling))
    }
    mean = {name: float(table[name].mean()) for name in table.columns}
    table.insert(0, "text", [run.facts["texts"][query] for query in table.index])
    table.insert(1, "relevant", [sum(grade >= 1 for grade in judgments[query].values()) for query in table.index])
    return Scores(mean, table, bounds["chance"], bounds["ceiling"], _counts(run, list(table.index)))


def _counts(run: Run, scored: list[str]) -> dict[str, Any]:
    judgments, absent = run.facts["judgments"], run.facts["absent"]
    left_out = [query for query in judgments if query not in set(scored)]
    return {
        "queries": len(scored),
        "left_out": left_out,  # without a relevant item in the gallery
        "gallery": int(run.settings["gallery"]),
        "judgments": sum(len(items) for items in judgments.values()),
        "absent": sum(len(items) for items in absent.values()),  # judgments of items that are not in the gallery
        "absent_items": len({item for items in absent.values() for item in items}),
        "truncated": len(run.facts["truncated"]),
        "unanswered": [r.query for r in run.rankings if not r.items],  # queries that got no result at all
    }
