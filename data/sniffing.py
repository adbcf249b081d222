"""What a table is before it is imported: encoding, separator, header, meaning of columns, a preview."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from data.columns import FIELDS, cleaned_header, recognised
from data.encodings import Encoding, detected, named
from data.refusals import Note, Refusal, Refused
from data.tables import DELIMITERS, Row, TableLimits, header_of, read_rows

_SAMPLE = 200  # rows looked at
_PREVIEW = 5
DELIMITER_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}


@dataclass(frozen=True)
class Sniffed:
    """A table as it would be read: shown to the user, who may override encoding, delimiter and mapping."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]  # "" for a nameless index column, which is left out
    mapping: dict[str, str]  # field → column
    preview: tuple[tuple[str, ...], ...]  # the first rows
    notes: tuple[Note, ...]
    header_row: int = 1

    @property
    def attributes(self) -> tuple[str, ...]:
        """Columns that are none of the core fields; they are kept as they are."""
        core = {self.mapping[field] for field in FIELDS if field in self.mapping and field != "tags"}
        return tuple(name for name in self.header if name and name not in core)


def sniff(
    path: Path | str,
    encoding: str | None = None,
    delimiter: str | None = None,
    mapping: Mapping[str, str] | None = None,
    limits: TableLimits | None = None,
) -> Sniffed:
    """Look at a table without importing it.

    Refused for a whole file that cannot be a catalogue: [missing_table], [empty], [encoding], [spreadsheet],
    [not_a_table], [one_column], [too_wide], [duplicate_column], [header_mismatch], [missing_column] (for `mapping`).
    Required columns may lack here: the user is about to name them.
    """
    path = Path(path)
    if not path.is_file():
        raise Refused("not_a_file" if path.exists() else "missing_table", file=str(path))
    if path.stat().st_size == 0:
        raise Refused("empty", file=path.name)
    limits = limits or TableLimits()
    codec = named(encoding) if encoding else detected(path)
    delimiter = DELIMITER_NAMES.get((delimiter or "").lower(), delimiter)
    notes = [Note("encoding_guessed", found=codec.name)] if codec.guessed else []
    delimiter = (
        delimiter
        or _separator_line(path, codec)
        or best_delimiter(path, codec.name, lambda header: len(recognised(header)), limits)
    )
    if len(delimiter) != 1:
        raise ValueError(f"Delimiter {delimiter!r} is not one character; use one of , ; tab |")
    sample = list(islice(read_rows(path, codec.name, delimiter, limits), _SAMPLE))
    if sample and isinstance(sample[0], Row) and _names_separator(sample[0].fields):
        notes.append(Note("separator_line", found=sample.pop(0).fields[0]))  # type: ignore[union-attr]
    return _described(path, codec, delimiter, sample, notes, mapping, limits)


def _described(path: Path, codec: Encoding, delimiter: str, sample: list[Row | Refusal], notes: list[Note],
               mapping: Mapping[str, str] | None, limits: TableLimits) -> Sniffed:  # fmt: skip
    if not sample:
        raise Refused("empty", file=path.name)
    first = sample[0]
    if isinstance(first, Refusal):
        raise Refused.of(first)
    _refuse_shape(path, first.fields, sample[1:], limits)
    header, header_notes = cleaned_header(first.fields)
    rows = [tuple(row.fields) for row in sample[1:] if isinstance(row, Row)]
    found = recognised(header, mapping)
    return Sniffed(path, codec.name, delimiter, tuple(header), found, tuple(rows[:_PREVIEW]),
                   (*notes, *header_notes), first.number)  # fmt: skip


def _refuse_shape(path: Path, header: list[str], rows: list[Row | Refusal], limits: TableLimits) -> None:
    if len(header) > limits.columns:
        raise Refused("too_wide", file=path.name, row=1, found=str(len(header)), limit=f"{limits.columns} columns")
    if len(header) < 2:
        raise Refused("one_column", file=path.name, row=1, found=header[0][:100])
    if any("\0" in name for name in header):
        raise Refused("encoding", file=path.name, row=1, found="NUL")
    widths = {len(row.fields) for row in rows if isinstance(row, Row)}
    if len(rows) > 1 and len(widths) == 1 and widths != {len(header)}:
        found = f"{len(header)} names, {widths.pop()} fields"
        raise Refused("header_mismatch", file=path.name, row=1, found=found)


def _names_separator(fields: list[str]) -> bool:
    return bool(re.match("sep=", fields[0], re.IGNORECASE))


def _separator_line(path: Path, codec: Encoding) -> str:
    """The separator that Excel's first line `sep=;` names, "" without such a line."""
    with open(path, encoding=codec.name, errors="replace", newline="") as text:
        match = re.match(r"sep=([,;\t|])\r?\n", text.readline(16), re.IGNORECASE)
    return match[1] if match else ""


def best_delimiter(path: Path, encoding: str, known: Callable[[Sequence[str]], int],
                   limits: TableLimits | None = None) -> str:  # fmt: skip
    """The separator whose header has the most `known` columns, then the most even rows, then the most columns.

    Refused with what refuses the first row, or [empty].
    """

    def score(delimiter: str) -> tuple[int, float, int]:
        rows = [row for row in islice(read_rows(path, encoding, delimiter, limits), _SAMPLE) if isinstance(row, Row)]
        width = len(rows[0].fields) if rows else 0
        if width < 2:
            return (0, 0.0, 0)
        try:
            fields = known(cleaned_header(rows[0].fields[: TableLimits.columns])[0])
        except Refused:
            fields = 0
        return (fields, sum(len(row.fields) == width for row in rows) / len(rows), width)

    best = max(DELIMITERS, key=score)
    header_of(path, encoding, best, limits)
    return best
