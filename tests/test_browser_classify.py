"""A real browser over Classification and Efficiency: a cell of the matrix clicked, a photo uploaded, limits typed."""

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
    """The app over the drawn shop, a random model probed, word search measured."""
    folder = tmp_path_factory.mktemp("browser_classify")
    bench = Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["bm25"], "shop", "asked")
    bench.classify([TINY], "shop", classifiers=["majority", "knn"], near=False)
    bench.measure(["bm25"], "shop", repeats=1, calls=5)
    yield from serve(bench.home, folder)


def test_a_click_in_the_confusion_matrix_shows_the_pictures_of_that_cell(
    visitor: Callable[..., Visitor],  # noqa: F811
) -> None:
    one = visitor().go("classify?catalogue=shop&class_classifier=majority")
    one.see("Что за что принимают")
    drawn = [
        canvas for canvas in one.page.locator("canvas").all() if (canvas.bounding_box() or {"height": 0})["height"]
    ]
    chart = max(drawn, key=lambda canvas: canvas.bounding_box()["height"])  # type: ignore[index]
    chart.scroll_into_view_if_needed()
    before = one.page.url
    box = chart.bounding_box()
    assert box is not None
    for across in (0.35, 0.6, 0.85):  # «most frequent» fills one column of three: one of these clicks meets it
        for down in (0.4, 0.6, 0.8):
            if one.page.url == before:
                chart.click(position={"x": box["width"] * across, "y": box["height"] * down}, force=True)
                one.settle()
                one.page.wait_for_timeout(500)
    assert one.page.url != before and "class_true=" in one.page.url
    assert len(one.cards()) >= 1


def test_a_photo_is_uploaded_and_searched_for_within_its_category(
    visitor: Callable[..., Visitor], shop: Shop  # noqa: F811
) -> None:  # fmt: skip
    one = visitor(locale="en-US").go("classify?catalogue=shop&class_classifier=knn")
    one.see("Photo → category → search within it")
    photo = next((shop.csv.parent / "images").glob("north-circle-*.png"))
    one.page.locator("input[type=file]").set_input_files(str(photo))
    one.settle()
    one.see("of 8 items", 60)  # one category of the three has eight
    assert len(one.cards()) >= 8
    broken = shop.csv.parent / "broken.png"
    broken.write_bytes(b"no picture at all")
    one.page.locator("input[type=file]").set_input_files(str(broken))
    one.settle()
    one.see("This did not work", 60)


def test_typed_limits_say_who_stays(visitor: Callable[..., Visitor]) -> None:  # noqa: F811
    one = visitor().go("efficiency?catalogue=shop")
    one.see("Эти числа нельзя приводить без оговорки")
    assert one.page.locator("canvas").count() >= 1
    field = one.page.get_by_role("spinbutton", name="Пик памяти, МБ")
    field.fill("1")
    field.press("Enter")
    one.see("Ни одна модель не укладывается")
    field.fill("100000")
    field.press("Enter")
    one.see("В пределах: BM25")
