"""Matching in a real browser: two shops are matched, a threshold is moved, a pair is labelled and stays so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from test_browser import CHROMIUM, Server, Visitor, serve, visitor  # noqa: F401 - fixtures
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]
WHERE = "match?catalogue=shop&match_truth=title"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over a workspace with a drawn shop of two sources and a tiny model."""
    folder = tmp_path_factory.mktemp("matching")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    yield from serve(bench.home, folder)


def test_two_shops_are_matched_and_what_a_person_says_of_a_pair_is_kept(
    server: Server,
    visitor: Callable[..., Visitor],  # noqa: F811 - the fixture
) -> None:
    one = visitor(locale="en-US").go(WHERE).see("Nothing has been matched yet")
    one.page.get_by_role("button", name="Match", exact=True).click()
    one.page.get_by_text("12 matches").first.wait_for(timeout=120_000)
    one.settle()
    assert "Precision of matches" in one.text() and "FP/TP" in one.text()

    one.go(WHERE + "&match_view=pairs&rater=Ann&match_at=0").see("0 pairs judged by you and saved")
    assert len(one.cards()) == 12  # six pairs
    one.page.get_by_role("button", name="Different", exact=True).first.click()
    one.see("1 pair judged by you and saved")
    with sqlite3.connect(f"file:{server.home}/uzor.db?mode=ro", uri=True) as database:
        kept = database.execute("SELECT rater, kind, grade, query_set FROM judgments").fetchall()
    assert kept == [("Ann", "grade", 0, "matching: shop/north × shop/south")]


def test_the_page_speaks_russian_and_links_carry_the_choice(
    visitor: Callable[..., Visitor],  # noqa: F811 - the fixture
) -> None:
    one = visitor().go(WHERE + "&match_way=duplicates&match_view=prices").see("Сопоставление")
    assert one.page.get_by_role("radio", name="Дубликаты в одном").is_visible() or "Дубликаты" in one.text()
    assert "match_way=duplicates" in one.page.url
