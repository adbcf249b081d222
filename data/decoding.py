"""The process that opens foreign pictures: `python -m data.decoding PARENT`, a JSON request and answer a line.

The first line is a `Task`; then `{"root", "relative", "others"}` a line. The answer is `{"taken": …}`,
`{"refused": …}` or `{"failed": [what, remedy]}` (the disk is full). A picture that crashes its decoder ends this
process and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from data import storage
from data.design_files import first_readable
from data.designs import picture
from data.errors import Unavailable
from data.kinds import DESIGNS, EXTENSIONS
from data.pixels import colour, thumbnail
from data.refusals import Refused
from data.untrusted import Opened, PictureLimits, inside, open_picture, read_file

THUMBNAIL = 256
_PR_SET_PDEATHSIG = 1
MEMORY = 2 * 2**30  # bytes of data a decoding process may allocate


@dataclass(frozen=True)
class Task:
    """Where pictures go and how they are opened."""

    target: str  # the staged folder of the catalogue
    background: str  # #rrggbb
    limits: PictureLimits


@dataclass(frozen=True)
class Taken:
    """A picture that was decoded to its end and lies in the staged folder."""

    sha256: str
    picture: str  # relative path of the stored original
    thumb: str  # relative path of the thumbnail
    thumb_sha256: str
    pixels: str  # equal for equal pixels
    bytes: int
    width: int
    height: int
    format: str
    notes: tuple[str, ...]
    attributes: dict[str, str] = field(default_factory=dict)  # what an embroidery file says of itself


def take(root: str, relative: str, task: Task, others: Sequence[str] = ()) -> Taken:
    """Read, decode and store one picture or design with its thumbnail; Refused, or Unavailable when the disk is full.

    `others` are files of the same design: beside a picture the first that can be read says how it is sewn, beside a
    design they stand in for one that cannot be read.
    """
    if Path(relative).suffix.lower() in DESIGNS:
        return _design(root, (relative, *others), task)
    data, opened = _picture(root, relative, task)
    drafted = opened.picture.size not in (opened.size, opened.size[::-1])
    own = f"{opened.picture.size}".encode() + opened.picture.tobytes()
    pixels = "" if drafted else storage.sha256_bytes(own)
    if not others:
        return _stored(data, opened, opened.notes, task, {}, pixels)
    beside = first_readable(root, others)
    said = tuple(note for note in beside.notes if note != "colours_unknown")
    return _stored(data, opened, (*opened.notes, *said), task, beside.attributes, pixels)


def _picture(root: str, relative: str, task: Task) -> tuple[bytes, Opened]:
    path = inside(Path(root), relative)
    try:
        data = read_file(path, task.limits.bytes)
        return data, open_picture(data, task.limits, colour(task.background), draft=THUMBNAIL, name=path.name)
    except Refused as refused:
        raise Refused.of(replace(refused.refusal, file=relative)) from refused


def _design(root: str, paths: tuple[str, ...], task: Task) -> Taken:
    """The first of a design's files that can be read, as a picture; the refusal of the first when none can."""
    read = first_readable(root, paths)
    if not read.design:
        assert read.refused is not None
        raise read.refused
    data = picture(read.design)
    shown = replace(open_picture(data), format=read.design.format)
    return _stored(data, shown, read.notes, task, read.attributes)


def _stored(data: bytes, opened: Opened, notes: tuple[str, ...], task: Task, attributes: dict[str, str],
            pixels: str = "") -> Taken:  # fmt: skip
    """Original and thumbnail written below the task's folder under the original's hash."""
    digest = storage.sha256_bytes(data)
    path = f"pictures/{digest[:2]}/{digest}{EXTENSIONS.get(opened.format, EXTENSIONS['WEBP'])[0]}"
    thumb, encoded = f"thumbs/{digest[:2]}/{digest}.webp", thumbnail(opened.picture, THUMBNAIL)
    for name, content in ((path, data), (thumb, encoded)):
        if not (target := Path(task.target) / name).exists():
            target.parent.mkdir(exist_ok=True)
            storage.write_bytes(target, content, durable=False)
    return Taken(digest, path, thumb, storage.sha256_bytes(encoded), pixels or digest, len(data), *opened.size,
                 opened.format, notes, attributes)  # fmt: skip


def answer(request: dict[str, Any], task: Task) -> dict[str, Any]:
    """One request → one answer; whatever goes wrong with this picture becomes its refusal."""
    try:
        return {"taken": asdict(take(request["root"], request["relative"], task, request.get("others", ())))}
    except Refused as refused:
        return {"refused": refused.refusal.record()}
    except Unavailable as error:
        return {"failed": [error.what, error.remedy]}
    except (Exception, MemoryError) as error:
        refusal = Refused("damaged", file=request["relative"], found=f"{type(error).__name__}: {error}"[:200])
        return {"refused": refusal.refusal.record()}


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _die_with(parent: int) -> None:
    """Have the kernel end this process when its importer dies, so that nothing is written behind its back (Linux)."""
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was told
        os._exit(1)


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer every request in turn until the other side closes."""
    described = json.loads(requests.readline())
    task = Task(described["target"], described["background"], PictureLimits(**described["limits"]))
    answers.write(json.dumps({"ready": os.getpid()}) + "\n")
    answers.flush()
    for line in requests:
        answers.write(json.dumps(answer(json.loads(line), task)) + "\n")
        answers.flush()


def main() -> None:
    """Keep the answers on a channel of their own, so that nothing a decoder prints can be taken for one."""
    channel = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    _limit_memory()
    _die_with(os.getppid() if len(sys.argv) < 2 else int(sys.argv[1]))
    try:
        serve(sys.stdin, channel)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # the importer is gone; there is nobody to tell


if __name__ == "__main__":
    main()
