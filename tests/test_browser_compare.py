"""Comparing in a real browser: the verdict, a bar that is clicked, the pictures it opens, the report's own figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from test_browser import CHROMIUM, Server, Visitor, serve, visitor  # noqa: F401 - fixtures
from tiny_shop import tiny_shop

from app.bench import Bench

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over a workspace with a drawn shop and the runs of two models that need no weights."""
    folder = tmp_path_factory.mktemp("comparing")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["chance", "bm25"], "shop", "asked")
    yield from serve(bench.home, folder)


def test_a_verdict_is_read_a_bar_is_clicked_and_its_pictures_stand_side_by_side(
    visitor: Callable[..., Visitor],  # noqa: F811 - the fixture
) -> None:
    one = visitor().go("compare").see("BM25 лучше, чем")
    assert "7 лучше, 0 хуже, 0 поровну" in one.text()
    chart = one.page.locator('[data-testid="stEChartsChart"] canvas').nth(1)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    for share in (0.1, 0.085, 0.115, 0.13):  # the first of seven bars; how wide the labels are depends on the font
        one.page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.4)
        one.page.wait_for_timeout(800)
        if "query=" in one.settle().page.url:
            break
    one.see("С этой выдачей сравниваются остальные")
    assert "query=" in one.page.url
    assert len(one.cards()) > 20  # ten of either model and those that left
    assert one.page.locator("button.c .d.entered").count() > 0
    one.page.locator("button.c").first.click()
    one.settle().see("Похожие")


def test_the_reports_own_figures_are_one_click_away(
    visitor: Callable[..., Visitor],  # noqa: F811 - the fixture
) -> None:
    one = visitor(locale="en-US", color_scheme="dark").go("compare?of=report").see("Not our numbers")
    assert "5 better, 4 worse, 15 equal" in one.text()
    assert "≈ 970 queries" in one.text()
    one.go("compare?pair=nonsense").see("BM25 is better than")
