"""Groups that a task leaves out: how that is written into a filter, and which rows it takes away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.refusals import Refused
from eval.grouping.kept import Group

if TYPE_CHECKING:
    from data.catalogue import Catalogue

WITHOUT = "!group"  # stands among the columns of a filter and is none: whoever does not know it, is refused by name
Where = Mapping[str, str | Sequence[str]] | None


@dataclass(frozen=True)
class Excluded:
    """Groups of one catalogue that are left out, in the order of their labels."""

    groups: tuple[Group, ...] = ()

    @property
    def labels(self) -> list[str]:
        """What the groups are called in a record: name and content."""
        return [group.label for group in self.groups]

    @property
    def names(self) -> str:
        """The groups' names, to be told."""
        return ", ".join(group.name for group in self.groups)

    @property
    def items(self) -> frozenset[str]:
        """Every item of every group, whether it is in the catalogue or not."""
        return frozenset(item for group in self.groups for item in group.items)

    @property
    def where(self) -> dict[str, list[str]]:
        """The part of a filter that says what was left out; {} when nothing was."""
        return {WITHOUT: self.labels} if self.groups else {}

    def rows(self, catalogue: Catalogue, rows: np.ndarray) -> np.ndarray:
        """Those `rows` (int64) whose items are in none of the groups; [group_all] when no row would be left."""
        if not self.groups:
            return rows
        gone = self.items
        kept = rows[[catalogue.ids[row] not in gone for row in rows]] if len(rows) else rows
        if len(rows) and not len(kept):
            raise Refused("group_all", found=f"{self.names}: {len(rows)}")
        return np.asarray(kept, np.int64)


NOTHING = Excluded()


def of(groups: Sequence[Group]) -> Excluded:
    """These groups, each once, by their labels; ValueError when they are of different catalogues."""
    if len({group.catalogue for group in groups}) > 1:
        raise ValueError("Groups of different catalogues cannot be left out of one task")
    return Excluded(tuple(sorted({group.label: group for group in groups}.values(), key=lambda one: one.label)))


def parted(where: Where) -> tuple[dict[str, str | Sequence[str]], list[str]]:
    """A filter as it was recorded → its columns, and the labels of the groups it left out."""
    columns = {name: values for name, values in (where or {}).items() if name != WITHOUT}
    labels = (where or {}).get(WITHOUT, [])
    return columns, [labels] if isinstance(labels, str) else list(labels)
