"""The labels that decide most: unjudged items that can still turn the order of two models, the heaviest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from eval.judging.bounds import NONE, Open
from eval.judging.gaps import gap, only
from eval.judging.merging import Labels, Pair
from eval.judging.pooling import Ranked


@dataclass(frozen=True)
class Wanted:
    """An unjudged pair and how far its label can move the undecided differences: Σ 1/(k · queries) over those pairs."""

    query: str
    item: str
    weight: float


def weights(
    ranked: Sequence[Ranked], labels: Labels, k: int, queries: Sequence[str], more: Open = NONE
) -> dict[Pair, float]:
    """Unjudged pair → how far its label can move the differences that are undecided; pairs that move none are absent.

    Only items that one model of such a pair shows among its first k and the other does not can move it. Queries that
    may come to count (`more`) count here already.
    """
    found: dict[Pair, float] = {}
    step = 1.0 / (k * max(len(queries) + len(more), 1))
    for a, b in combinations(ranked, 2):
        if gap(a, b, labels, k, queries, more).state != "undecided":
            continue
        for query in (*queries, *more):
            for item in set().union(*only(a, b, k, query)) - set(labels.get(query, {})):
                found[query, item] = found.get((query, item), 0.0) + step
    return found


def queue(
    ranked: Sequence[Ranked], labels: Labels, k: int, queries: Sequence[str], order: Mapping[Pair, int] | None = None,
    more: Open = NONE,
) -> list[Wanted]:  # fmt: skip
    """Every unjudged item that some model shows among its first k, heaviest first; `order` breaks ties.

    Once the whole of it is labelled, the pessimistic and the optimistic score of every model are equal.
    """
    weigh, place = weights(ranked, labels, k, queries, more), order or {}
    shown = {
        (query, item)
        for one in ranked
        for query in (*queries, *more)
        for item in one.items.get(query, ())[:k]
        if item not in labels.get(query, {})
    }
    found = [Wanted(query, item, weigh.get((query, item), 0.0)) for query, item in shown]
    return sorted(found, key=lambda w: (-round(w.weight, 12), place.get((w.query, w.item), 0), w.query, w.item))
