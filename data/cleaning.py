"""Text made safe to search with and tables made safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from data import storage

LONGEST_QUERY = 500  # characters
_FORMULA = re.compile(r"[\s\x00-\x1f\xa0\ufeff\u200b-\u200f']*[=+\-@＝＋－＠]")
_PHONE = re.compile(r"\+\d{1,3}[ (][\d ()\-]*\d")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Normalised:
    """A query as it is searched with, and what was done to it: `replaced`, `composed`, `trimmed`, `cut`."""

    text: str
    notes: tuple[str, ...] = ()


def normalise(text: str, limit: int = LONGEST_QUERY) -> Normalised:
    """NUL and lone surrogates → U+FFFD, NFC, no space at the ends, at most `limit` characters."""
    replaced = re.sub("[\x00\ud800-\udfff]", "\ufffd", text)
    composed = unicodedata.normalize("NFC", replaced)
    trimmed = composed.strip()
    cut = trimmed[:limit].rstrip()
    notes = [
        name
        for name, before, after in (
            ("replaced", text, replaced),
            ("composed", replaced, composed),
            ("trimmed", composed, trimmed),
            ("cut", trimmed, cut),
        )
        if before != after
    ]
    return Normalised(cut, tuple(notes))


def visible_bidi(text: str) -> str:
    """Invisible marks that change the direction of text, shown as ⟦U+202E⟧."""
    return _BIDI.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", text)


def csv_safe(value: str) -> str:
    """A cell that no spreadsheet takes for a formula: `'` before what starts with = + - @ (after any blanks).

    Phone numbers (`+7 999 123-45-67`) are no formulas and stay as they are.
    """
    if not _FORMULA.match(value) or _PHONE.fullmatch(value):
        return value
    return "'" + value


def write_csv(
    target: Path | TextIO, header: Sequence[str], rows: Iterable[Sequence[object]], raw: bool = False
) -> None:
    """Write a table as UTF-8 CSV; `raw` leaves out the guard against formulas, for machines that read it back.

    Only text is guarded: numbers are written as they are.
    A path is written in one step and with a byte order mark, which Excel needs to see UTF-8 (not when `raw`).
    """
    if isinstance(target, Path):
        from io import StringIO

        buffer = StringIO(newline="")
        write_csv(buffer, header, rows, raw)
        storage.write_text(target, buffer.getvalue() if raw else "\ufeff" + buffer.getvalue())
        return
    writer = csv.writer(target, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([csv_safe(cell) if isinstance(cell, str) and not raw else cell for cell in row])
