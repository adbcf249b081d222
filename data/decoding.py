"""The process that opens foreign pictures: `python -m data.decoding PARENT`, a JSON request and answer a line.

The first line is a `Task`; then `{"root", "relative"}` a line. The answer is `{"taken": …}`, `{"refused": …}` or
`{"failed": [what, remedy]}` (the disk is full). A picture that crashes its decoder ends this process and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from data import storage
from data.errors import Unavailable
from data.kinds import EXTENSIONS
from data.pixels import colour, thumbnail
from data.refusals import Refused
from data.untrusted import PictureLimits, inside, open_picture, read_file

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


def take(root: str, relative: str, task: Task) -> Taken:
    """Read, decode and store one picture with its thumbnail; Refused, or Unavailable when the disk is full."""
    path = inside(Path(root), relative)
    try:
        data = read_file(path, task.limits.bytes)
        opened = open_picture(data, task.limits, colour(task.background), draft=THUMBNAIL, name=path.name)
    except Refused as refused:
        raise Refused.of(type(refused.refusal)(**{**refused.refusal.record(), "file": relative})) from refused
    digest = storage.sha256_bytes(data)
    target = Path(task.target)
    picture = f"pictures/{digest[:2]}/{digest}{EXTENSIONS[opened.format][0]}"
    thumb = f"thumbs/{digest[:2]}/{digest}.webp"
    encoded = thumbnail(opened.picture, THUMBNAIL)
    for name, content in ((picture, data), (thumb, encoded)):
        if not (target / name).exists():
            (target / name).parent.mkdir(exist_ok=True)
            storage.write_bytes(target / name, content, durable=False)
    drafted = opened.picture.size not in (opened.size, opened.size[::-1])
    pixels = digest if drafted else storage.sha256_bytes(f"{opened.picture.size}".encode() + opened.picture.tobytes())
    return Taken(digest, picture, thumb, storage.sha256_bytes(encoded), pixels, len(data), *opened.size, opened.format,
                 opened.notes)  # fmt: skip


def answer(request: dict[str, Any], task: Task) -> dict[str, Any]:
    """One request → one answer; whatever goes wrong with this picture becomes its refusal."""
    try:
        return {"taken": asdict(take(request["root"], request["relative"], task))}
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
