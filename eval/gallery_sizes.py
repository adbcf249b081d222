"""How a metric falls as the gallery grows: the judged items among ever more others, ranked once and masked.

The smallest gallery is the judged pool, the largest the whole catalogue. Between them distractors come in a random
order, the same for every model and query, so that a larger gallery of one draw holds the smaller ones. Nothing is
encoded anew: an order restricted to fewer items is the order of those items.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from data.judgments import PictureQuery
from data.progress import Progress, silent
from eval import floors, metrics, workspace
from eval.contracts import Searcher
from eval.size_curves import OUTSIDE, Curve, Point
from eval.tasks.retrieval import DEPTH, DEPTH_OF_PICTURES, STEP

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import QuerySet

DRAWS = 20
BAND = (5, 95)  # percentiles of the draws
STEPS = (1, 1.5, 2, 3, 5, 7)  # times powers of ten: the sizes between the smallest and the largest
DIGITS = 6  # of a query's value that is kept
NEAR = 1.1  # a size closer than this factor to either end is left out
VERSION = 2


def sizes(pool: int, total: int) -> tuple[int, ...]:
    """From the judged pool to the whole catalogue in steps of about a half: 328, 500, 700, 1,000 … 21,126."""
    between = sorted({int(step * 10**power) for power in range(1, 8) for step in STEPS})
    kept = [size for size in between if pool * NEAR < size < total / NEAR]
    return tuple(dict.fromkeys([pool, *kept, total]))


def key(catalogue: Catalogue, query_set: QuerySet, searcher: Searcher, k: int, draws: int, seed: int) -> str:
    """The content key of a curve."""
    prints = (catalogue.fingerprint, query_set.fingerprint, searcher.fingerprint)
    return workspace.key("gallery sizes", VERSION, *prints, k, draws, seed)


def names(k: int) -> tuple[str, ...]:
    """The metrics of a curve, `Judged@k` among them."""
    return tuple(name for name in metrics.names(k) if not name.startswith("Rprec"))


def curve(
    catalogue: Catalogue,
    query_set: QuerySet,
    searcher: Searcher,
    k: int = 5,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress = silent,
) -> Curve:
    """Measure every metric at every size, `draws` times each; ValueError when no query has a relevant item here.

    At the smallest and at the largest size the values are those of `eval.tasks.retrieval.evaluate` over the judged pool
    and over the whole catalogue. May raise Cancelled.
    """
    judged = np.array([item in query_set.pool for item in catalogue.ids], dtype=bool)
    pool, total = int(judged.sum()), len(catalogue)
    asked = [query for query in query_set.queries if query_set.relevant(query.id) & set(catalogue.ids)]
    if not asked:
        raise ValueError(f"No query of {query_set.name} has a relevant item in {catalogue.name}")
    known = {q.id: _here(query_set.judged(q.id), catalogue) for q in asked}
    steps, chosen = sizes(pool, total), [metrics.metric(name) for name in names(k)]
    entered = _entered(judged, draws, seed)
    values = np.zeros((len(chosen) + 1, draws, len(steps)))
    each = np.zeros((len(asked), len(chosen), len(steps)))  # of a query, the mean over its draws
    depth = DEPTH_OF_PICTURES if query_set.of_pictures else DEPTH
    own = {query.id: query.item for query in asked if isinstance(query, PictureQuery) and query.item}
    for done, (query, rows) in enumerate(_orders(asked, searcher, catalogue)):
        progress(done, len(asked), "galleries")
        ids = np.array(catalogue.ids, dtype=object)[rows]
        ends = _measured(ids, entered[0][rows], steps[:: max(1, len(steps) - 1)], pool, known[query], chosen, k, depth)
        for draw in range(draws):  # at both ends all draws are the same
            middle = _measured(ids, entered[draw][rows], steps[1:-1], pool, known[query], chosen, k, depth)
            measured = np.hstack([ends[:, :1], middle, ends[:, 1:]])
            values[:, draw] += measured
            each[done] += measured[:-1] / draws
    progress(len(asked), len(asked), "galleries")
    values /= len(asked)
    named = [*(metric.name for metric in chosen), OUTSIDE]
    return Curve(
        str(searcher.spec), k, draws, seed, pool, len(asked),
        {name: _points(values[i], steps) for i, name in enumerate(named)},
        {metric.name: _chance(metric, known, steps, (own, query_set.pool), depth) for metric in chosen},
        {"catalogue": catalogue.fingerprint, "query_set": query_set.fingerprint, "searcher": searcher.fingerprint},
        {metric.name: tuple(map(tuple, each[:, i].T.round(DIGITS).tolist())) for i, metric in enumerate(chosen)},
    )  # fmt: skip


def _here(judged: Mapping[str, int], catalogue: Catalogue) -> dict[str, int]:
    there = set(catalogue.ids)
    return {item: grade for item, grade in judged.items() if item in there}


def _entered(judged: np.ndarray, draws: int, seed: int) -> list[np.ndarray]:
    """For each draw the size of the smallest gallery that holds an item, row by row: the pool is in all of them."""
    others = np.flatnonzero(~judged)
    pool = len(judged) - len(others)
    made = []
    for draw in range(draws):
        entered = np.full(len(judged), pool, dtype=np.int64)
        entered[np.random.default_rng([seed, draw]).permutation(others)] = pool + 1 + np.arange(len(others))
        made.append(entered)
    return made


def _orders(asked: Sequence[Any], searcher: Searcher, catalogue: Catalogue) -> Iterator[tuple[str, np.ndarray]]:
    """Each query with the rows of its whole ranking, best first."""
    for start in range(0, len(asked), STEP):
        for ranking in searcher.search(asked[start : start + STEP], len(catalogue)):
            yield ranking.query, np.array([catalogue.row(item) for item in ranking.items], dtype=np.int64)


def _measured(
    ids: np.ndarray, entered: np.ndarray, steps: Sequence[int], pool: int, judgments: Mapping[str, int],
    chosen: Sequence[metrics.Metric], k: int, depth: int,
) -> np.ndarray:  # fmt: skip
    """The metrics of one query in one draw, and the share of strangers: (metrics + 1, sizes)."""
    found = np.zeros((len(chosen) + 1, len(steps)))
    for place, size in enumerate(steps):
        inside = entered <= size
        items = ids[inside][:depth].tolist()
        found[:-1, place] = [metric(items, judgments) for metric in chosen]
        shown = entered[inside][:k]
        found[-1, place] = float((shown > pool).mean()) if len(shown) else 0.0
    return found


def _points(values: np.ndarray, steps: Sequence[int]) -> tuple[Point, ...]:
    low, high = np.percentile(values, BAND, axis=0)
    middle = np.median(values, axis=0)
    return tuple(
        Point(size, float(m), float(a), float(b)) for size, m, a, b in zip(steps, middle, low, high, strict=True)
    )


def _chance(
    metric: metrics.Metric, known: Mapping[str, Mapping[str, int]], steps: Sequence[int],
    asking: tuple[Mapping[str, str], Collection[str]], depth: int,
) -> tuple[float, ...]:  # fmt: skip
    """A random order's value at each size; an item that asks (`asking`: whose, and the judged pool) is no candidate."""
    alike: dict[tuple[int, tuple[int, ...]], float] = {}
    own, pool = asking

    def of(query: str, size: int) -> float:
        inside = query in own and (own[query] in pool or size == steps[-1])
        key = size - inside, tuple(sorted(known[query].values()))
        if key not in alike:
            alike[key] = floors.chance(metric, known[query], key[0], depth)
        return alike[key]

    return tuple(float(np.mean([of(query, size) for query in known])) for size in steps)
