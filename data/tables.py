"""Text tables read as a stream: row by row, all text, every row either whole or refused with its number."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from pathlib import Path

from data.refusals import Refusal, Refused

DELIMITERS = (",", ";", "\t", "|")
_LONGEST_LINE = 16 * 2**20
_SUSPECT = re.compile("[\ud800-\udfff\0\r]")


@dataclass(frozen=True)
class TableLimits:
    """What a table from outside may measure, in characters and columns."""

    field: int = 65_536
    columns: int = 200


@dataclass(frozen=True)
class Row:
    """One row: its number with the header as row 1 (blank rows count, as in a spreadsheet), and its fields."""

    number: int
    fields: list[str]
    changed: bool = False  # line ends inside fields were made "\n"


@dataclass
class _Lines:
    """Feeds lines to the csv reader and remembers which of the lines of the current record are blank."""

    text: TextIOWrapper
    pending: list[bool] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(_LONGEST_LINE):
            self.pending.append(not line.strip())
            yield line


def read_rows(
    path: Path,
    encoding: str,
    delimiter: str,
    limits: TableLimits | None = None,
    at: Callable[[int], None] = lambda position: None,
) -> Iterator[Row | Refusal]:
    """Every row that is not blank, the header among them; `at` hears the position in bytes.

    A row refused is [encoding] (with the bytes), [control_char], [too_long] or [quote]. A quotation mark that is never
    closed refuses its row and every line after it.
    """
    limits = limits or TableLimits()
    csv.field_size_limit(_LONGEST_LINE)
    with open(path, "rb") as raw, TextIOWrapper(raw, encoding, errors="surrogateescape", newline="") as text:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        while True:
            lines.pending.clear()
            number += 1
            at(raw.tell())
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error:
                swallowed = lines.pending[1:]
                yield Refusal("quote", path.name, number)
                if swallowed:
                    yield from _after_quote(path.name, number, swallowed, lines)
                    return
                continue
            if any(fields):
                yield _checked(Row(number, fields), path.name, encoding, limits)


def _after_quote(file: str, opened: int, swallowed: list[bool], lines: _Lines) -> Iterator[Refusal]:
    lines.pending.clear()
    for _ in lines:
        pass
    for offset, blank in enumerate(swallowed + lines.pending, start=1):
        if not blank:
            yield Refusal("quote", file, opened + offset, hint=f"opened in row {opened}")


def _checked(row: Row, file: str, encoding: str, limits: TableLimits) -> Row | Refusal:
    whole = "".join(row.fields)
    if len(whole) > limits.field:
        longest = max(row.fields, key=len)
        if len(longest) > limits.field:
            allowed = f"{limits.field:,} characters"
            return Refusal("too_long", file, row.number, found=f"{len(longest):,} characters", limit=allowed)
    if not _SUSPECT.search(whole):
        return row
    if "\0" in whole:
        return Refusal("control_char", file, row.number, found="NUL")
    if broken := next((text for text in row.fields if re.search("[\ud800-\udfff]", text)), ""):
        return Refusal("encoding", file, row.number, found=_bytes_shown(broken, encoding), limit=encoding)
    fields = [text.replace("\r\n", "\n").replace("\r", "\n") for text in row.fields]
    return Row(row.number, fields, changed=True)


def _bytes_shown(text: str, encoding: str) -> str:
    """The undecodable bytes of a field in hex, with a few of their neighbours."""
    data = text.encode(encoding, "surrogateescape") if "16" not in encoding else text.encode("utf-8", "replace")
    match = re.search("[\ud800-\udfff]", text)
    start = len(text[: match.start()].encode("utf-8")) if match else 0
    return data[start : start + 16].hex(" ")


def header_of(path: Path, encoding: str, delimiter: str, limits: TableLimits | None = None) -> Row:
    """The first row; Refused [empty] when there is none, or whatever refuses it."""
    for row in read_rows(path, encoding, delimiter, limits):
        if isinstance(row, Refusal):
            raise Refused.of(replace(row, code="encoding") if row.code == "control_char" else row)
        return row
    raise Refused("empty", file=path.name)
