"""Groups as visitors see them: named on the map, listed, left out in the forms, measured before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import test_browser
from streamlit.testing.v1 import AppTest
from test_browser import CHROMIUM, ROOT, Server, Visitor, serve
from test_pages import grids, in_url, opened, sound, until, words  # noqa: F401 - grids is a fixture
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from eval.grouping.excluded import WITHOUT
from eval.matching import sweep

TINY = "ruclip:tiny"
visitor = test_browser.visitor  # the fixture


def shop(folder: Path) -> Path:
    """A workspace with the drawn shop, its queries, a random model, two runs and a map."""
    drawn, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(drawn.csv, name="shop")
    bench.add_query_set([drawn.queries, drawn.qrels], "shop", name="asked")
    bench.evaluate(["bm25", TINY], "shop", "asked")
    bench.map(TINY, "shop", "pca")
    return bench.home


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = shop(tmp_path)
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


def select(test: AppTest, rows: list[int]) -> AppTest:
    """What the lasso gives back."""
    groups = [{"series_index": 0, "data_indices": rows}]
    test.session_state["map_chart"] = {"selection": {"selected": groups}}
    return sound(test.run())


def pressed(test: AppTest, key: str) -> AppTest:
    return sound(test.button(key=key).click().run())


def test_what_the_lasso_selects_is_named_tagged_and_seen_again(here: Path, grids: dict[str, list[Any]]) -> None:  # noqa: F811
    test = opened("map", model=TINY, method="pca")
    assert "Групп ещё нет" in words(test)
    select(test, [3, 7, 9])
    test.text_input(key="map_group_name").set_value("Подошвы")
    test.multiselect(key="map_group_tags").set_value(["сбоку"])
    pressed(test, "map_group_save")
    (made,) = Bench(here).groups("shop")
    assert made.name == "Подошвы" and made.items == tuple(
        Bench(here).map(TINY, "shop", "pca").table["id"].iloc[[3, 7, 9]]
    )
    assert made.tags == ("сбоку",) and in_url(test, "group") == ["Подошвы"] and "3 позиции · сбоку" in words(test)
    again = opened("map", model=TINY, method="pca", group="Подошвы")  # by its link, with nothing drawn
    assert [card.id for card in grids["map_gallery"]] == list(made.items)
    assert not [b for b in again.button if b.key == "map_group_save"]  # it has a name already
    again.selectbox(key="colour").set_value(WITHOUT).run()
    assert in_url(sound(again), "colour") == [WITHOUT]
    again.toggle(key="beside_on").set_value(True).run()  # the four maps side by side know that colour, too
    sound(again)


def test_wrong_names_are_told_and_nothing_is_saved(here: Path) -> None:
    Bench(here).save_group("shop", "есть", ["north-circle-c0392b"])
    test = select(opened("map", model=TINY, method="pca"), [1, 2])
    for name, told in (("", "Название группы пустое"), ("ЕСТЬ", "уже есть"), ("a\u202eb", "невидимыми знаками")):
        test.text_input(key="map_group_name").set_value(name)
        test.button(key="map_group_save").click().run()
        assert not test.exception and told in words(test), words(test)
    assert len(Bench(here).groups("shop")) == 1
    test.selectbox(key="map_group_into").set_value("есть").run()
    pressed(test, "map_group_save")
    assert len(Bench(here).group("shop", "есть").items) >= 2


def test_a_group_is_renamed_retagged_and_deleted_after_a_question(here: Path) -> None:
    bench = Bench(here)
    bench.save_group("shop", "soles", bench.catalogue("shop").ids[:4], ["a"])
    test = opened("map", "en", model=TINY, method="pca", group="soles")
    key = bench.group("shop", "soles").key
    test.text_input(key=f"group_to_{key}").set_value("Soles & boxes")
    pressed(test, "group_rename_save")
    assert in_url(test, "group") == ["Soles & boxes"] and "Soles & boxes" in words(test)
    stored = bench.group("shop", "Soles & boxes")
    test.multiselect(key=f"group_tags_of_{stored.sequence}").set_value(["a", "b"])
    pressed(test, "group_retag_save")
    assert bench.group("shop", "Soles & boxes").tags == ("a", "b")
    pressed(test, "group_delete_yes")
    assert bench.groups("shop") == [] and "group" not in test.query_params and "No groups yet" in words(test)


def test_items_that_are_gone_are_told(here: Path, tmp_path: Path) -> None:
    bench = Bench(here)
    bench.save_group("shop", "soles", bench.catalogue("shop").ids[:4])
    table = tmp_path / "shop" / "products.csv"
    lines = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    bench.import_catalogue(table, name="shop")
    bench.map(TINY, "shop", "pca")
    said = words(opened("map", model=TINY, method="pca", group="soles"))
    assert "1 позиции этой группы в каталоге больше нет" in said and bench.group("shop", "soles").items[0] in said


@pytest.mark.parametrize("language", ["ru", "en"])
def test_one_click_measures_every_run_before_and_after(language: str, here: Path) -> None:
    bench = Bench(here)
    south = [item for item in bench.catalogue("shop").ids if item.startswith("south")]
    bench.save_group("shop", "юг", south)
    test = opened("map", language, model=TINY, method="pca", group="юг")
    pressed(test, "effect_go")
    table = next(d.value for d in test.dataframe if "before" in d.value.columns)
    told, failed = bench.group_effect("shop", ["юг"], bench.measurable("shop", "asked", ["юг"])[0])
    assert not failed and sorted(table["after"].round(3)) == sorted(round(e.after, 3) for e in told)
    assert len(table) == 4 and "24 → 12" in words(test) and len(in_url(test, "effect")) == 1
    assert ("24 оценки подходящих позиций" if language == "ru" else "24 judgments of relevant items") in words(test)
    shared = opened("map", language, model=TINY, method="pca", group="юг", effect=in_url(test, "effect")[0])
    assert any("before" in d.value.columns for d in shared.dataframe)  # the link shows the same table
    shared.multiselect(key="effect_metrics").set_value(["RR"]).run()
    assert in_url(shared, "effect_metrics") == ["RR"]
    bench.remove_group("shop", "юг")
    bench.save_group("shop", "юг", south[1:])  # the link means the group, whatever it holds by now
    again = opened("map", language, model=TINY, method="pca", group="юг", effect="юг", effect_metrics="RR")
    table = next(d.value for d in again.dataframe if "before" in d.value.columns)
    assert len(table) == 2 and "24 → 13" in words(again)


def test_a_run_over_a_part_does_not_choose_the_model_that_pages_open_with(here: Path) -> None:
    bench = Bench(here)
    tiny_ruclip(here / "models" / "other", seed=5)
    bench.evaluate(["ruclip:other"], "shop", "asked", where={"source": "south"})
    assert opened("search", catalogue="shop").session_state["model"] == TINY


def test_a_group_of_every_answer_is_told_calmly(here: Path) -> None:
    bench = Bench(here)
    bench.save_group("shop", "всё", bench.catalogue("shop").ids)
    test = opened("map", model=TINY, method="pca", group="всё")
    test.button(key="effect_go").click().run()
    assert not test.exception and "Исключите меньше групп" in words(test)


def test_an_evaluation_leaves_a_group_out_and_says_so_everywhere(here: Path) -> None:
    bench = Bench(here)
    bench.save_group("shop", "круги", [item for item in bench.catalogue("shop").ids if "circle" in item])
    before = len(bench.runs("shop"))
    test = opened("evaluate", catalogue="shop", models=["bm25"], eval_without=["круги"])
    assert in_url(test, "eval_without") == ["круги"]
    next(b for b in test.button if b.label == "Оценить").click().run()
    until(test, lambda t: len(Bench(here).runs("shop")) > before and "evaluate_job" not in t.query_params)
    made = bench.runs("shop")[0]
    assert made.settings["where"] == {WITHOUT: [bench.group("shop", "круги").label]} and made.settings["gallery"] == 16
    assert {"в галерее 16", "без группы «круги»"} <= set(words(sound(test)).replace("\n", " · ").split(" · "))
    conditions = test.selectbox(key="conditions")
    assert len(conditions.options) == 2 and "без группы «круги»" in conditions.options[0]
    assert test.multiselect(key="eval_without").value == ["круги"]  # as pool and source: what comes can be compared
    sound(test.switch_page(str(ROOT / "pages/search.py")).run())  # whose own list of unwanted items is another thing
    sound(test.switch_page(str(ROOT / "pages/evaluate.py")).run())
    assert test.multiselect(key="eval_without").value == ["круги"]
    compared = opened("compare", catalogue="shop", queries="asked")
    assert any("без группы «круги»" in option for box in compared.selectbox for option in box.options)
    assert "без группы «круги»" in str(opened("overview", catalogue="shop").dataframe[0].value["pool"].tolist())


def test_matching_and_classification_offer_to_leave_groups_out(here: Path) -> None:
    bench = Bench(here)
    bench.save_group("shop", "круги", [item for item in bench.catalogue("shop").ids if "circle" in item])
    said = words(opened("match", catalogue="shop", match_without=["круги"]))
    assert "без группы «круги»" in said and "8 позиций с одной стороны · 8 с другой" in said
    test = opened("classify", catalogue="shop", class_without=["круги"])
    assert test.multiselect(key="class_without").value == ["круги"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_matching_and_classification_show_before_and_after_once_both_are_stored(language: str, here: Path) -> None:
    bench, title = Bench(here), "До и после" if language == "ru" else "Before and after"
    bench.save_group("shop", "синие", [item for item in bench.catalogue("shop").ids if item.endswith("circle-2c5aa0")])
    sides = [bench.side("shop", source, "title") for source in ("north", "south")]
    out = [bench.side("shop", source, "title", ["синие"]) for source in ("north", "south")]
    link = {"catalogue": "shop", "match_without": ["синие"], "match_truth": "title"}
    bench.match(TINY, *out)
    test = opened("match", language, **link)
    assert title in words(test) and not any("recall0" in d.value.columns for d in test.dataframe)
    bench.match(TINY, *sides)
    table = next(d.value for d in opened("match", language, **link).dataframe if "recall0" in d.value.columns)
    told = [[point.recall for point in bench_points] for bench_points in (
        sweep.sweep(bench.match(TINY, *both).tally(), sweep.THRESHOLDS) for both in (sides, out)
    )]  # fmt: skip
    assert [table["recall0"].tolist(), table["recall1"].tolist()] == [[round(v, 3) for v in row] for row in told]
    assert title not in words(opened("match", language, catalogue="shop", match_truth="title"))
    how = {"column": "category", "classifiers": ["knn"], "near": False}
    bench.classify([TINY], "shop", exclude=["синие"], **how)
    assert "knn" not in str(opened("classify", language, catalogue="shop").dataframe[-1].value.columns)
    bench.classify([TINY], "shop", **how)
    newest = opened("classify", language, catalogue="shop")
    whole = next(box for box in newest.selectbox if box.key == "split")
    whole.set_value(next(v for v in whole.options if "синие" in v)).run()
    assert title in words(sound(newest)) and any("before" in d.value.columns for d in newest.dataframe)


def test_what_the_catalogues_filter_leaves_is_named_at_one_go(here: Path) -> None:
    test = opened("catalogue", catalogue="shop", in_category=["круг"])
    test.text_input(key="browse_group_name").set_value("круги")
    pressed(test, "browse_group_save")
    assert len(Bench(here).group("shop", "круги").items) == 8
    assert not [t for t in opened("catalogue", catalogue="shop").text_input if t.key == "browse_group_name"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("groups")
    yield from serve(shop(folder), folder)


def lasso(one: Visitor, shares: list[tuple[float, float]]) -> None:
    """Draw round these shares of the map with the lasso, the middle one of the three tools."""
    box = one.page.locator("canvas").first.bounding_box()
    one.page.mouse.click(box["x"] + box["width"] - 71, box["y"] + 30)
    corners = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in [*shares, shares[0]]]
    one.page.mouse.move(*corners[0])
    one.page.mouse.down()
    for corner in corners[1:]:
        one.page.mouse.move(*corner, steps=8)
    one.page.mouse.up()
    one.page.wait_for_timeout(700)
    one.settle()


HOSTILE = "<img src=x onerror=window.hacked=1> :red[x] ![y](http://evil.example/y.png)"


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.timeout(280)
def test_a_file_of_groups_with_wrong_rows_and_a_hostile_name_is_told_and_shown_as_text(
    visitor: Callable[..., Visitor], server: Server, tmp_path: Path
) -> None:
    file, bench = tmp_path / "groups.csv", Bench(server.home)
    items = bench.catalogue("shop").ids
    lines = [
        "item,group,tags",
        f'{items[0]},"{HOSTILE}",{HOSTILE[:30]}',
        "nowhere,x,",
        f"{items[1]},,",
        f"{items[2]},x,",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    one = visitor(server=server).go(f"map?model={TINY}&method=pca").see("достоверность", 120)
    one.page.get_by_role("button", name="Загрузить группы").click()
    one.page.locator("input[type=file]").set_input_files(str(file))
    one.settle()
    one.page.get_by_role("button", name="Загрузить", exact=True).click()
    one.see("Взято 2 строки · 2 строки не взяты").see("groups.csv, строка 3").see("groups.csv, строка 4")
    assert {group.name: group.items for group in bench.groups("shop")} == {HOSTILE: (items[0],), "x": (items[2],)}
    for path in ("map", "evaluate", "match", "classify"):
        asked = {"model": TINY, "method": "pca", "colour": WITHOUT, "group": HOSTILE, "eval_without": HOSTILE,
                 "match_without": HOSTILE, "class_without": HOSTILE}  # fmt: skip
        one.go(f"{path}?{urlencode(asked)}")
        assert one.page.evaluate("window.hacked") is None
    assert one.page.locator("img[src*='evil']").count() == 0
    for group in bench.groups("shop"):
        bench.remove_group("shop", group.name)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.timeout(280)
def test_a_person_draws_round_a_cluster_names_it_and_sees_what_it_costs(
    visitor: Callable[..., Visitor], server: Server
) -> None:
    one = visitor(server=server).go(f"map?model={TINY}&method=pca").see("достоверность", 120)
    lasso(one, [(0.02, 0.08), (0.52, 0.08), (0.52, 0.98), (0.02, 0.98)])
    one.see("Выделено")
    one.page.get_by_role("button", name="группой").click()
    one.page.get_by_label("Название группы").fill("Левая половина")
    one.page.get_by_role("button", name="Сохранить группу").click()
    one.see("Измерить без неё")
    (made,) = Bench(server.home).groups("shop")
    assert made.name == "Левая половина" and 0 < len(made.items) < 24
    one.page.get_by_role("button", name="Измерить без неё").click()
    one.see(f"24 → {24 - len(made.items)}")
    link = one.page.url
    again = visitor(server=server, locale="en-US")
    again.page.goto(link)
    again.see("Before and after").see(f"24 → {24 - len(made.items)}")
    again.page.get_by_role("button", name="Delete").first.click()
    again.page.get_by_role("button", name="Delete the group").click()
    again.see("No groups yet")
    assert Bench(server.home).groups("shop") == []
