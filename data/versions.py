"""Versions of a catalogue on disk: built aside, committed in one step, the one before kept, the rest cleared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import storage
from data.shelf import folder, pointer

if TYPE_CHECKING:
    import pyarrow as pa
    from filelock import BaseFileLock

_PATIENCE = 60  # seconds to wait for another import of the same name


def fingerprints(table: pa.Table, background: str) -> tuple[str, str]:
    """(fingerprint of everything, fingerprint of ids, pictures and background), SHA-256 in hex.

    Both depend on the order of items. Every value is written as JSON, so that no two tables read alike.
    """
    pictures = hashlib.sha256(f"uzor catalogue 1 {background}\n".encode())
    for pair in zip(table.column("id").to_pylist(), table.column("sha256").to_pylist(), strict=True):
        pictures.update(json.dumps(pair).encode("ascii") + b"\n")
    whole = hashlib.sha256(pictures.hexdigest().encode() + json.dumps(table.column_names).encode("ascii") + b"\n")
    for batch in table.to_batches(max_chunksize=4096):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            whole.update(json.dumps(row).encode("ascii") + b"\n")
    return whole.hexdigest(), pictures.hexdigest()


def staging(home: Path) -> Path:
    """A new empty folder to build a version in; what dead imports left there is swept first."""
    place = storage.make_folder(Path(home) / "staging")
    storage.sweep(place)
    staged = place / storage.temporary_name()
    for made in (staged, staged / "pictures", staged / "thumbs"):
        made.mkdir()
    return staged


def lock(home: Path, name: str, patience: float = _PATIENCE) -> BaseFileLock:
    """The lock that writers of the catalogue `name` hold; freed by the system when its holder dies."""
    from filelock import FileLock

    return FileLock(storage.make_folder(folder(home)) / f"{name}.lock", timeout=patience)


def is_current(home: Path, name: str, fingerprint: str) -> bool:
    """True when the current version has this fingerprint and every file of it is as it was written."""
    current = pointer(home, name)
    return current.get("fingerprint") == fingerprint and not storage.verify(folder(home) / name / current["folder"])


def describe(staged: Path, table: pa.Table, described: Mapping[str, Any], report: Mapping[str, Any],
             known: Mapping[str, str]) -> None:  # fmt: skip
    """Complete a staged version whose pictures are there; `known` holds their hashes by relative path."""
    import pyarrow.parquet as pq

    with storage.replacing(staged / "items.parquet") as file:
        pq.write_table(table, file)
    storage.write_json(staged / "catalogue.json", described)
    storage.write_json(staged / "report.json", report)
    storage.write_json(staged / storage.MANIFEST, storage.manifest(staged, known))


def commit(staged: Path, home: Path, name: str, fingerprint: str) -> Path:
    """Give a complete staged version its place and make it the current one; a crash leaves the old one current."""
    final = folder(home) / name / fingerprint[:16]
    with lock(home, name):
        if final.exists() and storage.verify(final):
            set_aside(home, final)
        if final.exists():
            storage.remove(staged)
        else:
            storage.commit_folder(staged, final)
        before = pointer(home, name).get("folder", "")
        previous = before if before != final.name else pointer(home, name).get("previous", "")
        record = {"fingerprint": fingerprint, "folder": final.name, "previous": previous}
        storage.write_json(folder(home) / f"{name}.json", record)
        _clear(home, name, (final.name, previous))
    return final


def set_aside(home: Path, damaged: Path) -> Path:
    """Move a damaged folder or file to `damaged/` under a new name; nothing is deleted."""
    place = storage.make_folder(Path(home) / "damaged") / f"{damaged.name}_{storage.temporary_name()[4:]}"
    damaged.rename(place)
    return place


def _superfluous(home: Path, name: str, kept: Sequence[str]) -> list[Path]:
    place = folder(home) / name
    return [path for path in place.iterdir() if path.name not in kept] if place.is_dir() else []


def _clear(home: Path, name: str, kept: Sequence[str]) -> list[Path]:
    gone = _superfluous(home, name, kept)
    for path in gone:
        storage.remove(path)
    return gone


def sweep(home: Path) -> list[Path]:
    """Remove what killed imports left: staged folders, and versions that a sound pointer does not name. Says what went.

    Without a sound pointer nothing is removed: what looks left over may be all that is left.
    """
    from filelock import Timeout

    swept = storage.sweep(Path(home) / "staging")
    place = folder(home)
    swept += storage.sweep(place)
    for name in sorted(path.name for path in place.iterdir() if path.is_dir()) if place.is_dir() else []:
        kept = _kept(home, name)
        if not kept or not _superfluous(home, name, kept):
            continue
        try:
            with lock(home, name, 0):
                kept = _kept(home, name)
                swept += _clear(home, name, kept) if kept else []
        except Timeout:
            continue  # an import of that name is at work; it clears up itself
    return swept


def _kept(home: Path, name: str) -> tuple[str, ...]:
    """The versions that a pointer names, () when there is none or it names one that is not here."""
    try:
        current = pointer(home, name)
        named = tuple(version for version in (current["folder"], current["previous"]) if version)
        there = all((folder(home) / name / version / storage.MANIFEST).is_file() for version in named)
    except (ValueError, KeyError, TypeError):
        return ()
    return named if there and current["folder"] == current["fingerprint"][:16] else ()
