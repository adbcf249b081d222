"""The one writer: a file is there whole or not at all, damage is found, and what dead processes left is swept."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data import storage
from data.errors import Unavailable

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of three files with its manifest."""
    root = tmp_path / "kept"
    (root / "sub").mkdir(parents=True)
    for name, content in (("a.bin", b"first"), ("sub/b.bin", b"second" * 100), ("sub/c.bin", b"third")):
        (root / name).write_bytes(content)
    storage.write_json(root / storage.MANIFEST, storage.manifest(root))
    return root


def test_what_is_written_is_read_back(tmp_path):
    storage.write_text(tmp_path / "t", "ёж\n")
    storage.write_json(tmp_path / "j", {"слово": [1, None, "\ud800"]})
    assert (tmp_path / "t").read_text("utf-8") == "ёж\n"
    assert storage.read_json(tmp_path / "j") == {"слово": [1, None, "\ud800"]}
    assert sorted(os.listdir(tmp_path)) == ["j", "t"]


def test_a_number_that_json_cannot_hold_is_refused_and_the_old_file_stays(tmp_path):
    storage.write_json(tmp_path / "j", 1)
    with pytest.raises(ValueError):
        storage.write_json(tmp_path / "j", float("nan"))
    assert storage.read_json(tmp_path / "j") == 1


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS])
def test_whatever_fails_while_writing_the_old_file_stays_and_nothing_is_left(tmp_path, monkeypatch, call, number):
    storage.write_bytes(tmp_path / "f", b"old")

    def fail(*args):
        raise OSError(number, os.strerror(number))

    if call == "write":
        with pytest.raises((OSError, Unavailable)), storage.replacing(tmp_path / "f") as file:
            file.write(b"ne")
            fail()
    else:
        monkeypatch.setattr(storage.os, call, fail)
        expected = OSError if number == errno.EIO else Unavailable
        with pytest.raises(expected):
            storage.write_bytes(tmp_path / "f", b"new")
        monkeypatch.undo()
    assert (tmp_path / "f").read_bytes() == b"old" and os.listdir(tmp_path) == ["f"]


def test_a_full_disk_says_what_to_do(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(Unavailable, match=r"\[disk_full\].*Free some space"):
        storage.write_bytes(tmp_path / "f", b"x")


def test_file_and_folder_are_synced_before_a_write_is_done(tmp_path, monkeypatch):
    """Without the folder's sync a power cut loses the new name."""
    order = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(
        storage.os, "fsync", lambda handle: (order.append(os.readlink(f"/proc/self/fd/{handle}")), sync(handle))
    )
    monkeypatch.setattr(storage.os, "replace", lambda a, b: (order.append("replace"), replace(a, b)))
    storage.write_bytes(tmp_path / "f", b"x")
    assert Path(order[0]).name.startswith("tmp_") and order[1:] == ["replace", str(tmp_path)]


def test_committing_a_folder_syncs_every_file_first(folder, monkeypatch, tmp_path):
    synced = []
    sync, rename = os.fsync, os.rename
    monkeypatch.setattr(
        storage.os, "fsync", lambda handle: (synced.append(os.readlink(f"/proc/self/fd/{handle}")), sync(handle))
    )
    monkeypatch.setattr(storage.os, "rename", lambda a, b: (synced.append("rename"), rename(a, b)))
    expected = {str(path) for path in (folder, folder / "sub", *storage.files_below(folder))}
    storage.commit_folder(folder, tmp_path / "deep" / "final")
    at = synced.index("rename")
    assert expected <= set(synced[:at]) and str(tmp_path / "deep") in synced[at:]
    assert storage.verify(tmp_path / "deep" / "final") == []


def test_a_folder_is_never_committed_over_another(folder, tmp_path):
    (tmp_path / "final").mkdir()
    with pytest.raises(FileExistsError):
        storage.commit_folder(folder, tmp_path / "final")
    assert storage.verify(folder) == []


def test_damaged_json_names_its_file_and_the_doctor(tmp_path):
    (tmp_path / "j").write_bytes(b'{"a": ')
    with pytest.raises(ValueError, match=r"/j .*uzor doctor"):
        storage.read_json(tmp_path / "j")


DAMAGE = {
    "flip": (lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]), "checksum"),
    "truncate": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "size"),
    "zero": (lambda path: path.write_bytes(bytes(path.stat().st_size)), "checksum"),
    "delete": (lambda path: path.unlink(), "missing"),
}


@pytest.mark.parametrize("name", ["a.bin", "sub/b.bin", "sub/c.bin", storage.MANIFEST])
@pytest.mark.parametrize("damage, kind", DAMAGE.values(), ids=DAMAGE)
def test_every_damage_to_every_file_is_found(folder, name, damage, kind):
    damage(folder / name)
    found = storage.verify(folder)
    expected = "manifest" if name == storage.MANIFEST else kind
    assert [(found[0].path, found[0].kind)] == [(folder / name, expected)]


def test_a_file_that_no_manifest_knows_is_found(folder):
    (folder / "sub" / "new").write_bytes(b"12345")
    assert [(damage.kind, damage.found) for damage in storage.verify(folder)] == [("extra", "5 bytes")]


def test_hashes_known_already_are_not_computed_again(folder):
    listed = storage.manifest(folder, {"a.bin": "f" * 64})
    assert listed["a.bin"] == {"size": 5, "sha256": "f" * 64}
    assert listed["sub/c.bin"]["sha256"] == storage.sha256_bytes(b"third") == storage.sha256_file(folder / "sub/c.bin")


def test_room_is_asked_for_with_a_fifth_to_spare(tmp_path, monkeypatch):
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1199}))
    with pytest.raises(Unavailable, match=r"1,000 bytes are to be written.*1,199 are free.*at least 1 bytes"):
        storage.free_space(tmp_path / "not" / "yet", 1000)
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1200}))
    storage.free_space(tmp_path, 1000)


def test_leftovers_of_dead_processes_are_swept_and_those_of_living_ones_kept(tmp_path):
    child = subprocess.run(
        [sys.executable, "-c", "from data import storage; print(storage.temporary_name())"],
        capture_output=True, text=True, cwd=PROJECT, check=True,
    )  # fmt: skip
    dead, mine = child.stdout.strip(), storage.temporary_name()
    reused = f"tmp_{os.getpid()}_000000000000_ab"  # this process number, but an earlier process
    for name in (dead, mine, reused, "tmp_notes.txt", "kept.json"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / dead).mkdir()
    (tmp_path / "sub" / dead / "file").write_bytes(b"x")
    assert sorted(path.name for path in storage.sweep(tmp_path)) == sorted([dead, reused])
    assert storage.sweep(tmp_path, deep=True) == [tmp_path / "sub" / dead]
    assert sorted(os.listdir(tmp_path)) == sorted([mine, "tmp_notes.txt", "kept.json", "sub"])
    assert storage.sweep(tmp_path / "nowhere") == []


KILLED = """
import os, sys
from pathlib import Path
from data import storage
target = Path(sys.argv[1])
number = int(storage.read_json(target)["number"])
while True:
    number += 1
    storage.write_json(target, {"number": number, "filler": "x" * 20000})
    print(number, flush=True)
"""


def test_twenty_kills_while_writing_lose_nothing_that_was_acknowledged(tmp_path):
    import random
    import time

    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    chance = random.Random(seed)
    storage.write_json(tmp_path / "n", {"number": 0})
    for _ in range(20):
        child = subprocess.Popen(
            [sys.executable, "-S", "-c", KILLED, str(tmp_path / "n")], stdout=subprocess.PIPE, text=True, cwd=PROJECT
        )
        assert child.stdout is not None
        acknowledged = int(child.stdout.readline())
        time.sleep(chance.random() * 0.05)
        child.kill()
        acknowledged = max([acknowledged, *map(int, child.stdout.read().split("\n")[:-1])])
        child.wait()
        assert storage.read_json(tmp_path / "n")["number"] >= acknowledged
    storage.sweep(tmp_path)
    assert os.listdir(tmp_path) == ["n"]
