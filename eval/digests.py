"""Files known by what they hold: their sha256, where it is written down, and how to see that a file changed."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from eval.damage import BadCheckpoint

_CHECKSUM = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


def file_state(path: Path) -> tuple[str, int, int, int]:
    """What tells a file from what it was before, without reading it: where it lies, size, times of change."""
    state = path.stat()
    return str(path.resolve()), state.st_size, state.st_mtime_ns, state.st_ctime_ns


def sha256(path: Path) -> str:
    """The file's sha256 in hex, computed once per process for a given `file_state`.

    BadCheckpoint when something says otherwise: a file of the Hugging Face cache bears its sha256 (a small one its git
    hash) as its name, and a SHA256SUMS file may lie beside others.
    """
    path = Path(path).resolve()
    found, git = _digests(*file_state(path))
    expected = blob(path) or _listed(path)
    if expected and expected not in (found, git):
        raise BadCheckpoint("checksum", path, f"sha256 is {found}, expected {expected}")
    return found


def blob(path: Path) -> str:
    """The checksum that a file of the Hugging Face cache bears as its name; "" for any other file."""
    found = Path(path).resolve()
    return found.name if found.parent.name == "blobs" and _CHECKSUM.fullmatch(found.name) else ""


@lru_cache(maxsize=256)
def _digests(path: str, size: int, *times: int) -> tuple[str, str]:
    """sha256 and git's object hash of a file; the latter only for files below 16 MiB, which git itself keeps."""
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if size >= 16 << 20:
        return found, ""
    git = hashlib.sha1(b"blob %d\0" % size + Path(path).read_bytes(), usedforsecurity=False)
    return found, git.hexdigest()


def _listed(path: Path) -> str:
    """What a SHA256SUMS file beside it (as sha256sum writes it) says of this file; "" when it says nothing."""
    sums = path.with_name("SHA256SUMS")
    lines = sums.read_text("utf-8").splitlines() if sums.is_file() else []
    return next((line.split()[0] for line in lines if line.split()[1:] in ([path.name], ["*" + path.name])), "")
