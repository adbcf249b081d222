"""Jobs of three pages cancelled there: it is told, nothing half-done is called whole, and they start again."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import opened, sound, until, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import jobs
from app.bench import Bench
from eval import diagnoses
from eval.matching import kept

pytestmark = pytest.mark.timeout(400)
TINY = "ruclip:tiny"
ARTICLES = 15_000  # of each shop: comparing every one with every one takes some ten seconds
LIMIT = 240


@pytest.fixture(scope="module")
def big_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shops of 15,000 articles that share 24 pictures, so that their vectors are there at once; a random model."""
    folder = tmp_path_factory.mktemp("cancelled")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    with shop.csv.open(encoding="utf-8") as file:
        head, *items = csv.reader(file)
    table = shop.csv.with_name("many.csv")
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for number in range(2 * ARTICLES):
            (item, title, *rest), copy = items[number % len(items)], number // len(items)
            writer.writerow([f"{item}-{copy}", f"{title} {copy}", *rest])
    bench.import_catalogue(table, name="many")
    bench.import_catalogue(shop.csv, name="shop")
    tiny_ruclip(bench.home / "models" / "tiny")
    return bench.home


@pytest.fixture
def home(big_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    shutil.copytree(big_home, home)
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


def cancelled(test: AppTest, home: Path, kind: str, working: Callable[[jobs.JobState], bool]) -> str:
    """Press Cancel once the job works so; it ends, and the page tells it. Returns what the page says."""
    until(test, lambda _now: working(jobs.recent(home, kind)[0]), LIMIT)
    sound(test.button(key=f"{kind}_job_cancel").click().run())
    (job,) = jobs.recent(home, kind)
    assert job.status == "cancelled" and f"{kind}_job_cancel" not in [one.key for one in test.button]
    said = words(test)
    assert "Cancelled" in said
    return said


def over(home: Path, kind: str) -> Callable[[AppTest], bool]:
    return lambda _now: jobs.recent(home, kind)[0].status == "done"


def test_a_matching_that_was_cancelled_is_no_matching_and_starts_again(home: Path) -> None:
    test = opened("match", "en", catalogue="many", match_truth="title")
    test.multiselect(key="match_models").set_value([TINY])
    begin = "FormSubmitter:match_asked-Match"
    sound(test.button(begin).click().run())
    said = cancelled(test, home, "match", lambda job: job.what == "match" and 0 < job.done < job.total)
    assert "the one that was under way is matched anew" in said and "Nothing has been matched yet" in said
    bench = Bench(home)
    sides = bench.side("many", "north", "title"), bench.side("many", "south", "title")
    assert not list(kept.every(home)) and bench.matched(*sides) == {} and not test.metric
    sound(test.button(begin).click().run())
    until(test, over(home, "match"), LIMIT)
    until(test, lambda now: len(now.metric) >= 4, LIMIT)
    found = Bench(home).matched(*sides)[TINY]
    assert found.tally().whole.matches == ARTICLES and found.tally().whole.others == ARTICLES * (ARTICLES - 1)
    assert "Cancelled" not in words(sound(test))


def test_a_classification_that_was_cancelled_keeps_finished_classifiers_and_goes_on(home: Path) -> None:
    test = opened("classify", "en", catalogue="many")
    test.multiselect(key="probe_models").set_value([TINY])
    test.multiselect(key="probe_classifiers").set_value(["majority", "knn", "svm"])
    test.toggle(key="class_near").set_value(False)
    begin = "FormSubmitter:classify_asked-Classify"
    sound(test.button(begin).click().run())

    def probed() -> list[dict[str, object]]:
        return [one["cells"] for one in diagnoses.stored(home, "probe")]

    said = cancelled(test, home, "classify", lambda job: job.what == "classify" and bool(probed()))
    (cells,) = probed()
    assert "majority" in cells and "svm" not in cells and "Finished classifiers are kept" in said
    assert "svm" not in test.dataframe[0].value.columns  # what was not computed has no column
    sound(test.button(begin).click().run())
    until(test, over(home, "classify"), LIMIT)
    (whole,) = probed()
    assert set(whole) == {"majority", "knn", "svm"}
    assert all(whole[name] == cell for name, cell in cells.items())  # their seconds, too: they were not fitted again
    until(test, lambda now: "svm" in now.dataframe[0].value.columns, LIMIT)


def test_a_measurement_that_was_cancelled_is_no_measurement_and_starts_anew(home: Path) -> None:
    test = opened("efficiency", "en", catalogue="shop")
    test.multiselect(key="cost_models").set_value(["bm25"])
    test.number_input(key="cost_repeats").set_value(20)
    begin = "FormSubmitter:cost_asked-Measure"
    sound(test.button(begin).click().run())
    said = cancelled(test, home, "efficiency", lambda job: job.what == "measure" and job.done >= 1)
    assert "what was under way is measured anew" in said and "Nothing has been measured yet" in said
    assert Bench(home).costs("shop") == []
    test.number_input(key="cost_repeats").set_value(1)
    sound(test.button(begin).click().run())
    until(test, over(home, "efficiency"), LIMIT)
    until(test, lambda now: len(now.dataframe), LIMIT)
    (one,) = Bench(home).costs("shop")
    assert len(one.repeats) == 1 and "Cancelled" not in words(sound(test))
