"""The only place that writes files: write, sync, rename; a reader sees the old content or the new, never a half."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from data.errors import Unavailable

MANIFEST = "MANIFEST.json"
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


def sha256_bytes(data: bytes) -> str:
    """SHA-256 of `data`, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's content, 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_folder(path: Path) -> Path:
    """Create `path` and its parents where they lack; Unavailable when that is not allowed."""
    with _explained(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


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
        expected = read_json(listing)
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
