"""Imports killed, starved of disk or run at once: the catalogue is wholly there or wholly not, nothing else is hurt."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data import catalogue, decoding, storage, versions
from data.errors import Unavailable
from data.importers import import_catalogue
from data.untrusted import PictureLimits
from data.workers import Decoders

PROJECT = Path(__file__).parent.parent
KILLS = 24
PICTURES = 70


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> tuple[Path, Path]:
    """Two versions of a table over the same pictures."""
    folder = tmp_path_factory.mktemp("tables")
    chance = np.random.default_rng(1)
    for number in range(PICTURES):
        Image.fromarray(chance.integers(0, 256, (48, 48, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    for version in ("old", "new"):
        rows = "".join(f"{number},{version} {number},{number}.png\n" for number in range(PICTURES))
        (folder / f"{version}.csv").write_text("id,title,image\n" + rows)
    return folder / "old.csv", folder / "new.csv"


def killed(table: Path, home: Path, marker: str, delay: float, at_commit: bool) -> bool:
    """Import in a process of its own and kill it `delay` s after its start or its commit; True if it was done first."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ["UZOR_CRASH_TEST"] = marker
        try:
            import_catalogue(
                table, home, "c", progress=lambda done, total, what: what == "write" and os.write(writer, b"w")
            )
        finally:
            os._exit(0)
    os.close(writer)
    if at_commit:
        os.read(reader, 1)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.close(reader)
    return os.WIFEXITED(os.waitpid(child, 0)[1])


def titles(home: Path) -> str:
    """Which version is there: "", "old" or "new", after checking that it is whole."""
    if not catalogue.names(home):
        return ""
    loaded = catalogue.load(home, "c")
    assert storage.verify(loaded.root) == []
    assert len(loaded) == PICTURES and loaded.picture(str(PICTURES - 1)).size == (48, 48)
    kinds = {title.split()[0] for title in loaded.table["title"]}
    assert len(kinds) == 1 and catalogue.report(home, "c").ready == PICTURES
    return kinds.pop()


def decoders(marker: str) -> list[int]:
    """Processes that carry this test's marker in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("before", ["", "old"], ids=["first import", "import over an older version"])
def test_an_import_killed_at_any_moment_leaves_all_or_nothing(tables, tmp_path, before):
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    chance, marker = random.Random(seed), f"crash-{seed}-{before}"
    started = time.perf_counter()
    import_catalogue(tables[1], tmp_path / "measure", "c")
    whole = time.perf_counter() - started
    outcomes = []
    for number in range(KILLS // 2):
        home = tmp_path / f"home{number % 4}"
        if before and number < 4:
            import_catalogue(tables[0], home, "c")
        was = titles(home)
        at_commit = number % 2 == 0
        done = killed(tables[1], home, marker, chance.random() * (0.15 if at_commit else whole), at_commit)
        now = titles(home)
        assert now == "new" if done else now in (was, "new")
        outcomes.append(now)
        versions.sweep(home)
        assert not list((home / "staging").glob("*")) and titles(home) == now
        kept = list((home / "catalogues" / "c").glob("*"))
        assert len(kept) <= (1 if not before or now == "old" else 2)
        assert all(storage.verify(version) == [] for version in kept)
    for number in range(4):
        report = import_catalogue(tables[1], tmp_path / f"home{number}", "c")
        assert report.ready == PICTURES and titles(tmp_path / f"home{number}") == "new"
    print(f"{len(outcomes)} kills, {outcomes.count('new')} after the commit")
    patience = time.monotonic() + 5
    while decoders(marker) and time.monotonic() < patience:
        time.sleep(0.05)
    assert decoders(marker) == [], "decoding processes outlived their importer"


@pytest.mark.parametrize(
    "call, at",
    [("fsync", 1), ("fsync", 5), ("fsync", 60), ("rename", 1), ("replace", 1), ("replace", 4), ("replace", 5)],
)
def test_a_disk_that_fills_up_leaves_the_old_version_and_no_leftovers(tables, tmp_path, monkeypatch, call, at):
    import_catalogue(tables[0], tmp_path, "c")
    before = {path: path.read_bytes() for path in storage.files_below(tmp_path)}
    count, real = [0], getattr(os, call)

    def full(*args, **options):
        count[0] += 1
        if count[0] == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr(storage.os, call, full)
    with pytest.raises(Unavailable, match="disk_full"):
        import_catalogue(tables[1], tmp_path, "c")
    monkeypatch.undo()
    assert titles(tmp_path) == "old" and list((tmp_path / "staging").iterdir()) == []
    versions.sweep(tmp_path)
    assert {path: path.read_bytes() for path in storage.files_below(tmp_path)} == before
    import_catalogue(tables[1], tmp_path, "c")
    assert titles(tmp_path) == "new"


def test_a_disk_that_is_full_for_the_decoders_stops_the_import(tables, tmp_path, monkeypatch):
    task = decoding.Task(str(tmp_path), "#ffffff", PictureLimits())

    def full(path, data, durable=True):
        raise Unavailable("[disk_full] No room.", "Free some.")

    monkeypatch.setattr(storage, "write_bytes", full)
    (tmp_path / "pictures").mkdir()
    assert decoding.answer({"root": str(tables[0].parent), "relative": "0.png"}, task) == {
        "failed": ["[disk_full] No room.", "Free some."]
    }
    (tmp_path / "full.py").write_text(
        "import json, sys\nsys.stdin.readline()\nprint(json.dumps({'ready': 1}), flush=True)\n"
        "for line in sys.stdin: print(json.dumps({'failed': ['[disk_full] No room.', 'Free some.']}), flush=True)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Decoders(task, 1, module="full") as decoders, pytest.raises(Unavailable, match=r"disk_full.*Free some"):
        list(decoders.take([(0, "", "a")]))


def test_two_imports_of_one_name_at_once_both_end_well(tables, tmp_path):
    reports, errors = [], []

    def run(table: Path) -> None:
        try:
            reports.append(import_catalogue(table, tmp_path, "c"))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(table,)) for table in (*tables, *tables)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len(reports) == 4
    assert titles(tmp_path) in ("old", "new") and list((tmp_path / "staging").iterdir()) == []


def test_a_sweep_leaves_an_import_that_is_at_work_alone(tables, tmp_path):
    swept = []
    import_catalogue(
        tables[0], tmp_path, "c", progress=lambda done, total, what: swept.extend(versions.sweep(tmp_path))
    )
    assert swept == [] and titles(tmp_path) == "old"


@pytest.mark.parametrize("damage", ["lost", "cut", "another folder", "another fingerprint", "another before"])
def test_a_sweep_removes_no_version_while_the_pointer_is_not_sound(tables, tmp_path, damage):
    for table in tables:
        import_catalogue(table, tmp_path, "c")
    path = tmp_path / "catalogues" / "c.json"
    record = storage.read_json(path)
    if damage == "lost":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:20])
    else:
        field = {"another folder": "folder", "another fingerprint": "fingerprint", "another before": "previous"}[damage]
        storage.write_json(path, {**record, field: "0" + record[field][1:] if record[field][0] != "0" else "1"})
    assert versions.sweep(tmp_path) == []
    assert len(list((tmp_path / "catalogues" / "c").iterdir())) == 2
    storage.write_json(path, record)
    assert titles(tmp_path) == "new"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_a_decoder_dies_with_its_importer_even_while_there_is_work(tmp_path):
    """The requests come from here, so that the end of the importer does not end them."""
    reader, writer = os.pipe()
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'data.decoding', str(os.getpid())], stdin=int(sys.argv[1]))\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    importer = subprocess.Popen(
        [sys.executable, "-c", code, str(reader)], stdout=subprocess.PIPE, pass_fds=[reader], text=True, cwd=PROJECT
    )
    assert importer.stdout is not None
    decoder = int(importer.stdout.readline())
    task = {"target": str(tmp_path), "background": "#ffffff", "limits": asdict(PictureLimits())}
    os.write(writer, json.dumps(task).encode() + b"\n")
    assert "ready" in importer.stdout.readline()
    assert Path(f"/proc/{decoder}").exists()
    importer.kill()
    importer.wait()
    patience = time.monotonic() + 5
    while _running(decoder) and time.monotonic() < patience:
        time.sleep(0.02)
    os.close(writer)
    assert not _running(decoder)


def _running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
