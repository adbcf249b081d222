"""What an import did: how many rows are ready, which were refused and why; kept with the catalogue."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from data.cleaning import csv_safe
from data.refusals import Note, Refusal


@dataclass(frozen=True)
class ImportReport:
    """The outcome of one import; `ready + refused` is the number of rows that came.

    With nothing ready no catalogue was made: `fingerprint` is "".
    """

    catalogue: str
    fingerprint: str
    ready: int
    refused: int
    reasons: dict[str, int]  # code → how many rows
    refusals: tuple[Refusal, ...]  # the first 50,000
    notes: tuple[Note, ...]
    mapping: dict[str, str]  # field → column
    encoding: str
    delimiter: str
    unchanged: bool
    seconds: float
    pictures: int = 0  # different ones
    duplicates: tuple[tuple[str, ...], ...] = ()  # ids of items that show the same picture; the first 1,000 groups
    source: str = ""  # file or folder it came from

    @property
    def rows(self) -> int:
        """How many rows came."""
        return self.ready + self.refused

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {
            **self.__dict__,
            "refusals": [refusal.record() for refusal in self.refusals],
            "notes": [note.record() for note in self.notes],
            "duplicates": [list(group) for group in self.duplicates],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> ImportReport:
        """The report that `to_json` described."""
        return cls(**{
            **record,
            "refusals": tuple(Refusal(**refusal) for refusal in record["refusals"]),
            "notes": tuple(Note(**{**note, "rows": tuple(note["rows"])}) for note in record["notes"]),
            "duplicates": tuple(tuple(group) for group in record["duplicates"]),
        })  # fmt: skip

    def to_csv(self, lang: str = "en") -> str:
        """The refusals as CSV with a sentence each, safe to open in a spreadsheet."""
        buffer = StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow(["row", "code", "file", "field", "found", "limit", "hint", "message"])
        for refusal in self.refusals:
            cells = (refusal.code, refusal.file, refusal.field, refusal.found, refusal.limit, refusal.hint)
            writer.writerow([refusal.row or "", *map(csv_safe, (*cells, refusal.message(lang)))])
        return buffer.getvalue()
