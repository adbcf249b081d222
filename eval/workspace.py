"""Where artefacts lie on the disk, under which keys, and who may write them now."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import storage, versions
from data.places import expanded
from data.progress import Progress, silent

if TYPE_CHECKING:
    from eval.doctor import Finding

FOLDERS = (
    "catalogues", "query_sets", "vectors", "projections", "features", "tunings", "models", "jobs", "staging", "damaged",
    "locks", "diagnoses", "candidates",
)  # fmt: skip
PROJECT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.25


def home_from_environment() -> Path:
    """`$UZOR_HOME`, or `workspace` in the project's folder."""
    return expanded(os.environ.get("UZOR_HOME") or str(PROJECT / "workspace")).absolute()


def key(*parts: Any) -> str:
    """A content key: 32 hex digits that change when any part does; parts are JSON values or bytes."""
    digest = hashlib.sha256()
    for part in parts:
        raw = bytes(part) if isinstance(part, (bytes, bytearray, memoryview)) else _canonical(part)
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()[:32]


def _canonical(part: Any) -> bytes:
    return json.dumps(part, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def new_id() -> str:
    """A name for something new: sorts by the wall clock (11 hex digits of milliseconds), then 12 random hex digits."""
    return f"{time.time_ns() // 1_000_000:011x}-{secrets.token_hex(6)}"


@contextmanager
def locked(home: Path, name: str, progress: Progress = silent) -> Iterator[None]:
    """Hold the lock `name` of the workspace; whoever comes second waits, telling `progress`, which may raise Cancelled.

    The lock is the operating system's: it is free again when its process dies, however it dies.
    """
    import filelock

    lock = filelock.FileLock(storage.make_folder(home / "locks") / f"{name}.lock")
    while True:
        try:
            lock.acquire(timeout=POLL_SECONDS)
            break
        except filelock.Timeout:
            progress(0, 1, "wait")
    try:
        yield
    finally:
        lock.release()


def set_aside(home: Path, path: Path) -> Path:
    """Move a damaged file or folder into `damaged/` under a new name and say where it lies now."""
    target = storage.make_folder(home / "damaged") / f"{new_id()}-{path.name}"
    path.rename(target)
    storage.sync_folder(target.parent)
    return target


@dataclass(frozen=True)
class Workspace:
    """A workspace folder: `$UZOR_HOME`, or what the user named."""

    home: Path

    def open(self) -> Workspace:
        """Create the folders that are missing and remove what dead processes left half-written; returns itself.

        Unavailable when the folder cannot be written.
        """
        home = storage.make_folder(self.home.expanduser().absolute())
        for name in FOLDERS:
            storage.make_folder(home / name)
        storage.sweep(home)
        for name in ("query_sets", "vectors", "projections", "features", "tunings", "jobs", "diagnoses", "candidates"):
            storage.sweep(home / name, deep=True)
        versions.sweep(home)
        return Workspace(home)

    def doctor(self, progress: Progress = silent) -> list[Finding]:
        """Check every file against its checksum; see `eval.doctor.examine`."""
        from eval import doctor

        return doctor.examine(self.home, progress)
