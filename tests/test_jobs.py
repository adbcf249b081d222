"""Long work in a process of its own: it tells its progress, can be cancelled, survives its server, ends honestly."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tiny_shop import tiny_shop

from app import jobs
from app.bench import Bench
from data import storage


def ended(home: Path, job: str, seconds: float = 60) -> jobs.JobState:
    deadline = time.monotonic() + seconds
    while (now := jobs.state(home, job)).live and time.monotonic() < deadline:
        time.sleep(0.05)
    return now


def started_evaluation(home: Path, shop_folder: Path, specs: list[str]) -> str:
    shop = tiny_shop(shop_folder)
    bench = Bench(home)
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="shapes")
    return jobs.start(home, "evaluate", specs=specs, catalogue="shop", query_set="shapes")


def test_an_import_runs_as_a_job_and_its_result_is_the_report(tmp_path: Path) -> None:
    shop = tiny_shop(tmp_path / "shop")
    job = jobs.start(tmp_path / "home", "import", path=str(shop.csv), name="shop")
    done = ended(tmp_path / "home", job)
    assert (done.status, done.result["ready"], done.result["refused"]) == ("done", shop.items, 0)
    assert Bench(tmp_path / "home").catalogues() == ["shop"]


def test_an_evaluation_job_stores_its_runs_and_names_the_models_that_could_not_run(tmp_path: Path) -> None:
    job = started_evaluation(tmp_path / "home", tmp_path / "shop", ["chance", "nonsense:x"])
    done = ended(tmp_path / "home", job)
    assert done.status == "done", done.error
    assert list(done.result["failed"]) == ["nonsense:x"]
    assert Bench(tmp_path / "home").evaluation(done.result["runs"][0]).run.spec == "chance"


def test_a_job_whose_models_all_fail_fails_and_says_why(tmp_path: Path) -> None:
    done = ended(tmp_path / "home", started_evaluation(tmp_path / "home", tmp_path / "shop", ["nonsense:x"]))
    assert done.status == "failed" and "nonsense" in done.error


def test_a_job_that_is_wrong_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    done = ended(tmp_path / "home", jobs.start(tmp_path / "home", "import", path=str(tmp_path / "absent.csv")))
    assert done.status == "failed" and "absent.csv" in done.error


def test_cancelling_a_job_leaves_no_half_imported_catalogue(tmp_path: Path) -> None:
    shop = tiny_shop(tmp_path / "shop")
    job = jobs.start(tmp_path / "home", "import", path=str(shop.csv), name="shop")
    jobs.cancel(tmp_path / "home", job)
    now = jobs.state(tmp_path / "home", job)
    assert now.status == "cancelled"
    assert Bench(tmp_path / "home").catalogues() == []
    assert list((tmp_path / "home" / "staging").iterdir()) == []


def test_a_killed_job_is_called_interrupted_and_can_be_started_again(tmp_path: Path) -> None:
    shop, home = tiny_shop(tmp_path / "shop"), tmp_path / "home"
    job = jobs.start(home, "import", path=str(shop.csv), name="shop")
    os.kill(storage.read_json(home / "jobs" / job / "process.json")["pid"], signal.SIGKILL)
    assert ended(home, job).status == "interrupted"
    again = jobs.start(home, "import", path=str(shop.csv), name="shop")
    assert again != job and ended(home, again).status == "done"


def test_the_same_live_job_is_not_started_twice(tmp_path: Path) -> None:
    shop, home = tiny_shop(tmp_path / "shop"), tmp_path / "home"
    first = jobs.start(home, "import", path=str(shop.csv), name="shop")
    assert jobs.start(home, "import", path=str(shop.csv), name="shop") == first
    assert ended(home, first).status == "done"


def test_unknown_jobs_and_kinds_are_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no job"):
        jobs.state(tmp_path, "../../etc")
    with pytest.raises(ValueError, match="import, embed"):
        jobs.start(tmp_path, "dance")
