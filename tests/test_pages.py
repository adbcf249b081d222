"""Every page in both languages: an empty workspace, a small real one, and what is missing said calmly."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import gallery as gallery_module
from app import jobs
from app.bench import Bench
from eval import layouts

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("overview", "catalogue", "evaluate", "compare", "failures", "judge", "diagnosis", "map", "search", "match",
         "tuning", "ledger")  # fmt: skip
NEEDS_NONE = ("ledger",)  # its numbers are published ones
LANGUAGES = ("ru", "en")
TITLES = {
    "ru": {"overview": "Узор", "catalogue": "Каталог", "evaluate": "Оценка", "map": "Карта", "search": "Поиск",
           "tuning": "Дообучение", "compare": "Сравнение", "failures": "Разбор неудач", "judge": "Судейство",
           "diagnosis": "Диагностика", "match": "Сопоставление", "ledger": "Сверка чисел"},
    "en": {"overview": "Uzor", "catalogue": "Catalogue", "evaluate": "Evaluation", "map": "Map", "search": "Search",
           "tuning": "Tuning", "compare": "Comparison", "failures": "Failures", "judge": "Judging",
           "diagnosis": "Diagnosis", "match": "Matching", "ledger": "Ledger of numbers"},
}  # fmt: skip
TROUBLE = ("Не получилось", "This did not work")
MISSING = "ruclip:ruclip-vit-base-patch32-384"


@pytest.fixture(scope="module")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a drawn catalogue, its queries, three runs, a random model, its vectors and its map."""
    folder = tmp_path_factory.mktemp("pages")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["chance", "bm25", "ruclip:tiny"], "shop", "asked")
    bench.map("ruclip:tiny", "shop", "pca", query_set="asked")
    return bench.home


@pytest.fixture
def here(shop_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(shop_home))
    return shop_home


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def grids(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """The cards each grid was given, by the grid's key; the grid itself is not drawn."""
    drawn: dict[str, list[Any]] = {}

    def recorded(shown: Any, key: str, label: str, picked: str = "", wide: int = 150) -> str | None:
        drawn[key] = list(shown)
        return None

    monkeypatch.setattr(gallery_module, "gallery", recorded)
    monkeypatch.setattr("app.search.found.gallery", recorded)
    return drawn


def opened(page_: str, language: str = "ru", **params: str | list[str]) -> AppTest:
    """That page as a visitor with a browser in that language and this URL sees it."""
    test = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=60)
    test.context = {"locale": "ru-RU" if language == "ru" else "en-US"}
    for name, value in params.items():
        test.query_params[name] = value
    if page_ != "overview":
        test.switch_page(str(ROOT / "pages" / f"{page_}.py"))
    return sound(test.run())


def sound(test: AppTest) -> AppTest:
    """The page, after making sure that nothing on it went wrong."""
    assert not test.exception, test.exception
    assert not [word for word in TROUBLE if word in words(test)], words(test)
    return test


def in_url(test: AppTest, param: str) -> list[str]:
    """The values of that parameter in the page's URL."""
    value = test.query_params.get(param, [])
    return [value] if isinstance(value, str) else list(value)


def words(test: AppTest) -> str:
    """Everything said on the page in Markdown, captions, headings and metrics."""
    said = [e.value for kind in ("title", "header", "subheader", "markdown", "caption", "code") for e in test.get(kind)]
    said += [f"{m.label} {m.value} {m.delta}" for m in test.metric]
    return "\n".join(str(s) for s in said).replace("\\", "")


def until(test: AppTest, ready: Callable[[AppTest], bool], limit: float = 60) -> AppTest:
    """Run the page again and again, as its own timer does, until it is ready."""
    deadline = time.monotonic() + limit
    while not ready(test):
        assert time.monotonic() < deadline, words(test)
        time.sleep(0.2)
        test.run()
    return test


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_an_empty_workspace_and_says_what_to_do(page: str, language: str, nowhere: Path) -> None:
    test = opened(page, language)
    assert test.title[0].value == TITLES[language][page]
    if page == "catalogue":
        assert test.session_state["view"] == "import"
    elif page in NEEDS_NONE:
        assert "2025" in words(test)
    else:
        assert "uzor import" in test.code[0].value
        assert test.button(key="to_import").click().run().title[0].value == TITLES[language]["catalogue"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_over_a_real_catalogue(page: str, language: str, here: Path) -> None:
    test = opened(page, language)
    assert test.title[0].value == TITLES[language][page]
    expected = {"overview": "24", "catalogue": "24", "evaluate": "P@5", "map": "PCA", "search": "красный",
                "tuning": "24", "compare": "P@5", "failures": "asked", "judge": "asked", "diagnosis": "asked",
                "match": "12", "ledger": "2025"}[page]  # fmt: skip
    shown = words(test) + " ".join(option for group in test.button_group for option in group.options)
    shown += " ".join(box.placeholder for box in test.text_input)
    shown += " ".join(option for box in test.selectbox for option in box.options)
    assert expected in shown


@pytest.mark.parametrize("page", PAGES)
def test_no_text_stays_in_the_other_language(page: str, here: Path) -> None:
    russian = re.compile("[а-яё]{4,}", re.IGNORECASE)
    own = {"круг", "квадрат", "треугольник", "вышивка", "красный", "синий", "зелёный", "жёлтый", "зеленый"}
    found = {w.casefold() for w in russian.findall(words(opened(page, "en")))}
    assert found <= own, found - own


def test_the_language_is_switched_on_the_page_and_kept_in_the_url(here: Path) -> None:
    test = opened("search", "ru", q="круг", model="bm25")
    test.session_state["lang"] = "en"
    sound(test.run())
    assert test.title[0].value == "Search" and in_url(test, "lang") == ["en"]
    assert test.text_input(key="q").value == "круг" and test.session_state["model"] == "bm25"


def test_overview_tells_what_is_here_and_what_to_look_at_next(here: Path) -> None:
    test = opened("overview")
    shown = {m.label: m.value for m in test.metric}
    assert shown == {"Позиции": "24", "Источники": "2", "Категории": "3", "Запросы": "7"}
    runs = test.dataframe[0].value
    assert list(runs["model"]) == ["BM25", "tiny", "Случай"]
    assert runs.loc[0, "P@5"] == 1.0 and runs.loc[0, "R@50"] == pytest.approx(5 / 24, abs=5e-4)
    # the weakest query of the best run is one click away, on the page of that run
    test.button(key="next_0").click().run()
    sound(test)
    assert test.title[0].value == "Оценка" and test.session_state["query"]


def test_import_shows_how_the_table_is_read_before_it_starts(nowhere: Path, tmp_path: Path) -> None:
    shop = tiny_shop(tmp_path / "shop")
    lines = shop.csv.read_text(encoding="utf-8").replace("id,title,image", "код,имя_товара,снимок").splitlines()
    lines.append("lost,нет картинки,images/lost.png,круг,north,")
    shop.csv.write_text("\n".join(lines), encoding="cp1251")
    test = opened("catalogue", import_path=str(shop.csv))
    assert "cp1251" in words(test)
    assert len(test.dataframe[0].value) == 5
    assert test.selectbox(key="import_column_id").value == "код"
    assert test.button(key="start_import").disabled == (not test.selectbox(key="import_column_title").value)
    test.selectbox(key="import_column_title").set_value("имя_товара")
    test.selectbox(key="import_column_image").set_value("снимок").run()
    test.text_input(key="import_name").set_value("shop")
    test.button(key="start_import").click().run()
    until(test, lambda t: bool(t.success))
    assert "24" in test.success[0].value
    assert {m.label: m.value for m in test.metric}["Отклонено"] == "1"
    refused = test.dataframe[0].value
    assert refused.iloc[0, 0] == 26 and refused.iloc[0, 1] == "missing_file"
    test.button(key="to_browse").click().run()
    assert sound(test).session_state["view"] == "browse" and "24" in words(test)


@pytest.mark.parametrize("path", ["/no/such/file.csv", "~nosuch/file.csv"])
def test_a_wrong_path_is_told_and_nothing_starts(path: str, nowhere: Path) -> None:
    test = opened("catalogue", import_path=path)
    assert "По этому пути ничего нет" in words(test)
    assert not [b for b in test.button if b.key == "start_import"]


def test_a_table_that_is_none_is_refused_in_the_visitors_language(nowhere: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    test = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=60)
    test.context = {"locale": "ru-RU"}
    test.query_params["import_path"] = str(tmp_path / "empty.csv")
    test.switch_page(str(ROOT / "pages/catalogue.py")).run()
    assert not test.exception and "В файле ничего нет" in words(test)


def test_the_catalogue_is_filtered_by_words_category_and_source(here: Path, grids: dict[str, list[Any]]) -> None:
    opened("catalogue")
    assert len(grids["browse"]) == 24
    opened("catalogue", words="синий", in_source=["north"])
    assert {card.title for card in grids["browse"]} == {"синий круг", "синий квадрат", "синий треугольник"}
    opened("catalogue", words="нет такого")
    assert grids["browse"] == []


def test_evaluation_shows_the_bench_numbers_with_chance_and_ceiling(here: Path) -> None:
    test = opened("evaluate")
    best = Bench(here).evaluation(test.session_state["run"])
    assert best.run.spec == "bm25"
    board = test.dataframe[0].value
    assert board["name"].iloc[0] == "BM25" and set(board["name"].iloc[1:3]) == {"Случай", "tiny"}
    assert list(board["name"].iloc[3:]) == ["Случайный уровень", "Потолок"]
    assert board.iloc[0]["P@5"] == best.metrics["P@5"] == 1.0
    assert board.iloc[-2]["R@5"] == best.chance["R@5"] and board.iloc[-1]["R@5"] == best.ceiling["R@5"]
    shown = {m.label: m for m in test.metric}
    assert shown["Precision@5"].value == "1,000" and "потолок 1,000" in shown["Precision@5"].delta
    assert len(test.dataframe[1].value) == 7


def test_a_query_opens_as_pictures_with_hits_and_what_was_missed(here: Path, grids: dict[str, list[Any]]) -> None:
    summary = next(s for s in Bench(here).runs("shop") if s.spec == "ruclip:tiny")
    test = opened("evaluate", run=summary.id, query="1")
    run = Bench(here).evaluation(summary.id).run
    ranking = next(r for r in run.rankings if r.query == "1")
    judged = run.facts["judgments"]["1"]
    assert [card.id for card in grids["ranking"]] == list(ranking.items[:20])
    expected = ["hit" if item in judged else "unjudged" for item in ranking.items[:20]]
    assert [card.mark for card in grids["ranking"]] == expected
    late = [i for i in ranking.items[20:] if i in judged]
    assert [card.id for card in grids.get("missed", [])] == late
    assert in_url(test, "run") == [summary.id] and in_url(test, "query") == ["1"]
    assert "косинус" in words(test) and "softmax" in words(test)


def test_an_evaluation_is_started_on_the_page_and_its_run_opens(here: Path) -> None:
    before = len(Bench(here).runs("shop"))
    test = opened("evaluate", pool="judged", models=["bm25"])
    assert in_url(test, "models") == ["bm25"] and in_url(test, "pool") == ["judged"]
    start = next(b for b in test.button if b.label == "Оценить")
    start.click().run()
    until(test, lambda t: len(Bench(here).runs("shop")) > before and "evaluate_job" not in t.query_params)
    run = Bench(here).store.get(sound(test).session_state["run"])
    assert run.settings["pool"] == "judged" and run.spec == "bm25"


def test_the_map_shows_what_is_selected_on_it(here: Path, grids: dict[str, list[Any]]) -> None:
    test = opened("map", model="ruclip:tiny", method="pca", map_queries="asked")
    assert "достоверность" in words(test) and "map_gallery" not in grids
    table = Bench(here).map("ruclip:tiny", "shop", "pca").table
    groups = [{"series_index": 0, "data_indices": [3, 7]}, {"series_index": 1, "data_indices": [1]}]
    test.session_state["map_chart"] = {"selection": {"selected": groups}}
    sound(test.run())
    assert [card.id for card in grids["map_gallery"]] == [table["id"][3], table["id"][7]]
    assert "Выделено 2 позиции" in words(test)


def test_a_map_is_drawn_by_a_job_when_it_is_not_there_yet(here: Path) -> None:
    test = opened("map", model="ruclip:tiny", method="tsne")
    until(test, lambda t: "достоверность" in words(t))
    assert "достоверность" in words(sound(test))
    assert Bench(here).map_cached("ruclip:tiny", "shop", "tsne") is not None


def test_search_finds_filters_and_marks_judged_queries(here: Path, grids: dict[str, list[Any]]) -> None:
    test = opened("search", q="круг", model="bm25", n="10")
    found = grids["results_bm25"]
    assert {card.title.split()[1] for card in found} == {"круг"} and {card.mark for card in found} == {"hit"}
    assert "подходят 8 из 8" in words(test)
    opened("search", q="круг", model="bm25", only_source=["south"])
    assert {card.about for card in grids["results_bm25"]} == {"south · круг"}


def test_two_models_stand_side_by_side(here: Path, grids: dict[str, list[Any]]) -> None:
    test = opened("search", q="круг", model="ruclip:tiny", two="yes", model2="bm25")
    assert set(grids) == {"results_ruclip:tiny", "results_bm25"}
    both = {c.id for c in grids["results_bm25"]} & {c.id for c in grids["results_ruclip:tiny"]}
    assert f"в обеих: {len(both)}" in words(test)


def test_more_like_this_leaves_the_item_itself_out(here: Path, grids: dict[str, list[Any]]) -> None:
    item = "north-circle-c0392b"
    test = opened("search", like=item, model="ruclip:tiny")
    assert len(grids["results_ruclip:tiny"]) == 20 and item not in {c.id for c in grids["results_ruclip:tiny"]}
    test.button(key="unlike").click().run()
    assert "Напишите, что ищете" in words(sound(test))


def test_an_item_in_the_url_opens_its_card_with_every_attribute(here: Path) -> None:
    test = opened("catalogue", item="north-circle-c0392b")
    said = test.table[0].value.to_numpy().ravel().tolist()
    assert "круг" in said and "north" in said and test.button(key="more_like_this")


@pytest.mark.parametrize("page", ["search", "map"])
def test_a_model_whose_weights_are_absent_is_told_within_five_seconds(page: str, here: Path) -> None:
    started = time.monotonic()
    test = opened(page, model=MISSING, q="кот")
    assert time.monotonic() - started < 5
    assert "весов нет на этой машине" in words(test) and f"uzor fetch {MISSING}" in test.code[0].value
    assert test.session_state["model"] == MISSING and in_url(test, "model") == [MISSING]


def test_an_absent_model_is_not_evaluated(here: Path) -> None:
    before = len(Bench(here).runs("shop"))
    test = opened("evaluate", models=[MISSING])
    next(b for b in test.button if b.label == "Оценить").click().run()
    assert "весов нет на этой машине" in words(sound(test)) and len(Bench(here).runs("shop")) == before


@pytest.mark.parametrize("page", PAGES)
def test_nonsense_in_the_url_falls_back_to_what_is_there(page: str, here: Path) -> None:
    nonsense = "<img src=x onerror=alert(1)>"
    params = ("catalogue", "model", "model2", "queries", "run", "query", "method", "colour", "pool", "k", "n", "page",
              "item", "like", "lang", "view", "only_category", "in_source", "models", "two",
              "base", "tune_mode", "tuned", "tour", "from_where", "project_path")  # fmt: skip
    test = opened(page, **dict.fromkeys([*params, "embed_job", "map_job"], nonsense))
    assert nonsense not in words(test)
    assert nonsense not in [test.session_state[name] for name in params if name in test.session_state]


@pytest.mark.parametrize("page", ["evaluate", "compare"])
def test_a_query_number_of_another_set_is_told_and_left_out(page: str, here: Path) -> None:
    test = opened(page, query="999")
    assert "«999»" in test.toast[0].value and test.session_state["query"] == ""
    assert in_url(test, "query") == []


def test_what_is_chosen_survives_a_change_of_page(here: Path) -> None:
    test = opened("search", q="круг", model="ruclip:tiny")
    test.switch_page(str(ROOT / "pages/map.py")).run()
    assert sound(test).session_state["model"] == "ruclip:tiny"
    test.switch_page(str(ROOT / "pages/search.py")).run()
    assert sound(test).session_state["q"] == "круг" and in_url(test, "q") == ["круг"]


@pytest.mark.parametrize(
    "asked",
    ["'; DROP TABLE runs; --", "<script>alert(1)</script>", "\u202eкруг", "🧵🪡", "кот\x00круг", "а" * 10_000,
     "  круг  ", "<end_of_text> круг", "\\", "%s {q} {0}", "=cmd|' /C calc'!A1"],
)  # fmt: skip
@pytest.mark.parametrize("model", ["bm25", "ruclip:tiny"])
def test_any_words_can_be_searched(asked: str, model: str, here: Path) -> None:
    test = opened("search", q=asked, model=model)
    assert ("Запрос длиннее 500 символов" in words(test)) == (len(asked) > 500)


def test_a_query_that_the_model_reads_in_part_is_told(here: Path) -> None:
    test = opened("search", q="красный синий зелёный жёлтый круг и квадрат " * 8, model="ruclip:tiny")
    assert "модель читает только его начало" in words(test)


@pytest.mark.parametrize("asked", ["", "   ", "\u00a0"])
def test_an_empty_query_searches_nothing_and_gives_a_hint(asked: str, here: Path, grids: dict[str, list[Any]]) -> None:
    test = opened("search", q=asked, model="bm25")
    assert "Напишите, что ищете" in words(test) and grids == {}
    test.button(key="try").click().run()
    assert sound(test).session_state["q"] == best_asked(here, "bm25") and grids["results_bm25"]


def best_asked(home: Path, spec: str) -> str:
    """The words of the query that the model's newest run answers best."""
    bench = Bench(home)
    found = bench.evaluation(next(run.id for run in bench.runs("shop") if run.spec == spec)).per_query
    return str(found["text"].iloc[int(found["AP"].argmax())])


def test_an_uploaded_table_leaves_memory_and_is_imported_from_the_disk(nowhere: Path, tmp_path: Path) -> None:
    shop = tiny_shop(tmp_path / "shop")
    test = opened("catalogue", from_where="upload")
    test.session_state["from_where"] = "upload"
    test.run()
    test.file_uploader[0].set_value([("../../<b>evil</b>.csv", shop.csv.read_bytes(), "text/csv")])
    sound(test.run())
    kept = Path(test.session_state["import_upload"])
    assert kept.is_relative_to(nowhere / "uploads") and kept.name == "b.csv"
    assert kept.read_bytes() == shop.csv.read_bytes() and not [u for u in test.file_uploader if u.value]
    assert test.text_input(key="import_name").value == "b"  # what the path ends with, without the signs of a tag
    test.text_input(key="import_pictures").set_value(str(shop.csv.parent)).run()
    test.button(key="start_import").click().run()
    until(test, lambda t: bool(t.success))
    assert "24" in test.success[0].value


@pytest.fixture
def damaged(shop_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A workspace whose catalogue table lost its last bytes."""
    import shutil

    home = tmp_path / "damaged"
    shutil.copytree(shop_home, home)
    table = next((home / "catalogues").rglob("items.parquet"))
    table.write_bytes(table.read_bytes()[:-20])
    monkeypatch.setenv("UZOR_HOME", str(home))
    yield home


@pytest.mark.parametrize("page", [page for page in PAGES if page not in NEEDS_NONE])
def test_a_damaged_catalogue_is_told_on_every_page(page: str, damaged: Path) -> None:
    test = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=60)
    test.context = {"locale": "en-US"}
    if page != "overview":
        test.switch_page(str(ROOT / "pages" / f"{page}.py"))
    test.run()
    assert not test.exception and "This did not work" in words(test) and "uzor doctor" in words(test)


def test_all_maps_of_a_model_stand_side_by_side_and_one_job_draws_them(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UMAP is laid out like PCA here: compiling it takes ten seconds of a free processor, minutes of a busy one, and
    tests/test_projection.py holds the real one to account. What the page reads is stored as ever.
    """
    four = ("pca", "svd", "tsne", "umap")
    test = opened("map", beside="yes", model="classical:hog")
    assert words(test).count("Эту карту ещё не строили") == 4
    sound(test.button(key="draw_beside").click().run())
    (job,) = [one for one in jobs.recent(here, "map") if one.arguments["spec"] == "classical:hog"]
    assert tuple(job.arguments["method"]) == four and job.live
    assert "draw_beside" not in [button.key for button in test.button]
    jobs.cancel(here, job.id)
    monkeypatch.setitem(layouts.LAYOUTS, "umap", layouts.pca)
    for method in four:
        Bench(here).map("classical:hog", "shop", method)
    said = words(opened("map", beside="yes", model="classical:hog"))
    assert said.count("достоверность") == 4 and "Эту карту ещё не строили" not in said


def test_models_that_see_pictures_only_are_offered_where_pictures_ask(here: Path) -> None:
    offered = {option for box in opened("search").segmented_control for option in box.options}
    assert "Только картинки" not in offered
    item = "north-circle-c0392b"
    offered = {option for box in opened("search", like=item).segmented_control for option in box.options}
    assert "Только картинки" in offered
    Bench(here).embed("classical:hog", "shop")
    said = words(opened("search", like=item, q="круг", model="classical:hog"))
    assert "слов не читает" in said
