"""The only place that writes files: write, sync, rename; a reader sees the old content or the new, never a half."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from data.checksums import MANIFEST, Damage, files_below, manifest, sha256_bytes, sha256_file, verify
from data.errors import Unavailable

__all__ = [
    "MANIFEST", "Damage", "abandoned", "commit_folder", "files_below", "free_space", "make_folder", "manifest",
    "read_json", "remove", "replacing", "sha256_bytes", "sha256_file", "sweep", "sync_folder", "temporary_name",
    "verify", "write_bytes", "write_json", "write_text",
]  # fmt: skip

_TOKEN = secrets.token_hex(6)  # tells this process from a dead one that had the same number


def temporary_name() -> str:
    """A new name that `sweep` recognises: `tmp_<pid>_<process token>_<random>`."""
    return f"tmp_{os.getpid()}_{_TOKEN}_{secrets.token_hex(6)}"


def abandoned(name: str) -> bool:
    """True for a `temporary_name` whose process is gone."""
    parts = name.split("_")
    if len(parts) < 4 or parts[0] != "tmp" or not parts[1].isdigit():
        return False
    if int(parts[1]) == os.getpid():
        return parts[2] != _TOKEN
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _sync(path: Path) -> None:
    """Make the content of a file, or the names inside a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names inside `folder` survive a power cut."""
    _sync(folder)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn a full or read-only disk into `Unavailable` with what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(f"[disk_full] No room left to write {path}.", "Free some space and try again.") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise Unavailable(f"[read_only] {path} cannot be written.", "Check the folder's permissions.") from error
        raise


@contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[BinaryIO]:
    """A binary file to write into; it appears under `path` whole when the block ends well, else nothing changes.

    Raises Unavailable [disk_full] or [read_only]. `durable=False` leaves syncing to `commit_folder`.
    """
    temporary = path.with_name(temporary_name())
    with _explained(path):
        try:
            with open(temporary, "xb") as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if durable:
            sync_folder(path.parent)


def write_bytes(path: Path, data: bytes, durable: bool = True) -> None:
    """Write `data` under `path` in one step; its folder must exist."""
    with replacing(path, durable) as file:
        file.write(data)


def write_text(path: Path, text: str, durable: bool = True) -> None:
    """Write `text` as UTF-8 in one step; UnicodeEncodeError when it holds lone surrogates."""
    write_bytes(path, text.encode("utf-8"), durable)


def write_json(path: Path, value: Any, durable: bool = True) -> None:
    """Write `value` as JSON in one step; ValueError for NaN and infinities, which JSON cannot hold.

    Nothing follows the last bracket, so that a file cut anywhere is no JSON any more.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        data = json.dumps(value, indent=1, allow_nan=False).encode("ascii")
    write_bytes(path, data, durable)


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote; ValueError names the file when it is damaged."""
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"[damaged] {path} is not readable as JSON ({error}). Run `uzor doctor`.") from error


def make_folder(path: Path) -> Path:
    """Create `path` and its parents where they lack; Unavailable when that is not allowed."""
    with _explained(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def commit_folder(staged: Path, final: Path) -> None:
    """Make everything below `staged` durable and give it its final name in one rename.

    FileExistsError when `final` is there already. Unavailable [disk_full] when syncing finds no room.
    """
    if final.exists():
        raise FileExistsError(f"{final} exists already")
    make_folder(final.parent)
    with _explained(final):
        with ThreadPoolExecutor(8) as pool:  # syncs wait for the disk, and the disk likes to be given many at once
            for _ in pool.map(_sync, [*files_below(staged), *(Path(where) for where, _, _ in os.walk(staged))]):
                pass
        os.rename(staged, final)
        sync_folder(final.parent)


def free_space(folder: Path, needed: int) -> None:
    """Unavailable [disk_full] unless `needed` bytes and a fifth more are free where `folder` will lie."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed * 1.2:
        missing = int(needed * 1.2) - free
        raise Unavailable(
            f"[disk_full] {needed:,} bytes are to be written to {folder}, {free:,} are free.",
            f"Free at least {missing:,} bytes and try again.",
        )


def remove(path: Path) -> None:
    """Remove a file or a whole folder if it is there."""
    with _explained(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        for patience in (0.02, 0.1, 0.5, None):
            try:
                return shutil.rmtree(path)
            except OSError as error:  # the last file of a process that is just dying
                if error.errno != errno.ENOTEMPTY or patience is None:
                    raise
                time.sleep(patience)


def sweep(folder: Path, deep: bool = False) -> list[Path]:
    """Remove what dead processes left half-written directly in `folder` (`deep`: anywhere below); says what went."""
    swept = []
    for where, folders, names in os.walk(folder):
        for name in [name for name in (*folders, *names) if abandoned(name)]:
            remove(Path(where, name))
            swept.append(Path(where, name))
        folders[:] = [name for name in folders if deep and not name.startswith("tmp_")]
    return swept
