"""The one door for files from outside: paths that stay inside their folder, pictures that stay inside their limits."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from data.kinds import EXTENSIONS, FORMATS, kind_of, looks_like
from data.pixels import Colour, flattened
from data.refusals import Refused

_LONGEST_PATH = 1024
# Pillow's own warning comes later and higher than the limit that is held against the header here.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class PictureLimits:
    """What a picture from outside may measure; `bytes` on disk, `pixels` and sides as the header says."""

    bytes: int = 64 * 2**20
    pixels: int = 40_000_000
    aspect: float = 20.0
    side: int = 8


@dataclass(frozen=True)
class Opened:
    """A picture as it is meant: upright RGB of 8 bits, and notes on what was done (`code` or `code:detail`)."""

    picture: Image.Image
    notes: tuple[str, ...]
    format: str
    size: tuple[int, int]  # as the header says, before turning and drafting


def inside(root: Path, relative: str) -> Path:
    """The ordinary file `relative` below `root`, links followed.

    Refused [remote_picture], [unsafe_path] (absolute, drive letter, `..`, NUL, too long, link that leads out),
    [missing_file] or [not_a_file]. Where no file of that very name is there, backslashes count as slashes and letters
    with marks (й, ё) may be composed or not, as archives from other systems leave them.
    """
    safe = safe_relative(relative)
    base = os.path.realpath(root)
    for candidate in _spellings(safe):
        try:
            real = os.path.realpath(os.path.join(base, candidate))
            mode = os.stat(real).st_mode
        except FileNotFoundError:
            if os.path.islink(os.path.join(base, candidate)) and not _below(real, base):
                raise Refused("unsafe_path", file=relative) from None
            continue
        except (NotADirectoryError, OSError, ValueError) as error:
            if isinstance(error, PermissionError):
                raise Refused("unreadable", file=relative, found=error.strerror or "") from error
            continue
        if not _below(real, base):
            raise Refused("unsafe_path", file=relative)
        if not stat.S_ISREG(mode):
            raise Refused("not_a_file", file=relative, found=kind_of(mode))
        return Path(real)
    raise Refused("missing_file", file=relative, found=f"looked in {root}")


def _spellings(relative: str) -> Iterator[str]:
    yield relative
    slashed = relative.replace("\\", "/")
    forms = (slashed, unicodedata.normalize("NFC", slashed), unicodedata.normalize("NFD", slashed))
    yield from (form for form in dict.fromkeys(forms) if form != relative)


def safe_relative(relative: str) -> str:
    """`relative` when nothing in its spelling leads out of a folder; Refused [remote_picture] or [unsafe_path]."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://|//|data:", relative):
        raise Refused("remote_picture", file=relative[:200])
    as_slashes = relative.replace("\\", "/")
    reason = (
        "NUL character" if "\0" in relative else
        f"{len(relative)} characters" if len(relative) > _LONGEST_PATH else
        "absolute path" if as_slashes.startswith(("/", "~")) else
        "drive letter" if re.match(r"[A-Za-z]:", relative) else
        "leads upwards" if ".." in as_slashes.split("/") else ""
    )  # fmt: skip
    if reason:
        raise Refused("unsafe_path", file=relative.replace("\0", "\\0")[:200], found=reason)
    return relative


def _below(path: str, base: str) -> bool:
    return path == base or path.startswith(base.rstrip(os.sep) + os.sep)


def read_file(path: Path, limit: int) -> bytes:
    """The bytes of an ordinary file of at most `limit` bytes; never waits on a pipe.

    Refused [missing_file], [not_a_file], [unreadable], [empty] or [too_big].
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError as error:
        raise Refused("missing_file", file=path.name) from error
    except OSError as error:
        raise Refused("unreadable", file=path.name, found=error.strerror or "") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise Refused("not_a_file", file=path.name, found=kind_of(status.st_mode))
    with os.fdopen(handle, "rb") as file:
        if status.st_size > limit:
            raise Refused("too_big", file=path.name, found=f"{status.st_size:,} bytes", limit=f"{limit:,} bytes")
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise Refused("unreadable", file=path.name, found=error.strerror or "") from error
    if not data:
        raise Refused("empty", file=path.name)
    return data


def open_picture(
    source: Path | str | bytes,
    limits: PictureLimits | None = None,
    background: Colour = (255, 255, 255),
    draft: int = 0,
    name: str = "",
) -> Opened:
    """Open a picture as it is meant: turned by EXIF, first frame, 8 bits, on `background`, RGB.

    Everything is decoded to its end. `draft` allows a big JPEG to be decoded smaller, its short side not below that.
    Refused with one of the codes of `data.wording.PICTURES`; any other error of the decoder is [damaged].
    """
    limits = limits or PictureLimits()
    if isinstance(source, bytes):
        data = source
        if not data:
            raise Refused("empty", file=name)
    else:
        name = name or Path(source).name
        data = read_file(Path(source), limits.bytes)
    picture = _header(data, limits, name)
    size = picture.size
    try:
        if draft and picture.format == "JPEG":
            picture.draft(picture.mode, (draft, draft))
        picture.load()
        rgb, notes = flattened(picture, background)
    except Exception as error:  # the decoders raise a dozen types on foreign bytes
        raise _damaged(error, name) from error
    if name and (suffix := Path(name).suffix.lower()) and suffix not in EXTENSIONS.get(picture.format or "", ()):
        notes = (*notes, f"extension:{picture.format}")
    return Opened(rgb, notes, picture.format or "", size)


def _damaged(error: Exception, name: str) -> Refused:
    return Refused("damaged", file=name, found=f"{type(error).__name__}: {error}"[:200])


def _header(data: bytes, limits: PictureLimits, name: str) -> Image.Image:
    """Read the header only and hold it against the limits."""
    try:
        picture = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        looks = looks_like(data)
        raise Refused("damaged" if looks in FORMATS else "not_an_image", file=name, found=looks) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        pixels = re.search(r"\d+", str(error))
        found = f"{int(pixels.group()):,} pixels" if pixels else ""
        raise Refused("too_many_pixels", file=name, found=found, limit=f"{limits.pixels:,} pixels") from error
    except Exception as error:
        raise _damaged(error, name) from error
    width, height = picture.size
    found = f"{width} × {height}"
    if min(width, height) < 1:
        raise Refused("damaged", file=name, found=found)
    if width * height > limits.pixels:
        raise Refused("too_many_pixels", file=name, found=found, limit=f"{limits.pixels:,} pixels")
    if max(width, height) > limits.aspect * min(width, height):
        raise Refused("aspect", file=name, found=found, limit=f"{limits.aspect:g} : 1")
    if min(width, height) < limits.side:
        raise Refused("too_small", file=name, found=found, limit=f"{limits.side} pixels a side")
    return picture
