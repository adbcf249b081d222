"""Rows of a table become columns of a catalogue: required fields, unique ids, everything else kept as text."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from data.columns import CORE, REQUIRED
from data.refusals import Note, Refusal
from data.sniffing import Sniffed
from data.tables import Row

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = 50_000  # refusals listed; the counts go on
_CHUNK = 20_000


@dataclass
class Refusals:
    """Every refusal counted, the first `KEPT` listed."""

    listed: list[Refusal] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, refusal: Refusal) -> None:
        """Count one and list it while there is room."""
        self.reasons[refusal.code] = self.reasons.get(refusal.code, 0) + 1
        if len(self.listed) < KEPT:
            self.listed.append(refusal)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.reasons.values())


@dataclass
class Gathered:
    """The rows that passed so far, in Arrow chunks of text columns, each with its row number."""

    names: tuple[str, ...]
    numbers: array[int] = field(default_factory=lambda: array("q"))
    chunks: list[pa.Table] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)  # image → other files of the same design

    def images(self) -> list[str]:
        """The picture paths of all rows."""
        return self.table().column("image").to_pylist()

    def table(self) -> pa.Table:
        """All columns as one table."""
        import pyarrow as pa

        empty = pa.table({name: pa.array([], pa.string()) for name in self.names})
        return pa.concat_tables([empty, *self.chunks])


def columns_of(sniffed: Sniffed) -> tuple[dict[str, int], list[Note]]:
    """Column of the catalogue → position in the table (-1: not there), core columns first, attributes as they come.

    An attribute whose name is that of another core column gets « (column)» added, with a note.
    """
    at = {name: position for position, name in enumerate(sniffed.header) if name}
    places = {name: at[sniffed.mapping[name]] if name in sniffed.mapping else -1 for name in CORE}
    notes = []
    tags = sniffed.mapping.get("tags", "")
    taken = {*CORE, "tags"} if tags else set(CORE)
    for name in sniffed.attributes:
        final = "tags" if name == tags else name
        while name != tags and final in taken:
            final += " (column)"
        taken.add(final)
        if final != name:
            notes.append(Note("renamed_column", found=f"{name} → {final}"))
        places[final] = at[name]
    return places, notes


def gather(sniffed: Sniffed, rows: Iterable[Row | Refusal], refusals: Refusals, file: str) -> Gathered:
    """Sort the rows below the header into columns and `refusals`.

    Refused here: [ragged], [missing_field], [duplicate_id] (the first row keeps the id).
    """
    places, notes = columns_of(sniffed)
    gathered = Gathered(tuple(places), notes=notes)
    seen: dict[str, int] = {}
    changed = array("q")
    chunk: list[list[str]] = []
    for row in _checked(rows, sniffed, places, seen, refusals, file):
        chunk.append([_cell(row, name, place) for name, place in places.items()])
        gathered.numbers.append(row.number)
        if row.changed:
            changed.append(row.number)
        if len(chunk) == _CHUNK:
            gathered.chunks.append(_arrow(gathered.names, chunk))
            chunk.clear()
    gathered.chunks.append(_arrow(gathered.names, chunk))
    if changed:
        gathered.notes.append(Note("line_ends", len(changed), rows=tuple(changed[:10])))
    return gathered


def _arrow(names: tuple[str, ...], rows: list[list[str]]) -> pa.Table:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def _checked(rows: Iterable[Row | Refusal], sniffed: Sniffed, places: dict[str, int], seen: dict[str, int],
             refusals: Refusals, file: str) -> Iterator[Row]:  # fmt: skip
    width = len(sniffed.header)
    for row in rows:
        if isinstance(row, Refusal):
            refusals.add(row)
            continue
        if row.number <= sniffed.header_row and file:
            continue
        refusal = _wrong(row, width, places, seen, file)
        if refusal:
            refusals.add(refusal)
        else:
            seen[_cell(row, "id", places["id"])] = row.number
            yield row


def _cell(row: Row, name: str, place: int) -> str:
    """The text of a cell; blanks around an id and a picture's path are no part of them."""
    text = row.fields[place] if place >= 0 else ""
    return text.strip() if name in ("id", "image") else text


def _wrong(row: Row, width: int, places: dict[str, int], seen: dict[str, int], file: str) -> Refusal | None:
    if len(row.fields) != width:
        return Refusal("ragged", file, row.number, found=f"{len(row.fields)} fields", limit=f"{width} fields")
    for name in REQUIRED:
        if not row.fields[places[name]].strip():
            return Refusal("missing_field", file, row.number, field=name)
    item = _cell(row, "id", places["id"])
    if first := seen.get(item):
        return Refusal("duplicate_id", file, row.number, "id", found=item[:100], hint=f"first in row {first}")
    return None
