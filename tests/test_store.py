"""The store of runs: whole or not at all, through kills, several writers, foreign files and flipped bits."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from data.errors import Unavailable
from data.progress import silent
from eval import checks_of_results, database
from eval.contracts import Ranking, Run
from eval.records import StoreDamaged
from eval.store import Store
from eval.workspace import new_id

ROOT = Path(__file__).resolve().parents[1]


def run(name: str = "", queries: int = 3, depth: int = 20, **more) -> Run:
    rankings = tuple(
        Ranking(f"q{q}", tuple(f"товар «{q}-{i}»" for i in range(depth)), tuple(1 / (i + 3) - q for i in range(depth)))
        for q in range(queries)
    )
    fields = {
        "made": "2026-11-21T00:00:00+00:00", "task": "retrieval", "spec": "chance:1", "catalogue": "shop",
        "query_set": "asked", "settings": {"k": 5, "where": {"source": ["ноты"]}}, "fingerprints": {"searcher": "ab"},
        "environment": {"python": "3"}, "facts": {"texts": {"q0": "котёнок"}, "pair_cosine": 0.1 + 0.2}, "seconds": 0.5,
    }  # fmt: skip
    return Run(id=name or new_id(), rankings=rankings, **{**fields, **more})


def test_a_run_comes_back_exactly_as_it_went_in(tmp_path):
    store, one = Store(tmp_path), run()
    assert store.add(one) == one.id
    assert store.get(one.id) == one
    assert Store(tmp_path).get(one.id) == one


def test_rankings_may_be_short_or_empty(tmp_path):
    store = Store(tmp_path)
    one = Run(**{**run().__dict__, "rankings": (Ranking("q", (), ()), Ranking("r", ("a",), (1e-300,)))})
    store.add(one)
    assert store.get(one.id).rankings == one.rankings


def test_the_newest_run_comes_first_whatever_the_clock_said(tmp_path):
    store = Store(tmp_path)
    for number, made in enumerate(["2030-01-01", "1999-01-01", "2026-01-01"]):
        store.add(run(f"{9 - number}", made=made))
    assert [one.id for one in store.runs()] == ["7", "8", "9"]
    assert [one.sequence for one in store.runs(limit=2)] == [3, 2]


def test_runs_are_listed_by_catalogue_and_query_set(tmp_path):
    store = Store(tmp_path)
    for name, catalogue, query_set in (("1", "a", "x"), ("2", "b", "x"), ("3", "a", "y")):
        store.add(run(name, catalogue=catalogue, query_set=query_set))
    assert [one.id for one in store.runs(catalogue="a")] == ["3", "1"]
    assert [one.id for one in store.runs(catalogue="a", query_set="x")] == ["1"]
    assert store.runs()[0].settings == {"k": 5, "where": {"source": ["ноты"]}} and store.runs()[0].queries == 3


def test_a_run_is_never_changed(tmp_path):
    store = Store(tmp_path)
    store.add(run("1"))
    with pytest.raises(ValueError, match="stored already"):
        store.add(run("1", queries=1))
    assert len(store.get("1").rankings) == 3 and len(store.runs()) == 1


def test_an_unknown_run_is_refused_with_those_there_are(tmp_path):
    store = Store(tmp_path)
    store.add(run("abc"))
    with pytest.raises(LookupError, match="abc"):
        store.get("nothing")


def test_sqlite_is_opened_so_that_acknowledged_means_synced(tmp_path):
    store = Store(tmp_path)
    with store._engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "application_id", "user_version")
        said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    assert said == ["wal", 2, 1, 10_000, database.APPLICATION, database.VERSION]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty"), (b"<html>" * 50, "not an SQLite"), (b"SQLite format 3\0", "not an SQLite")],
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path, content, says):
    (tmp_path / "uzor.db").write_bytes(content)
    with pytest.raises(StoreDamaged, match=says):
        Store(tmp_path)
    assert (tmp_path / "uzor.db").read_bytes() == content


def test_another_programs_database_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "uzor.db")
    connection.execute("CREATE TABLE runs (id)")
    connection.commit()
    connection.close()
    before = (tmp_path / "uzor.db").read_bytes()
    with pytest.raises(StoreDamaged, match="another program"):
        Store(tmp_path)
    assert (tmp_path / "uzor.db").read_bytes() == before


def test_a_database_of_a_later_uzor_is_refused(tmp_path):
    Store(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "uzor.db")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreDamaged, match="version 99"):
        Store(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rankings SET scores = (SELECT scores FROM rankings WHERE position = 0) WHERE position = 1",
        "UPDATE rankings SET query = 'q9' WHERE position = 2",
        "DELETE FROM rankings WHERE position = 1",
        "UPDATE runs SET spec = 'openclip:better'",
        "UPDATE runs SET settings = '{\"k\": 10}'",
        "UPDATE runs SET seconds = 0.1",
    ],
)
def test_a_changed_row_is_found_by_its_digest_and_never_shown(tmp_path, change):
    store = Store(tmp_path)
    store.add(run("1"))
    store.add(run("2", queries=5))
    assert store.damaged() == {}
    with sqlite3.connect(tmp_path / "uzor.db") as connection:
        connection.execute(change + (" AND run = 1" if "position" in change else " WHERE id = '1'"))
    with pytest.raises(StoreDamaged, match="Run 1 is not as it was stored"):
        store.get("1")
    assert list(store.damaged()) == ["1"]
    assert len(store.get("2").rankings) == 5


def test_the_doctor_finds_every_flipped_byte_of_the_database_that_changes_anything(tmp_path):
    store, rng = Store(tmp_path), random.Random(7)
    runs = [run(str(number), queries=6, depth=40) for number in range(4)]
    for one in runs:
        store.add(one)
    store.close()
    path = tmp_path / "uzor.db"
    good, found, harmless = path.read_bytes(), 0, 0
    for _ in range(60):
        spot = rng.randrange(len(good))
        path.write_bytes(good[:spot] + bytes([good[spot] ^ (1 << rng.randrange(8))]) + good[spot + 1 :])
        if any(finding.state != "ok" for finding in checks_of_results.check_runs(tmp_path, silent)):
            found += 1
            continue
        store = Store(tmp_path)
        assert [store.get(one.id) for one in runs] == runs, spot
        store.close()
        harmless += 1
    assert found > 10


def test_a_database_that_somebody_else_keeps_locked_is_told_and_can_still_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    store = Store(tmp_path)
    store.add(run("1"))
    other = sqlite3.connect(tmp_path / "uzor.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        store.add(run("2"))
    assert store.get("1") == run("1")
    other.execute("ROLLBACK")
    other.close()
    store.add(run("2"))
    assert [one.id for one in store.runs()] == ["2", "1"]


def test_runs_that_vanished_are_counted(tmp_path):
    store = Store(tmp_path)
    for name in "123":
        store.add(run(name))
    with sqlite3.connect(tmp_path / "uzor.db") as connection:
        connection.execute("DELETE FROM rankings WHERE run = 3")
        connection.execute("DELETE FROM runs WHERE id = '3'")
    assert store.lost() == 1


def test_several_threads_and_stores_write_without_losing_one(tmp_path):
    failed: list[Exception] = []

    def write(store: Store) -> None:
        try:
            for _ in range(10):
                store.add(run(queries=2, depth=5))
        except Exception as error:
            failed.append(error)

    shared = Store(tmp_path)
    threads = [threading.Thread(target=write, args=(shared if n % 2 else Store(tmp_path),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and len(shared.runs(limit=1000)) == 60 and shared.damaged() == {}


def test_a_run_that_cannot_be_stored_leaves_nothing(tmp_path):
    store = Store(tmp_path)
    broken = Run(**{**run("1").__dict__, "rankings": (Ranking("q", ("a",), (1.0,)), Ranking("q", ("a", "b"), (1.0,)))})
    with pytest.raises(ValueError, match="2 items have 1 scores"):
        store.add(broken)
    assert store.runs() == [] and store.lost() == 0


def test_a_url_chooses_another_database(tmp_path, monkeypatch):
    monkeypatch.setenv("UZOR_DATABASE", f"sqlite:///{tmp_path / 'team.db'}")
    store = Store(tmp_path / "home")
    store.add(run("1"))
    assert (tmp_path / "team.db").exists() and not (tmp_path / "home").exists()
    assert Store(tmp_path / "elsewhere").get("1") == run("1")


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////no/such/folder/x.db", "nodriver://x"])
def test_a_url_that_leads_nowhere_is_told_with_its_name(tmp_path, url):
    with pytest.raises((ValueError, Unavailable), match="UZOR_DATABASE"):
        Store(tmp_path, url)


CHILD = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
from test_store import run
from eval.store import Store
import os
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        store = Store(Path(sys.argv[2]))
        while True:
            os.write(1, f"stored {store.add(run(queries=20, depth=100))}\\n".encode())
    print("child", child, flush=True)
    os.waitpid(child, 0)
    print("end", flush=True)
"""


def test_killed_while_storing_no_acknowledged_run_is_lost_and_none_is_half_there(tmp_path):
    rng, stored, child = random.Random(3), [], 0
    command = [sys.executable, "-c", CHILD, str(ROOT), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as launcher:
        assert launcher.stdin and launcher.stdout
        for _ in range(20):
            launcher.stdin.write("go\n")
            heard = False
            for line in launcher.stdout:
                word, _, rest = line.strip().partition(" ")
                if word == "child":
                    child = int(rest)
                elif word == "stored":
                    stored.append(rest)
                    heard = True
                else:
                    break
                if child and heard:
                    time.sleep(rng.uniform(0, 0.06))
                    os.kill(child, signal.SIGKILL)
                    child = 0
        launcher.stdin.close()
    store = Store(tmp_path)
    there = [one.id for one in store.runs(limit=10_000)]
    assert set(stored) <= set(there) and len(there) <= len(stored) + 20
    assert len(stored) >= 20 and store.damaged() == {} and store.lost() == 0
    assert all(len(store.get(one).rankings) == 20 for one in there)
    assert database.quick_check(tmp_path / "uzor.db") == "ok"


def test_a_kill_while_the_database_is_made_leaves_none_and_the_next_start_makes_it(tmp_path):
    aside = tmp_path / "tmp_1_abc_def"
    aside.write_bytes(b"half a database")
    Store(tmp_path).close()
    assert database.quick_check(tmp_path / "uzor.db") == "ok"
