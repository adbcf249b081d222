"""The published table of the document on matching two grocery shops, where somebody put it; to stand beside ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data import published_tables
from data.published_cells import PublishedRow
from data.published_layouts import LAYOUTS
from data.published_tables import PublishedTable

LAYOUT = LAYOUTS["matching"]
FILE = LAYOUT.file  # in the workspace
NUMBERS = ("recall", "precision", "fpr", "fp_tp")


@dataclass(frozen=True)
class PublishedPoint:
    """One cell of that table: a model at a threshold; what the document does not say is None."""

    model: str
    threshold: float
    recall: float | None = None
    precision: float | None = None
    fpr: float | None = None
    fp_tp: float | None = None

    @property
    def precision_from_fp_tp(self) -> float | None:
        """1 / (1 + FP/TP): the precision that the published FP/TP amounts to."""
        return None if self.fp_tp is None else 1 / (1 + self.fp_tp)


def read(path: Path) -> tuple[PublishedPoint, ...]:
    """Columns model, threshold and any of recall, precision, fpr, fp_tp, in any order; other columns are left alone.

    ValueError naming row and field for what cannot be read, OSError without the file.
    """
    return points(published_tables.whole(path, LAYOUT))


def points(table: PublishedTable) -> tuple[PublishedPoint, ...]:
    """The rows of that table that could be read."""
    return tuple(_point(row) for row in table.read)


def _point(row: PublishedRow) -> PublishedPoint:
    threshold = row.number("threshold")
    assert threshold is not None  # a row without one is refused
    model = row.name.rsplit(" ", 1)[0]
    return PublishedPoint(model, threshold, **{name: row.number(name) for name in NUMBERS})
