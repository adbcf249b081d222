"""One query over the whole catalogue: what it hits, what it misses, its false friends, and every item's score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eval.contracts import Searcher

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import QuerySet


@dataclass(frozen=True)
class Seen:
    """An item under the query; rank 0 and score NaN where the model does not rank it."""

    item: str
    rank: int
    score: float


@dataclass(frozen=True, eq=False)
class Sight:
    """Relevant items are hits (among the first k) or missed, each exactly once; the rest of the first k are friends."""

    spec: str
    query: str
    text: str
    k: int
    hits: tuple[Seen, ...]  # by rank
    missed: tuple[Seen, ...]  # by rank, those not ranked last
    friends: tuple[Seen, ...]  # among the first k, judged not relevant or not judged
    order: tuple[str, ...]  # every ranked item, best first
    scores: np.ndarray  # float32 (n,), in catalogue order; NaN where not ranked

    @property
    def relevant(self) -> tuple[Seen, ...]:
        """Hits, then missed."""
        return self.hits + self.missed

    def before(self, item: str, count: int) -> tuple[str, ...]:
        """The first `count` items that stand before `item`; the first of all where it is not ranked."""
        end = self.order.index(item) if item in self.order else len(self.order)
        return self.order[: min(count, end)]


def sight(catalogue: Catalogue, query_set: QuerySet, searcher: Searcher, query: str, k: int) -> Sight:
    """Ask one query of a set over the whole catalogue; LookupError for an unknown query, ValueError when k < 1."""
    if k < 1:
        raise ValueError(f"k must be at least 1; {k} came")
    asked = query_set.query(query)
    ranking = searcher.search([asked], len(catalogue))[0]
    places = {item: rank for rank, item in enumerate(ranking.items, 1)}
    scores = np.full(len(catalogue), np.nan, np.float32)
    scores[[catalogue.row(item) for item in ranking.items]] = ranking.scores

    def seen(item: str) -> Seen:
        return Seen(item, places.get(item, 0), float(scores[catalogue.row(item)]))

    there = set(catalogue.ids)
    relevant = sorted(map(seen, query_set.relevant(query) & there), key=lambda s: (s.rank == 0, s.rank, s.item))
    first = [item for item in ranking.items[:k] if item not in query_set.relevant(query)]
    return Sight(
        str(searcher.spec), query, asked.text, k,
        tuple(s for s in relevant if 0 < s.rank <= k), tuple(s for s in relevant if not 0 < s.rank <= k),
        tuple(map(seen, first)), ranking.items, scores,
    )  # fmt: skip
