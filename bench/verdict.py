"""How long does the full verdict on four models take, from stored runs and from scores, against scipy pair by pair?"""

from __future__ import annotations

import tempfile
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench import timing

if TYPE_CHECKING:
    from eval.contracts import Run

MODELS, FEW, MANY, DEPTH, RELEVANT, REPEATS = 4, 24, 1_000, 1_000, 14, 5
ITEMS = 20_000
METRIC = "P@5"
Scores = dict[str, dict[str, float]]


def _scores(queries: int) -> Scores:
    """Values of P@5 of four models that differ a little, every query by chance."""
    rng = np.random.default_rng(0)
    hits = {f"m{i}": rng.binomial(5, 0.4 + 0.05 * i, queries) / 5 for i in range(MODELS)}
    return {model: {str(query): float(value) for query, value in enumerate(found)} for model, found in hits.items()}


def _run(model: int, queries: int) -> Run:
    """A run of that many queries, `DEPTH` results each, some of them relevant."""
    from eval.contracts import Ranking, Run

    rng = np.random.default_rng(model)
    rankings, judgments = [], {}
    for query in range(queries):
        relevant = np.random.default_rng(1000 + query).choice(ITEMS, RELEVANT, replace=False)
        found = rng.permutation(ITEMS)[:DEPTH]
        found[:3] = relevant[rng.permutation(RELEVANT)[:3]]
        items = tuple(dict.fromkeys(f"item-{row}" for row in found))
        rankings.append(Ranking(str(query), items, tuple(np.linspace(0.9, 0.1, len(items)).tolist())))
        judgments[str(query)] = {f"item-{row}": 1 for row in relevant}
    settings = {"k": 5, "pool": "catalogue", "where": {}, "depth": DEPTH, "gallery": ITEMS}
    return Run(f"run-{model}-{queries}", "2026-01-01T00:00:00+00:00", "retrieval", f"m{model}", "shop", "asked",
               tuple(rankings), settings, {"catalogue": "c", "query_set": "q", "searcher": "s"}, {},
               {"judgments": judgments, "texts": {}, "absent": {}, "truncated": []})  # fmt: skip


def _by_scipy(scores: Scores) -> None:
    """Every pair by scipy's own permutation test and bootstrap, as many resamples."""
    from scipy import stats

    tables = {model: np.array(list(values.values())) for model, values in scores.items()}
    for one, other in combinations(tables, 2):
        moved = (tables[one] - tables[other],)
        stats.permutation_test(moved, np.mean, permutation_type="samples", vectorized=True, n_resamples=199_999,
                               batch=20_000)  # fmt: skip
        stats.bootstrap(moved, np.mean, n_resamples=9_999, batch=2_000)
    for table in tables.values():
        stats.bootstrap((table,), np.mean, n_resamples=9_999, batch=2_000)


def measure() -> str:
    """Four models: 24 queries against scipy, then a thousand, from scores and from a store of runs."""
    from eval import runs_beside
    from eval.comparison import compare
    from eval.store import Store

    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name), url="")
        kept = {queries: [store.add(_run(model, queries)) for model in range(MODELS)] for queries in (FEW, MANY)}

        def whole(queries: int) -> None:
            runs_beside.of_runs([store.get(run) for run in kept[queries]], METRIC)

        few, many = _scores(FEW), _scores(MANY)
        tables = (
            (FEW, {"scipy, pair by pair": lambda: _by_scipy(few), "Uzor, from scores": lambda: compare(few),
                   "Uzor, from stored runs": lambda: whole(FEW)}),
            (MANY, {"Uzor, from scores": lambda: compare(many), "Uzor, from stored runs": lambda: whole(MANY)}),
        )  # fmt: skip
        title = f"The full verdict on {MODELS} models"
        said = [timing.table(f"{title}: {n:,} queries", timing.side_by_side(ways, REPEATS)) for n, ways in tables]
        store.close()
    return "\n".join(said)
