"""Killed at any moment, the computation of vectors goes on where it stood and ends bit for bit as if never stopped."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_worlds import PixelEncoder, catalogue

from data import storage
from eval import vector_batches, vector_files
from eval.vectors import cached, vectors
from eval.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
KILLS = 20
ITEMS, BATCH = 160, 4
LAUNCHER = """
import os, sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
from tiny_worlds import PixelEncoder, catalogue
from eval.vectors import vectors

class Slow(PixelEncoder):
    def encode(self, prepared):
        time.sleep(0.01)
        return super().encode(prepared)

root, home, items, batch = Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
world = catalogue(root, range(items))
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        vectors(world, Slow(), home, lambda done, total, what: os.write(1, b"%d\\n" % done), batch=batch)
        os._exit(0)
    print("child", child, flush=True)
    os.waitpid(child, 0)
    print("end", flush=True)
"""


@pytest.fixture
def launcher(tmp_path):
    """A process that has imported everything and forks one that computes for each line it reads."""
    command = [sys.executable, "-c", LAUNCHER, ROOT, tmp_path / "pictures", tmp_path / "home", str(ITEMS), str(BATCH)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        yield process
        process.stdin.close()


def killed(launcher: subprocess.Popen[str], after: float) -> list[int]:
    """Start computing, kill that many seconds after the first word of progress; everything that was told."""
    launcher.stdin.write("go\n")
    child, said = 0, []
    for line in launcher.stdout:
        if line == "end\n":
            return said
        if line.startswith("child"):
            child = int(line.split()[1])
        else:
            said.append(int(line))
        if child and said:
            time.sleep(after)
            with contextlib.suppress(ProcessLookupError):  # it may have finished first; `interrupted` counts the others
                os.kill(child, signal.SIGKILL)
            child = 0
    raise AssertionError("the launcher died")


def batches(home: Path) -> set[str]:
    return {path.name for path in home.glob("vectors/*/0*.npy")}


def test_twenty_kills_at_random_moments_lose_at_most_a_batch_a_worker_and_change_no_bit(tmp_path, launcher):
    seed = 20261121
    rng = random.Random(seed)
    items = catalogue(tmp_path / "pictures", range(ITEMS))
    expected = vectors(items, PixelEncoder(), tmp_path / "whole", batch=BATCH).matrix.tobytes()
    home, interrupted = tmp_path / "home", 0
    for _ in range(KILLS):
        before = len(batches(home))
        said = killed(launcher, rng.uniform(0, 0.12))
        whole = bool(list(home.glob("vectors/*/MANIFEST.json")))
        interrupted += not whole
        assert said[0] == BATCH * before, f"seed {seed}: finished batches were not taken up"
        assert whole or BATCH * len(batches(home)) >= said[-1], f"seed {seed}: an acknowledged batch is gone"
        assert all(vector_batches.intact(path) for path in home.glob("vectors/*/0*.npy"))
        if whole:
            found = cached(items, PixelEncoder(), home)
            assert found is not None and found.matrix.tobytes() == expected
            storage.remove(home)
    assert interrupted >= KILLS // 2, "most kills should fall into the work"
    assert {finding.state for finding in Workspace(home).open().doctor()} <= {"ok"}  # none when the last kill was late
    assert vectors(items, PixelEncoder(), home, batch=BATCH).matrix.tobytes() == expected
    left = {path.name for path in home.glob("vectors/*/*")}
    assert left == {"vectors.npy", "ids.txt", "meta.json", "MANIFEST.json"}


def test_a_kill_between_the_matrix_and_its_manifest_costs_nothing(tmp_path):
    items = catalogue(tmp_path / "pictures", range(20))
    home = tmp_path / "home"
    good = vectors(items, PixelEncoder(), home, batch=4)
    data = good.matrix.tobytes()
    folder = next((home / "vectors").iterdir())
    (folder / "MANIFEST.json").unlink()
    (folder / "vectors.npy").write_bytes(b"half of a ma")
    vector_files._verified.clear()
    assert cached(items, PixelEncoder(), home) is None
    assert vectors(items, PixelEncoder(), home, batch=4).matrix.tobytes() == data
