"""Groups as a CSV of item, group and tags: written whole, and read row by row with what is wrong in each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data import cleaning
from data.encodings import detected
from data.refusals import Refusal, Refused
from data.sniffing import best_delimiter
from data.tables import Row, read_rows
from eval.grouping import naming
from eval.grouping.kept import Group

COLUMNS = ("item", "group", "tags")
BETWEEN = ";"  # tags of one cell


@dataclass(frozen=True)
class Brought:
    """What a file held: its groups, how many rows they are made of, and the rows that were not taken."""

    groups: tuple[Group, ...]
    rows: int
    refused: tuple[Refusal, ...]


def rows(groups: Sequence[Group]) -> list[tuple[str, str, str]]:
    """One row an item and group, under `COLUMNS`."""
    return [(item, group.name, f"{BETWEEN} ".join(group.tags)) for group in groups for item in group.items]


def read(path: Path, catalogue: str, ids: Collection[str]) -> Brought:
    """The groups of a CSV with the columns item and group, and tags if it likes.

    A row whose item is not among `ids`, or whose group has no name that can be kept, is told by its number; the others
    are taken. Refused when the file is no such table.
    """
    if not path.is_file():
        raise Refused("missing_table", file=path.name)
    known, refused = set(ids), list[Refusal]()
    items: dict[str, list[str]] = {}
    tags: dict[str, list[str]] = {}
    names: dict[str, str] = {}  # in small letters → as first written
    count = 0
    for row in _rows(path):
        if isinstance(row, Refusal):
            refused.append(row)
            continue
        number, item, group, said = row
        try:
            if item not in known:
                raise Refused("group_item", field="item", found=item[:100])
            name, marks = naming.checked_name(group), naming.checked_tags(said.split(BETWEEN))
            together = [*tags.get(name.casefold(), []), *marks]
            tags[name.casefold()] = list(naming.checked_tags(together))
        except Refused as problem:
            refused.append(Refusal(problem.code, path.name, number, problem.field, problem.found, problem.limit))
            continue
        count += 1
        names.setdefault(name.casefold(), name)
        items.setdefault(name.casefold(), []).append(item)
    found = tuple(Group(catalogue, names[key], tuple(dict.fromkeys(items[key])), tuple(tags[key])) for key in names)
    return Brought(found, count, tuple(refused))


def _rows(path: Path) -> Iterator[tuple[int, str, str, str] | Refusal]:
    """Number, item, group and tags of each row; Refused without the two columns."""
    encoding = detected(path).name
    delimiter = best_delimiter(path, encoding, lambda header: len(set(header) & set(COLUMNS)))
    table = read_rows(path, encoding, delimiter)
    header = next(table)
    if isinstance(header, Refusal):
        raise Refused.of(header)
    names = [name.strip().lower().lstrip("\ufeff") for name in header.fields]
    if lacking := [name for name in COLUMNS[:2] if name not in names]:
        raise Refused("group_columns", file=path.name, row=1, field=", ".join(lacking), found=", ".join(names)[:200])
    for row in table:
        if isinstance(row, Row) and len(row.fields) != len(names):
            found, limit = f"{len(row.fields)} fields", f"{len(names)} fields"
            yield Refusal("ragged", path.name, row.number, found=found, limit=limit)
        elif isinstance(row, Row):
            cells = dict(zip(names, map(_unguarded, row.fields), strict=True))
            yield row.number, cells["item"].strip(), cells["group"], cells.get("tags", "")
        else:
            yield row


def _unguarded(cell: str) -> str:
    """A cell as it was before `data.cleaning.csv_safe`."""
    return cell[1:] if cell.startswith("'") and cleaning.csv_safe(cell[1:]) == cell else cell
