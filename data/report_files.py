"""The files of the original project (2025): which of them lie in a folder, and what rows of a catalogue they give."""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from data import cleaning, storage
from data.encodings import detected
from data.refusals import Refused
from data.sniffing import sniff
from data.tables import Row, read_rows

KINDS = {  # kind → how its files are called
    "products": ("products.csv",),
    "total": ("total_data*.csv", "total.csv"),
    "train": ("train_data*.csv", "train.csv"),
    "test": ("test_data*.csv", "test.csv"),
    "vectors": ("*embeddings*.pkl", "*embeddings*.pickle"),
    "queries": ("*queries*.json",),
    "weights": ("*clip_finetuned*.pt", "*clip_finetuned*.pth", "*clip_finetuned*.safetensors"),
}
COLUMNS = ("id", "title", "image", "description", "category", "source", "price", "url", "text", "split", "picture")
MOST_FILES = 200_000
MOST_FOLDERS = 8  # directly below the root in which pictures are looked for as well
Item = dict[str, str]


@dataclass(frozen=True)
class ReportFiles:
    """What was found, by kind, sorted by path; paths of pictures are looked for in `root` and its `folders`."""

    root: Path
    found: dict[str, tuple[Path, ...]]
    folders: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[Path, ...]:
        """The files of that kind."""
        return self.found.get(kind, ())


def look(folder: Path) -> ReportFiles:
    """Find the project's files anywhere below `folder` (links to folders are not followed).

    Refused [missing_file] when there is no folder; LookupError naming the forms when it holds none of them.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Refused("missing_file", file=str(folder), hint="Name the folder that holds the project's files.")
    found: dict[str, list[Path]] = {}
    for count, path in enumerate(_below(folder)):
        if count > MOST_FILES:
            raise Refused("too_big", file=str(folder), found=f"more than {MOST_FILES:,} files")
        if kind := kind_of(path.name):
            found.setdefault(kind, []).append(path)
    if not found:
        forms = ", ".join(form for forms in KINDS.values() for form in forms[:1])
        raise LookupError(f"{folder} holds none of the original project's files; they are called {forms}")
    inner = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return ReportFiles(folder, {kind: tuple(sorted(paths)) for kind, paths in found.items()},
                       tuple(inner[:MOST_FOLDERS]))  # fmt: skip


def kind_of(name: str) -> str:
    """The kind in `KINDS` that a file of this name is taken for; "" for none."""
    return next((kind for kind, forms in KINDS.items() if any(fnmatch.fnmatch(name.lower(), f) for f in forms)), "")


def _below(folder: Path) -> Iterable[Path]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(where, name) for name in sorted(names))


def table(path: Path) -> list[Item]:
    """The rows of one of the tables, column → value; rows of another width are left out. Refused as `sniff`."""
    sniffed = sniff(path)
    rows = read_rows(path, sniffed.encoding, sniffed.delimiter)
    whole = (row for row in rows if isinstance(row, Row) and row.number > sniffed.header_row)
    fitting = (row for row in whole if len(row.fields) == len(sniffed.header))
    return [{name: value for name, value in zip(sniffed.header, row.fields, strict=True) if name} for row in fitting]


def items(files: ReportFiles, more: Iterable[Mapping[str, str]] = ()) -> list[Item]:
    """Rows with `COLUMNS` and the products' own attributes, one an id, in the order of the tables.

    The total table comes first, else train and test, else products; what only the query file or `more` (id, image,
    text, url) names is added. Attributes of products.csv are joined by url.
    """
    parts = {
        kind: [row for path in files.of(kind) for row in table(path)] for kind in ("products", "total", "train", "test")
    }
    side = {row.get("id", ""): kind for kind in ("train", "test") for row in parts[kind]}
    about = {row["url"]: row for row in parts["products"] if row.get("url")}
    rows = parts["total"] or [*parts["train"], *parts["test"]] or parts["products"]
    found: dict[str, Item] = {}
    for row in [*rows, *judged(files), *more]:
        item = row.get("id", "").strip()
        if item and item not in found:
            found[item] = _item(item, {**about.get(row.get("url", ""), {}), **row}, side.get(item, ""), files)
    return list(found.values())


def judged(files: ReportFiles) -> list[Item]:
    """The items that the query files list: id, image and text."""
    found: list[Item] = []
    for path in files.of("queries"):
        try:
            record = json.loads(path.read_bytes().decode(detected(path).name))
        except ValueError:  # said with its line when the query set is read
            continue
        lists = record.values() if isinstance(record, dict) else []
        entries = [entry for entry in lists if isinstance(entry, list) for entry in entry if isinstance(entry, dict)]
        found += [{key: str(value) for key, value in entry.items() if value is not None} for entry in entries]
    return found


def _item(item: str, row: Mapping[str, str], split: str, files: ReportFiles) -> Item:
    """One row of the catalogue, its picture's path as it is found below the root."""
    numbered = (row.get(f"local_image_path_{number}", "") for number in range(1, 29))
    named = row.get("local_image_path") or row.get("image") or next(filter(None, numbered), "")
    image = _found(files, named)
    title = row.get("name") or row.get("text") or item
    text = row.get("text") or " ".join(filter(None, (row.get("name"), row.get("category"))))
    core = {"id": item, "title": title, "image": image or named or f"{item}.png", "text": text, "split": split,
            "picture": "own" if image else "none", "source": _source(row.get("url", ""), named)}  # fmt: skip
    core |= {name: row.get(name, "") for name in ("description", "category", "price", "url")}
    left_out = ("name", "local_image_path", "image_url")
    return core | {k: v for k, v in row.items() if k not in core and not k.startswith(left_out) and k}


def _found(files: ReportFiles, named: str) -> str:
    """The picture's path below the root: as named or without its first folders; "" when it is not there.

    In a folder of the root only with a folder of its own: `1.png` of one shop is not `1.png` of the other.
    """
    parts = [part for part in named.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return ""
    tries = ["/".join(parts[start:]) for start in range(len(parts))]
    tries += [f"{folder}/{path}" for folder in files.folders for path in tries[:-1]]
    return next((path for path in tries if (files.root / path).is_file()), "")


def _source(url: str, image: str) -> str:
    """The shop: the host of its address, else the folder of its pictures."""
    host = urlsplit(url).netloc.removeprefix("www.") if "//" in url else ""
    return host or image.replace("\\", "/").rpartition("/")[0].rpartition("/")[2]


def write(folder: Path, rows: Sequence[Item]) -> tuple[Path, Path]:
    """Write rows as items.csv and an empty grey tile as no-picture.png into `folder`; returns both paths."""
    import io

    names = list(dict.fromkeys((*COLUMNS, *(name for row in rows for name in row))))
    cleaning.write_csv(folder / "items.csv", names, [[row.get(name, "") for name in names] for row in rows], raw=True)
    tile = io.BytesIO()
    Image.new("RGB", (64, 64), "#d9d9d9").save(tile, "PNG")
    storage.write_bytes(folder / "no-picture.png", tile.getvalue())
    return folder / "items.csv", folder / "no-picture.png"
