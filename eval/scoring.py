"""Scores of a stored retrieval run: means and a table by query, beside the chance level and the ceiling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eval import floors, metrics
from eval.contracts import Run

if TYPE_CHECKING:
    import pandas as pd

    from data.queries import QuerySet
    from eval.store import RunSummary


def names(k: int, run: Run | RunSummary | None = None) -> tuple[str, ...]:
    """The metrics this task shows, at that k; Top-1 (P@1) before all others for a `run` whose queries are pictures."""
    first = ("P@1",) if run and run.settings.get("asks") == "pictures" else ()
    return tuple(dict.fromkeys((*first, *metrics.names(k))))


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
    own, depth = set(run.facts.get("own", ())), int(run.settings["depth"])
    sizes = [int(run.settings["gallery"]) - (query in own) for query in table.index]  # an item is no answer to itself
    bounds = {
        name: {m.name: _mean(bound, m, [judgments[q] for q in table.index], sizes, depth) for m in wanted}
        for name, bound in (("chance", floors.chance), ("ceiling", floors.ceiling))
    }
    mean = {name: float(table[name].mean()) for name in table.columns}
    table.insert(0, "text", [run.facts["texts"][query] for query in table.index])
    table.insert(1, "relevant", [sum(grade >= 1 for grade in judgments[query].values()) for query in table.index])
    return Scores(mean, table, bounds["chance"], bounds["ceiling"], _counts(run, list(table.index)))


def _mean(
    bound: Callable[[metrics.Metric, Mapping[str, int], int, int], float], metric: metrics.Metric,
    judgments: Sequence[Mapping[str, int]], sizes: Sequence[int], depth: int,
) -> float:  # fmt: skip
    """Mean of a bound over queries; those with the same number of items and the same grades have one value."""
    known: dict[tuple[int, tuple[int, ...]], float] = {}
    values = []
    for judged, size in zip(judgments, sizes, strict=True):
        alike = size, tuple(sorted(judged.values()))
        if alike not in known:
            known[alike] = bound(metric, judged, size, depth)
        values.append(known[alike])
    return float(np.mean(values)) if values else float("nan")


def _counts(run: Run, scored: list[str]) -> dict[str, Any]:
    judgments, absent = run.facts["judgments"], run.facts["absent"]
    counted = set(scored)
    left_out = [query for query in judgments if query not in counted]
    return {
        "queries": len(scored),
        "left_out": left_out,  # without a relevant item in the gallery
        "gallery": int(run.settings["gallery"]),
        "judgments": sum(len(items) for items in judgments.values()),
        "absent": sum(len(items) for items in absent.values()),  # judgments of items that are not in the gallery
        "absent_items": len({item for items in absent.values() for item in items}),
        "unasked": len(run.facts.get("unasked", ())),  # pictures of a group that was left out
        "truncated": len(run.facts["truncated"]),
        "unanswered": [r.query for r in run.rankings if not r.items],  # queries that got no result at all
    }
