"""What a diagnosis found, kept in the workspace by content: a record a file, read again without any model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from data import storage
from eval import workspace

FOLDER = "diagnoses"
KINDS = ("curve", "towers", "explanation", "probe", "efficiency", "gallery")


def path(home: Path, kind: str, key: str) -> Path:
    """Where the record of that kind and content key lies; ValueError for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"There is no diagnosis {kind!r}; there are {', '.join(KINDS)}")
    return Path(home) / FOLDER / f"{kind}-{key}.json"


def save(home: Path, kind: str, key: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a record under its content key, with the time it was made, and return it as it is kept."""
    said = {name: value for name, value in record.items() if name != "digest"}  # one that was kept before has one
    plain = {**said, "key": key, "made": datetime.now(UTC).isoformat(timespec="seconds")}
    kept = {**plain, "digest": workspace.key(plain)}
    place = path(home, kind, key)
    storage.make_folder(place.parent)
    storage.write_json(place, kept)
    again: dict[str, Any] = storage.read_json(place)
    return again


def load(home: Path, kind: str, key: str) -> dict[str, Any] | None:
    """The record of that key, None when there is none; a damaged one is set aside, for it can be made again."""
    place = path(home, kind, key)
    if not place.is_file():
        return None
    seen = place.stat()
    record = _checked(place, seen.st_mtime_ns, seen.st_size)
    if record is None:
        workspace.set_aside(home, place)
    return record


@lru_cache(maxsize=64)
def _checked(place: Path, changed: int, size: int) -> dict[str, Any] | None:
    """An intact record, read and checked once while its file stays as it is; not to be changed by who gets it."""
    if wrong(place):
        return None
    record: dict[str, Any] = storage.read_json(place)
    return record


def wrong(place: Path) -> str:
    """What is wrong with a record's file, or nothing."""
    try:
        record = storage.read_json(place)
        plain = {name: value for name, value in record.items() if name != "digest"}
        return "" if record["digest"] == workspace.key(plain) else f"{place.name} does not match its digest"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return str(error)


def stored(home: Path, kind: str, **fingerprints: str) -> list[dict[str, Any]]:
    """Every intact record of a kind, newest first, whose `fingerprints` have these values."""
    keys = [file.stem.partition("-")[2] for file in (Path(home) / FOLDER).glob(f"{kind}-*.json")]
    found = [record for key in keys if (record := load(home, kind, key))]
    kept = [one for one in found if all(one["fingerprints"].get(name) == value for name, value in fingerprints.items())]
    return sorted(kept, key=lambda one: (str(one["made"]), str(one["key"])), reverse=True)
