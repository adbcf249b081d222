"""Files that came through the browser: kept under names of our own until a job has read them."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from pathlib import Path
from typing import Protocol

from data import shelf, storage

KEEP_SECONDS = 24 * 3600
_PLAIN = re.compile(r"[^\w.-]+")


class Uploaded(Protocol):
    """What Streamlit hands over: a name that is only ever shown, and bytes."""

    name: str

    def getvalue(self) -> bytes:
        """The file's bytes."""


def keep(home: Path, upload: Uploaded) -> Path:
    """Write the upload to `uploads/<sha256>/file<ext>` of the workspace and return the path; yesterday's are removed.

    The visitor's file name is never used as a path; only a plain extension of it is kept.
    """
    content = upload.getvalue()
    folder = home / "uploads" / hashlib.sha256(content).hexdigest()[:32]
    suffix = Path(_PLAIN.sub("", upload.name)).suffix.lower()[:8]
    target = folder / f"file{suffix}"
    if not target.is_file():
        sweep(home)
        folder.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(target, content)
    return target


def sweep(home: Path) -> None:
    """Remove uploads older than a day."""
    folder = home / "uploads"
    for old in folder.iterdir() if folder.is_dir() else ():
        if old.is_dir() and time.time() - old.stat().st_mtime > KEEP_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def plain_name(name: str) -> str:
    """A catalogue name made from a file name."""
    return shelf.plain_name(Path(name).stem.lower())
