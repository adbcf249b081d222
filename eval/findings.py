"""What the doctor says of one file, and the small questions that every check asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import storage
from eval import workspace

STATES = ("ok", "rebuilt", "kept", "damaged", "missing")


@dataclass(frozen=True)
class Finding:
    """One file of the workspace.

    `state` is "ok"; "rebuilt": it was wrong and is right again, or is set aside and computed at its next use; "kept":
    nobody knows it, it stays; "damaged" or "missing": only the user can bring it back.
    """

    path: str  # relative to the workspace; for a database elsewhere its URL
    # "catalogue" | "picture" | "thumbnail" | "query_set" | "vectors" | "projection" | "diagnosis" | "model" |
    # "features" | "runs" | "judgments" | "candidates"
    kind: str
    state: str
    says: str = ""


@dataclass(frozen=True)
class Report:
    """Makes findings of one kind in one workspace."""

    home: Path
    kind: str

    def __call__(self, path: Path, state: str = "ok", says: str = "", kind: str = "") -> Finding:
        """A finding about `path`."""
        return Finding(path.relative_to(self.home).as_posix(), kind or self.kind, state, says)

    def aside(self, path: Path, why: str) -> Finding:
        """Move something that can be computed again into `damaged/` and say so."""
        finding = self(path, "rebuilt")
        where = workspace.set_aside(self.home, path).relative_to(self.home)
        return Finding(
            finding.path, self.kind, "rebuilt", f"{why}; lies in {where} now, computed again at its next use"
        )


def read(path: Path) -> Any:
    """A JSON file of Uzor's own; ValueError when it is not, to the byte, what `data.storage.write_json` writes."""
    value, found = storage.read_json(path), path.read_bytes().rstrip(b"\n")
    if found not in (
        json.dumps(value, ensure_ascii=plain, indent=1).encode("utf-8", "replace") for plain in (False, True)
    ):
        raise ValueError("its bytes are not as Uzor writes them")
    return value


@contextmanager
def free(home: Path, lock: str) -> Iterator[bool]:
    """True while we hold the lock, False when somebody else works there now."""
    import filelock

    held = filelock.FileLock(storage.make_folder(home / "locks") / f"{lock}.lock")
    try:
        held.acquire(timeout=0)
    except filelock.Timeout:
        yield False
        return
    try:
        yield True
    finally:
        held.release()
