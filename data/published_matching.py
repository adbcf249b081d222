"""The published table of the document on matching two grocery shops, where somebody put it; to stand beside ours.

Its values do not ship: they are no facts known here. Whoever has the document writes them into a CSV file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from data.encodings import detected
from data.refusals import Refusal, Refused
from data.sniffing import best_delimiter
from data.tables import read_rows

FILE = Path("published") / "matching.csv"  # in the workspace
NEEDED = ("model", "threshold")
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

    ValueError (`Refused`) naming row and field for what cannot be read, OSError without the file.
    """
    encoding = detected(path).name
    delimiter = best_delimiter(path, encoding, lambda header: sum(name.strip() in NEEDED for name in header))
    rows = iter(read_rows(path, encoding, delimiter))
    header = next(rows, None)
    if header is None:
        raise Refused("empty", file=path.name)
    if isinstance(header, Refusal):
        raise ValueError(header.message("en"))
    names = [name.strip().casefold() for name in header.fields]
    if lacking := [name for name in NEEDED if name not in names]:
        raise Refused("published_column", file=path.name, field=lacking[0], found=", ".join(names))
    found = []
    for row in rows:
        if isinstance(row, Refusal):
            raise ValueError(row.message("en"))
        if len(row.fields) != len(names):
            raise Refused("ragged", file=path.name, row=row.number, found=str(len(row.fields)), limit=str(len(names)))
        found.append(_point(dict(zip(names, row.fields, strict=True)), path.name, row.number))
    return tuple(found)


def _point(cells: dict[str, str], file: str, row: int) -> PublishedPoint:
    if not cells["model"].strip():
        raise Refused("bad_number", file=file, row=row, field="model", limit="a name")
    value = _number(cells["threshold"], "threshold", file, row)
    if value is None:
        raise Refused("bad_number", file=file, row=row, field="threshold", limit="a number from 0 to 1")
    numbers = {name: _number(cells[name], name, file, row) for name in NUMBERS if name in cells}
    return PublishedPoint(cells["model"].strip(), value, **numbers)


def _number(text: str, name: str, file: str, row: int) -> float | None:
    """A number from 0, with a point or a comma; None for an empty cell."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    highest = math.inf if name == "fp_tp" else 1.0
    if not 0 <= value <= highest or value == math.inf:
        limit = "a number from 0" if name == "fp_tp" else "a number from 0 to 1"
        raise Refused("bad_number", file=file, row=row, field=name, found=text, limit=limit)
    return value
