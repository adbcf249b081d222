"""Pages while the demonstration is being prepared: its progress, no half table; and the map that comes by itself."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from test_pages import opened, sound, until, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import demo, jobpanel, jobs, preparing
from app.bench import Bench
from app.jobs import JobState
from data import storage

TUNED = "ruclip:tiny+shop"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demonstration's catalogue and queries are here, one of two planned models has answered, the job works."""
    shop, bench = tiny_shop(tmp_path / "shop"), Bench(tmp_path / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name=demo.CATALOGUE)
    bench.add_query_set([shop.queries, shop.qrels], demo.CATALOGUE, name=demo.QUERIES)
    bench.evaluate(["ruclip:tiny"], demo.CATALOGUE, demo.QUERIES)
    monkeypatch.setattr(
        demo, "plan", lambda bench: [("ruclip:tiny", demo.QUERIES, "catalogue"), (TUNED, demo.QUERIES, "catalogue")]
    )
    monkeypatch.setenv("UZOR_HOME", str(bench.home))
    works(bench.home)
    return bench.home


def works(home: Path) -> None:
    """A demonstration job whose process is alive: this one."""
    folder = home / "jobs" / "0000000000001-demo"
    folder.mkdir(parents=True)
    storage.write_json(folder / "job.json", {"id": folder.name, "kind": "demo", "arguments": {}, "made": 0})
    storage.write_json(folder / "process.json", {"pid": os.getpid(), "born": jobs._born(os.getpid())})
    storage.write_json(folder / "progress.json", {"status": "running", "done": 1, "total": 2, "what": "embed"})


def ends(home: Path) -> None:
    storage.write_json(home / "jobs" / "0000000000001-demo" / "result.json", {"status": "done", "result": {}})


def second_model(home: Path) -> None:
    """The run that was missing comes in."""
    bench = Bench(home)
    run = bench.store.get(bench.runs(demo.CATALOGUE)[0].id)
    bench.store.add(replace(run, id="run-tuned", spec=TUNED))


SAID = {"ru": ("Демонстрация готовится", "1 из 2"), "en": ("The demonstration is being prepared", "1 of 2")}
EARLY = ("Первые выводы", "First findings", "Прогонов ещё нет", "No runs yet")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("page", ["overview", "compare"])
def test_nothing_is_concluded_before_all_runs_are_in(page: str, language: str, home: Path) -> None:
    said = words(opened(page, language))
    assert all(part in said for part in SAID[language]) and not [part for part in EARLY if part in said]
    second_model(home)
    said = words(opened(page, language))
    assert not [part for part in SAID[language] if part in said]
    assert (EARLY[0 if language == "ru" else 1] in said) == (page == "overview")


def test_a_demonstration_that_was_stopped_halfway_keeps_nobody_waiting(home: Path) -> None:
    assert preparing_now()
    ends(home)
    assert not preparing_now()
    assert SAID["ru"][0] not in words(opened("compare"))


def preparing_now() -> bool:
    return preparing.unfinished(demo.CATALOGUE)


def test_another_catalogue_does_not_wait_for_it(home: Path, tmp_path: Path) -> None:
    Bench(home).import_catalogue(tiny_shop(tmp_path / "shop").csv, name="another")
    assert not preparing.unfinished("another")


def test_a_page_without_a_catalogue_shows_that_one_is_coming(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    works(Bench(tmp_path / "home").home)
    test = opened("evaluate")
    assert "Демонстрация" in words(test) and not [b for b in test.button if b.key == "to_import"]


@pytest.mark.parametrize("work, expected", [({}, "**Demonstration**"), ({"catalogue": "a_b"}, "**Map** · a\\_b")])
def test_a_job_that_works_on_nothing_named_has_no_separator(work: dict[str, str], expected: str) -> None:
    job = JobState("1", "map" if work else "demo", "running", work)
    assert jobpanel.titled(job) == expected


def test_the_map_waits_for_the_demonstration_that_draws_it(home: Path) -> None:
    early = opened("map", "en")
    assert "opens here by itself" in words(early) and not jobs.recent(home, "map")
    assert "model" not in early.session_state and "Tour, 4" not in words(early)  # the best one is not known yet
    second_model(home)
    late = opened("map", "en", model="ruclip:tiny")
    assert "opens here by itself" in words(late) and not jobs.recent(home, "map")


def test_a_map_that_only_has_to_be_laid_out_is_begun_by_itself(home: Path) -> None:
    ends(home)
    test = opened("map", "en", method="pca")
    until(test, lambda t: "trustworthiness" in words(t))
    assert [job.arguments["spec"] for job in jobs.recent(home, "map")] == ["ruclip:tiny"]


@pytest.mark.parametrize("status", ["cancelled", "failed"])
def test_a_map_that_came_to_nothing_is_offered_and_not_begun_again(status: str, home: Path) -> None:
    ends(home)
    asked = {"spec": "ruclip:tiny", "catalogue": demo.CATALOGUE, "method": "pca", "seed": 0, "query_set": None}
    folder = home / "jobs" / "0000000000002-map"
    folder.mkdir(parents=True)
    storage.write_json(folder / "job.json", {"id": folder.name, "kind": "map", "arguments": asked, "made": 0})
    storage.write_json(folder / "result.json", {"status": status})
    test = opened("map", "en", method="pca")
    assert test.button(key="draw") and len(jobs.recent(home, "map")) == 1


def test_a_map_whose_vectors_are_missing_is_only_offered(home: Path, tmp_path: Path) -> None:
    ends(home)
    tiny_ruclip(home / "models" / "other", seed=3)
    test = opened("map", "en", model="ruclip:other")
    assert test.button(key="draw") and not jobs.recent(home, "map")


def test_the_map_opens_with_the_best_encoder_of_the_catalogue(home: Path) -> None:
    tiny_ruclip(home / "models" / "aaa", seed=3)
    ends(home)
    assert sound(opened("map")).session_state["model"] == "ruclip:tiny"
