"""Embroidery files from outside (PES, DST, JEF, …): their stitches within limits, a picture, and what they say."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from data.embroidery import Embroidery, Thread
from data.kinds import DESIGNS, looks_like
from data.refusals import Refused
from data.threads import THREADS

ATTRIBUTES = ("size_mm", "stitches", "colours", "threads", "formats")
_PIXELS = 512
_PALE = 205  # mean brightness of a design that needs a darker cloth
# What cannot be the start of an embroidery file; BMP and JSON begin with so little that a stitch may look like them.
_FOREIGN = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "AVIF", "ZIP archive", "PDF document", "SVG drawing", "XML",
            "HTML page, saved by a crawler?", "PostScript", "HEIC picture of a phone")  # fmt: skip
_SILENT = {"trim_at": None, "trim_distance": None, "clipping": False}  # keep every stitch as it stands in the file
_UNKNOWN = ("navy", "poppy", "sun", "grass", "royal", "tangerine", "violet", "turquoise", "walnut", "peony")
_STITCH, _JUMP, _CHANGES, _EJECT = 0, 1, (5, 9), 7  # commands of the library


@dataclass(frozen=True)
class DesignLimits:
    """What an embroidery file from outside may measure."""

    bytes: int = 6 * 2**20
    stitches: int = 500_000
    side: float = 1500.0  # mm
    colours: int = 250
    winding: float = 20_000.0  # length of its thread in lengths of its side


@dataclass(frozen=True)
class Design:
    """An embroidery file that was read; `known` is whether it says what colours its threads have."""

    embroidery: Embroidery
    format: str
    known: bool

    @property
    def attributes(self) -> dict[str, str]:
        """What a catalogue says of it, as text: the columns `ATTRIBUTES`."""
        return {**described(self.embroidery, self.known), "formats": self.format}


def described(embroidery: Embroidery, known: bool = True) -> dict[str, str]:
    """Size «width × height», stitches, colours and threads as text; without threads where they are not `known`."""
    width, height = embroidery.size_mm
    threads = ", ".join(_called(thread) for thread in embroidery.used) if known else ""
    return {
        "size_mm": f"{width:.1f} × {height:.1f}",
        "stitches": str(embroidery.stitches),
        "colours": str(embroidery.colours),
        "threads": threads,
    }


def _called(thread: Thread) -> str:
    return " ".join(part for part in (thread.code, thread.name) if part) or f"#{bytes(thread.rgb).hex()}"


def opened(data: bytes, name: str, limits: DesignLimits | None = None) -> Design:
    """An embroidery file read by its extension; parsing foreign bytes, so only to be called where a crash may happen.

    Refused [unknown_design], [empty], [too_big], [not_a_design], [damaged], [no_stitches], [too_many_stitches],
    [too_many_colours] or [design_size].
    """
    limits = limits or DesignLimits()
    form = DESIGNS.get(Path(name).suffix.lower())
    if form is None:
        raise Refused("unknown_design", file=name, found=Path(name).suffix.lower())
    _refuse_bytes(data, name, form, limits)
    pattern = _parsed(data, name, form)
    try:
        embroidery, known = _taken(pattern, form)
    except Refused:
        raise
    except Exception as error:
        raise Refused("damaged", file=name, found=f"{type(error).__name__}: {error}"[:200]) from error
    _refuse_measures(embroidery, name, limits)
    return Design(embroidery, form, known)


def _refuse_bytes(data: bytes, name: str, form: str, limits: DesignLimits) -> None:
    if not data:
        raise Refused("empty", file=name)
    if len(data) > limits.bytes:
        raise Refused("too_big", file=name, found=f"{len(data):,} bytes", limit=f"{limits.bytes:,} bytes")
    looks = looks_like(data)
    begins = {"PES": b"#PE", "PEC": b"#PEC", "VP3": b"%vsm%"}.get(form, b"")
    if looks in _FOREIGN or not data.startswith(begins):
        raise Refused("not_a_design", file=name, found=looks)
    declared = int.from_bytes(data[4:8], "little") if form == "HUS" else 0
    if declared > limits.stitches:
        found, limit = f"{declared:,} stitches", f"{limits.stitches:,} stitches"
        raise Refused("too_many_stitches", file=name, found=found, limit=limit)


def _parsed(data: bytes, name: str, form: str) -> Any:
    """What the library makes of the bytes; whatever it raises is [damaged]."""
    import pystitch

    reader = importlib.import_module(f"pystitch.{form.capitalize()}Reader")
    pattern = pystitch.EmbPattern()
    try:
        reader.read(BytesIO(data), pattern, _SILENT)
    except (TypeError, IndexError, EOFError) as error:  # a reader that got no byte goes on with None
        raise Refused("damaged", file=name, found="it ends too early") from error
    except Exception as error:  # the readers raise whatever foreign bytes make them raise
        if "NoStitches" in type(error).__name__:
            raise Refused("no_stitches", file=name) from error
        raise Refused("damaged", file=name, found=f"{type(error).__name__}: {error}"[:200]) from error
    if not any(stitch[2] & 0xFF == _STITCH for stitch in pattern.stitches):
        raise Refused("no_stitches", file=name)
    return pattern


def _taken(pattern: Any, form: str) -> tuple[Embroidery, bool]:
    """The library's pattern as an embroidery, and whether its file names the colours."""
    commands = np.array([stitch[:3] for stitch in pattern.stitches], np.float64)
    command = commands[:, 2].astype(np.int64) & 0xFF
    moves = np.isin(command, (_STITCH, _JUMP, _EJECT))
    block = _blocks(command)[moves]
    points = (commands[moves, :2] * 0.1).astype(np.float32)
    jump = command[moves] != _STITCH
    if not jump[0]:  # the machine starts where the hoop's middle is
        points, jump, block = np.insert(points, 0, 0, axis=0), np.insert(jump, 0, True), np.insert(block, 0, 0)
    listed = [_thread(thread) for thread in pattern.threadlist if thread is not None]
    count = int(block.max()) + 1
    threads = [*listed[:count], *(_invented(at) for at in range(len(listed), count))]
    distinct = tuple(dict.fromkeys(threads))
    colour = np.array([distinct.index(thread) for thread in threads], np.int16)[block]
    return Embroidery(points, colour, jump, distinct), bool(listed)


def _blocks(command: np.ndarray) -> np.ndarray:
    """The block of colour each command belongs to: a change counts when something was sewn since the one before."""
    sewn = np.cumsum(command == _STITCH)
    changes = np.flatnonzero(np.isin(command, _CHANGES))
    real = np.diff(sewn[changes], prepend=0) > 0
    block = np.zeros(len(command), np.int64)
    block[changes[real]] = 1
    return np.cumsum(block)


def _thread(thread: Any) -> Thread:
    colour = int(thread.color or 0)
    name = _plain(thread.description)
    return Thread(name, (colour >> 16 & 255, colour >> 8 & 255, colour & 255), _plain(thread.catalog_number))


def _plain(text: Any) -> str:
    """A short text of printable characters, whatever the file held."""
    kept = "".join(sign for sign in str(text or "") if sign.isprintable() and sign != ",")
    return re.sub(r"\s+", " ", kept).strip()[:40]


def _invented(at: int) -> Thread:
    """A colour for a thread that its file does not name."""
    return Thread(f"colour {at + 1}", THREADS[_UNKNOWN[at % len(_UNKNOWN)]].rgb)


def _refuse_measures(embroidery: Embroidery, name: str, limits: DesignLimits) -> None:
    found, allowed = embroidery.stitches, limits.stitches
    if found > allowed:
        raise Refused("too_many_stitches", file=name, found=f"{found:,} stitches", limit=f"{allowed:,} stitches")
    if embroidery.colours > limits.colours:
        found, allowed = embroidery.colours, limits.colours
        raise Refused("too_many_colours", file=name, found=f"{found} colours", limit=f"{allowed} colours")
    width, height = embroidery.size_mm
    ends = np.flatnonzero(~embroidery.jump)
    length = float(np.hypot(*(embroidery.points[ends] - embroidery.points[ends - 1]).T).sum())
    side = max(width, height)
    if not 1 <= side <= limits.side or length > limits.winding * side:
        shown = f"{width:.1f} × {height:.1f} mm, {length / 1000:,.1f} m of thread"
        raise Refused("design_size", file=name, found=shown, limit=f"1 … {limits.side:g} mm")


def picture(design: Design) -> bytes:
    """The design on plain cloth, a WebP of 512 pixels a side, the same every time; pale ones lie on grey."""
    from data.rendering import render

    threads = np.array([thread.rgb for thread in design.embroidery.threads], np.float64)
    pale = threads.mean(axis=1)[design.embroidery.colour[~design.embroidery.jump]].mean() > _PALE
    buffer = BytesIO()
    render(design.embroidery, _PIXELS, "grey linen" if pale else "white cotton", "preview").save(
        buffer, "WEBP", quality=90, method=3
    )
    return buffer.getvalue()
