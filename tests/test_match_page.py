"""Matching on the page, in the Bench and on the command line: two shops, labels that last, files nobody can arm."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest
from test_pages import in_url, opened, until, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from app.cli import main
from data import published_matching
from eval.matching import kept, pairs, sweep

SPEC, OTHER = "ruclip:tiny", "ruclip:second"


@pytest.fixture(scope="module")
def matched_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop (12 articles at two sources), matched by two tiny models."""
    folder = tmp_path_factory.mktemp("matching")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    for seed, name in enumerate(("tiny", "second")):
        tiny_ruclip(bench.home / "models" / name, seed=seed)
    bench.import_catalogue(shop.csv, name="shop")
    sides = bench.side("shop", "north", "title"), bench.side("shop", "south", "title")
    assert bench.match_all([SPEC, OTHER], *sides)["made"] == [SPEC, OTHER]
    return bench.home


@pytest.fixture
def home(matched_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    shutil.copytree(matched_home, home)
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


def page(language: str = "en", **params: str) -> AppTest:
    return opened("match", language, catalogue="shop", match_truth="title", **params)


def cli(*said: object, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(word) for word in said])
    assert result.exit_code == code, result.output + result.stderr
    return json.loads(result.stdout) if "--json" in said and code == 0 else result


SHOPS = ("--catalogue", "shop", "--between", "north", "south", "--truth", "title")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("view", ["thresholds", "prices", "probability", "recall", "pairs"])
def test_every_view_is_drawn_in_both_languages(home: Path, language: str, view: str) -> None:
    test = page(language, match_view=view, rater="Ann", match_at="500")
    assert test.session_state["match_view"] == view
    assert "12" in words(test)


@pytest.mark.parametrize("view", ["thresholds", "prices", "probability", "recall", "pairs"])
def test_without_a_column_only_labels_count_and_no_view_breaks(home: Path, view: str) -> None:
    bench = Bench(home)
    sides = bench.side("shop", "north", ""), bench.side("shop", "south", "")
    bench.match(SPEC, *sides)
    for number, match in ((0, True), (1, False)):
        bench.label_pair(*sides, (sides[0].ids[number], sides[1].ids[number]), match, "Ann")
    test = AppTest.from_file(str(Path(__file__).parents[1] / "app/main.py"), default_timeout=60)
    test.context = {"locale": "en-US"}
    for name, value in (("catalogue", "shop"), ("match_truth", "title"), ("match_view", view), ("match_at", "-1000")):
        test.query_params[name] = value
    test.switch_page(str(Path(__file__).parents[1] / "pages" / "match.py"))
    test.run()
    test.selectbox(key="match_truth").set_value("").run()
    assert not test.exception and "Only labelled pairs are counted" in words(test)
    assert "1 match" in words(test) and "1 other pair" in words(test) and "142 pairs of unknown truth" in words(test)


def test_the_numbers_on_the_page_are_those_of_the_bench(home: Path) -> None:
    bench = Bench(home)
    sides = bench.side("shop", "north", "title"), bench.side("shop", "south", "title")
    point = sweep.at(bench.matched(*sides)[SPEC].tally("mutual"), 0.5)
    test = page(match_model=SPEC, match_rule="mutual", match_at="500")
    shown = {metric.label: metric.value for metric in test.metric}
    assert shown["Recall"] == f"{point.recall:.3f}" and shown["Precision of matches"] == f"{point.precision:.3f}"
    assert shown["FP/TP"] == f"{point.fp_tp:.2f}"
    table = test.dataframe[0].value
    assert len(table) == 2 and "recall@0.85" in table.columns and "fp_tp@0.99" in table.columns


def test_the_page_opens_on_the_two_shops_that_were_matched_last(home: Path) -> None:
    assert (page().session_state["match_left"], page().session_state["match_right"]) == ("north", "south")
    bench = Bench(home)
    assert bench.shops_matched("shop") == ("north", "south") and bench.shops_matched("another") is None
    sides = bench.side("shop", "south", "title"), bench.side("shop", "north", "title")
    bench.match(SPEC, *sides)
    bench.match(SPEC, sides[0], sides[0])  # duplicates of one shop are no two shops
    test = page()
    assert (test.session_state["match_left"], test.session_state["match_right"]) == ("south", "north")


def test_the_page_says_what_finding_four_matches_of_five_takes_and_goes_there(home: Path) -> None:
    bench = Bench(home)
    sides = bench.side("shop", "north", "title"), bench.side("shop", "south", "title")
    tally = bench.matched(*sides)[SPEC].tally()
    test = page(match_model=SPEC, match_at="1000")
    assert sweep.at(tally, 1.0).recall < 0.8 and "To find four matches of five" in words(test)
    test.button(key="match_reach").click().run()
    at = test.session_state["match_at"] / 1000
    assert sweep.at(tally, at).recall >= 0.8 > sweep.at(tally, at + 0.002).recall
    assert "To find four matches of five" not in words(test) and not test.exception


def test_a_label_is_written_at_once_and_moves_the_numbers(home: Path) -> None:
    bench = Bench(home)
    sides = bench.side("shop", "north", "title"), bench.side("shop", "south", "title")
    before = bench.matched(*sides)[SPEC]
    near = pairs.nearest(before.counted, 0.5, 1)
    pair = sides[0].ids[near.left[0]], sides[1].ids[near.right[0]]
    was = bool(near.match[0])
    test = page(match_view="pairs", match_model=SPEC, match_at="500", rater="Ann")
    key = f"match_{pair[0]}_{pair[1]}"
    test.button(key=f"{key}_{'no' if was else 'yes'}").click().run()
    again = Bench(home)
    said = again.said_of_pairs(*sides)
    assert [(one.rater, one.grade, one.pair) for one in said] == [("Ann", 0 if was else 1, pair[::-1])] or [
        (one.rater, one.grade, one.pair) for one in said
    ] == [("Ann", 0 if was else 1, pair)]
    after = again.matched(*sides)[SPEC].tally().whole.matches
    assert after == before.tally().whole.matches + (-1 if was else 1)
    assert again.matched(sides[1], sides[0]) == {}  # the other way round nothing was matched …
    assert len(again.said_of_pairs(sides[1], sides[0])) == 1  # … but the label is there
    assert f"{key}_yes" not in [button.key for button in test.button]
    test.button(key="match_undo").click().run()
    assert Bench(home).matched(*sides)[SPEC].tally().whole.matches == before.tally().whole.matches
    assert len(Bench(home).said_of_pairs(*sides)) == 2  # nothing is ever removed


def test_a_pair_labelled_for_one_model_counts_for_every_model(home: Path) -> None:
    bench = Bench(home)
    sides = bench.side("shop", "north", "title"), bench.side("shop", "south", "title")
    shutil.rmtree(home / "matchings")
    for spec in (SPEC, OTHER):
        bench.match(spec, *sides, keep=3)  # what is near for one model is far for the other
    near = pairs.nearest(bench.matched(*sides)[SPEC].counted, 1.0, 3)
    for i, j, match in zip(near.left.tolist(), near.right.tolist(), near.match.tolist(), strict=True):
        bench.label_pair(*sides, (sides[0].ids[i], sides[1].ids[j]), not match, "Ann")
    found = bench.matched(*sides)
    assert [matches.counted.used for matches in found.values()] == [3, 3]
    assert len({matches.tally().whole.matches for matches in found.values()}) == 1
    assert "At a recall of" in words(page(match_view="recall", match_recall="50"))


def test_without_a_name_nobody_labels(home: Path) -> None:
    test = page(match_view="pairs")
    assert "Write your name above" in words(test)
    assert not [button for button in test.button if button.key and button.key.endswith("_yes")]


def test_the_button_starts_a_job_that_matches(home: Path) -> None:
    shutil.rmtree(home / "matchings")
    test = page()
    assert "Nothing has been matched yet" in words(test)
    test.multiselect(key="match_models").set_value([SPEC])
    test.button("FormSubmitter:match_asked-Match").click().run()
    until(test, lambda now: "match_model" in now.session_state and len(now.metric) >= 4)
    assert in_url(test, "match_model") == [SPEC]


def test_a_catalogue_with_one_shop_says_what_to_do(home: Path, tmp_path: Path) -> None:

    shop = tiny_shop(tmp_path / "again")
    rows = [row for row in csv.reader(shop.csv.open(encoding="utf-8")) if row[4] != "south"]
    single = shop.csv.with_name("one.csv")
    with single.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    Bench(home).import_catalogue(single, name="single")
    test = opened("match", "en", catalogue="single")
    assert "one shop only" in words(test)
    other = opened("match", "en", catalogue="shop", match_way="catalogues")
    assert "With the catalogue" in [box.label for box in other.selectbox]


def test_the_command_prints_the_table_and_json(home: Path) -> None:
    shown = cli("match", SPEC, OTHER, *SHOPS, "--threshold", "0.5", "--recall", "0.5", "--price", "5", "1",
                "--check-price", "0.1", "--probability").output  # fmt: skip
    for part in ("12 matches among 144 pairs", "FP/TP", "cheapest:", "probability of a match", "At recall 0.50"):
        assert part in shown
    said = cli("match", SPEC, *SHOPS, "--threshold", "0.5", "--rule", "best", "--json")
    point = said["models"][0]["points"][0]
    assert point["tp"] + point["fp"] <= 12 and point["tp"] + point["fn"] == 12
    assert said["left"]["source"] == "north" and said["rule"] == "best"


def test_two_catalogues_are_matched_and_so_are_duplicates(home: Path, tmp_path: Path) -> None:
    Bench(home).import_catalogue(tiny_shop(tmp_path / "b").csv, name="second")
    said = cli("match", SPEC, "--catalogue", "shop", "--with", "second", "--truth", "id", "--json")
    assert said["models"][0]["matches"] == 24 and said["models"][0]["others"] == 24 * 24 - 24
    assert said["models"][0]["points"][-1]["recall"] == 1.0  # the very same pictures
    twice = cli("match", SPEC, "--catalogue", "shop", "--duplicates", "--truth", "title", "--json")
    assert twice["models"][0]["matches"] == 12 and twice["models"][0]["others"] == 24 * 23 // 2 - 12


@pytest.mark.parametrize(
    ("said", "words_"),
    [
        (("match", SPEC, "--catalogue", "shop"), "Say what to match"),
        (("match", SPEC, "--catalogue", "shop", "--between", "north", "north"), "--duplicates --shop north"),
        (("match", SPEC, "--catalogue", "shop", "--between", "north", "east"), "there are: north, south"),
        (
            ("match", SPEC, "--catalogue", "shop", "--between", "north", "south", "--truth", "sku"),
            "no column 'sku'",
        ),
        (("match", "bm25", *SHOPS), "bm25"),
        (("match", SPEC, *SHOPS, "--threshold", "1.5"), "between −1 and 1"),
        (("match", SPEC, *SHOPS, "--price", "-1", "1"), "price of a miss"),
        (("match", SPEC, *SHOPS, "--check-price", "1"), "--price"),
        (("match", SPEC, *SHOPS, "--recall", "0"), "between 0 and 1"),
        (("match", SPEC, *SHOPS, "--out", "x.csv"), "one --threshold"),
        (("match", SPEC, "--catalogue", "nowhere", "--duplicates"), "nowhere"),
    ],
)
def test_what_cannot_be_matched_is_refused_in_one_line(home: Path, said: tuple[str, ...], words_: str) -> None:
    result = cli(*said, code=2)
    assert words_ in result.stderr and "Traceback" not in result.stderr


def test_the_export_is_safe_to_open_and_whole(home: Path, tmp_path: Path) -> None:
    shop = tiny_shop(tmp_path / "armed")
    text = shop.csv.read_text(encoding="utf-8").replace("красный круг", "=HYPERLINK(1)")
    shop.csv.write_text(text, encoding="utf-8")
    Bench(home).import_catalogue(shop.csv, name="armed")
    out = tmp_path / "matches.csv"
    where = ("--catalogue", "armed", "--between", "north", "south", "--truth", "title", "--threshold", "-1")
    cli("match", SPEC, *where, "--out", out)
    rows = list(csv.DictReader(out.open(encoding="utf-8-sig")))
    assert len(rows) == 144 and sum(row["match"] == "yes" for row in rows) == 12
    assert {row["left_title"] for row in rows if "HYPERLINK" in row["left_title"]} == {"'=HYPERLINK(1)"}
    assert [float(row["cosine"]) for row in rows] == sorted((float(row["cosine"]) for row in rows), reverse=True)
    cli("match", SPEC, *where, "--out", out, "--raw")
    assert any(row["left_title"] == "=HYPERLINK(1)" for row in csv.DictReader(out.open(encoding="utf-8")))


def test_a_second_matching_reads_what_the_first_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [place.name for place in kept.every(home)]
    monkeypatch.setattr("eval.tasks.matching.evaluate", None)  # would fail if it were asked
    cli("match", SPEC, *SHOPS)
    assert [place.name for place in kept.every(home)] == files


def test_a_damaged_matching_is_found_by_the_doctor_and_made_again(home: Path) -> None:
    place = kept.every(home)[0]
    data = bytearray(place.read_bytes())
    data[-9] ^= 255
    place.write_bytes(bytes(data))
    assert f"matchings/{place.name}: the content does not match its digest" in cli("doctor").output
    assert not place.exists()
    cli("match", SPEC, OTHER, *SHOPS)
    assert place.exists()


def test_a_published_table_stands_beside_ours_and_a_broken_one_is_refused_by_row(home: Path, tmp_path: Path) -> None:
    file = home / published_matching.FILE
    file.parent.mkdir()
    file.write_text("model;threshold;recall;fp_tp\nnet A;0,85;0,5;2\nnet A;0,9;0,4;\n", encoding="utf-8")
    first = published_matching.read(file)[0]
    assert (first.model, first.threshold, first.recall, first.fp_tp) == ("net A", 0.85, 0.5, 2.0)
    assert first.precision_from_fp_tp == pytest.approx(1 / 3) and first.precision is None
    test = page()
    assert "net A" in [str(cell) for frame in test.dataframe for cell in frame.value.to_numpy().ravel()]
    assert "published" in cli("match", SPEC, *SHOPS, "--published", file).output.lower()
    for text, found in (
        ("model,threshold,recall\nx,0.85,many\n", "row 2, field “recall”"),
        ("model,threshold,recall\nx,0.85,1.2\n", "from 0 to 1"),
        ("model,recall\nx,0.85\n", "lacks a column"),
        ("model,threshold\nx,0.85,3\n", "row 2"),
        ("model,threshold,fp_tp\nx,,1\n", "threshold"),
    ):
        file.write_text(text, encoding="utf-8")
        assert found in cli("match", SPEC, *SHOPS, "--published", file, code=2).stderr
    assert "lacks" in words(page_with(home, "model,recall\nx,1\n"))


def page_with(home: Path, text: str) -> AppTest:
    """The page beside a table of published values that cannot be read: told calmly, the rest stands."""
    (home / published_matching.FILE).write_text(text, encoding="utf-8")
    test = AppTest.from_file(str(Path(__file__).parents[1] / "app/main.py"), default_timeout=60)
    test.context = {"locale": "en-US"}
    for name, value in (("catalogue", "shop"), ("match_truth", "title")):
        test.query_params[name] = value
    test.switch_page(str(Path(__file__).parents[1] / "pages" / "match.py"))
    test.run()
    assert not test.exception and len(test.metric) >= 4
    return test


def test_nonsense_in_the_url_harms_nothing(home: Path) -> None:
    test = page(
        match_view="x", match_rule="y", match_at="99999", match_recall="-5", match_left="nobody", match_model="z"
    )
    assert test.session_state["match_view"] == "thresholds" and test.session_state["match_at"] == 850
