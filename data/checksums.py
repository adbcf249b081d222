"""What a folder held when it was written: sizes and SHA-256 in its MANIFEST.json, and what has become of that."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "MANIFEST.json"


def sha256_bytes(data: bytes) -> str:
    """SHA-256 of `data`, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's content, 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Every ordinary file below `folder`, sorted by path."""
    return sorted(Path(where, name) for where, _, names in os.walk(folder) for name in names)


def manifest(folder: Path, known: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Relative path → {size, sha256} for every file below `folder` except the manifest itself.

    `known` gives hashes computed already (relative path → sha256), so that those files are not read again.
    """
    entries = {}
    for path in files_below(folder):
        relative = path.relative_to(folder).as_posix()
        if relative != MANIFEST:
            digest = (known or {}).get(relative) or sha256_file(path)
            entries[relative] = {"size": path.stat().st_size, "sha256": digest}
    return entries


@dataclass(frozen=True)
class Damage:
    """One file that is not as its manifest says; `kind` is missing, size, checksum, extra or manifest."""

    path: Path
    kind: str
    expected: str
    found: str


def verify(folder: Path) -> list[Damage]:
    """Compare every file of `folder` with its MANIFEST.json; an empty list means that nothing is wrong."""
    listing = folder / MANIFEST
    try:
        expected = json.loads(listing.read_bytes())
        entries = {str(name): (int(entry["size"]), str(entry["sha256"])) for name, entry in expected.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return [Damage(listing, "manifest", "a readable manifest", str(error))]
    damages = [damage for name, entry in entries.items() if (damage := _damage(folder / name, *entry))]
    known = {listing, *(folder / name for name in entries)}
    extra = [path for path in files_below(folder) if path not in known]
    return damages + [Damage(path, "extra", "no such file", f"{path.stat().st_size} bytes") for path in extra]


def _damage(path: Path, size: int, digest: str) -> Damage | None:
    if not path.is_file():
        return Damage(path, "missing", f"{size} bytes", "no file")
    if path.stat().st_size != size:
        return Damage(path, "size", f"{size} bytes", f"{path.stat().st_size} bytes")
    found = sha256_file(path)
    return None if found == digest else Damage(path, "checksum", digest, found)
