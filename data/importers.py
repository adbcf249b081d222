"""Import of catalogues: a table or folder is read, its pictures opened and copied, then all is committed at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data import sources, storage, versions
from data.columns import require
from data.copying import Copied, copy_pictures
from data.folders import sniff_folder
from data.gathering import Gathered, Refusals, gather
from data.pixels import colour
from data.progress import Progress, silent
from data.refusals import Note, Refusal, Refused
from data.reports import ImportReport
from data.shelf import catalogue_name
from data.sniffing import Sniffed, sniff
from data.sources import Source
from data.tables import Row, TableLimits, read_rows
from data.untrusted import PictureLimits

_EVERY = 2_000  # rows between two calls of progress


@dataclass(frozen=True)
class Limits:
    """What a table and its pictures may measure."""

    table: TableLimits = field(default_factory=TableLimits)
    picture: PictureLimits = field(default_factory=PictureLimits)


def import_catalogue(
    path: Path | str,
    home: Path | str,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    pictures: Path | str | None = None,
    background: str = "#ffffff",
    limits: Limits | None = None,
    progress: Progress = silent,
    stand_in: Path | None = None,
) -> ImportReport:
    """Import a table, a folder of pictures and designs, one of them alone, or a ZIP of any of these as `name`.

    Paths of pictures count from `pictures`, else from the table's own folder. Without `name` the file's or folder's
    own is taken. Rows that cannot be taken are listed in the report, the rest becomes the catalogue; with none left
    nothing is made. The file `stand_in` is taken where a row's picture is missing, and the report counts those rows.
    The same content again changes nothing (`unchanged`). `progress` hears "read" (bytes), "pictures"
    and "write", and may raise Cancelled at any call: nothing half-done remains.

    Raises Refused for a table that cannot be a catalogue at all, LookupError for an unknown encoding or field,
    ValueError for a background that is no colour, Unavailable [disk_full].
    """
    started = time.monotonic()
    path, home = Path(path), Path(home)
    limits = limits or Limits()
    colour(background)
    name = catalogue_name(name or (path.resolve().name if path.is_dir() else path.stem))
    refusals = Refusals()
    with _staged(home) as staged, sources.opened(path, home, progress) as source:
        for refusal in source.refusals:
            refusals.add(refusal)
        sniffed, gathered = _read(source, mapping, encoding, delimiter, limits, refusals, progress)
        root = Path(pictures) if pictures else source.root
        if not root.is_dir():
            raise Refused("missing_file", file=str(root), hint="→ --pictures")
        copied = copy_pictures(gathered, root, staged, background, limits.picture, refusals, progress, stand_in)
        report = _report(name, path, sniffed, gathered, copied, refusals)
        if not copied.ids:
            return replace(report, seconds=time.monotonic() - started)
        progress(0, 1, "write")
        fingerprint, pictures_fingerprint = versions.fingerprints(copied.table, background)
        report = replace(report, fingerprint=fingerprint)
        if versions.is_current(home, name, fingerprint):
            return replace(report, unchanged=True, seconds=time.monotonic() - started)
        described = _description(name, fingerprint, pictures_fingerprint, background, sniffed, copied)
        report = replace(report, seconds=time.monotonic() - started)
        versions.describe(staged, copied.table, described, report.to_json(), copied.hashes)
        progress(1, 1, "write")
        versions.commit(staged, home, name, fingerprint)
    return report


@contextmanager
def _staged(home: Path) -> Iterator[Path]:
    """A folder to build in that is gone afterwards, whatever happens, unless it was committed."""
    staged = versions.staging(home)
    try:
        yield staged
    finally:
        storage.remove(staged)


def _read(source: Source, mapping: Mapping[str, str] | None, encoding: str | None, delimiter: str | None,
          limits: Limits, refusals: Refusals, progress: Progress) -> tuple[Sniffed, Gathered]:  # fmt: skip
    if not source.table:
        sniffed, found, others = sniff_folder(source.root, source.only)
        gathered = gather(sniffed, found, refusals, "")
        gathered.others, gathered.notes = others, [*gathered.notes, *source.notes]
        return sniffed, gathered
    path = source.table
    sniffed = sniff(path, encoding, delimiter, mapping, limits.table)
    require(sniffed.mapping, sniffed.header)
    gathered = gather(sniffed, _watched(path, sniffed, limits, progress), refusals, path.name)
    if not gathered.numbers and not refusals.total:
        raise Refused("empty", file=path.name, found="a header and no rows")
    gathered.notes += source.notes
    return sniffed, gathered


def _watched(path: Path, sniffed: Sniffed, limits: Limits, progress: Progress) -> Iterator[Row | Refusal]:
    """The rows below the header, with progress in bytes."""
    size = path.stat().st_size
    position = 0

    def at(where: int) -> None:
        nonlocal position
        position = where

    for count, row in enumerate(read_rows(path, sniffed.encoding, sniffed.delimiter, limits.table, at)):
        if count % _EVERY == 0:
            progress(min(position, size), size, "read")
        number = row.number if isinstance(row, Row) else row.row
        if number > sniffed.header_row:
            yield row
    progress(size, size, "read")


def _report(name: str, path: Path, sniffed: Sniffed, gathered: Gathered, copied: Copied,
            refusals: Refusals) -> ImportReport:  # fmt: skip
    notes: tuple[Note, ...] = (*sniffed.notes, *gathered.notes, *copied.notes)
    if refusals.total > len(refusals.listed):
        notes = (*notes, Note("more_refusals", refusals.total))
    listed = tuple(sorted(refusals.listed, key=lambda refusal: refusal.row))
    reasons = dict(sorted(refusals.reasons.items(), key=lambda pair: (-pair[1], pair[0])))
    return ImportReport(
        name, "", len(copied.ids), refusals.total, reasons, listed, notes, sniffed.mapping, sniffed.encoding,
        sniffed.delimiter, False, 0.0, copied.pictures, copied.duplicates, str(path),
    )  # fmt: skip


def _description(name: str, fingerprint: str, pictures_fingerprint: str, background: str, sniffed: Sniffed,
                 copied: Copied) -> dict[str, Any]:  # fmt: skip
    return {
        "name": name,
        "fingerprint": fingerprint,
        "pictures_fingerprint": pictures_fingerprint,
        "background": background,
        "mapping": sniffed.mapping,
        "facts": {"made": datetime.now(UTC).isoformat(timespec="seconds"), "items": len(copied.ids), **copied.facts},
    }


__all__ = ["ImportReport", "Limits", "Sniffed", "import_catalogue", "sniff"]
