"""A catalogue: ordered items with their pictures and attributes, as imported; read-only, known by its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from data import storage
from data.columns import CORE
from data.kinds import PICTURE_EXTENSIONS
from data.pixels import Colour, colour
from data.refusals import Refused
from data.shelf import catalogue_name, current, fingerprint, folder, names, version
from data.untrusted import PictureLimits, open_picture, read_file
from data.versions import lock

if TYPE_CHECKING:
    from PIL import Image

    from data.reports import ImportReport

__all__ = ["Catalogue", "catalogue_name", "fingerprint", "folder", "load", "names", "remove", "report", "version"]
_CHECKED: set[Path] = set()  # versions whose table and description were held against the manifest by this process


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Items in the order of their table; every value is text, "" where there is none.

    `fingerprint` is over everything, `pictures_fingerprint` over ids, picture hashes and background: what vectors of
    pictures depend on.
    """

    name: str
    root: Path  # the folder of this version: pictures/, thumbs/, items.parquet
    table: pd.DataFrame
    fingerprint: str
    background: str = "#ffffff"
    pictures_fingerprint: str = ""
    facts: dict[str, Any] = field(default_factory=dict)  # counts, sizes, formats, when it was made

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Item ids in catalogue order."""
        return tuple(self.table["id"])

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {item: row for row, item in enumerate(self.ids)}

    @cached_property
    def _values(self) -> dict[str, Any]:
        """The columns without pandas' row machinery, which takes 0.4 ms an item."""
        return {str(name): self.table[name].array for name in self.table.columns}

    @cached_property
    def images(self) -> dict[str, str]:
        """Picture path as the table gave it → item id, the first where several share it; for `QuerySet.rekeyed`."""
        return dict(zip(reversed(list(self.table["image"])), reversed(self.ids), strict=True))

    @cached_property
    def _colour(self) -> Colour:
        return colour(self.background)

    @property
    def _suffixes(self) -> list[str]:
        return self.facts.get("suffixes") or sorted(PICTURE_EXTENSIONS)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that every catalogue has."""
        return CORE

    @property
    def attributes(self) -> tuple[str, ...]:
        """The other columns of the table it was imported from, `tags` among them where there were any."""
        return tuple(name for name in self.table.columns if name not in CORE)

    def row(self, item: str) -> int:
        """The row of an item; LookupError when it is not here."""
        try:
            return self._rows[item]
        except KeyError:
            raise LookupError(f"Catalogue {self.name} has no item {item!r}") from None

    def item(self, item: str) -> dict[str, str]:
        """All columns of an item; LookupError when it is not here."""
        row = self.row(item)
        return {name: str(values[row]) for name, values in self._values.items()}

    def picture_path(self, item: str) -> Path:
        """The stored original of an item's picture."""
        digest = str(self.table["sha256"].iloc[self.row(item)])
        paths = [self.root / "pictures" / digest[:2] / (digest + suffix) for suffix in self._suffixes]
        return next((path for path in paths if path.exists()), paths[0])

    def thumbnail(self, item: str) -> Path:
        """The WebP of at most 256 pixels a side that was made at import."""
        digest = str(self.table["sha256"].iloc[self.row(item)])
        return self.root / "thumbs" / digest[:2] / f"{digest}.webp"

    def picture(self, item: str) -> Image.Image:
        """The picture as it is meant, RGB on the catalogue's background.

        ValueError [checksum] or [missing_file] when the stored file is not the one that was imported.
        """
        path = self.picture_path(item)
        digest = path.name.split(".")[0]
        data = read_file(path, 2**31)
        if (found := storage.sha256_bytes(data)) != digest:
            raise Refused("checksum", file=str(path), found=found[:16], limit=digest[:16])
        return open_picture(data, _STORED, self._colour, name=path.name).picture

    def rows(self, where: Mapping[str, Sequence[str] | str] | None) -> np.ndarray:
        """Rows, int64 ascending, whose columns have one of the values wanted for them; all rows without conditions.

        A column with an empty list of values restricts nothing. LookupError for a column that is not here, ValueError
        for a value that no item has, naming those that exist.
        """
        keep = np.ones(len(self), dtype=bool)
        for name, wanted in (where or {}).items():
            if name not in self.table.columns:
                there = ", ".join(self.table.columns)
                raise LookupError(f"Catalogue {self.name} has no column {name!r}; it has {there}")
            values = [wanted] if isinstance(wanted, str) else list(wanted)
            present = set(self.table[name])
            if absent := [value for value in values if value not in present]:
                known = sorted(present)
                shown = ", ".join(known[:20]) + (f" … ({len(known)} in all)" if len(known) > 20 else "")
                raise ValueError(f"No item has {name} = {absent[0]!r}; there are: {shown}")
            if values:
                keep &= self.table[name].isin(values).to_numpy()
        return np.flatnonzero(keep).astype(np.int64)


_STORED = PictureLimits(bytes=2**31, pixels=178_000_000, aspect=1e9, side=1)  # the limits were held at import


def load(home: Path, name: str) -> Catalogue:
    """The catalogue `name` of the workspace `home`.

    LookupError when it is not there; ValueError [checksum] when its table is not as it was written.
    """
    pointer = current(home, name)  # once: an import may commit while this reads, and leaves this version in place
    root, expected = folder(home) / name / pointer["folder"], pointer["fingerprint"]
    _check(root)
    described = storage.read_json(root / "catalogue.json")
    if described["fingerprint"] != expected:
        raise Refused("checksum", file=f"{name}.json", found=expected[:16], limit=described["fingerprint"][:16])
    table = pd.read_parquet(root / "items.parquet")
    return Catalogue(name, root, table, described["fingerprint"], described["background"],
                     described["pictures_fingerprint"], described["facts"])  # fmt: skip


def _check(root: Path) -> None:
    """Hold the small files of a version against its manifest, once per process."""
    if root in _CHECKED:
        return
    listing = root / storage.MANIFEST
    if not listing.is_file():
        raise Refused("checksum", file=str(listing), found="no file")
    entries = storage.read_json(listing)
    for name in ("catalogue.json", "items.parquet", "report.json"):
        expected = entries[name]["sha256"]
        found = storage.sha256_file(root / name) if (root / name).is_file() else "no file"
        if found != expected:
            raise Refused("checksum", file=str(root / name), found=found[:16], limit=expected[:16])
    _CHECKED.add(root)


def report(home: Path, name: str) -> ImportReport:
    """The report of the import that made the current version; LookupError when there is no such catalogue."""
    from data.reports import ImportReport

    return ImportReport.from_json(storage.read_json(version(home, name) / "report.json"))


def remove(home: Path, name: str) -> None:
    """Remove a catalogue with all its files, after an import that is just committing; LookupError when it is not there.

    Its lock file stays: somebody may be waiting for that very file.
    """
    current(home, name)
    with lock(home, name):
        current(home, name)
        gone = folder(home) / storage.temporary_name()
        storage.remove(folder(home) / f"{name}.json")
        (folder(home) / name).rename(gone)
        storage.remove(gone)
