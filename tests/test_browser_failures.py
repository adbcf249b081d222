"""A real browser on the Failures page: a query, a missed item, another cause, the causes' charts, a correction."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from test_browser import CHROMIUM, Server, Visitor, serve, visitor  # noqa: F401 - fixtures
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over a shop whose random model fails, with the diagnosis of its run."""
    from app.bench import Bench

    folder = tmp_path_factory.mktemp("failing")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    for evaluation in bench.evaluate(["bm25", "ruclip:tiny"], "shop", "asked"):
        bench.diagnose(evaluation.run.id)
    yield from serve(bench.home, folder)


def test_a_person_reads_a_failure_overrules_it_and_switches_a_correction_on(
    visitor: Callable[..., Visitor],  # noqa: F811
    server: Server,
) -> None:
    one = visitor(server=server).go("failures?catalogue=shop&queries=asked").see("Почему пропущена эта")
    assert "Её место у каждой модели" in one.text() and "Что показывает модель" in one.text()
    missed = one.page.locator("button.c .m.hit").count()
    assert missed > 0 and len(one.cards()) > 10
    one.page.get_by_text("Указать другое, добавить заметку").click()
    one.settle()
    one.page.get_by_label("Заметка", exact=True).fill("контур вместо заливки")
    one.press("Сохранить").see("контур вместо заливки")
    one.page.get_by_text("Причины", exact=True).first.click()
    one.see("Причины по моделям").see("Что изменилось между двумя моделями")
    one.page.get_by_text("Хабы и невидимый каталог", exact=True).click()
    one.see("Поможет ли поправка?").press("Включить в поиске")
    one.page.wait_for_url("**correction=csls**", timeout=60_000)
    one.write("Что ищем", "круг").see("Ранжировано с поправкой: CSLS")
    english = visitor(server=server, locale="en-US").go("failures?catalogue=shop&queries=asked")
    assert "Why is this one missed" in english.text() and "контур вместо заливки" in english.text()
