"""Train, validation and test parts of a catalogue: what shows nearly the same stays on one side."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data import likeness

if TYPE_CHECKING:
    from data.catalogue import Catalogue


@dataclass(frozen=True)
class Split:
    """Item ids of each part, in catalogue order; `held` are items kept out because they resemble a test item."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    held: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex over which item is in which part."""
        parts = (self.train, self.validation, self.test, self.held)
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        """How many items each part has."""
        return {name: len(getattr(self, name)) for name in ("train", "validation", "test", "held")}


def groups(catalogue: Catalogue, columns: Sequence[str] = (), bits: np.ndarray | None = None) -> np.ndarray:
    """A number for each item, int64 (n,), equal for items that have to stay together.

    Together stay items with the same picture, with nearly the same picture (by `bits`, uint64 (n, 4), as
    `data.likeness.of_catalogue` gives them), and with the same value in any of `columns` (empty values bind nothing).
    LookupError for a column that is not there.
    """
    if absent := [name for name in columns if name not in catalogue.table.columns]:
        there = ", ".join(catalogue.table.columns)
        raise LookupError(f"Catalogue {catalogue.name} has no column {absent[0]!r}; it has {there}")
    bound: list[tuple[int, int]] = []
    for name in ("sha256", *columns):
        first: dict[str, int] = {}
        for row, value in enumerate(catalogue.table[name]):
            if value and first.setdefault(str(value), row) != row:
                bound.append((first[str(value)], row))
    if bits is not None:
        bound += likeness.near(bits)
    return joined(len(catalogue), bound)


def joined(count: int, bound: Iterable[tuple[int, int]]) -> np.ndarray:
    """The smallest member of each member's group, int64 (count,), where `bound` pairs belong together (union–find)."""
    root = list(range(count))

    def top(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for one, other in bound:
        low, high = sorted((top(one), top(other)))
        root[high] = low
    return np.array([top(row) for row in range(count)], np.int64)


def split(ids: Sequence[str], group: np.ndarray, test: Collection[str] = (), validation: float = 0.1,
          seed: int = 0) -> Split:  # fmt: skip
    """Part `ids` by their groups: test items are given, a seeded share of the rest becomes validation.

    Groups are drawn by a hash of the seed and their first id, so that new items move few others. Whole groups are
    drawn until the share is reached, at least one; groups bigger than the share stay in training. Items in a group
    with a test item are `held`. ValueError for a share outside 0–0.9, or when nothing is left to train on.
    """
    if not 0 <= validation <= 0.9:
        raise ValueError(f"The share of validation is between 0 and 0.9; {validation} came")
    tested = set(test)
    closed = {int(group[row]) for row, item in enumerate(ids) if item in tested}
    members: dict[int, list[int]] = {}
    for row, number in enumerate(group.tolist()):
        if number not in closed:
            members.setdefault(number, []).append(row)
    wanted = validation * sum(map(len, members.values()))
    biggest = max(wanted, min(map(len, members.values()), default=0))
    chosen: set[int] = set()
    for number in sorted(members, key=lambda number: _draw(seed, ids[number])):
        if len(chosen) >= wanted:
            break
        if len(members[number]) <= biggest:
            chosen.update(members[number])
    rest = [row for rows in members.values() for row in rows if row not in chosen]
    if not rest:
        raise ValueError(
            f"Nothing is left to train on: {len(ids)} items, {len(tested & set(ids))} of them for the test, in"
            f" {len(set(group.tolist()))} groups that stay together; bring more items or a smaller validation share"
        )
    held = [row for row, item in enumerate(ids) if int(group[row]) in closed and item not in tested]
    parts = (sorted(rest), sorted(chosen), [row for row, item in enumerate(ids) if item in tested], held)
    return Split(*(tuple(ids[row] for row in rows) for rows in parts))


def _draw(seed: int, item: str) -> bytes:
    return hashlib.sha256(f"{seed} {item}".encode("utf-8", "surrogatepass")).digest()
