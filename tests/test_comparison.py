"""Models compared: verdicts on the report's figures, tie groups, queries that not all have, and what JSON holds."""

from __future__ import annotations

import json

import pytest

from data import published
from eval.comparison import compare


def figures(*keys: str) -> dict[str, dict[str, float]]:
    numbers = [str(query.number) for query in published.queries()]
    return {key: dict(zip(numbers, published.model(key).precision, strict=True)) for key in keys}


def test_the_reports_ruclip_is_not_proven_to_gain_by_tuning() -> None:
    verdict = compare(figures("ruclip-pretrained", "ruclip-finetuned")).between("ruclip-finetuned", "ruclip-pretrained")
    assert (verdict.wins, verdict.ties, verdict.losses) == (5, 15, 4)
    assert verdict.p == pytest.approx(0.84, abs=0.01)
    assert verdict.detectable == pytest.approx(0.106, abs=0.003)
    assert verdict.needed == pytest.approx(970, abs=10)
    assert verdict.difference == pytest.approx(0.0167, abs=0.0001)
    assert verdict.low < 0 < verdict.high
    assert not verdict.proven


def test_the_reports_clip_is_not_proven_to_gain_by_tuning() -> None:
    verdict = compare(figures("clip-pretrained", "clip-finetuned")).between("clip-finetuned", "clip-pretrained")
    assert (verdict.wins, verdict.ties, verdict.losses) == (10, 13, 1)
    assert verdict.p == pytest.approx(0.17, abs=0.01)
    assert not verdict.proven


def test_the_reports_four_models_stand_in_two_groups() -> None:
    four = compare(figures(*(model.key for model in published.models())))
    assert [(s.label, s.rank, s.last) for s in four.standings] == [
        ("ruclip-finetuned", 1, 2), ("ruclip-pretrained", 1, 2), ("clip-finetuned", 3, 4), ("clip-pretrained", 3, 4),
    ]  # fmt: skip
    assert four.standings[0].mean == pytest.approx(100 / 120)
    assert all(standing.low < standing.mean < standing.high for standing in four.standings)
    clip, ruclip = four.between("ruclip-pretrained", "clip-pretrained"), four.verdicts[0]
    assert clip.proven
    assert clip.corrected <= 0.001
    assert ruclip.corrected == ruclip.p  # the largest p of six is multiplied by one


def test_seen_from_the_other_side_a_verdict_turns_its_signs() -> None:
    found = compare({"a": {"1": 1.0, "2": 0.5, "3": 0.4}, "b": {"1": 0.0, "2": 0.5, "3": 0.6}})
    there, back = found.between("a", "b"), found.between("b", "a")
    assert (there.difference, there.low, there.high) == (-back.difference, -back.high, -back.low)
    assert (there.wins, there.ties, there.losses) == (back.losses, back.ties, back.wins) == (1, 1, 1)
    assert found.gains("b", "a") == pytest.approx({"1": -1.0, "2": 0.0, "3": 0.2})
    with pytest.raises(LookupError, match="were not compared; compared were a, b"):
        found.between("a", "c")


def test_rounding_is_no_difference() -> None:
    verdict = compare({"a": {"1": 0.1 + 0.2, "2": 0.5}, "b": {"1": 0.3, "2": 0.5}}).verdicts[0]
    assert verdict.equal
    assert (verdict.p, verdict.effect, verdict.difference) == (1.0, 0.0, 0.0)
    assert not verdict.proven


def test_only_queries_that_every_model_has_take_part() -> None:
    found = compare({"a": {"1": 1.0, "2": 1.0, "3": 0.0}, "b": {"2": 0.0, "3": 0.0, "4": 1.0}})
    assert found.queries == ("2", "3")
    assert found.left_out == ("1", "4")
    assert found.verdicts[0].difference == 0.5
    with pytest.raises(ValueError, match="a, b have no query in common"):
        compare({"a": {"1": 1.0}, "b": {"2": 1.0}})
    with pytest.raises(ValueError, match="no model came"):
        compare({})


def test_a_model_shares_the_rank_of_the_best_it_is_not_proven_worse_than() -> None:
    queries = [str(number) for number in range(30)]
    good = {query: 1.0 for query in queries}
    nearly = {**good, "0": 0.0}
    bad = dict.fromkeys(queries, 0.0)
    found = compare({"bad": bad, "nearly": nearly, "good": good})
    assert [(s.label, s.rank, s.last) for s in found.standings] == [("good", 1, 2), ("nearly", 1, 2), ("bad", 3, 3)]


def test_one_model_has_a_mean_and_an_interval_and_one_query_has_none() -> None:
    alone = compare({"a": {"1": 1.0, "2": 0.0, "3": 0.5}})
    assert not alone.verdicts
    assert alone.standings[0].mean == pytest.approx(0.5)
    single = compare({"a": {"1": 1.0}, "b": {"1": 0.0}}).record()
    assert single["verdicts"][0]["p"] == 1.0
    assert single["verdicts"][0]["detectable"] is None
    assert json.loads(json.dumps(single, allow_nan=False)) == single
