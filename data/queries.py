"""Query sets of a workspace: kept by name and content, so that a run always finds the judgments it was scored with."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data import storage, versions
from data.judgments import Coverage, QuerySet, QuerySetError, TextQuery
from data.query_export import write_judgments_csv, write_qrels, write_queries
from data.query_files import read_csv, read_json, read_query_set, read_tsv
from data.refusals import Note, Refused
from data.shelf import catalogue_name

__all__ = [
    "Coverage",
    "QuerySet",
    "QuerySetError",
    "TextQuery",
    "load",
    "names",
    "read_csv",
    "read_json",
    "read_query_set",
    "read_tsv",
    "remove",
    "save",
    "since",
    "write_judgments_csv",
    "write_qrels",
    "write_queries",
]


def _folder(home: Path) -> Path:
    return Path(home) / "query_sets"


def save(home: Path, query_set: QuerySet) -> Path:
    """Keep a query set as `<name>-<fingerprint16>.json` and make it the current one of its name.

    Earlier ones of the name stay for the runs that used them; the same content again changes nothing. Refused
    [bad_name]; ValueError when the name belongs to a query set of another catalogue.
    """
    name = catalogue_name(query_set.name)
    if re.search(r"-[0-9a-f]{16}$", name):
        raise Refused("bad_name", field="name", found=name)
    before = _current(home, name)
    if before and before["catalogue"] != query_set.catalogue:
        raise ValueError(
            f"Query set {name!r} belongs to catalogue {before['catalogue']!r}; save this one under another name"
        )
    path = storage.make_folder(_folder(home)) / f"{name}-{query_set.fingerprint[:16]}.json"
    if path.is_file() and not _intact(path):
        versions.set_aside(home, path)
    if not path.is_file():
        storage.write_json(path, _record(query_set))
    if before.get("fingerprint") != query_set.fingerprint:
        pointer = {"fingerprint": query_set.fingerprint, "catalogue": query_set.catalogue}
        storage.write_json(_folder(home) / f"{name}.json", pointer)
    return path


def _intact(path: Path) -> bool:
    try:
        return bool(read_saved(path))
    except Refused:
        return False


def _digest(record: dict[str, Any]) -> str:
    """Over everything in the record, so that damage to what the fingerprint leaves out is found as well."""
    plain = {name: value for name, value in record.items() if name != "digest"}
    return storage.sha256_bytes(json.dumps(plain, sort_keys=True).encode("ascii"))


def _record(query_set: QuerySet) -> dict[str, Any]:
    record: dict[str, Any] = {
        "fingerprint": query_set.fingerprint,
        "name": query_set.name,
        "version": query_set.version,
        "catalogue": query_set.catalogue,
        "queries": [asdict(query) for query in query_set.queries],
        "judgments": query_set.judgments,
        "notes": [note.record() for note in query_set.notes],
        "pictures": query_set.pictures,
    }
    return {**record, "digest": _digest(record)}


def _current(home: Path, name: str) -> dict[str, str]:
    path = _folder(home) / f"{name}.json"
    return storage.read_json(path) if path.is_file() else {}


def load(home: Path, name: str, fingerprint: str | None = None) -> QuerySet:
    """The current query set of that name, or the one with `fingerprint`.

    LookupError names those there are; Refused [checksum] when the file is not what was saved.
    """
    safe = catalogue_name(name)
    wanted = fingerprint or _current(home, safe).get("fingerprint", "")
    path = _folder(home) / f"{safe}-{wanted[:16]}.json"
    if not wanted or not path.is_file():
        there = ", ".join(names(home)) or "none yet"
        version = f" with fingerprint {fingerprint[:16]}" if fingerprint else ""
        raise LookupError(f"There is no query set {name!r}{version}; there are: {there}")
    return read_saved(path)


def since(home: Path, name: str) -> int:
    """When the query set of that name became the current one, in nanoseconds of the file system; 0 without one."""
    path = _folder(home) / f"{catalogue_name(name)}.json"
    return path.stat().st_mtime_ns if path.is_file() else 0


def remove(home: Path, name: str) -> None:
    """Take a query set off the list; what it was stays for the runs that used it. LookupError when it is not there."""
    if name not in names(home):
        raise LookupError(f"There is no query set {name!r}; there are: {', '.join(names(home)) or 'none yet'}")
    storage.remove(_folder(home) / f"{name}.json")


def read_saved(path: Path) -> QuerySet:
    """A query set as `save` wrote it; Refused [checksum] when its content is not what its fingerprint says."""
    try:
        record = storage.read_json(path)
        query_set = QuerySet(
            record["name"],
            record["version"],
            record["catalogue"],
            tuple(TextQuery(query["id"], query["text"], tuple(query["tags"])) for query in record["queries"]),
            record["judgments"],
            tuple(Note(**{**note, "rows": tuple(note["rows"])}) for note in record["notes"]),
            record["pictures"],
        )
        found, expected = query_set.fingerprint + _digest(record), record["fingerprint"] + record["digest"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("checksum", file=str(path), found=str(error)[:100]) from error
    if found != expected:
        raise Refused("checksum", file=str(path), found=found[:16], limit=expected[:16])
    return query_set


def _belongs(pointer: Path) -> str:
    """The catalogue a query set is for, "" when its file cannot be read."""
    try:
        return str(storage.read_json(pointer)["catalogue"])
    except (ValueError, KeyError, TypeError, OSError):
        return ""


def names(home: Path, catalogue: str | None = None) -> list[str]:
    """The query sets of a workspace by name, only those of `catalogue` when given.

    One whose file is damaged is among them in any case: `load` says what is wrong with it.
    """
    found = []
    for path in sorted(_folder(home).glob("*.json"), key=lambda path: path.stem):
        if not re.search(r"-[0-9a-f]{16}$", path.stem):
            if catalogue is None or _belongs(path) in (catalogue, ""):
                found.append(path.stem)
    return found
