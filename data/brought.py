"""One picture that somebody brought to search with: opened first in the decoding process, kept for a day."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from data import storage
from data.decoding import Task
from data.pixels import colour
from data.refusals import Refusal, Refused
from data.untrusted import PictureLimits, open_picture
from data.workers import Decoders, Request

LIMITS = PictureLimits()
WHITE = "#ffffff"


def folder(home: Path) -> Path:
    """Where brought pictures lie; the sweep of uploads removes it a day after the last one came."""
    return home / "uploads" / "pictures"


def take(home: Path, path: Path, background: str = WHITE) -> Path:
    """Open a picture (or embroidery file) in the decoding process and keep it by its content; returns the kept file.

    Refused with a code of `data.wording.PICTURES` for what cannot be shown; Unavailable [disk_full].
    """
    path = Path(path)
    target = storage.make_folder(folder(home))
    for name in ("pictures", "thumbs"):
        storage.make_folder(target / name)
    with Decoders(Task(str(target), background, LIMITS), count=1) as decoders:
        (_number, answer) = next(decoders.take([Request(0, str(path.parent.resolve()), path.name)]))
    if isinstance(answer, Refusal):
        raise Refused.of(answer)
    return target / answer.picture


def opened(path: Path, background: str = WHITE) -> Image.Image:
    """A picture that `take` kept, as it is meant: upright RGB; Refused [missing_file] once it was swept."""
    return open_picture(path, LIMITS, colour(background)).picture
