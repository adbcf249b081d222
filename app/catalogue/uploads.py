"""Files that came through the browser: kept under safe names until a job has read them."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
import unicodedata
import uuid
from pathlib import Path
from typing import Protocol

from data import shelf, storage

KEEP_SECONDS = 24 * 3600
_PLAIN = re.compile(r"[^\w.-]+")
_UNSAFE = re.compile(r"[^\w ()+,.-]+")


class Uploaded(Protocol):
    """What Streamlit hands over: a name that somebody else chose, and bytes."""

    name: str

    def getvalue(self) -> bytes:
        """The file's bytes."""


def keep(home: Path, upload: Uploaded) -> Path:
    """Write the upload to `uploads/<sha256>/<its safe name>` and return the path; yesterday's are removed."""
    content = upload.getvalue()
    target = home / "uploads" / hashlib.sha256(content).hexdigest()[:32] / safe_name(upload.name)
    if not target.is_file():
        sweep(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        storage.write_bytes(target, content)
    return target


def folder(home: Path) -> Path:
    """A new folder of the workspace for files that belong together; yesterday's are removed."""
    sweep(home)
    made = home / "uploads" / uuid.uuid4().hex
    made.mkdir(parents=True)
    return made


def keep_in(place: Path, upload: Uploaded) -> Path:
    """Write the upload into a folder made by `folder` under its safe name; a file of that name is replaced."""
    target = place / safe_name(upload.name)
    storage.write_bytes(target, upload.getvalue())
    return target


def safe_name(name: str) -> str:
    """What a visitor's file is called on the disk: the last part of `name` without signs that mean something there.

    Letters, digits, spaces, dots, dashes, commas, pluses and brackets stay, at most 80 characters and an extension of
    12; never hidden, never empty.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = _UNSAFE.sub("", last).strip(" .")
    stem, dot, extension = clean.rpartition(".")
    if not dot:
        stem, extension = clean, ""
    extension = _PLAIN.sub("", extension)[:12].lower()
    return (stem[:80].strip(" .") or "file") + (f".{extension}" if extension else "")


def sweep(home: Path) -> None:
    """Remove uploads older than a day."""
    there = home / "uploads"
    for old in there.iterdir() if there.is_dir() else ():
        if old.is_dir() and time.time() - old.stat().st_mtime > KEEP_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def plain_name(name: str) -> str:
    """A catalogue name made from a file name."""
    return shelf.plain_name(Path(name).stem.lower())
