"""Cells of published tables as numbers: shares, percents, decimal commas, and what says nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from data.published_layouts import Column, Layout, plain
from data.refusals import Refused

NOTHING = frozenset(("", "-", "–", "—"))  # a cell of which the document says nothing
LIMITS = {"share": "a number from 0 to 1, or with %", "number": "a number from 0",
          "count": "a whole number without a point or comma"}  # fmt: skip


@dataclass(frozen=True)
class PublishedRow:
    """A row of a table in a known layout: the name of the row, and its numbers by their column."""

    name: str
    numbers: Mapping[str, float]
    halves: Mapping[str, float] = field(default_factory=dict)  # half a unit of each one's last printed digit

    def number(self, column: str) -> float | None:
        """The number in that column of the layout, None where the document has none."""
        return next((value for name, value in self.numbers.items() if plain(name) == plain(column)), None)

    def half(self, column: str) -> float:
        """How far the number in that column can be off by rounding: half a unit of its last digit; 0 for a count."""
        return next((value for name, value in self.halves.items() if plain(name) == plain(column)), 0.0)


def columns_of(header: tuple[str, ...], layout: Layout, file: str) -> list[Column]:
    """The columns of a file in that layout; Refused for one that stands twice, or names rows and is lacking."""
    names = [plain(name) for name in header]
    if twice := [name for name, key in zip(header, names, strict=True) if names.count(key) > 1]:
        raise Refused("duplicate_column", file=file, row=1, found=twice[0])
    for needed in layout.columns[: layout.keys]:
        if needed.plain not in names:
            raise Refused("published_column", file=file, row=1, field=needed.name, found=", ".join(header),
                          limit=", ".join(layout.header))  # fmt: skip
    return [layout.column(name) for name in header]


def row_of(cells: tuple[str, ...], columns: list[Column], layout: Layout, file: str, row: int) -> PublishedRow:
    """What the cells say; Refused for the first that says nothing it could."""
    keys = {column.plain for column in layout.columns[: layout.keys]}
    named, numbers, halves = {}, {}, {}
    for cell, column in zip(cells, columns, strict=True):
        value = None if column.kind == "name" else _number(cell, column, file, row)
        if column.plain in keys:
            if value is None and (column.kind != "name" or cell in NOTHING):
                limit = "a name" if column.kind == "name" else LIMITS["share"]
                raise Refused("bad_number", file=file, row=row, field=column.name, found=cell, limit=limit)
            named[column.plain] = cell if value is None else f"{value:g}"
        if value is not None:
            numbers[column.name], halves[column.name] = value, _half(cell, column)
    return PublishedRow(" ".join(named[one.plain] for one in layout.columns[: layout.keys]), numbers, halves)


def _number(text: str, column: Column, file: str, row: int) -> float | None:
    """A number with a point or a comma; None where nothing is said, and for words in a column of the file's own."""
    if "".join(text.split()) in NOTHING:
        return None
    digits, unit = _digits(text, column)
    try:
        value = float(digits) / unit
    except ValueError:
        value = math.nan
    if column.kind == "own":
        return value if math.isfinite(value) else None
    possible = 0 <= value <= (1 if column.kind == "share" else math.inf) and not math.isinf(value)
    if not possible or (column.kind == "count" and not digits.isdecimal()):  # 1,234 is said in two ways
        raise Refused("bad_number", file=file, row=row, field=column.name, found=text, limit=LIMITS[column.kind])
    return value


def _digits(text: str, column: Column) -> tuple[str, int]:
    """The number of a cell with a point, and by what it is divided: 100 for a percentage."""
    bare = "".join(text.split()).replace(",", ".")
    return (bare.removesuffix("%"), 100) if column.kind == "share" and bare.endswith("%") else (bare, 1)


def _half(text: str, column: Column) -> float:
    """Half a unit of the last digit of a cell that has a number."""
    digits, unit = _digits(text, column)
    return 0.0 if column.kind == "count" else 0.5 * 10.0 ** int(Decimal(digits).as_tuple().exponent) / unit
