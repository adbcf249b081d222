"""Published tables whose values are not known here, where somebody put them: read, checked row by row, taken in.

Their values do not ship: they are no facts known here. Whoever has a document writes its table into a CSV file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from data import storage
from data.encodings import detected
from data.published_cells import PublishedRow, columns_of, row_of
from data.published_layouts import Layout
from data.refusals import Refusal, Refused
from data.sniffing import best_delimiter
from data.tables import TableLimits, read_rows

ROWS, COLUMNS, LONGEST = 200, 30, 200


@dataclass(frozen=True)
class PublishedTable:
    """A table as its document has it: every cell is the text that stands there, never a number of ours."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    read: tuple[PublishedRow, ...] = ()  # of a known layout: what the rows say
    refused: tuple[Refusal, ...] = field(default=())  # of a known layout: rows that were left out


class RefusedRows(Refused):
    """A table with rows that cannot be taken; `problems` says of each what is wrong, the first is its own refusal."""

    def __init__(self, problems: tuple[Refusal, ...]) -> None:
        super().__init__(**problems[0].record())
        self.args = ("\n".join(one.message("en") for one in problems),)
        self.problems = problems

    def __reduce__(self) -> tuple[Any, ...]:
        return (RefusedRows, (self.problems,))


def lines(table: PublishedTable) -> list[str]:
    """The table for a terminal."""
    every = (table.header, *table.rows)
    wide = [max(len(row[place]) for row in every) for place in range(len(table.header))]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, wide, strict=True)).rstrip() for row in every]


def read(path: Path) -> PublishedTable:
    """A CSV with a header of 2 to 30 columns and at most 200 rows, in any usual encoding and with any usual separator.

    ValueError (`Refused`) naming the row for what cannot be read, OSError without the file.
    """
    header, rows = _header_and_rows(path)
    table = []
    for number, row in rows:
        if isinstance(row, Refusal):
            raise Refused.of(row)
        table.append(_even(row, header, path.name, number))
    if not table:
        raise Refused("empty", file=path.name)
    return PublishedTable(header, tuple(table))


def looked_at(path: Path, layout: Layout) -> PublishedTable:
    """The same in a known layout: rows that cannot be taken are told in `refused`, and the others stand.

    ValueError for a file that is no such table at all, OSError without it.
    """
    header, rows = _header_and_rows(path)
    columns = columns_of(header, layout, path.name)
    table: list[tuple[str, ...]] = []
    taken: dict[str, PublishedRow] = {}
    refused: list[Refusal] = []
    for number, row in rows:
        try:
            if isinstance(row, Refusal):
                raise Refused.of(row)
            cells = _even(row, header, path.name, number)
            found = row_of(cells, columns, layout, path.name, number)
            if found.name in taken:
                raise Refused("published_twice", file=path.name, row=number, found=found.name)
        except Refused as problem:
            refused.append(problem.refusal)
        else:
            taken[found.name] = found
            table.append(cells)
    if not table and not refused:
        raise Refused("empty", file=path.name)
    return PublishedTable(header, tuple(table), tuple(taken.values()), tuple(refused))


def whole(path: Path, layout: Layout) -> PublishedTable:
    """`looked_at` where nothing may be wrong: ValueError (`RefusedRows`) with every row that cannot be taken."""
    table = looked_at(path, layout)
    if table.refused:
        raise RefusedRows(table.refused)
    return table


def bring(path: Path, layout: Layout, home: Path) -> PublishedTable:
    """Take a file in as that document's table; one with anything wrong in it is refused, and what was there stays."""
    table = whole(path, layout)
    storage.make_folder((home / layout.file).parent)
    storage.write_bytes(home / layout.file, path.read_bytes())
    return table


Numbered = tuple[int, "Refusal | list[str]"]


def _header_and_rows(path: Path) -> tuple[tuple[str, ...], Iterator[Numbered]]:
    encoding = detected(path).name
    limits = TableLimits(LONGEST, COLUMNS)
    delimiter = best_delimiter(path, encoding, len, limits)
    every = read_rows(path, encoding, delimiter, limits)
    first = next(every, None)
    if first is None:
        raise Refused("empty", file=path.name)
    if isinstance(first, Refusal):
        raise Refused.of(first)
    header = tuple(cell.strip() for cell in first.fields)
    if len(header) < 2:
        raise Refused("one_column", file=path.name, found=header[0])
    return header, _rows(islice(every, ROWS + 1), path.name)


def _rows(every: Iterator[object], file: str) -> Iterator[Numbered]:
    for place, row in enumerate(every):
        if place == ROWS:
            raise Refused("published_long", file=file, limit=f"{ROWS} rows")
        yield (row.row, row) if isinstance(row, Refusal) else (row.number, row.fields)  # type: ignore[attr-defined]


def _even(fields: list[str], header: tuple[str, ...], file: str, row: int) -> tuple[str, ...]:
    if len(fields) != len(header):
        raise Refused("ragged", file=file, row=row, found=str(len(fields)), limit=str(len(header)))
    return tuple(cell.strip() for cell in fields)
