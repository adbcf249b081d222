"""Two rankings of one query: what stayed, moved, entered or left the first k, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STATES = ("same", "up", "down", "entered", "left")


@dataclass(frozen=True)
class Place:
    """An item, its rank here and in the other ranking (0 where a ranking does not hold it), and what became of it."""

    item: str
    rank: int
    before: int
    state: str  # of STATES


@dataclass(frozen=True)
class Changes:
    """A ranking beside a reference: its first k, and what of the reference's first k is no longer among them."""

    places: tuple[Place, ...]
    left: tuple[Place, ...]
    only_reference: int
    common: int
    only_this: int


def changes(reference: Sequence[str], ranked: Sequence[str], k: int) -> Changes:
    """How the first `k` of `ranked` differ from those of `reference`; both best first, without repeats."""
    before = {item: rank for rank, item in enumerate(reference, 1)}
    now = {item: rank for rank, item in enumerate(ranked, 1)}
    places = tuple(
        Place(item, rank, before.get(item, 0), _state(rank, before.get(item, 0), k))
        for rank, item in enumerate(ranked[:k], 1)
    )
    left = tuple(
        Place(item, now.get(item, 0), rank, "left")
        for rank, item in enumerate(reference[:k], 1)
        if not 0 < now.get(item, 0) <= k
    )
    common = sum(place.state != "entered" for place in places)
    return Changes(places, left, len(left), common, len(places) - common)


def _state(rank: int, before: int, k: int) -> str:
    if not 0 < before <= k:
        return "entered"
    return "same" if rank == before else "up" if rank < before else "down"
