"""A real browser where pictures ask: why one fails and what stands before it, and a rater who sees both pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from test_browser import CHROMIUM, Server, Visitor, serve, visitor  # noqa: F401 - fixtures
from test_browser_judge import DESK, SHOWN
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from eval.judging.log import JudgmentLog
from eval.judging.rows import HUMAN

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]
LOADED = f"""() => {{
  const root = ({DESK})();
  const seen = root ? [...root.querySelectorAll('.from img, .pic img')] : [];
  return seen.length === 2 && seen.every((image) => image.complete && image.naturalWidth > 0)
    && new Set(seen.map((image) => image.src)).size === 2;
}}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over a shop in which items ask for their like of the other source; a random model fails, HOG does not."""
    folder = tmp_path_factory.mktemp("asking")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.pair_up("shop", "category")
    for evaluation in bench.evaluate(["classical:hog", "ruclip:tiny"], "shop", "shop-by-category"):
        bench.diagnose(evaluation.run.id)
    yield from serve(bench.home, folder)


def test_a_person_sees_why_a_picture_finds_nothing_and_judges_beside_it(
    visitor: Callable[..., Visitor],  # noqa: F811
    server: Server,
) -> None:
    bench = Bench(server.home)
    run = next(run.id for run in bench.runs("shop") if run.spec == "ruclip:tiny")
    one = visitor(server=server).go(f"failures?catalogue=shop&queries=shop-by-category&run={run}")
    one.see("Почему пропущена эта")
    asking = one.page.get_by_alt_text("Картинка-запрос").first
    asking.wait_for(timeout=60_000)
    assert asking.evaluate("image => image.naturalWidth") > 0
    assert "причины, которые кроются в словах" in one.text() and "Что её отдаляет" not in one.text()
    one.page.get_by_text("Хабы и невидимый каталог", exact=True).click()
    one.see("На картинки каталога").see("Поможет ли поправка?")

    one = visitor(server=server).go("judge?catalogue=shop&queries=shop-by-category&rater=Аня")
    one.page.wait_for_function(LOADED, timeout=60_000)
    query, item = one.page.evaluate(SHOWN)
    assert query != item
    one.page.keyboard.press("Digit2")
    one.page.wait_for_function(f"before => ({SHOWN})().join() !== before", arg=f"{query},{item}", timeout=60_000)
    one.page.wait_for_function(LOADED, timeout=60_000)
    rows = []
    for _attempt in range(120):
        rows = [row for row in JudgmentLog(server.home).rows("shop-by-category") if row.source == HUMAN]
        if rows:
            break
        one.page.wait_for_timeout(250)
    assert [(row.query, row.item, row.grade, row.rater) for row in rows] == [(query, item, 2, "Аня")]
