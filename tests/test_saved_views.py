"""Saved views: what is kept and what stands; in a browser, one opens as its link would in a fresh tab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import test_browser
from test_browser import CHROMIUM, Server, Visitor, serve
from tiny_shop import tiny_shop

from app.bench import Bench
from eval.saved_views import SavedView

visitor = test_browser.visitor  # the fixture


def test_the_newest_view_of_a_name_stands_and_a_removed_one_does_not(tmp_path: Path) -> None:
    views = Bench(tmp_path).views
    assert views.all() == []
    views.save(SavedView("ромашки ", "search", {"q": ["ромашки"]}))
    views.save(SavedView("бабочки", "map", {}))
    views.save(SavedView("ромашки", "search", {"q": ["ромашки"], "only_source": ["north", "south"]}))
    views.remove("бабочки")
    again = Bench(tmp_path).views.all()
    assert again == [SavedView("ромашки", "search", {"q": ["ромашки"], "only_source": ["north", "south"]})]


@pytest.mark.parametrize("view", [
    SavedView("  ", "search", {}), SavedView("x" * 81, "search", {}), SavedView("x", "", {}),
    SavedView("x", "search", {"q": ["x" * 20_001]}),
])  # fmt: skip
def test_a_view_that_cannot_be_one_is_refused_and_nothing_is_kept(view: SavedView, tmp_path: Path) -> None:
    views = Bench(tmp_path).views
    with pytest.raises(ValueError):
        views.save(view)
    assert views.all() == []


def test_what_is_not_there_cannot_be_removed(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no view"):
        Bench(tmp_path).views.remove("x")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("views")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    bench.import_catalogue(shop.csv, name="shop")
    yield from serve(bench.home, folder)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.timeout(280)
def test_a_saved_view_brings_back_the_page_with_all_that_was_chosen(
    visitor: Callable[..., Visitor], server: Server
) -> None:
    def menu(one: Visitor) -> None:
        one.page.get_by_role("button", name="Views").first.click()
        one.page.get_by_label("Save this view as").wait_for()

    one = visitor(server=server, locale="en-US").go("search?q=круг&model=bm25&only_source=north").see("of 12 items")
    before = one.cards()
    menu(one)
    one.write("Save this view as", "north circles")
    assert len(before) == 4
    one.go("search?q=синий&model=bm25&n=50&two=yes&model2=chance").see("Two models side by side")
    assert one.cards() != before
    menu(one)
    one.page.get_by_role("button", name="north circles").click()
    one.see("of 12 items")
    assert one.cards() == before and "n=50" not in one.page.url and "two=yes" not in one.page.url
    one.go("").settle()
    menu(one)
    one.page.get_by_role("button", name="north circles").click()
    one.see("of 12 items")
    assert one.cards() == before and "/search?" in one.page.url
    menu(one)
    one.page.get_by_role("button", name="Remove").click()
    one.settle()
    assert Bench(server.home).views.all() == []
