"""Draws a whole set of offers into a folder, as a table with pictures that is imported like any other catalogue."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from data import cleaning, storage
from data.demo.drawing import SIDE
from data.demo.gallery import SETS
from data.errors import Unavailable
from data.progress import Progress, silent

TABLE = "products.csv"
_PROJECT = Path(__file__).resolve().parents[2]


def build(folder: Path, which: str = "gallery", side: int = SIDE, limit: int = 0, processes: int = 0,
          kind: str = "jpg", progress: Progress = silent) -> Path:  # fmt: skip
    """Draw the set `which` ("gallery", "pool", "training") into `folder`: products.csv and pictures/; its table.

    The first `limit` offers only, when given. `kind` is one of `data.demo.drawing.KINDS`. `processes` share the work,
    by default one a core that may be used, at most 8; the files are the same for any number. `progress` hears "draw"
    after every design and may raise Cancelled; the folder appears whole at the end or not at all. LookupError for an
    unknown set, FileExistsError when the folder is there, Unavailable when a drawing process ends early.
    """
    if which not in SETS:
        raise LookupError(f"There is no set {which!r} to draw; there are {', '.join(SETS)}")
    if folder.exists():
        raise FileExistsError(f"{folder} exists already; remove it or name another folder")
    offers = SETS[which]()[: limit or None]
    staged = storage.make_folder(folder.parent) / storage.temporary_name()
    storage.make_folder(staged / "pictures")
    try:
        rows: dict[str, dict[str, str]] = {}
        progress(0, len(offers), "draw")
        with _hands(which, len(offers), side, kind, processes or _cores(), staged) as told:
            for row in told:
                rows[row["id"]] = row
                progress(len(rows), len(offers), "draw")
        table = [rows[offer.id] for offer in offers]
        cleaning.write_csv(staged / TABLE, list(table[0]), [list(row.values()) for row in table])
        staged.rename(folder)
    finally:
        storage.remove(staged)
    return folder / TABLE


def _cores() -> int:
    return min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class _Hand:
    """One drawing process; a thread puts the lines it tells into `lines`, and the hand itself when it has ended."""

    def __init__(self, words: list[str], lines: queue.Queue[bytes | _Hand]) -> None:
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH", ""))))
        self.complaints = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "data.demo.hands", *words], stdout=subprocess.PIPE, stderr=self.complaints,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}, cwd=_PROJECT, start_new_session=True,
        )  # fmt: skip
        self.thread = threading.Thread(target=self._listen, args=(lines,), daemon=True)
        self.thread.start()

    def _listen(self, lines: queue.Queue[bytes | _Hand]) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as told:
            for line in told:
                lines.put(line)
        lines.put(self)

    def ended_well(self) -> None:
        """Unavailable with the last complaint when the process ended with an error."""
        if code := self.process.wait():
            self.complaints.seek(0)
            why = self.complaints.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise Unavailable(
                f"A drawing process ended with {code}: {''.join(why)}.",
                f"Run `{sys.executable} -m data.demo.hands pool 1 0 1 256 jpg FOLDER` in {_PROJECT} to see why.",
            )

    def end(self) -> None:
        """Stop the process, wherever it is; nothing of it remains."""
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.complaints.close()


@contextlib.contextmanager
def _hands(
    which: str, limit: int, side: int, kind: str, count: int, folder: Path
) -> Iterator[Iterator[dict[str, str]]]:
    """The rows of `count` drawing processes as they come; all processes are gone afterwards."""
    lines: queue.Queue[bytes | _Hand] = queue.Queue()
    with contextlib.ExitStack() as stack:
        for number in range(count):
            hand = _Hand([which, *map(str, (limit, number, count, side)), kind, str(folder)], lines)
            stack.callback(hand.end)
        yield _told(lines, count)


def _told(lines: queue.Queue[bytes | _Hand], count: int) -> Iterator[dict[str, str]]:
    while count:
        line = lines.get()
        if isinstance(line, bytes):
            yield json.loads(line)
        else:
            line.ended_well()
            count -= 1
