"""Which items a classifier learns from, is tuned on and is judged on: 60/20/20, a design's pictures on one side."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data import splits

if TYPE_CHECKING:
    from data.catalogue import Catalogue

FIFTHS = 5  # one for the test, one for validation, three to learn from
LEAST = FIFTHS  # groups of items a class needs, so that every fifth can have one
TOGETHER = ("sku", "design")  # columns that bind a design's pictures, where a catalogue has them
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Parts:
    """Rows of a catalogue in three parts, with the class of each; nothing of one group stands in two parts."""

    classes: tuple[str, ...]  # sorted; the truth of a row is a place here
    train: np.ndarray  # int64, ascending catalogue rows; so the next two
    validation: np.ndarray
    test: np.ndarray
    truth: np.ndarray  # int64 (catalogue,): place among `classes`, −1 for items that take no part
    group: np.ndarray  # int64 (catalogue,)
    left_out: dict[str, int]  # class → its items, where a class is too small to be learnt and judged

    @property
    def counts(self) -> dict[str, int]:
        """How many items each part has, and how many groups they are together."""
        rows = np.concatenate([getattr(self, name) for name in PARTS])
        sizes = {name: len(getattr(self, name)) for name in PARTS}
        return {**sizes, "groups": len(np.unique(self.group[rows])), "unlabelled": int((self.truth < 0).sum())}

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex over who stands where under which class."""
        digest = hashlib.sha256(repr(self.classes).encode("utf-8", "surrogatepass"))
        for part in (self.train, self.validation, self.test, self.truth):
            digest.update(np.ascontiguousarray(part, "<i8").tobytes() + b"|")
        return digest.hexdigest()


def parts(
    catalogue: Catalogue, column: str, rows: np.ndarray, together: Sequence[str] = (), bits: np.ndarray | None = None,
    seed: int = 0, least: int = LEAST, away: frozenset[int] = frozenset(),
) -> Parts:  # fmt: skip
    """Part the catalogue `rows` that have a value of `column` into 60 % train, 20 % validation and 20 % test.

    Groups are those of `data.splits.groups` (equal pictures, equal values of the columns `together`, near duplicates by
    `bits`). They are dealt by scikit-learn's StratifiedGroupKFold with `seed`: shares and classes come out as even as
    whole groups allow. Classes of fewer than `least` groups, and those that a part to learn from or to judge on lacks,
    are left out and named. Rows that are `away` are dealt with the others and then taken out of their parts, so that
    everybody else stands where they stood. LookupError for a column that is not here, ValueError when fewer than two
    classes are left.
    """
    if column not in catalogue.table.columns:
        there = ", ".join(catalogue.attributes)
        raise LookupError(f"Catalogue {catalogue.name} has no column {column!r}; it has category, source, {there}")
    group = splits.groups(catalogue, together, bits)
    labels = catalogue.table[column].astype(str).to_numpy()
    rows = np.array([row for row in rows if labels[row]], np.int64)
    left_out = _small(labels, group, np.array([row for row in rows if row not in away], np.int64), least)
    kept = np.array([row for row in rows if labels[row] not in left_out], np.int64)
    _enough(catalogue, column, list(labels[kept]), left_out, least)
    dealt = _dealt(labels[kept], group[kept], seed)
    if away:
        stays = np.array([row not in away for row in kept], bool)
        rows = np.array([row for row in rows if row not in away], np.int64)
        kept, dealt = kept[stays], dealt[stays]
    train, validation, test = (kept[np.isin(dealt, fifths)] for fifths in ((2, 3, 4), (1,), (0,)))
    lacking = set(labels[kept]) - (set(labels[train]) & set(labels[test]))
    left_out |= {name: int((labels[rows] == name).sum()) for name in sorted(lacking)}
    _enough(catalogue, column, [name for name in labels[kept] if name not in lacking], left_out, least)
    classes = tuple(sorted(set(labels[kept]) - lacking))
    place = {name: number for number, name in enumerate(classes)}
    truth = np.full(len(catalogue), -1, np.int64)
    truth[kept] = [place.get(labels[row], -1) for row in kept]
    train, validation, test = (part[truth[part] >= 0] for part in (train, validation, test))
    return Parts(classes, train, validation, test, truth, group, left_out)


def _small(labels: np.ndarray, group: np.ndarray, rows: np.ndarray, least: int) -> dict[str, int]:
    """The classes with fewer than `least` groups, with how many items they have."""
    groups: dict[str, set[int]] = {}
    counts: dict[str, int] = {}
    for row in rows:
        groups.setdefault(labels[row], set()).add(int(group[row]))
        counts[labels[row]] = counts.get(labels[row], 0) + 1
    return {name: counts[name] for name in sorted(groups) if len(groups[name]) < least}


def _enough(
    catalogue: Catalogue, column: str, labels: Sequence[str], left_out: Mapping[str, int], least: int
) -> None:  # fmt: skip
    if len(set(labels)) < 2:
        said = f"{len(left_out)} classes are too small for it" if left_out else "there are no others"
        raise ValueError(
            f"{column} of {catalogue.name} has {len(set(labels))} classes with at least {least} different designs in "
            f"all parts; {said}. A classification takes two: choose another column, or more items"
        )


def _dealt(labels: np.ndarray, group: np.ndarray, seed: int) -> np.ndarray:
    """Which fifth each item falls into, int64 (n,)."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(FIFTHS, shuffle=True, random_state=seed)
    found = np.zeros(len(labels), np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with few members: those are left out or named
        for number, (_rest, fifth) in enumerate(folds.split(labels, labels, group)):
            found[fifth] = number
    return found
