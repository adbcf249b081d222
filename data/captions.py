"""Pairs of an item and the words that belong to it, from a catalogue's columns or from a file: what tuning learns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from data.catalogue import Catalogue
from data.cleaning import normalise
from data.columns import cleaned_header, plain
from data.encodings import detected
from data.refusals import Refusal, Refused
from data.sniffing import best_delimiter
from data.tables import read_rows

COLUMNS = {
    "item": ("item", "item id", "id", "product", "product id", "товар", "id товара"),
    "text": ("text", "caption", "words", "текст", "подпись", "title", "название"),
}


@dataclass(frozen=True)
class Captions:
    """Pair i says that `texts[i]` belongs to the picture of `items[i]`; an item may have several."""

    items: tuple[str, ...]
    texts: tuple[str, ...]
    source: str  # where they came from: "columns title, category", "file pairs.csv"

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 in hex over the pairs in their order."""
        digest = hashlib.sha256(b"uzor captions 1\n")
        for pair in zip(self.items, self.texts, strict=True):
            digest.update(json.dumps(pair).encode("ascii") + b"\n")
        return digest.hexdigest()


def of_catalogue(catalogue: Catalogue, columns: Sequence[str] = ()) -> Captions:
    """One pair an item: its `columns` joined by a space; items without any words are left out.

    By default the column `text` where there is one (what the original project trained on), else title and category.
    Items whose column `picture` says "none" (`uzor import-report`) show an empty tile and are left out as well.
    LookupError for a column that is not there, ValueError when no item has words.
    """
    chosen = tuple(columns) or (("text",) if "text" in catalogue.table.columns else ("title", "category"))
    if absent := [name for name in chosen if name not in catalogue.table.columns]:
        there = ", ".join(catalogue.table.columns)
        raise LookupError(f"Catalogue {catalogue.name} has no column {absent[0]!r}; it has {there}")
    texts = [_spoken(row) for row in catalogue.table[list(chosen)].itertuples(index=False)]
    blind = _without_picture(catalogue)
    kept = [(item, text) for item, text in zip(catalogue.ids, texts, strict=True) if text and item not in blind]
    if not kept:
        lacks = "a picture of its own" if len(blind) == len(catalogue) else f"words in {', '.join(chosen)}"
        raise ValueError(f"No item of {catalogue.name} has {lacks}; there is nothing to learn from")
    return Captions(tuple(item for item, _ in kept), tuple(text for _, text in kept), f"columns {', '.join(chosen)}")


def _without_picture(catalogue: Catalogue) -> frozenset[str]:
    if "picture" not in catalogue.table.columns:
        return frozenset()
    return frozenset(catalogue.table.loc[catalogue.table["picture"] == "none", "id"])


def _spoken(values: Sequence[str]) -> str:
    return normalise(" ".join(" ".join(str(value).split()) for value in values if str(value).strip())).text


def read(path: Path, catalogue: Catalogue) -> Captions:
    """Pairs from a CSV or TSV file with the columns item (or id) and text (or caption).

    Refused [missing_column], or what refuses a row; ValueError naming items that the catalogue lacks.
    """
    path = Path(path)
    if not path.is_file():
        raise Refused("missing_file", file=str(path))
    encoding = detected(path).name
    rows = read_rows(path, encoding, best_delimiter(path, encoding, lambda header: len(_places(header))))
    header = next(rows)
    if isinstance(header, Refusal):
        raise Refused.of(header)
    names = cleaned_header(header.fields)[0]
    places = _places(names)
    if lacking := [field for field in COLUMNS if field not in places]:
        raise Refused("missing_column", file=path.name, row=1, field=", ".join(lacking), found=", ".join(names))
    pairs = []
    for row in rows:
        if isinstance(row, Refusal):
            raise Refused.of(row)
        if len(row.fields) != len(names):
            found, limit = f"{len(row.fields)} fields", f"{len(names)} fields"
            raise Refused("ragged", file=path.name, row=row.number, found=found, limit=limit)
        pairs.append((row.fields[places["item"]].strip(), _spoken([row.fields[places["text"]]])))
    return _held_against(catalogue, [pair for pair in pairs if pair[1]], path.name)


def _held_against(catalogue: Catalogue, pairs: list[tuple[str, str]], file: str) -> Captions:
    there, blind = set(catalogue.ids), _without_picture(catalogue)
    absent = list(dict.fromkeys(item for item, _ in pairs if item not in there))
    if absent:
        raise ValueError(
            f"{file} names {len(absent)} items that catalogue {catalogue.name} lacks, e.g. {', '.join(absent[:5])};"
            " import them first, or leave them out"
        )
    pairs = [pair for pair in pairs if pair[0] not in blind]
    if not pairs:
        raise ValueError(f"{file} holds no pair of an item with a picture and a text")
    return Captions(tuple(item for item, _ in pairs), tuple(text for _, text in pairs), f"file {file}")


def _places(header: Sequence[str]) -> dict[str, int]:
    by_name = {plain(name): place for place, name in reversed(list(enumerate(header)))}
    found = {field: next((by_name[n] for n in names if n in by_name), -1) for field, names in COLUMNS.items()}
    return {field: place for field, place in found.items() if place >= 0}
