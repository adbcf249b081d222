"""Runs compared from the store: conditions, slices, changes of a ranking, the commands and the gate of a CI."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tiny_shop import Shop, tiny_shop

from app.bench import Bench
from app.cli import main
from app.compare import verdict_words
from data import queries
from data.judgments import TextQuery
from eval import runs_beside, slices
from eval.comparison import compare
from eval.contracts import Ranking, Run
from eval.ranking_changes import Place, changes


def run(name: str, hits: dict[str, int], **settings: Any) -> Run:
    """A run over three places: query → how many of the first three are relevant (the relevant items stand first)."""
    rankings = [
        Ranking(query, tuple([f"r{i}" for i in range(count)] + [f"x{i}" for i in range(3 - count)]), (3.0, 2.0, 1.0))
        for query, count in hits.items()
    ]
    judgments = {query: {f"r{i}": 1 for i in range(3)} for query in hits}
    return Run(name, "2026-01-01", "retrieval", f"model-{name}", "shop", "asked", tuple(rankings),
               {"k": 3, "pool": "catalogue", "where": {}, **settings},
               {"catalogue": "c", "query_set": "q"}, {}, {"judgments": judgments, "texts": {}})  # fmt: skip


def test_runs_are_compared_by_a_metric_query_by_query() -> None:
    found = runs_beside.of_runs([run("a", {"1": 3, "2": 1}), run("b", {"1": 0, "2": 1})], "P@3")
    assert found.gains("a", "b") == {"1": 1.0, "2": 0.0}
    assert found.between("a", "b").difference == 0.5
    assert found.values["b"] == pytest.approx({"1": 0.0, "2": 1 / 3})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"settings": {"k": 3, "pool": "judged", "where": {}}}, "the pool that was searched .catalogue and judged."),
        ({"settings": {"k": 3, "pool": "catalogue", "where": {"source": ["a"]}}}, "the filter"),
        ({"fingerprints": {"catalogue": "d", "query_set": "q"}}, "the catalogue"),
        ({"facts": {"judgments": {"1": {"r0": 1}}, "texts": {}}}, "the judgments"),
    ],
)
def test_runs_under_other_conditions_are_not_compared(changed: dict[str, Any], said: str) -> None:
    one, other = run("a", {"1": 3}), replace(run("b", {"1": 0}), **changed)
    with pytest.raises(ValueError, match=f"Runs a and b cannot be compared: they differ in {said}"):
        runs_beside.of_runs([one, other], "P@3")


def test_the_same_judgments_in_other_words_are_the_same_conditions() -> None:
    one = run("a", {"1": 3})
    english = replace(run("b", {"1": 2}), query_set="asked-en", fingerprints={"catalogue": "c", "query_set": "other"})
    assert runs_beside.of_runs([one, english], "P@3").between("a", "b").difference == pytest.approx(1 / 3)


def test_the_gate_fails_on_a_significant_loss_and_on_a_golden_query_without_hits() -> None:
    good = run("good", {str(query): 3 for query in range(8)})
    worse = run("worse", {str(query): 1 for query in range(8)})  # p = 2 / 2^8
    lost = run("lost", {str(query): 3 * (query != 5) for query in range(8)})
    same = run("same", {str(query): 3 for query in range(8)})
    assert runs_beside.gate(good, same, "P@3").passed
    failed = runs_beside.gate(good, worse, "P@3")
    assert (failed.worse, failed.lost, failed.passed) == (True, (), False)
    assert failed.verdict.difference == pytest.approx(-2 / 3)
    assert runs_beside.gate(worse, good, "P@3").passed
    gone = runs_beside.gate(good, lost, "P@3")
    assert (gone.worse, gone.lost, gone.golden, gone.passed) == (False, ("5",), 8, False)
    assert runs_beside.gate(good, lost, "P@3", golden=["1", "2"]).passed
    assert runs_beside.gate(good, lost, "RR", golden=["5"]).lost == ("5",)  # k is the run's
    with pytest.raises(ValueError, match="9: no such query"):
        runs_beside.gate(good, same, "P@3", golden=["9"])
    with pytest.raises(ValueError, match="compared with itself"):
        runs_beside.gate(good, good, "P@3")


def test_a_ranking_says_what_moved_entered_and_left() -> None:
    found = changes(["a", "b", "c", "d", "e"], ["b", "a", "f", "d", "c"], 3)
    assert found.places == (Place("b", 1, 2, "up"), Place("a", 2, 1, "down"), Place("f", 3, 0, "entered"))
    assert found.left == (Place("c", 5, 3, "left"),)
    assert (found.only_reference, found.common, found.only_this) == (1, 2, 1)
    late = changes(["a", "b", "c", "d"], ["d", "a"], 2)
    assert late.places == (Place("d", 1, 4, "entered"), Place("a", 2, 1, "down"))
    assert late.left == (Place("b", 0, 2, "left"),)
    assert not changes([], [], 3).places
    assert [place.state for place in changes(["a"], ["a"], 3).places] == ["same"]


def test_a_query_belongs_to_what_most_of_its_relevant_items_have() -> None:
    judged = {"1": {"a": 2, "b": 1, "c": 0}, "2": {"a": 1, "c": 1}, "3": {"c": 1}, "4": {"a": 0}}
    parts = slices.by_items(judged, {"a": "cats", "b": "cats", "c": "dogs"})
    assert parts == {"cats": ("1",), "dogs": ("3",), slices.MIXED: ("2",)}
    kinds = slices.by_kind(
        [TextQuery("1", "a", ("kind:typo",)), TextQuery("2", "b"), TextQuery("3", "c", ("kind:typo",))]
    )
    assert kinds == {"typo": ("1", "3"), slices.MIXED: ("2",)}


def test_parts_are_corrected_for_standing_side_by_side() -> None:
    one, other = {str(q): 1.0 for q in range(12)}, {str(q): 0.0 for q in range(12)}
    found = slices.verdicts(one, other, {"x": list("012345"), "y": list("678"), "z": ["99"]})
    assert list(found) == ["x", "y"]
    assert (found["x"].p, found["x"].corrected) == (2 / 64, 4 / 64)
    assert (found["y"].p, found["y"].corrected) == (2 / 8, 2 / 8)


def test_the_sentence_says_what_is_proven_and_what_it_would_take() -> None:
    names = {"a": "A", "b": "B"}
    found = compare({"a": {str(q): 0.6 for q in range(10)}, "b": {str(q): 0.4 for q in range(10)}})
    said = verdict_words.sentence(found.verdicts[0], names, "P@5")
    assert said == "A is better than B: P@5 +0.200 [0.200; 0.200], p\u00a0=\u00a00.002; 10 better, 0 worse, 0 equal."
    assert verdict_words.sentence(found.between("b", "a"), names, "P@5") == said
    close = compare({"a": {"1": 1.0, "2": 0.0, "3": 0.4}, "b": {"1": 0.0, "2": 0.8, "3": 0.4}}).verdicts[0]
    assert "It is not proven that A is better than B" in verdict_words.sentence(close, names, "P@5")
    assert "1 better, 1 worse, 1 equal" in verdict_words.sentence(close, names, "P@5")
    equal = compare({"a": {"1": 1.0, "2": 0.0}, "b": {"1": 1.0, "2": 0.0}})
    assert "cannot be told apart: 2 queries" in verdict_words.sentence(equal.verdicts[0], names, "P@5")
    level = compare({"a": {"1": 1.0, "2": 0.0}, "b": {"1": 0.0, "2": 1.0}}).verdicts[0]
    assert "equal in the mean, 1 better, 1 worse, 0 equal" in verdict_words.sentence(level, names, "P@5")


def test_numbers_in_a_sentence_are_rounded_as_people_say_them() -> None:
    assert [verdict_words.rounded(value) for value in (974.6, 76.4, 4_864.0, 0.4)] == [970, 76, 4_900, 6]
    assert [verdict_words.p(value) for value in (0.84, 0.0049, 1e-6, 1.0)] == [
        "p\u00a0=\u00a00.84", "p\u00a0=\u00a00.005", "p\u00a0<\u00a00.001", "p\u00a0=\u00a01.00",
    ]  # fmt: skip
    assert verdict_words.signed(-0.0001) == "0.000"
    assert verdict_words.interval(float("nan"), float("nan")) == "—"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Bench, Shop]:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    drawn, bench = tiny_shop(tmp_path / "shop"), Bench(tmp_path / "home")
    bench.import_catalogue(drawn.csv, name="shop")
    bench.add_query_set([drawn.queries, drawn.qrels], "shop", name="asked")
    bench.evaluate(["chance", "bm25"], "shop", "asked")
    return bench, drawn


def said(*words: object, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output + result.stderr
    return json.loads(result.stdout) if "--json" in words else result.stdout + result.stderr


def test_models_are_compared_on_the_command_line_by_their_newest_runs(shop: tuple[Bench, Shop]) -> None:
    bench, _drawn = shop
    found = said("compare", "bm25", "chance", "--metric", "P@5", "--json")
    newest = {summary.spec: summary.id for summary in reversed(bench.runs())}
    assert [standing["label"] for standing in found["standings"]] == [newest["bm25"], newest["chance"]]
    assert found["verdicts"][0]["wins"] == 7
    assert found["verdicts"][0]["p"] == 2 / 2**7
    assert found["verdicts"][0]["proven"]
    assert "bm25" in said("compare", newest["bm25"], newest["chance"])
    assert "neither a stored run nor a model with one" in said("compare", "bm25", "nobody", code=2)
    assert "is named twice" in said("compare", "bm25", "bm25", code=2)
    assert "Name two runs" in said("compare", "bm25", code=2)
    assert "There is no metric 'Q@5'" in said("compare", "bm25", "chance", "--metric", "Q@5", code=2)


def test_the_reports_figures_are_compared_on_the_command_line() -> None:
    found = said("compare", "report", "--json")
    pair = next(v for v in found["verdicts"] if v["worse"] == "ruclip-pretrained" and v["better"] == "ruclip-finetuned")
    assert (pair["wins"], pair["ties"], pair["losses"]) == (5, 15, 4)
    assert "≈ 970 queries" in said("compare", "report")
    assert "P@5 and R@5" in said("compare", "report", "--metric", "AP", code=2)


def test_the_gate_answers_a_ci_by_its_exit_code(shop: tuple[Bench, Shop]) -> None:
    bench, _drawn = shop
    newest = {summary.spec: summary.id for summary in reversed(bench.runs())}
    assert "PASSED" in said("gate", "--baseline", newest["chance"])  # the newest run after it is bm25's
    assert "No run was stored after" in said("gate", "--baseline", newest["bm25"], code=2)
    failed = said("gate", "--baseline", newest["bm25"], "--candidate", newest["chance"], "--json", code=1)
    assert failed["worse"] and failed["verdict"]["difference"] < 0
    bench.evaluate(["bm25"], "shop", "asked")
    assert "0 of 7 golden queries" in said("gate", "--baseline", newest["bm25"])


def test_golden_queries_are_those_tagged_so(shop: tuple[Bench, Shop]) -> None:
    bench, _drawn = shop
    asked = bench.query_set("asked")
    tagged = replace(asked, queries=tuple(replace(q, tags=("golden",)) if q.id == "1" else q for q in asked.queries))
    queries.save(bench.home, tagged)
    first, second = (bench.evaluate([spec], "shop", "asked")[0].run.id for spec in ("bm25", "chance"))
    assert bench.gated(first, second).golden == 1
    assert bench.gated(first, second, golden=["1", "2"]).golden == 2


def test_runs_of_the_same_judgments_in_other_words_stand_in_one_group(shop: tuple[Bench, Shop]) -> None:
    bench, _drawn = shop
    asked = bench.query_set("asked")
    english = replace(asked, name="asked-en", queries=tuple(replace(q, text=f"q{q.id}") for q in asked.queries))
    queries.save(bench.home, english)
    bench.evaluate(["chance"], "shop", "asked-en")
    bench.evaluate(["bm25"], "shop", "asked", pool="judged")
    bench.evaluate(["bm25"], "shop", "asked")
    groups = [[(r.spec, r.query_set, r.settings["pool"]) for r in group] for group in bench.comparable("shop", "asked")]
    assert groups == [
        [("bm25", "asked", "catalogue"), ("chance", "asked-en", "catalogue"), ("chance", "asked", "catalogue")],
        [("bm25", "asked", "judged")],
    ]


def test_the_slices_of_a_run_come_from_its_catalogue_and_query_set(shop: tuple[Bench, Shop]) -> None:
    bench, _drawn = shop
    first = bench.runs()[0].id
    assert set(bench.slices(first, "category")) == {"круг", "квадрат", "треугольник", ""}
    assert bench.slices(first, "kind") == {"": ("1", "2", "3", "4", "5", "6", "7")}
    assert set(bench.slices(first, "source")) == {""}  # every query has as many at either shop
    with pytest.raises(LookupError, match="cannot be sliced by 'colour'"):
        bench.slices(first, "colour")


def test_an_interval_that_leaves_out_zero_beside_an_unproven_difference_is_explained() -> None:
    found = compare({"a": {str(q): 0.6 for q in range(6)}, "b": {str(q): 0.4 for q in range(6)}}).verdicts[0]
    assert found.proven and verdict_words.doubt(found) == ""
    among = replace(found, corrected=0.12)
    assert "of this pair alone (p\u00a0=\u00a00.031); corrected for all the pairs" in verdict_words.doubt(among)
    assert verdict_words.sentence(among, {}, "P@5").endswith(verdict_words.doubt(among))
    alone = replace(found, p=0.06, corrected=0.12)
    assert "the paired test decides, and its p\u00a0=\u00a00.060 is not below 0.05" in verdict_words.doubt(alone)
    assert verdict_words.doubt(replace(among, low=-0.1)) == ""
    assert verdict_words.doubt(replace(among, low=-0.3, high=-0.1)) != ""
