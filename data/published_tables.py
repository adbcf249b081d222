"""Published tables of the documents on sneakers and electrical goods, where somebody put them; to stand beside ours.

Their values do not ship: they are no facts known here. Whoever has a document writes its table into a CSV file.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from data.encodings import detected
from data.refusals import Refusal, Refused
from data.sniffing import best_delimiter
from data.tables import TableLimits, read_rows

FOLDER = Path("published")  # in the workspace
FILES = {  # which table → its file, and the columns it is expected to have
    "sneakers": (FOLDER / "sneakers.csv", ("features", "knn", "logistic", "svm", "…")),
    "electrical-goods": (
        FOLDER / "electrical-goods.csv", ("model", "Top-1", "Top-3", "loss", "size", "parameters", "latency")
    ),
    "electrical-goods-online": (
        FOLDER / "electrical-goods-online.csv", ("model", "first answer", "latency", "RAM", "CPU", "…")
    ),
}  # fmt: skip
ROWS, COLUMNS, LONGEST = 200, 30, 200


@dataclass(frozen=True)
class PublishedTable:
    """A table as its document has it: every cell is the text that stands there, never a number of ours."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def lines(table: PublishedTable) -> list[str]:
    """The table for a terminal."""
    every = (table.header, *table.rows)
    wide = [max(len(row[place]) for row in every) for place in range(len(table.header))]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, wide, strict=True)).rstrip() for row in every]


def read(path: Path) -> PublishedTable:
    """A CSV with a header of 2 to 30 columns and at most 200 rows, in any usual encoding and with any usual separator.

    ValueError (`Refused`) naming the row for what cannot be read, OSError without the file.
    """
    encoding = detected(path).name
    limits = TableLimits(LONGEST, COLUMNS)
    delimiter = best_delimiter(path, encoding, len, limits)
    rows: list[tuple[str, ...]] = []
    for row in islice(read_rows(path, encoding, delimiter, limits), ROWS + 2):
        if isinstance(row, Refusal):
            raise ValueError(row.message("en"))
        if rows and len(row.fields) != len(rows[0]):
            raise Refused("ragged", file=path.name, row=row.number, found=str(len(row.fields)), limit=str(len(rows[0])))
        rows.append(tuple(cell.strip() for cell in row.fields))
    if not rows or not rows[1:]:
        raise Refused("empty", file=path.name)
    if len(rows[0]) < 2:
        raise Refused("one_column", file=path.name, found=rows[0][0])
    if len(rows) > ROWS + 1:
        raise ValueError(f"{path.name} has more than {ROWS} rows; a published table is shorter")
    return PublishedTable(rows[0], tuple(rows[1:]))
