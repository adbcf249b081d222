"""A real browser over the ledger: a document's table taken away empty, filled in, refused, brought, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from published_files import FILES
from test_browser import CHROMIUM, Server, Visitor, serve, shop, visitor  # noqa: F401 - fixtures among them
from tiny_shop import Shop

from app.bench import Bench

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Iterator[Server]:  # noqa: F811
    """The app over the drawn shop whose items have asked with their pictures."""
    folder = tmp_path_factory.mktemp("browser_ledger")
    bench = Bench(folder / "home")
    bench.import_catalogue(shop.csv, name="shop")
    bench.evaluate(["classical:rgb"], "shop", bench.pair_up("shop", "category").name)
    yield from serve(bench.home, folder)


def test_a_table_is_taken_away_empty_refused_row_by_row_and_brought(
    visitor: Callable[..., Visitor], server: Server, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    one = visitor().go("ledger?ledger_part=vova&published=vova")
    one.see("Числа документа этой копии неизвестны", 120)
    one.page.get_by_text("Внести таблицу документа").first.click()
    with one.page.expect_download() as taken:
        one.page.get_by_role("button", name="Пустая таблица").click()
    empty = Path(taken.value.path()).read_text(encoding="utf-8")
    assert taken.value.suggested_filename == "vova.csv" and empty.startswith("model,Top-1")
    bring(one, tmp_path / "bad.csv", empty + "net,forty,,,,,,\n")
    one.see("строка 2", 60)
    bring(one, tmp_path / "good.csv", FILES["vova"])
    one.see("VOVA: фото → товар: принято, 1 строка", 120)
    one.see("net: R@5", 60)
    one.see("По соседним числам оно не может быть больше 0,70.")
    one.go("evaluate?catalogue=shop&queries=shop-by-category")
    one.see("Что опубликовали документы", 120)
    one.page.get_by_text("Что опубликовали документы").first.click()
    one.see("Электротовары: фото → товар", 60)
    one.see("Кроссовки: фото → товар")


def bring(one: Visitor, file: Path, text: str) -> None:
    """Fill the uploader with a file of that text and press the button."""
    file.write_text(text, encoding="utf-8")
    one.page.locator("input[type=file]").first.set_input_files(str(file))
    one.settle()
    one.page.get_by_role("button", name="Принять").click()
    one.settle()
