"""The Comparison page: the verdict in a sentence, pairs, parts, pictures side by side, the report's own figures."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import in_url, opened, sound, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import gallery
from app.bench import Bench
from app.compare import difference_charts, side_by_side, verdict_words
from eval.comparison import compare

LANGUAGES = ("ru", "en")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a drawn catalogue, its queries and runs of three models, one of them over the judged pool."""
    folder = tmp_path_factory.mktemp("compare")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["bm25"], "shop", "asked", pool="judged")
    bench.evaluate(["chance", "bm25", "ruclip:tiny"], "shop", "asked")
    return bench.home


@pytest.fixture
def here(shop_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(shop_home))
    return shop_home


@pytest.fixture
def grids(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    drawn: dict[str, list[Any]] = {}

    def recorded(shown: Any, key: str, *_rest: Any) -> str | None:
        drawn[key] = list(shown)
        return None

    monkeypatch.setattr(side_by_side, "gallery", recorded)
    return drawn


def run_of(home: Path, spec: str, pool: str = "catalogue") -> str:
    return next(run.id for run in Bench(home).runs() if run.spec == spec and run.settings["pool"] == pool)


def table(test: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in test.dataframe if column in frame.value.columns)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_in_an_empty_workspace_and_says_what_to_do(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    test = opened("compare", language)
    assert test.title[0].value == {"ru": "Сравнение", "en": "Comparison"}[language]
    assert "uzor import" in test.code[0].value
    report = sound(test.segmented_control(key="of").set_value("report").run())
    assert "970" in words(report)


def test_a_catalogue_without_runs_says_where_to_make_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    shop, bench = tiny_shop(tmp_path / "shop"), Bench(tmp_path / "home")
    bench.import_catalogue(shop.csv, name="shop")
    assert "No runs yet" in words(opened("compare", "en"))
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    assert "No runs yet" in words(opened("compare", "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_is_one_sentence_with_interval_corrected_p_and_counts(language: str, here: Path) -> None:
    runs = [run_of(here, "bm25"), run_of(here, "chance")]
    test = opened("compare", language, compared=runs)
    verdict = Bench(here).compared(runs).verdicts[0]
    assert verdict.proven
    said = words(test)
    gain = f"+{verdict.difference:.3f}"
    if language == "ru":
        assert "BM25 лучше, чем " in said
        assert f"P@5 {gain.replace('.', ',')}" in said
        assert "7 лучше, 0 хуже, 0 поровну" in said
    else:
        assert "BM25 is better than" in said
        assert f"P@5 {gain}" in said
        assert "7 better, 0 worse, 0 equal" in said
    assert test.metric[2].value == "7 · 0 · 0"
    assert all("meaning" in m.help or "смысл" in m.help for m in test.metric)
    assert "**Unjudged" in test.selectbox(key="metric").help or "**Неразмеченные" in test.selectbox(key="metric").help


def test_standings_share_a_rank_where_nothing_is_proven(here: Path) -> None:
    board = table(
        opened("compare", "en", compared=[run_of(here, s) for s in ("bm25", "ruclip:tiny", "chance")]), "rank"
    )
    assert list(board["rank"]) == ["1", "2–3", "2–3"]
    assert board["mean"][0] == 1.0
    assert board["interval"][0] == "[1.000; 1.000]"
    assert re.fullmatch(r"\[0\.\d{3}; 0\.\d{3}]", board["interval"][1])


def test_choices_are_in_the_link_and_come_back_from_it(here: Path) -> None:
    runs = [run_of(here, s) for s in ("bm25", "ruclip:tiny", "chance")]
    test = opened("compare", "en", compared=runs, metric="AP", slice_by="source", first_places="20", query="2")
    assert in_url(test, "compared") == runs
    assert (in_url(test, "metric"), in_url(test, "slice_by"), in_url(test, "query")) == (["AP"], ["source"], ["2"])
    pairs = test.selectbox(key="pair")
    assert len(pairs.options) == 3
    sound(pairs.set_value(f"{runs[0]}~{runs[2]}").run())
    assert in_url(test, "pair") in ([f"{runs[0]}~{runs[2]}"], [])
    assert test.session_state["first_places"] == 20
    assert "mAP" in words(test)


def test_other_conditions_are_another_group(here: Path) -> None:
    test = opened("compare", "en", compared=[run_of(here, "bm25", "judged")])
    assert test.selectbox(key="compare_group").value == 1
    assert not test.metric  # a single run has no pair
    sound(test.selectbox(key="compare_group").set_value(0).run())
    assert len(test.session_state["compared"]) >= 2
    assert test.metric


def test_more_than_four_runs_or_foreign_ones_do_not_get_in(here: Path) -> None:
    test = opened("compare", "en", compared=["nonsense", run_of(here, "bm25"), run_of(here, "chance")])
    assert test.session_state["compared"] == [run_of(here, "bm25"), run_of(here, "chance")]
    assert len(opened("compare", "en", compared=["nonsense"]).session_state["compared"]) >= 2  # then the usual ones
    assert sound(test.multiselect(key="compared").set_value([]).run())
    assert "Choose two runs" in words(test)


def test_a_querys_rankings_stand_side_by_side_with_what_changed(here: Path, grids: dict[str, list[Any]]) -> None:
    first, second = run_of(here, "bm25"), run_of(here, "ruclip:tiny")
    test = opened("compare", "en", compared=[second, first], query="1", first_places="5")
    there, other = grids[f"beside_{first}"], grids[f"beside_{second}"]
    assert [card.rank for card in there] == ["#1", "#2", "#3", "#4", "#5"]
    assert {card.mark for card in there} == {"hit"}  # the shape is in the titles
    assert not any(card.change for card in there)  # the better run is the one the others are compared with
    assert {card.state for card in other} <= {"same", "up", "down", "entered"}
    entered = sum(card.state == "entered" for card in other)
    assert len(grids[f"left_{second}"]) == entered
    assert f"only the first: {entered} · both: {5 - entered} · only here: {entered}" in words(test)


def test_a_click_on_a_bar_opens_its_query(here: Path, grids: dict[str, list[Any]]) -> None:
    runs = [run_of(here, "bm25"), run_of(here, "chance")]
    test = opened("compare", "en", compared=runs)
    assert not grids
    order = difference_charts.ordered(Bench(here).compared(runs).gains(*runs))
    test.session_state["query"] = order[2]
    sound(test.run())
    assert in_url(test, "query") == [order[2]]
    assert grids


def test_parts_of_the_query_set_have_verdicts_of_their_own(here: Path) -> None:
    test = opened("compare", "ru", compared=[run_of(here, "bm25"), run_of(here, "chance")])
    parts = table(test, "part")
    assert list(parts["part"]) == ["квадрат", "круг", "треугольник", "смешанные или без значения"]
    assert list(parts["queries"]) == [1, 1, 1, 4]
    assert list(parts["first"]) == [1.0] * 4
    kinds = sound(test.segmented_control(key="slice_by").set_value("kind").run())
    assert list(table(kinds, "part")["queries"]) == [7]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reports_four_models_are_compared_by_their_own_figures(language: str, here: Path) -> None:
    test = opened("compare", language, of="report")
    said = words(test)
    board = table(test, "rank")
    assert list(board["rank"]) == ["1–2", "1–2", "3–4", "3–4"]
    sound(test.selectbox(key="pair").set_value("ruclip-finetuned~ruclip-pretrained").run())
    values = {m.label: (m.value, m.delta) for m in test.metric}
    shown = list(values.values())
    comma = language == "ru"
    assert shown[1][0] == ("0,84" if comma else "0.84")
    assert shown[2][0] == "5 · 15 · 4"
    assert shown[3][0] == ("0,106" if comma else "0.106")
    assert "970" in shown[4][0]
    sound(test.selectbox(key="pair").set_value("clip-finetuned~clip-pretrained").run())
    clip = [(m.value, m.delta) for m in test.metric]
    assert ("0,17" if comma else "0.17") in clip[1][1]
    assert clip[2][0] == "10 · 13 · 1"
    assert ("Не наши числа" if comma else "Not our numbers") in said
    assert not [
        frame for frame in test.dataframe if "part" in frame.value.columns
    ]  # no pictures, no parts: never mixed


def test_no_text_stays_in_the_other_language(here: Path) -> None:
    own = {"круг", "квадрат", "треугольник", "красный", "синий", "зелёный", "жёлтый"}
    found = re.findall("[а-яё]{4,}", words(opened("compare", "en", query="1")), re.IGNORECASE)
    assert {word.casefold() for word in found} <= own


def test_a_damaged_catalogue_is_told(here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "damaged"
    shutil.copytree(here, home)
    found = next((home / "catalogues").rglob("items.parquet"))
    found.write_bytes(found.read_bytes()[:-20])
    monkeypatch.setenv("UZOR_HOME", str(home))
    test = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=60)
    test.context = {"locale": "en-US"}
    test.switch_page(str(ROOT / "pages/compare.py")).run()
    assert not test.exception and "This did not work" in words(test)


def test_leaderboards_show_intervals(here: Path) -> None:
    for page in ("evaluate", "overview"):
        board = table(opened(page, "en"), "interval")
        assert any(re.fullmatch(r"\[\d\.\d{3}; \d\.\d{3}]", value) for value in board["interval"]), board


def test_bars_stand_in_the_order_of_the_gain_and_colours_say_who_is_ahead() -> None:
    spec = difference_charts.gains_spec({"1": 0.0, "2": -0.5, "3": 0.25}, {"1": "a", "2": "b" * 40}, "d", "2")
    assert spec["xAxis"]["data"] == ["3", "a", "b" * 21 + "…"]
    bars = spec["series"][0]["data"]
    colours = (difference_charts.AHEAD, difference_charts.EQUAL, difference_charts.BEHIND)
    assert [bar["itemStyle"]["color"] for bar in bars] == list(colours)
    assert "borderWidth" in bars[2]["itemStyle"] and "borderWidth" not in bars[0]["itemStyle"]
    many = difference_charts.gains_spec({str(i): i / 100 for i in range(100)}, {}, "d")
    assert many["dataZoom"] and not spec["dataZoom"]


def test_the_chart_of_means_has_the_best_model_on_top_and_its_interval_under_it() -> None:
    found = compare({"a": {"1": 0.2, "2": 0.4}, "b": {"1": 0.8, "2": 1.0}})
    words_ = {"mean": "P", "low": "from", "high": "to"}
    source = difference_charts.means_spec(found.standings, {"a": "A"}, words_, False)["dataset"]["source"]
    assert list(source["model"]) == ["A", "b"]  # ECharts draws upwards
    assert (source["from"] + source["length"]).tolist() == pytest.approx(source["to"].tolist())


def test_a_card_tells_what_became_of_it() -> None:
    words_ = gallery.HERE.joinpath("gallery.js").read_text(encoding="utf-8")
    assert "card.change" in words_ and "data.words[card.state]" in words_


def test_the_headline_says_proven_only_of_models_proven_against_the_leader() -> None:
    dice = np.random.default_rng(0)
    leader = {str(query): 0.8 for query in range(24)}
    close = {query: 0.7 for query in leader}
    noisy = {query: 0.68 + float(dice.normal(0, 0.5)) for query in leader}
    found = compare({"leader": leader, "close": close, "noisy": noisy})
    assert [(s.label, s.rank) for s in found.standings] == [("leader", 1), ("close", 2), ("noisy", 2)]
    assert not found.between("leader", "noisy").proven, "though it shares a rank below the leader's"
    told = verdict_words.head(found, {}, "P@5")
    assert told.startswith("leader is first by P@5, proven against each of: close.") and told.endswith(": noisy.")


def test_a_corrected_run_stands_beside_the_plain_one(shop_home: Path, tmp_path: Path) -> None:
    shutil.copytree(shop_home, tmp_path / "home")
    bench = Bench(tmp_path / "home")
    bench.evaluate(["ruclip:tiny"], "shop", "asked", correction="csls")
    group = next(group for group in bench.comparable("shop", "asked") if group[0].settings["pool"] == "catalogue")
    kinds = [run.settings.get("correction", "none") for run in group if run.spec == "ruclip:tiny"]
    assert sorted(kinds) == ["csls", "none"]
    plain, _words = bench.named_runs(["ruclip:tiny", "bm25"], "shop", "asked")
    assert bench.store.get(plain).settings.get("correction", "none") == "none", "a model's name means the plain run"
