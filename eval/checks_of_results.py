"""The doctor's look at what Uzor computed: vectors and maps, which can be computed again, and runs, which cannot."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data import storage
from data.progress import Progress
from eval import database, diagnoses, projection, vector_batches, vector_files
from eval.failures import kept
from eval.findings import Finding, Report, free, read
from eval.matching import kept as matchings
from eval.store import Store

RESTORE = "restore uzor.db from a backup"


def check_vectors(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every folder of vectors: finished ones by their manifest, unfinished ones batch by batch."""
    report = Report(home, "vectors")
    for folder in sorted(path for path in (home / "vectors").glob("*") if path.is_dir()):
        progress(0, 1, "check")
        with free(home, f"vectors-{folder.name}") as ours:
            if not ours:
                yield report(folder, "ok", "being computed now")
            elif why := _wrong_vectors(folder):
                yield report.aside(folder, why)
            else:
                yield from [report(path) for path in storage.files_below(folder)]


def _wrong_vectors(folder: Path) -> str:
    """What is wrong with a folder of vectors, or nothing."""
    listing = folder / storage.MANIFEST
    try:
        if not listing.exists():
            return _wrong_batches(folder)
        if set(read(listing)) != {vector_files.MATRIX, vector_files.IDS, vector_files.META}:
            return "its manifest does not list matrix, ids and meta"
        damages = [d for d in storage.verify(folder) if not (d.kind == "extra" and "-" in d.path.name)]
        if damages:
            return ", ".join(f"{damage.path.name}: {damage.kind}" for damage in damages)
        np.load(folder / vector_files.MATRIX, mmap_mode="r", allow_pickle=False)
        return ""
    except (OSError, ValueError, KeyError) as error:
        return str(error)


def _wrong_batches(folder: Path) -> str:
    """Unfinished work has its meta and whole batches, or nothing yet; a matrix without batches lost its manifest."""
    batches = list(folder.glob("[0-9]*-*.npy"))
    bad = [path.name for path in batches if not vector_batches.intact(path)]
    if bad:
        return f"{bad[0]} is not what its name says"
    if not batches and (folder / vector_files.MATRIX).exists():
        return "its manifest is missing"
    meta = read(folder / vector_files.META)
    if not vector_batches.sealed(meta) or storage.sha256_file(folder / vector_files.IDS) != meta["ids"]:
        return "its meta or its list of ids is not what was written"
    return ""


def check_projections(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every map with its record."""
    report = Report(home, "projection")
    place = home / "projections"
    for name in sorted({path.stem for path in place.glob("*.*") if path.suffix in (".parquet", ".json")}):
        progress(0, 1, "check")
        table, record = projection.paths(home, name)
        why = projection.wrong(table, record)
        if not why:
            try:
                read(record)
            except ValueError as error:
                why = str(error)
        for path in (table, record):
            if not why:
                yield report(path)
            elif path.exists():
                yield report.aside(path, why)
            else:
                yield report(path, "rebuilt", "missing; computed again at its next use")


def check_diagnoses(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every diagnosis, and the captions that encoders read."""
    report = Report(home, "diagnosis")
    for path in sorted((home / "diagnoses").glob("*.json.z")):
        progress(0, 1, "check")
        try:
            kept.opened(path.read_bytes())
            yield report(path)
        except (ValueError, zlib.error) as error:
            yield report.aside(path, str(error))
    for path in sorted((home / "diagnoses" / "texts").glob("*.npy")):
        progress(0, 1, "check")
        whole = storage.sha256_file(path)[:16] == path.stem.rpartition("-")[2]
        yield report(path) if whole else report.aside(path, "its content does not match its name")
    yield from _records(home, report, progress)


def _records(home: Path, report: Report, progress: Progress) -> Iterator[Finding]:
    """Every curve, tower record and explanation by its digest; a bad one is set aside and computed again."""
    for path in sorted((home / diagnoses.FOLDER).glob("*.json")):
        progress(0, 1, "check")
        why = diagnoses.wrong(path)
        if not why:
            try:
                read(path)
            except ValueError as error:
                why = str(error)
        yield report.aside(path, why) if why else report(path)


def check_matchings(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every matching by its digest; a bad one is set aside and computed again."""
    report = Report(home, "matching")
    for path in matchings.every(home):
        progress(0, 1, "check")
        try:
            matchings.opened(path.read_bytes())
            yield report(path)
        except (ValueError, KeyError, TypeError, OSError) as error:
            yield report.aside(path, str(error))


def check_runs(home: Path, progress: Progress) -> Iterator[Finding]:
    """The database: is it there, is it Uzor's, is it well-formed, and is every row what was stored?"""
    path, report = home / database.DATABASE, Report(home, "runs")
    progress(0, 1, "check")
    if not path.exists():
        if (home / database.MARKER).exists():
            yield report(path, "missing", f"it was here; {RESTORE}")
        return
    try:
        database.check_file(path)
        said = database.quick_check(path)
        if said != "ok":
            yield report(path, "damaged", f"SQLite says: {said}; {RESTORE}")
            return
        yield from _rows(home, path, report)
    except ValueError as error:
        yield report(path, "damaged", str(error))


def _rows(home: Path, path: Path, report: Report) -> Iterator[Finding]:
    store = Store(home, url="")
    try:
        lost, wrong = store.lost(), store.damaged()
    finally:
        store.close()
    for run, why in wrong.items():
        yield report(path, "damaged", f"run {run}: {why}")
    if lost:
        yield report(path, "missing", f"{lost} runs that were stored are not in it; {RESTORE}")
    if not wrong and not lost:
        yield report(path)
