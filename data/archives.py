"""ZIP archives from outside: every member looked at before it is unpacked, the good ones under safe names."""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from data import storage
from data.kinds import WANTED
from data.progress import Progress, silent
from data.refusals import Note, Refusal, Refused
from data.untrusted import safe_relative

_CHUNK = 1 << 20
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold; bytes are those after unpacking."""

    members: int = 60_000
    bytes: int = 8 * 2**30
    member: int = 512 * 2**20
    ratio: int = 200  # of a member above a megabyte
    depth: int = 32
    name: int = 200  # bytes of one part of a path


def unpack(path: Path, target: Path, limits: ArchiveLimits | None = None, progress: Progress = silent,
           wanted: Collection[str] = WANTED) -> tuple[list[Refusal], list[Note]]:  # fmt: skip
    """Write the tables, pictures and designs of the archive below `target`; what was refused, by its name, and notes.

    Members whose extension is not `wanted` are left out with a note. Refused for a whole archive: [empty], [damaged],
    [too_many_members], [too_big]. `progress` hears "unpack" (bytes) and may raise Cancelled.
    """
    limits = limits or ArchiveLimits()
    if path.stat().st_size == 0:
        raise Refused("empty", file=path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpacked(archive, path, target, limits, progress, wanted)
    except (zipfile.BadZipFile, EOFError, ValueError, OverflowError, NotImplementedError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("damaged", file=path.name, found=f"{type(error).__name__}: {error}"[:200]) from error


def _unpacked(archive: zipfile.ZipFile, path: Path, target: Path, limits: ArchiveLimits,
              progress: Progress, wanted: Collection[str]) -> tuple[list[Refusal], list[Note]]:  # fmt: skip
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > limits.members:
        raise Refused("too_many_members", file=path.name, found=f"{len(members):,} files",
                      limit=f"{limits.members:,} files")  # fmt: skip
    total = sum(member.file_size for member in members)
    if total > limits.bytes:
        raise Refused("too_big", file=path.name, found=f"{total:,} bytes", limit=f"{limits.bytes:,} bytes")
    if sum(member.compress_size for member in members) > path.stat().st_size:
        raise Refused("damaged", file=path.name, found="its members overlap")
    storage.free_space(target, total)
    refused: list[Refusal] = []
    others: list[str] = []
    seen: set[str] = set()
    done = 0
    for member, name in _named(members, others, wanted):
        progress(done, total, "unpack")
        done += member.file_size
        try:
            _check(member, name, seen, limits)
            _write(archive, member, name, target)
        except Refused as error:
            refused.append(replace(error.refusal, file=error.refusal.file or name[:200]))
    progress(total, total, "unpack")
    return refused, [Note("other_files", len(others), ", ".join(others[:5]))] if others else []


def _named(members: list[zipfile.ZipInfo], others: list[str],
           wanted: Collection[str]) -> Iterator[tuple[zipfile.ZipInfo, str]]:  # fmt: skip
    """The members that may be of use with their names as they were meant; the rest is added to `others`."""
    for member in members:
        name = unicodedata.normalize("NFC", _meant(member))
        last = name.replace("\\", "/").rsplit("/", 1)[-1]
        if last.startswith(".") or name.startswith("__MACOSX/"):
            continue
        if Path(last).suffix.lower() in wanted:
            yield member, name
        else:
            others.append(name[:100])


def _meant(member: zipfile.ZipInfo) -> str:
    """The member's name; one that is not marked as UTF-8 was written by a Russian Windows."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    return member.filename.encode("cp437", "replace").decode("cp866", "replace")


def _check(member: zipfile.ZipInfo, name: str, seen: set[str], limits: ArchiveLimits) -> None:
    safe_relative(name)
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    bad = next((part for part in parts if len(part.encode()) > limits.name or _DEVICES.match(part)), "")
    if bad or len(parts) > limits.depth or any(not sign.isprintable() for sign in name):
        raise Refused("unsafe_path", file=name[:200], found=bad[:50] or f"{len(parts)} levels")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused("symlink", file=name)
    if member.flag_bits & 1:
        raise Refused("encrypted", file=name)
    size = member.file_size
    if size > limits.member or (size > _CHUNK and size > limits.ratio * max(member.compress_size, 1)):
        found, limit = f"{size:,} bytes", f"{limits.member:,} bytes, {limits.ratio}:1"
        raise Refused("too_big", file=name, found=found, limit=limit)
    if "/".join(parts).casefold() in seen:
        raise Refused("duplicate_member", file=name)
    seen.add("/".join(parts).casefold())


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, target: Path) -> None:
    place = target.joinpath(*(part for part in name.replace("\\", "/").split("/") if part not in ("", ".")))
    try:
        storage.make_folder(place.parent)
        with archive.open(member) as source, storage.replacing(place, durable=False) as file:
            left = member.file_size
            while data := source.read(min(_CHUNK, left + 1)):
                left -= len(data)
                if left < 0:
                    raise Refused("damaged", file=name, found="longer than it says")
                file.write(data)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, NotADirectoryError, IsADirectoryError,
            FileExistsError, RuntimeError) as error:  # fmt: skip
        if type(error).__name__ == "Unavailable":
            raise
        raise Refused("damaged", file=name, found=f"{type(error).__name__}: {error}"[:200]) from error
