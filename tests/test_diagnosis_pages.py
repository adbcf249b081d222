"""The Diagnosis page, a query on the map and «why was it found» as visitors see them, in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import grids, in_url, opened, sound, until, words  # noqa: F401 - grids is a fixture
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import axes, columns, titles
from app.bench import Bench
from app.language import number, speaking
from app.search import explain_charts
from data.errors import Unavailable
from eval.explanations import Explanation

ROOT = Path(__file__).resolve().parents[1]
TINY, OTHER = "ruclip:tiny", "ruclip:other"
FEW = "query,item\nкруг,north-circle-c0392b\nкруг,south-circle-c0392b\nсиний,north-square-2c5aa0\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop, two query sets (one judges few items), two random models, maps and a run."""
    folder = tmp_path_factory.mktemp("diagnosis")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    tiny_ruclip(bench.home / "models" / "other", seed=5)
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    (folder / "few.csv").write_text(FEW, encoding="utf-8")
    bench.add_query_set([folder / "few.csv"], "shop", name="few")
    bench.evaluate(["bm25", TINY], "shop", "asked")
    for spec in (TINY, OTHER):
        bench.map(spec, "shop", "pca", query_set="asked")
    return bench.home


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


def page(language: str = "ru", queries: str = "few", **params: Any) -> AppTest:
    return opened("diagnosis", language, catalogue="shop", queries=queries, **params)


@pytest.mark.parametrize(("language", "title"), [("ru", "Диагностика"), ("en", "Diagnosis")])
def test_the_page_opens_in_an_empty_workspace(
    language: str, title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    test = opened("diagnosis", language)
    assert test.title[0].value == title and "uzor import" in test.code[0].value


def test_models_are_measured_by_a_job_and_the_curve_is_shown(here: Path) -> None:
    test = page(curve_models=["bm25"])
    test.multiselect(key="curve_models").set_value(["bm25", TINY])
    next(b for b in test.button if b.label == "Измерить").click().run()
    until(test, lambda t: "curve_job" not in t.query_params and len(t.dataframe) > 0, 240)
    sound(test)
    table = test.dataframe[0].value
    bench = Bench(here)
    by_name = {one.spec: one for one in bench.measured_curves("shop", "few")}
    assert set(by_name) == {"bm25", TINY} and set(table["model"]) == {"BM25", "tiny"}
    curve = by_name["bm25"]
    assert curve.pool == 3 and curve.sizes[-1] == 24
    row = table[table["model"] == "BM25"].iloc[0]
    first, last = curve.metrics["P@5"][0].median, curve.metrics["P@5"][-1].median
    assert row["3"] == round(first, 3) and row["24"] == round(last, 3)  # as they are written
    for size, pool in (("3", "judged"), ("24", "catalogue")):
        (plain,) = bench.evaluate(["bm25"], "shop", "few", pool=pool)
        assert row[size] == round(plain.metrics["P@5"], 3)


def test_numbers_of_a_table_and_of_an_axis_are_written_in_the_visitors_language() -> None:
    table = pd.DataFrame({"model": ["a", "b"], "P": [0.2254, float("nan")], "bar": [0.2254, 1], "left": [1, 2]})
    shown = columns.rounded(
        table, {"P": columns.numbers("P"), "bar": columns.bars("bar"), "left": columns.numbers("n")}
    )
    assert shown["P"].tolist()[0] == 0.225 and shown["bar"].tolist() == [0.2254, 1] and shown["left"].tolist() == [1, 2]
    for code in ("ru", "en"):
        with speaking(code):
            (axis,) = axes.labels([(0.0, 0.5, number(0.5, 1))], "left")
        assert axis["data"][0]["label"]["formatter"] == {"ru": "0,5", "en": "0.5"}[code]
    for most, scale in ((0.004, (0.01, 0.01)), (0.3, (0.3, 0.1)), (0.83, (1.0, 0.2)), (1.0, (1.0, 0.2))):
        assert axes.scale(most) == pytest.approx(scale)


def test_a_set_phrase_does_not_take_the_place_of_what_is_drawn(here: Path) -> None:
    many = [f"дизайн машинной вышивки {word} - 3 размера" for word in "абвгдежзиклмнопрстуфхцчш"]
    assert titles.phrases([*many, *(f"кот {n}" for n in range(24))]) == ("дизайн машинной вышивки", "дизайн машинной")
    assert titles.phrases(many[:19]) == ()  # too few to be a habit
    shop = Bench(here).catalogue("shop")
    titles._KNOWN[shop.fingerprint] = ("дизайн машинной вышивки", "дизайн машинной")
    assert titles.telling(shop, "дизайн машинной вышивки рыжий кот") == "…рыжий кот"
    assert titles.telling(shop, "дизайн машинной вышивки") == "…вышивки"
    assert titles.telling(shop, "рыжий кот") == "рыжий кот"
    titles._KNOWN.clear()


def test_curves_are_not_measured_twice(here: Path) -> None:
    first = Bench(here).curves(["bm25"], "shop", "few")
    files = sorted((here / "diagnoses").glob("curve-*.json"))
    before = [file.stat().st_mtime_ns for file in files]
    assert Bench(here).curves(["bm25"], "shop", "few") == first
    assert [file.stat().st_mtime_ns for file in files] == before
    failed = Bench(here).curves(["bm25", "ruclip:nowhere"], "shop", "few")["failed"]
    assert set(failed) == {"ruclip:nowhere"}


def test_towers_are_diagnosed_by_a_job_and_a_query_opens_as_pictures(
    here: Path,
    grids: dict[str, list[Any]],  # noqa: F811
) -> None:
    test = page(queries="asked", diagnosis="towers", tower_model=TINY)
    next(b for b in test.button if b.label == "Диагностировать").click().run()
    until(test, lambda t: "towers_job" not in t.query_params and len(t.metric) > 0, 240)
    sound(test)
    (one,) = Bench(here).measured_towers("shop", "asked").values()
    verdict = one.verdicts["P@5"]
    shown = [m.value for m in test.metric]
    assert shown[0] == f"{verdict.mean('words'):.3f}".replace(".", ",") and len(shown) == 6
    assert verdict.advice == "text" and "Отвечают тексты" in words(test)
    assert "~~" in words(test)  # what was tuned on the same queries is struck through
    test.selectbox(key="query").set_value("1").run()
    sound(test)
    assert [card.id for card in grids["tower_words"]] == list(one.first["words"][0])
    assert {"tower_words", "tower_text", "tower_image", "tower_rrf"} <= set(grids)
    english = page("en", queries="asked", diagnosis="towers")
    assert "Texts answer" in words(english) and in_url(english, "tower")


@pytest.mark.parametrize("page_", ["diagnosis", "map", "search"])
def test_nonsense_in_the_url_falls_back_to_what_is_there(page_: str, here: Path) -> None:
    nonsense = "<img src=x onerror=alert(1)>"
    params = ("diagnosis", "size_metric", "tower", "tower_metric", "tower_model", "tower_pool", "curves",
              "curve_models", "why", "sight_item", "sight_k", "place", "query", "map_queries")  # fmt: skip
    jobs = ("curve_job", "towers_job", "explain_job")
    for view in ("sizes", "towers") if page_ == "diagnosis" else ("",):
        asked = {"q": "круг", "model": "bm25"} if page_ == "search" else {"model": TINY, "method": "pca"}
        url = {**dict.fromkeys([*params, *jobs], nonsense), **asked, **({"diagnosis": view} if view else {})}
        test = opened(page_, catalogue="shop", **url)
        assert nonsense not in words(test)
        assert nonsense not in [test.session_state[name] for name in params if name in test.session_state]


def test_a_model_of_words_has_no_towers(here: Path) -> None:
    with pytest.raises(LookupError, match="no towers"):
        Bench(here).towers("bm25", "shop", "asked")


LIGHT = """
import sys
sys.path[:0] = [sys.argv[1]]
from streamlit.testing.v1 import AppTest
for view in ("sizes", "towers"):
    test = AppTest.from_file(sys.argv[1] + "/app/main.py", default_timeout=60)
    for name, value in {"catalogue": "shop", "queries": "asked", "diagnosis": view, "query": "1"}.items():
        test.query_params[name] = value
    test.switch_page(f"{sys.argv[1]}/pages/diagnosis.py").run()
    assert not test.exception and (len(test.dataframe) or len(test.metric)), view
print(sorted({"torch", "open_clip", "umap", "sklearn"} & set(sys.modules)))
"""


def test_stored_results_are_shown_without_loading_torch(here: Path, tmp_path: Path) -> None:
    Bench(here).curves(["bm25"], "shop", "asked")
    Bench(here).towers(TINY, "shop", "asked")
    (tmp_path / "light.py").write_text(LIGHT, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "light.py"), str(ROOT)]
    done = subprocess.run(command, env={**os.environ, "UZOR_HOME": str(here)}, capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"


# a query on the map


def test_a_query_on_the_map_survives_a_change_of_model(here: Path, grids: dict[str, list[Any]]) -> None:  # noqa: F811
    test = opened("map", model=TINY, method="pca", map_queries="asked", query="1", sight_k="10")
    bench, relevant = Bench(here), Bench(here).query_set("asked").relevant("1")
    for spec in (TINY, OTHER):
        seen = bench.sight(spec, "shop", "asked", "1", 10)
        assert test.session_state["query"] == "1" and in_url(test, "query") == ["1"]
        shown = [card.id for key in ("sight_hits", "sight_missed") for card in grids.get(key, [])]
        assert sorted(shown) == sorted(relevant)
        assert [card.id for card in grids.get("sight_friends", [])] == [one.item for one in seen.friends]
        assert f"{len(seen.hits)} из 8" in words(test)
        grids.clear()
        if spec == TINY:
            test.session_state["model"] = OTHER
            sound(test.run())
    groups = [{"series_index": 0, "data_indices": [3, 7]}]
    test.session_state["map_chart"] = {"selection": {"selected": groups}}
    sound(test.run())
    chosen = [card.id for card in grids["map_gallery"]]
    test.session_state["model"] = TINY
    sound(test.run())
    assert [card.id for card in grids["map_gallery"]] == chosen and test.session_state["query"] == "1"


def test_a_missed_item_shows_its_rank_under_every_run_and_what_stands_before_it(
    here: Path,
    grids: dict[str, list[Any]],  # noqa: F811
) -> None:
    seen = Bench(here).sight(TINY, "shop", "asked", "1", 5)
    item = seen.missed[-1]
    test = opened("map", model=TINY, method="pca", map_queries="asked", query="1", sight_item=item.item)
    table = test.dataframe[0].value
    ranks = {}
    for summary in Bench(here).runs("shop", "asked"):
        ranking = next(r.items for r in Bench(here).store.get(summary.id).rankings if r.query == "1")
        ranks[summary.spec] = ranking.index(item.item) + 1
    assert dict(zip(table["model"], table["rank"], strict=True)) == {
        "BM25": f"№ {ranks['bm25']}", "tiny": f"№ {ranks[TINY]}",
    }  # fmt: skip
    assert [card.id for card in grids["sight_before"]] == list(seen.before(item.item, 8))
    test.button(key="sight_back").click().run()
    assert sound(test).session_state["sight_item"] == "" and grids["sight_missed"]


# why it was found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_result_of_word_search_is_explained_at_once(language: str, here: Path) -> None:
    test = opened("search", language, q="синий круг", model="bm25", why="north-circle-2c5aa0")
    said = words(test)
    assert ("Без «синий»" if language == "ru" else "Without “синий”") in said
    record = Bench(here).explained("bm25", "синий круг", "north-circle-2c5aa0", "shop")
    found = Explanation.read(record)
    assert found.rank == 1 and {one.words for one in found.dropped} == {"синий", "круг"}
    assert in_url(test, "why") == ["north-circle-2c5aa0"]
    sound(test.button(key="why_close").click().run())
    assert not in_url(test, "why") and "Без «синий»" not in words(test)


def test_a_larger_model_is_explained_by_a_job_and_kept(here: Path) -> None:
    item = "south-square-3c8d40"
    test = opened("search", q="красный круг", model=TINY, why=item)
    test.button(key=f"explain_{TINY}").click().run()
    until(test, lambda t: "explain_job" not in t.query_params, 240)
    sound(test)
    found = Explanation.read(Bench(here).explained(TINY, "красный круг", item, "shop"))
    assert len(found.heat) == 8 and len(found.heat[0]) == 8 and found.whole == pytest.approx(found.score, abs=1e-4)
    assert f"№ {found.rank}" in words(test)
    again = opened("search", q="красный круг", model=TINY, why=item)  # kept: no button, no job
    assert not [b for b in again.button if b.key == f"explain_{TINY}"] and f"№ {found.rank}" in words(again)


def test_with_a_correction_switched_on_the_corrected_ranking_is_explained(here: Path) -> None:
    asked = (TINY, "жёлтый круг", "south-square-3c8d40", "shop")
    corrected = Explanation.read(Bench(here).explain(*asked, correction="csls"))
    assert corrected.correction == "csls" and Bench(here).explained(*asked) is None
    test = opened("search", q=asked[1], model=TINY, why=asked[2], correction="csls")
    assert "Объясняется выдача с поправкой CSLS" in words(test) and f"№ {corrected.rank}" in words(test)
    plain = opened("search", q=asked[1], model=TINY, why=asked[2])
    assert plain.button(key=f"explain_{TINY}") and "Объясняется выдача с поправкой" not in words(plain)


def test_what_was_explained_is_kept_until_the_weights_change_and_after_they_are_gone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    bench, asked = Bench(copy), ("красный", "north-circle-c0392b", "shop")
    first = bench.explain(OTHER, *asked)
    assert bench.explained(OTHER, *asked) == first and bench.explained(OTHER, "синий", *asked[1:]) is None
    tiny_ruclip(copy / "models" / "other", seed=9)
    assert bench.explained(OTHER, *asked) is None
    second = bench.explain(OTHER, *asked)
    assert second["fingerprints"]["searcher"] != first["fingerprints"]["searcher"]
    shutil.rmtree(copy / "models" / "other")
    assert bench.explained(OTHER, *asked) == second
    with pytest.raises((Unavailable, LookupError)):
        bench.explain(OTHER, "синий", *asked[1:])


def test_the_drawer_of_a_result_leads_to_its_explanation(here: Path) -> None:
    test = opened("search", q="круг", model="bm25", item="north-circle-2c5aa0")
    sound(test.button(key="why_found").click().run())
    assert in_url(test, "why") == ["north-circle-2c5aa0"] and "запрос из одного слова" in words(test).lower()
    assert not [b for b in opened("catalogue", item="north-circle-2c5aa0").button if b.key == "why_found"]


def test_the_heat_map_tints_what_speaks_for_the_query_green_and_against_it_red() -> None:
    from PIL import Image

    heat = [[0.2, 0.0], [0.0, -0.1]]
    shown = explain_charts.overlaid(Image.new("RGB", (100, 50), "white"), heat, side=200)
    assert shown.size == (200, 100)
    strong, plain, weak = shown.getpixel((20, 20)), shown.getpixel((180, 20)), shown.getpixel((180, 80))
    assert plain == (255, 255, 255)
    assert strong[1] > strong[0] and weak[0] > weak[1] and min(strong) < min(weak)


def test_the_command_line_says_what_the_pages_show(here: Path) -> None:
    import json

    from click.testing import CliRunner

    from app.cli import main

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(main, [*arguments, "--catalogue", "shop", "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    (curve,) = run("curve", "bm25", "--queries", "few")
    (kept,) = [one for one in Bench(here).measured_curves("shop", "few") if one.spec == "bm25"]
    assert curve == json.loads(json.dumps(kept.record()))
    towers = run("towers", TINY, "--queries", "asked")
    assert towers["verdicts"]["P@5"]["advice"] == "text"
    told = run("explain", "bm25", "синий круг", "north-circle-2c5aa0")
    assert told == Bench(here).explained("bm25", "синий круг", "north-circle-2c5aa0", "shop")
    said = CliRunner().invoke(main, ["explain", "bm25", "синий круг", "north-circle-2c5aa0", "--catalogue", "shop"])
    assert "without 'синий'" in said.stdout and "rank 1 of 24" in said.stdout
    assert CliRunner().invoke(main, ["towers", "bm25", "--queries", "asked", "--catalogue", "shop"]).exit_code == 2
