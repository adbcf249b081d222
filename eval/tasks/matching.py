"""Matching: which items of two shops are the same article, by the cosine of their pictures; duplicates of one, too."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from data.progress import Progress, silent
from eval import environment, workspace
from eval.contracts import TaskInfo
from eval.grouping.excluded import NOTHING, Excluded
from eval.matching import blocks, truth
from eval.matching.sweep import THRESHOLDS, Point, sweep
from eval.matching.tally import Counted, Tally
from eval.matching.truth import Labels

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from eval.contracts import Vectors

TASK = TaskInfo("matching", "Items of two shops, or duplicates in one, matched by the cosine of their pictures.")
VERSION = 1  # goes up when the same vectors would be counted differently
SOURCE = "source"  # the column that names the shops of one catalogue


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a matching: a catalogue, or one shop of it, with the column whose equal values mean a match."""

    catalogue: Catalogue
    source: str = ""  # "": the whole catalogue
    key: str = ""  # "": nobody knows the matches
    without: Excluded = NOTHING  # groups that take no part

    def __post_init__(self) -> None:
        if self.key and self.key not in self.catalogue.table.columns:
            there = ", ".join(map(str, self.catalogue.table.columns))
            raise LookupError(f"Catalogue {self.catalogue.name} has no column {self.key!r}; it has {there}")

    @property
    def rows(self) -> np.ndarray:
        """Catalogue rows of this side; ValueError for a shop that is not there."""
        return self.without.rows(self.catalogue, self.catalogue.rows({SOURCE: self.source} if self.source else None))

    @property
    def ids(self) -> list[str]:
        """The items of this side in catalogue order."""
        return [self.catalogue.ids[row] for row in self.rows]

    @property
    def keys(self) -> list[str]:
        """The key of each item, "" where it is unknown; blanks around it do not count."""
        if not self.key:
            return [""] * len(self.rows)
        return [value.strip() for value in self.catalogue.table[self.key].iloc[self.rows]]

    def record(self) -> dict[str, str]:
        """Name, shop, column and content of the catalogue, and what was left out of it, where something was."""
        out = {"without": json.dumps(self.without.labels)} if self.without.groups else {}
        return {"catalogue": self.catalogue.name, "source": self.source, "key": self.key,
                "fingerprint": self.catalogue.fingerprint, **out}  # fmt: skip


@dataclass(frozen=True)
class Matches:
    """One matching: everything that thresholds, prices and probabilities are computed from, without the vectors."""

    spec: str
    sides: tuple[Mapping[str, str], Mapping[str, str]]
    counted: Counted
    settings: Mapping[str, Any] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    made: str = ""
    seconds: float = 0.0

    @property
    def same(self) -> bool:
        """True when duplicates of one side were looked for."""
        return self.counted.truth.same

    def labelled(self, labels: Labels, cosines: Mapping[tuple[int, int], float] | None = None) -> Matches:
        """The same with these labels of pairs (left row, right row) going before the column.

        `cosines` are those of pairs that were not kept (`Counted.lacking`); a label without one does not count.
        """
        return replace(self, counted=replace(self.counted, labels=labels, more=cosines or {}))

    def tally(self, rule: str = "all") -> Tally:
        """The counts that everything else is computed from; LookupError for an unknown rule."""
        return self.counted.tally(rule)


def overlap(left: Side, right: Side) -> bool:
    """True when the two sides are one and the same set; ValueError when they share items without being it."""
    if left.catalogue.name != right.catalogue.name:
        return False
    if left.without.labels != right.without.labels:
        raise ValueError("Both sides are of one catalogue, so leave the same groups out of both")
    if left.source == right.source:
        return True
    if not (left.source and right.source):
        raise ValueError(
            f"{left.source or right.source} is a part of catalogue {left.catalogue.name}, so its items would be "
            "matched with themselves; choose two shops, two catalogues, or the same side twice for its duplicates"
        )
    return False


def key(left: Side, right: Side, vectors: tuple[Vectors, Vectors], seed: int, keep: int) -> str:
    """The content key of a matching: equal for equal vectors, sides and columns."""
    sides = [{name: value for name, value in side.record().items() if name != "catalogue"} for side in (left, right)]
    return workspace.key("matching", VERSION, sides, [one.key for one in vectors], seed, keep)


def evaluate(
    left: Side,
    right: Side,
    vectors: tuple[Vectors, Vectors],
    spec: str,
    seed: int = 0,
    keep: int = blocks.KEPT,
    progress: Progress = silent,
) -> Matches:
    """Compare every item of `left` with every one of `right` (with itself: duplicates) and count by cosine.

    `vectors` are those of the two catalogues; the `keep` nearest pairs are kept one by one. ValueError for sides that
    overlap, are empty, or whose column is no key; may raise Cancelled.
    """
    started = time.perf_counter()
    same = overlap(left, right)
    if vectors[0].encoder != vectors[1].encoder:
        raise ValueError("The two sides were seen by different encoders; their vectors cannot be compared")
    known = truth.truth(left.keys, right.keys, seed, same)
    pairs = known.pairs()
    first, second = (one.matrix[side.rows] for one, side in zip(vectors, (left, right), strict=True))
    found = blocks.compare(first, second, known.groups, pairs, known.known, same, keep, progress)
    counted = Counted(known, found, pairs[0].astype(np.int32), pairs[1].astype(np.int32))
    return Matches(
        spec,
        (left.record(), right.record()),
        counted,
        settings={"seed": seed, "keep": keep, "left": len(first), "right": len(second), "pairs": len(pairs[0])},
        fingerprints={"encoder": vectors[0].encoder, "left": vectors[0].key, "right": vectors[1].key},
        environment=environment.describe(),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=time.perf_counter() - started,
    )


def scores(matches: Matches, thresholds: Sequence[float] = THRESHOLDS, rule: str = "all") -> list[Point]:
    """The table of a matching: the numbers at each threshold under that rule; ValueError, LookupError as there."""
    return sweep(matches.tally(rule), thresholds)
