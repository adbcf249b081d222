"""The workspace: where it is, its keys and locks, and a doctor that finds every kind of damage in every file."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tiny_shop import tiny_shop
from tiny_worlds import PixelEncoder

from data import catalogue, importers, queries, storage
from data.errors import Cancelled
from eval import database, projection
from eval.contracts import ModelSpec
from eval.search import VectorSearcher, searcher
from eval.store import Store
from eval.tasks import retrieval
from eval.vectors import vectors
from eval.workspace import Workspace, home_from_environment, key, locked, new_id

ROOT = Path(__file__).resolve().parents[1]


def test_the_home_is_where_the_environment_says_or_beside_the_project(monkeypatch, tmp_path):
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "there"))
    assert home_from_environment() == tmp_path / "there"
    monkeypatch.setenv("UZOR_HOME", "")
    assert home_from_environment() == ROOT / "workspace"


def test_opening_makes_the_folders_and_sweeps_only_what_the_dead_left(tmp_path):
    home = Workspace(tmp_path / "home").open().home
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    left = home / "vectors" / f"tmp_{dead.stdout.strip()}_abc_def"
    ours = home / "vectors" / storage.temporary_name()
    left.write_bytes(b"half")
    ours.write_bytes(b"being written")
    Workspace(home).open()
    assert not left.exists() and ours.exists()
    assert (home / "catalogues").is_dir() and (home / "damaged").is_dir()


def test_a_key_changes_with_every_part_and_with_where_parts_end():
    keys = [key("a", "b"), key("ab"), key("a", "c"), key(b"ab"), key(["a", "b"]), key("a", "b", 0), key("b", "a")]
    assert len(set(keys)) == len(keys) and all(len(one) == 32 for one in keys)
    assert key({"x": 1, "y": 2}) == key({"y": 2, "x": 1})


def test_new_ids_sort_by_time_and_never_repeat():
    ids = []
    for _ in range(5):
        ids += [new_id() for _ in range(200)]
        time.sleep(0.002)
    assert len(set(ids)) == 1000
    assert [one[:11] for one in ids] == sorted(one[:11] for one in ids)


def test_a_lock_lets_one_in_and_the_waiting_one_can_be_cancelled(tmp_path):
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with locked(tmp_path, "x"):
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(5)

    def impatient(done, total, what):
        assert what == "wait"
        raise Cancelled("no longer")

    with pytest.raises(Cancelled), locked(tmp_path, "x", impatient):
        raise AssertionError("two were let in")
    leave.set()
    holder.join()
    with locked(tmp_path, "x", impatient):
        pass


def test_a_lock_is_free_again_when_its_process_is_killed(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from eval.workspace import locked\n"
        "with locked(Path(sys.argv[1]), 'x'):\n    print('in', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout and child.stdout.readline() == b"in\n"
    child.kill()
    child.wait()
    with locked(tmp_path, "x", lambda *_: pytest.fail("still held")):
        pass


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Path:
    """A workspace with a catalogue, a query set, finished and unfinished vectors, a map and two runs."""
    shop = tiny_shop(tmp_path_factory.mktemp("shop"))
    home = Workspace(tmp_path_factory.mktemp("full")).open().home
    importers.import_catalogue(shop.csv, home, name="shop")
    items = catalogue.load(home, "shop")
    asked = queries.read_tsv(shop.queries, shop.qrels, name="asked", catalogue="shop")
    queries.save(home, asked)
    found = vectors(items, PixelEncoder(), home, batch=5)
    projection.project(np.asarray(found.matrix), "pca", home=home)

    def stop(done, total, what):
        if done >= 10:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        vectors(items, PixelEncoder(seed=1), home, stop, batch=5, threads=1)
    store = Store(home)
    for one in (VectorSearcher(PixelEncoder(), found), searcher(items, ModelSpec("chance"), home)):
        store.add(retrieval.evaluate(items, asked, one))
    store.close()
    return home


def files(home: Path) -> list[Path]:
    """Every file that holds something: not the locks, not what was set aside."""
    skipped = {"locks", "damaged", "staging", "jobs"}
    found = [path for path in storage.files_below(home) if path.relative_to(home).parts[0] not in skipped]
    return [path for path in found if path.suffix != ".lock" and path.name != database.MARKER]


def some(full: Path) -> list[Path]:
    """Every file, but of the many pictures and thumbnails, which are all alike, two each."""
    found = [path.relative_to(full) for path in files(full)]
    alike = [[path for path in found if part in path.parts] for part in ("pictures", "thumbs")]
    return [path for path in found if not any(path in group[2:] for group in alike)]


def restore(full: Path, home: Path) -> None:
    import shutil

    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(full, home)


def hurt(path: Path, damage: str, at: float) -> None:
    data = path.read_bytes()
    spot = min(int(len(data) * at), len(data) - 1)
    changed = {
        "flip": data[:spot] + bytes([data[spot] ^ 4]) + data[spot + 1 :],
        "truncate": data[: len(data) // 2],
        "zero": bytes(len(data)),
    }
    path.unlink()
    if damage != "delete":
        path.write_bytes(changed[damage])


IRREPLACEABLE = ("pictures/", "items.parquet", "catalogue.json", "report.json", "uzor.db", "query_sets/asked-")


def test_a_sound_workspace_has_only_findings_that_are_ok_one_a_file(full, tmp_path):
    restore(full, tmp_path / "home")
    findings = Workspace(tmp_path / "home").doctor()
    assert [finding for finding in findings if finding.state != "ok"] == []
    assert {finding.path for finding in findings} == {
        path.relative_to(tmp_path / "home").as_posix() for path in files(tmp_path / "home")
    }


@pytest.mark.parametrize(("damage", "at"), [("flip", 0.15), ("flip", 0.6), ("truncate", 0), ("zero", 0), ("delete", 0)])
def test_the_doctor_finds_damage_to_any_file_mends_the_derived_and_deletes_nothing_else(full, tmp_path, damage, at):
    home = tmp_path / "home"
    restore(full, home)
    tried = 0
    for relative in some(full):
        restore(full, home)
        hurt(home / relative, damage, at)
        before = (home / relative).read_bytes() if (home / relative).exists() else None
        if damage == "delete" and relative.parts[0] == "vectors" and "-" in relative.name:
            continue  # one batch fewer is unfinished work with one batch fewer
        found = [finding for finding in Workspace(home).doctor() if finding.state != "ok"]
        assert found, (damage, relative)
        tried += 1
        again = [finding for finding in Workspace(home).doctor() if finding.state != "ok"]
        if relative.as_posix().startswith(IRREPLACEABLE) or any(part in relative.as_posix() for part in IRREPLACEABLE):
            assert {finding.state for finding in again} <= {"damaged", "missing", "kept"} and again, (damage, relative)
            after = (home / relative).read_bytes() if (home / relative).exists() else None
            assert after == before, (damage, relative)
        else:
            assert again == [], (damage, relative)
    assert tried >= 18


def test_what_the_doctor_mended_is_what_was_there(full, tmp_path):
    home = tmp_path / "home"
    for pattern in (
        "catalogues/*/*/thumbs/*/*.webp",
        "catalogues/*/*/MANIFEST.json",
        "catalogues/*.json",
        "query_sets/asked.json",
    ):
        restore(full, home)
        path = next(home.glob(pattern))
        good = json.loads(path.read_bytes()) if path.suffix == ".json" else path.read_bytes()
        hurt(path, "truncate", 0)
        Workspace(home).doctor()
        assert (json.loads(path.read_bytes()) if path.suffix == ".json" else path.read_bytes()) == good, pattern
    assert catalogue.load(home, "shop").fingerprint == catalogue.load(full, "shop").fingerprint


def test_whatever_byte_of_a_manifest_flips_it_is_written_again_as_it_was(full, tmp_path):
    home, rng = tmp_path / "home", random.Random(5)
    restore(full, home)
    path = next(home.glob("catalogues/*/*/MANIFEST.json"))
    good = path.read_bytes()
    blamed = 0
    for _ in range(15):
        spot = rng.randrange(len(good))
        path.write_bytes(good[:spot] + bytes([good[spot] ^ (1 << rng.randrange(7))]) + good[spot + 1 :])
        found = [finding for finding in Workspace(home).doctor() if finding.state != "ok"]
        assert found, spot
        if {finding.state for finding in found} == {"rebuilt"}:
            assert json.loads(path.read_bytes()) == json.loads(good)
        else:  # the entry of the description or the report: nobody can tell which of the two is right
            assert {finding.path.rpartition("/")[2] for finding in found} <= {"catalogue.json", "report.json"}
            blamed += 1
        path.write_bytes(good)
    assert blamed < 8


def test_a_strange_file_in_a_catalogue_is_named_and_kept(full, tmp_path):
    home = tmp_path / "home"
    restore(full, home)
    strange = next(home.glob("catalogues/*/*/MANIFEST.json")).with_name("notes.txt")
    strange.write_text("mine")
    for _ in range(2):
        found = [finding for finding in Workspace(home).doctor() if finding.state != "ok"]
        assert [(finding.path.rpartition("/")[2], finding.state) for finding in found] == [("notes.txt", "kept")]
    assert strange.read_text() == "mine"


def test_damaged_vectors_are_set_aside_whole_and_computed_again_bit_for_bit(full, tmp_path):
    home = tmp_path / "home"
    restore(full, home)
    items = catalogue.load(home, "shop")
    path = next(home.glob("vectors/*/vectors.npy"))
    good = path.read_bytes()
    hurt(path, "flip", 0.9)
    assert "rebuilt" in {finding.state for finding in Workspace(home).doctor()}
    assert not path.exists() and len(list((home / "damaged").iterdir())) == 1
    vectors(items, PixelEncoder(), home, batch=5)
    assert path.read_bytes() == good


def test_a_database_that_vanished_is_told_and_not_replaced_by_an_empty_one(full, tmp_path):
    home = tmp_path / "home"
    restore(full, home)
    (home / "uzor.db").unlink()
    assert [finding.state for finding in Workspace(home).doctor() if finding.kind == "runs"] == ["missing"]
    with pytest.raises(ValueError, match=r"uzor\.db is gone.*backup"):
        Store(home)
    (home / database.MARKER).unlink()
    Store(home).close()


def test_the_command_line_doctor_comes_to_a_workspace_whose_database_cannot_be_opened(full, tmp_path):
    home = tmp_path / "home"
    restore(full, home)
    (home / "uzor.db").write_bytes(b"")
    said = subprocess.run(
        [sys.executable, "-m", "app.cli", "doctor", "--json"],
        cwd=ROOT, env={**os.environ, "UZOR_HOME": str(home)}, capture_output=True, text=True,
    )  # fmt: skip
    bad = [row for row in json.loads(said.stdout) if row["state"] != "ok"]
    assert said.returncode == 1 and [(row["path"], row["state"]) for row in bad] == [("uzor.db", "damaged")]


def test_the_doctor_can_be_cancelled(full, tmp_path):
    restore(full, tmp_path / "home")

    def stop(done, total, what):
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        Workspace(tmp_path / "home").doctor(stop)
