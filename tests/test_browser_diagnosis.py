"""A real browser over the diagnoses: measure models, diagnose towers, a query on the map, why an item was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from test_browser import CHROMIUM, Server, Visitor, serve, shop, visitor  # noqa: F401 - fixtures among them
from tiny_models import tiny_ruclip
from tiny_shop import Shop

from app.bench import Bench

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]
TINY = "ruclip:tiny"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Iterator[Server]:  # noqa: F811
    """The app over the drawn shop, its queries, a random model and a map."""
    folder = tmp_path_factory.mktemp("browser_diagnosis")
    bench = Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["bm25", TINY], "shop", "asked")
    bench.map(TINY, "shop", "pca", query_set="asked")
    bench.towers(TINY, "shop", "asked")
    yield from serve(bench.home, folder)


def test_models_are_measured_and_the_curve_is_drawn(visitor: Callable[..., Visitor]) -> None:  # noqa: F811
    one = visitor().go("diagnosis?catalogue=shop&queries=asked&curve_models=bm25")
    one.see("Ни одна модель ещё не измерена")
    one.page.get_by_role("button", name="Измерить").last.click()
    one.see("размеченный пул: 24", 120)
    assert "BM25" in one.text() and one.page.locator("canvas").count() >= 1


def test_towers_say_what_to_do_and_open_a_query(visitor: Callable[..., Visitor]) -> None:  # noqa: F811
    one = visitor(locale="en-US").go("diagnosis?catalogue=shop&queries=asked&diagnosis=towers&query=1")
    one.see("Texts answer")
    assert "Fusion, tuned honestly" in one.text() and len(one.cards()) > 8
    assert one.page.locator("del, s").count() >= 1  # what was tuned on its own queries is struck through


def test_a_query_on_the_map_leads_to_why_its_missed_item_was_not_found(
    visitor: Callable[..., Visitor],  # noqa: F811
) -> None:
    one = visitor().go(f"map?catalogue=shop&model={TINY}&method=pca&map_queries=asked&query=1")
    one.see("подходящих среди первых 5")
    assert one.page.locator("canvas").count() >= 2  # the map and the line of similarities
    one.page.locator("button.c").first.click()
    one.settle()
    one.see("Место у каждой модели")
    one.press("Почему?").see("Зелёные квадраты", 120)
    assert "why=" in one.page.url and "Сейчас место" in one.text()
    one.press("Закрыть")
    assert "why=" not in one.page.url
