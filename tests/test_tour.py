"""The tour: shown by itself in a fresh demonstration, led over five pages, gone once somebody dismisses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import opened, sound, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import tour
from app.bench import Bench

ROOT = Path(__file__).resolve().parents[1]
SAID = {"ru": "Знакомство, {n} из 5", "en": "Tour, {n} of 5"}


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as the demonstration leaves it, with the drawn shop for its catalogue; another comes before it."""
    folder = tmp_path_factory.mktemp("tour")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="another")
    bench.import_catalogue(shop.csv, name=tour.CATALOGUE)
    bench.add_query_set([shop.queries, shop.qrels], tour.CATALOGUE, name=tour.QUERIES)
    bench.evaluate(["ruclip:tiny", "bm25"], tour.CATALOGUE, tour.QUERIES)
    return bench.home


@pytest.fixture
def demo(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


def step(test: AppTest, language: str = "ru") -> int:
    """Which step is shown, 0 for none."""
    said = words(test)
    return next((n for n in range(1, 6) if SAID[language].format(n=n) in said), 0)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_newcomer_is_led_over_five_steps_and_is_left_alone_afterwards(language: str, demo: Path) -> None:
    test = opened("overview", language)
    seen = [(test.title[0].value, step(test, language))]
    for _turn in range(4):
        sound(test.button(key="tour_next").click().run())
        seen.append((test.title[0].value, step(test, language)))
        assert test.session_state["catalogue"] == tour.CATALOGUE
    titles = {"ru": ["Узор", "Оценка", "Разбор неудач", "Карта", "Поиск"],
              "en": ["Uzor", "Evaluation", "Failures", "Map", "Search"]}[language]  # fmt: skip
    assert seen == list(zip(titles, range(1, 6), strict=True))
    assert test.session_state["model"] == "ruclip:tiny"  # the best one that sees pictures, though bm25 is better
    assert not (demo / tour.DISMISSED).exists() and not [b for b in test.button if b.key == "tour_dismiss"]
    sound(test.button(key="tour_next").click().run())
    assert step(test, language) == 0 and (demo / tour.DISMISSED).exists()
    assert step(opened("overview", language), language) == 0


def test_the_third_step_shows_the_failures_of_the_best_encoder(demo: Path) -> None:
    test = opened("evaluate", tour="2", catalogue=tour.CATALOGUE, queries=tour.QUERIES)
    sound(test.button(key="tour_next").click().run())
    assert step(test) == 3 and test.title[0].value == "Разбор неудач"
    assert Bench(demo).evaluation(test.session_state["run"]).run.spec == "ruclip:tiny"


def test_it_is_dismissed_for_the_workspace_until_it_is_forgotten(demo: Path) -> None:
    test = opened("overview")
    sound(test.button(key="tour_dismiss").click().run())
    assert step(test) == 0 and step(opened("search")) == 0
    assert step(opened("overview", tour="1")) == 1  # who asks for it gets it
    tour.forget(demo)
    assert step(opened("overview")) == 1
    tour.forget(demo)  # nothing is there: nothing happens


def test_who_goes_on_by_the_navigation_is_followed(demo: Path) -> None:
    test = opened("overview")
    test.switch_page(str(ROOT / "pages/map.py")).run()
    assert step(sound(test)) == 4
    test.switch_page(str(ROOT / "pages/catalogue.py")).run()
    assert step(sound(test)) == 0
    test.switch_page(str(ROOT / "pages/evaluate.py")).run()
    assert step(sound(test)) == 2


@pytest.mark.parametrize("asked", ["0", "6", "-1", "x", ""])
def test_a_step_that_is_none_is_not_shown(asked: str, demo: Path) -> None:
    (demo / tour.DISMISSED).write_text("{}", encoding="utf-8")
    assert step(opened("overview", tour=asked)) == 0


def test_a_link_can_keep_the_tour_away(demo: Path) -> None:
    assert step(opened("overview", tour="0")) == 0 and step(opened("overview")) == 1


def test_a_link_into_another_shop_is_left_alone(demo: Path) -> None:
    assert step(opened("overview", catalogue="another")) == 0
    assert step(opened("overview", catalogue=tour.CATALOGUE)) == 1


def test_without_the_demonstration_it_does_not_come_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    bench, shop = Bench(tmp_path / "home"), tiny_shop(tmp_path / "shop")
    assert step(opened("overview")) == 0
    bench.import_catalogue(shop.csv, name=tour.CATALOGUE)
    assert step(opened("overview")) == 0  # it is here, but nothing has been evaluated yet
    for number, page in enumerate(("overview", "evaluate", "failures", "map", "search"), 1):
        assert step(opened(page, tour=str(number))) == number
