"""The pages Classification and Efficiency as visitors see them: jobs, tables, a cell opened as pictures, bad links."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import grids, in_url, opened, sound, until, words  # noqa: F401 - grids is a fixture
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from app.classify import probe_charts, probe_tables
from app.efficiency import cost_charts
from app.search.seeing import Look
from data import published_tables
from data.published_layouts import LAYOUTS
from data.refusals import Refused
from eval.costs.front import Point

ROOT = Path(__file__).resolve().parents[1]
TINY, OTHER = "ruclip:tiny", "ruclip:other"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop, queries, two random models, a probe of one and a measurement of word search."""
    folder = tmp_path_factory.mktemp("classify")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    tiny_ruclip(bench.home / "models" / "other", seed=5)
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["bm25", TINY], "shop", "asked")
    bench.classify([TINY], "shop", classifiers=["majority", "knn", "logistic"], near=False)
    bench.measure(["bm25"], "shop", repeats=1, calls=5)
    return bench.home


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


def button(test: AppTest, label: str) -> Any:
    return next(b for b in test.button if b.label == label)


@pytest.mark.parametrize(("page", "ru", "en"), [("classify", "Классификация", "Classification"),
                                                ("efficiency", "Эффективность", "Efficiency")])  # fmt: skip
def test_the_pages_open_in_an_empty_workspace(
    page: str, ru: str, en: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    for language, title in (("ru", ru), ("en", en)):
        test = opened(page, language)
        assert test.title[0].value == title and "uzor import" in test.code[0].value


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_table_has_features_by_classifiers_with_the_best_marked(language: str, here: Path) -> None:
    test = opened("classify", language, catalogue="shop", class_metric="Top-1")
    (one,) = [p for p in Bench(here).probes("shop") if p.spec == TINY]
    table = test.dataframe[0].value
    assert list(table.columns) == ["model", "majority", "knn", "logistic"]
    value, low, high = one.cells["knn"].scores["Top-1"]
    written = f"{value:.3f} [{low:.2f}; {high:.2f}]"
    assert (written.replace(".", ",") if language == "ru" else written) in table["knn"].iloc[0]
    assert probe_tables.BEST in table[one.best.classifier].iloc[0]
    assert in_url(test, "class_metric") == ["Top-1"]
    said = words(test)
    assert ("не выдуманы" if language == "ru" else "none are made up") in said
    test.toggle(key="class_intervals").set_value(False).run()
    assert "[" not in sound(test).dataframe[0].value["knn"].iloc[0]


def test_a_cell_of_the_confusion_matrix_opens_its_pictures(here: Path, grids: dict[str, list[Any]]) -> None:  # noqa: F811
    (one,) = [p for p in Bench(here).probes("shop") if p.spec == TINY]
    test = opened("classify", catalogue="shop", class_model=TINY, class_classifier="knn")
    for place, (true, said, count) in enumerate(probe_tables.mistakes(one, "knn")):
        test.session_state["confusion"] = {"selection": {"selected": [{"series_index": 0, "data_indices": [place]}]}}
        sound(test.run())
        assert [card.id for card in grids["confused"]] == one.items("knn", true, said) and count == len(
            grids["confused"]
        )
        assert test.session_state["class_true"] == one.classes[true]
    assert in_url(test, "class_said") == [one.classes[said]]


def test_models_are_classified_by_a_job(here: Path) -> None:
    test = opened("classify", catalogue="shop")
    test.multiselect(key="probe_models").set_value([OTHER])
    test.multiselect(key="probe_classifiers").set_value(["majority", "tree"])
    test.toggle(key="class_near").set_value(False)
    button(test, "Классифицировать").click().run()
    until(test, lambda t: "classify_job" not in t.query_params and len(t.dataframe[0].value) == 2, 240)
    sound(test)
    probes = {one.spec: one for one in Bench(here).probes("shop", "category")}
    assert set(probes[OTHER].cells) == {"majority", "tree"}
    assert list(test.dataframe[0].value["tree"])[-1] == "—" or "—" in list(test.dataframe[0].value["tree"])


def test_an_item_of_the_test_part_is_recognised_and_searched_within(here: Path, grids: dict[str, list[Any]]) -> None:  # noqa: F811
    (one,) = [p for p in Bench(here).probes("shop") if p.spec == TINY]
    test = opened("classify", catalogue="shop", class_model=TINY, class_classifier="knn", class_item=one.test[0])
    found = Bench(here).recognised(one.key, "shop", "knn", Look(item=one.test[0]), 1, 12)
    assert [card.id for card in grids["within"]] == [hit.id for hit in found.answer.hits]
    sound(test.button(key="class_gain").click().run())
    assert "Ни у одной позиции теста" in words(test)  # this shop has no sku


def test_a_catalogue_without_categories_says_so(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    (tmp_path / "pictures").mkdir()
    for n in range(4):
        Image.new("RGB", (16, 16), (60 * n, 0, 0)).save(tmp_path / "pictures" / f"{n}.png")
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    Bench(tmp_path / "home").import_catalogue(tmp_path / "pictures", name="plain")
    assert "Здесь нечего предсказывать" in words(opened("classify", catalogue="plain"))


def test_costs_are_shown_with_what_makes_them_doubtful_and_limits_tell_who_stays(here: Path) -> None:
    test = opened("efficiency", "en", catalogue="shop")
    said = test.warning[0].value
    assert "measured in one process only" in said and "Not to be quoted" in said
    table = test.dataframe[0].value
    assert list(table["model"]) == ["BM25"] and table["picture_p50"].iloc[0] if "picture_p50" in table else True
    test.number_input(key="limit_peak_ram").set_value(1.0).run()
    assert "No model is within them all" in words(sound(test))
    test.number_input(key="limit_peak_ram").set_value(100_000.0).run()
    assert "Within all limits" in words(sound(test)) and "on the front" in words(test)
    test.number_input(key="limit_picture_p95").set_value(1.0).run()
    assert "Picture p95, ms (not measured)" in words(sound(test))  # words are no picture


def test_models_are_measured_by_a_job(here: Path) -> None:
    test = opened("efficiency", catalogue="shop")
    test.multiselect(key="cost_models").set_value(["bm25"])
    test.number_input(key="cost_repeats").set_value(2)
    test.number_input(key="cost_calls").set_value(5)
    before = {one.key for one in Bench(here).costs("shop")}
    button(test, "Измерить").click().run()
    until(test, lambda t: "efficiency_job" not in t.query_params, 240)
    sound(test)
    (one,) = Bench(here).costs("shop")
    assert one.key not in before and len(one.repeats) == 2


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of one and the same tower, measured with two indexes over three galleries."""
    import torch

    folder = tmp_path_factory.mktemp("grown")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    for name in ("tiny", "twin"):
        place = tiny_ruclip(bench.home / "models" / name) / "pytorch_model.bin"
    tensors = torch.load(place, weights_only=True)  # the twin reads words otherwise
    torch.save({**tensors, "token_embedding.weight": tensors["token_embedding.weight"] + 0.1}, place)
    bench.import_catalogue(shop.csv, name="shop")
    bench.measure([TINY, "ruclip:twin"], "shop", repeats=1, calls=5, batch=2, indexes=["exact", "faiss"],
                  sizes=[10, 3000])  # fmt: skip
    return bench.home


@pytest.mark.timeout(400)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_searches_in_growing_galleries_are_shown_and_limits_apply_to_the_chosen_size(
    language: str, grown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(grown))
    test = opened("efficiency", language, catalogue="shop")
    one = Bench(grown).galleries("shop")[TINY]
    table = test.dataframe[-1].value
    assert list(table["index"]) == ["exact"] * 3 + ["faiss"] * 3 and list(table["size"]) == [10, 24, 3000] * 2
    said = {"ru": ["случайная часть", "самого каталога", "копии"], "en": ["random part", "own vectors", "copies"]}
    assert all(part in cell for part, cell in zip(said[language], table["origin"], strict=False))
    own, large = (one.at("exact", size).numbers["index_bytes"].value / 1e6 for size in (24, 3000))  # type: ignore[union-attr]
    test.number_input(key="limit_index_bytes").set_value((own + large) / 2)
    within = {"ru": "В пределах", "en": "Within all limits"}[language]
    assert within in words(sound(test.run()))
    test.selectbox(key="cost_size").set_value(3000)
    assert within not in words(sound(test.run())) and in_url(test, "cost_size") == ["3000"]
    test.number_input(key="limit_index_bytes").set_value(1.5 * large)
    assert within in words(sound(test.run()))
    test.selectbox(key="cost_index").set_value("faiss")  # which keeps a copy of the vectors
    assert within not in words(sound(test.run()))


def test_models_of_one_tower_are_told_in_the_same_words_as_elsewhere(
    grown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(grown))
    Bench(grown).classify([TINY, "ruclip:twin"], "shop", classifiers=["majority"], near=False)
    for page in ("efficiency", "classify"):
        assert "see pictures with one and the same tower" in words(opened(page, "en", catalogue="shop")), page


def test_sizes_and_indexes_that_were_not_measured_fall_back(grown: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(grown))
    wrong = {"cost_size": "77", "cost_index": "hnsw", "cost_grown": "<b>", "cost_growing": "speed", "cost_sizes": "5"}
    test = opened("efficiency", "en", catalogue="shop", **wrong)
    assert test.session_state["cost_size"] == 0 and test.session_state["cost_index"] == "exact"
    assert "<b>" not in words(test)


@pytest.mark.parametrize("page", ["classify", "efficiency"])
def test_nonsense_in_the_url_falls_back_to_what_is_there(page: str, here: Path) -> None:
    nonsense = "<img src=x onerror=alert(1)>"
    params = ("split", "class_metric", "class_model", "class_classifier", "class_true", "class_said", "class_item",
              "class_column", "probe_models", "cost_quality", "cost_number", "cost_models", "cost_repeats",
              "item")  # fmt: skip
    test = opened(page, catalogue="shop", **dict.fromkeys([*params, "classify_job", "efficiency_job"], nonsense))
    assert nonsense not in words(test)
    assert nonsense not in [test.session_state[name] for name in params if name in test.session_state]


def test_numbers_in_the_url_beyond_their_limits_fall_back(here: Path) -> None:
    far = dict.fromkeys(("cost_repeats", "cost_calls", "cost_threads", "class_seed"), "-7")
    for page in ("classify", "efficiency"):
        test = opened(page, catalogue="shop", **far)
        assert all(test.session_state[name] >= 0 for name in far if name in test.session_state)
    test = opened("efficiency", catalogue="shop", **dict.fromkeys(far, "999999"))
    assert test.session_state["cost_repeats"] == 3


def test_published_tables_are_read_as_text_and_shown_apart(here: Path, tmp_path: Path) -> None:
    path = here / LAYOUTS["sneakers"].file
    path.parent.mkdir(exist_ok=True)
    path.write_text("features;knn;svm\nHOG;0,61;0,7\n<b>x</b>;1;2\n", encoding="cp1251")
    try:
        table = published_tables.read(path)
        assert table.header == ("features", "knn", "svm") and table.rows[0] == ("HOG", "0,61", "0,7")
        page = opened("classify", catalogue="shop")
        assert any("HOG" in t.value.to_string() for t in page.dataframe)
        assert "строка 3" in words(page)  # an F1 of 2 is left out and told; the row beside it stands
        assert published_tables.lines(table)[0].split() == ["features", "knn", "svm"]
        path.write_text("features,knn\nHOG\n", encoding="utf-8")
        with pytest.raises(Refused, match="header"):
            published_tables.read(path)
        assert "Не получилось" in str([m.value for m in AppTestMessages(here)])
    finally:
        path.unlink()
    for content in ("", "features\n1\n", "features,knn\n"):
        (tmp_path / "t.csv").write_text(content, encoding="utf-8")
        with pytest.raises(ValueError):
            published_tables.read(tmp_path / "t.csv")


def AppTestMessages(here: Path) -> list[Any]:
    """What the page says with a damaged published table, in Markdown."""
    test = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=60)
    test.context = {"locale": "ru-RU"}
    test.query_params["catalogue"] = "shop"
    test.switch_page(str(ROOT / "pages" / "classify.py"))
    test.run()
    assert not test.exception
    return list(test.markdown)


def test_the_axis_of_cost_ends_at_round_numbers() -> None:
    points = [Point("a", 0.5, 0.4, 0.6, 7.5, 5.4, 9.6), Point("b", 0.2, 0.1, 0.3, 0.03, 0.03, 0.04)]
    spec = cost_charts.front_spec(points, {}, {"a": "front", "b": "front"}, [], ("x", "y", "z"), 50.0, False)
    assert (spec["xAxis"]["min"], spec["xAxis"]["max"]) == (0.02, 100.0)
    assert any("markLine" in one for one in spec["series"])
    assert probe_charts.LABELS == 20


LIGHT = """
import sys
sys.path[:0] = [sys.argv[1]]
from streamlit.testing.v1 import AppTest
for page in ("classify", "efficiency"):
    test = AppTest.from_file(sys.argv[1] + "/app/main.py", default_timeout=60)
    test.query_params["catalogue"] = "shop"
    test.switch_page(f"{sys.argv[1]}/pages/{page}.py").run()
    assert not test.exception and len(test.dataframe), page
print(sorted({"torch", "open_clip", "umap", "sklearn"} & set(sys.modules)))
"""


def test_stored_results_are_shown_without_loading_torch_or_scikit_learn(here: Path, tmp_path: Path) -> None:
    (tmp_path / "light.py").write_text(LIGHT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "light.py"), str(ROOT)], env={**os.environ, "UZOR_HOME": str(here)},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"
