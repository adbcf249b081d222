"""Draws a whole set of offers into a folder, as a table with pictures that is imported like any other catalogue."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
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
          progress: Progress = silent) -> Path:  # fmt: skip
    """Draw the set `which` ("gallery", "pool", "training") into `folder`: products.csv and pictures/; its table.

    The first `limit` offers only, when given. `processes` share the work, by default one a core that may be used, at
    most 8; the files are the same for any number. `progress` hears "draw" after every design and may raise Cancelled;
    the folder appears whole at the end or not at all. LookupError for an unknown set, FileExistsError when the folder
    is there, Unavailable when a drawing process ends early.
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
        with _hands(which, len(offers), side, processes or _cores(), staged) as told:
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


@contextlib.contextmanager
def _hands(which: str, limit: int, side: int, count: int, folder: Path) -> Iterator[Iterator[dict[str, str]]]:
    """The rows of `count` drawing processes as they come; all processes are gone afterwards."""
    path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH", ""))))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "data.demo.hands", which, *map(str, (limit, number, count, side)), str(folder)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=_PROJECT, start_new_session=True,
        )
        for number in range(count)
    ]  # fmt: skip
    try:
        yield _told(started)
    finally:
        for process in started:
            process.kill()
            process.communicate()


def _told(started: list[subprocess.Popen[bytes]]) -> Iterator[dict[str, str]]:
    lines: queue.Queue[bytes | subprocess.Popen[bytes]] = queue.Queue()

    def listen(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(process)

    for process in started:
        threading.Thread(target=listen, args=(process,), daemon=True).start()
    ended = 0
    while ended < len(started):
        line = lines.get()
        if isinstance(line, bytes):
            yield json.loads(line)
        elif line.wait():
            assert line.stderr is not None
            why = line.stderr.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise Unavailable(
                f"A drawing process ended with {line.returncode}: {''.join(why)}.",
                f"Run `{sys.executable} -m data.demo.hands pool 1 0 1 256 FOLDER` in {_PROJECT} to see why.",
            )
        else:
            ended += 1
