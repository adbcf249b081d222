"""Causes of failures: a world with one planted case of each, rules at their limits, diagnoses on the disk, sums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import planted
import pytest

from eval.contracts import Ranking, Run
from eval.failures import causes, kept
from eval.failures.causes import FOUND, RULES, UNEXPLAINED
from eval.failures.changes import pareto, transition
from eval.failures.diagnosis import Diagnosis, diagnose
from eval.failures.losses import losses
from eval.failures.observed import Dropped, Observed
from eval.tasks import retrieval


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Diagnosis, Path]:
    """The planted world's run and its diagnosis."""
    home = tmp_path_factory.mktemp("planted")
    catalogue, asked, searcher = planted.scene(home / "catalogue")
    run = retrieval.evaluate(catalogue, asked, searcher, k=planted.K)
    return run, diagnose(run, catalogue, searcher, home), home


def test_every_planted_cause_is_named_rightly(looked: tuple[Run, Diagnosis, Path]) -> None:
    run, found, _home = looked
    named = {run.facts["texts"][query]: code for query, code in found.named().items()}
    assert named == planted.CAUSES
    assert set(planted.CAUSES.values()) == {*RULES, FOUND}


def test_each_rule_says_what_it_saw(looked: tuple[Run, Diagnosis, Path]) -> None:
    run, found, _home = looked
    of = {text: query for query, text in run.facts["texts"].items()}
    first = {code: found.causes(of[text])[0].evidence for text, code in planted.CAUSES.items() if code != FOUND}
    assert first["label_gap"]["n"] == first["crowding"]["n"] == first["hub"]["n"] == 5
    assert first["hub"]["lists"] == 3 and first["hub"]["of"] == 19  # the three others that share the hubs
    blurred = first["unread"]
    assert (blurred["n"], blurred["of"], blurred["shared"]) == (3, 19, 5) and blurred["told"] < 0.5
    assert first["attribute"]["word"] == "красный" and first["attribute"]["n"] == 5
    words = {word for sense in first["ambiguous"]["senses"] for word in sense["words"]}
    assert words == {"овощ", "стрела"}
    assert first["near_miss"]["first"] == 6 and first["text"]["lexical"] == 5 and first["text"]["described"] == 0
    assert first["picture"]["described"] == 5 and first["picture"]["hits"] == 0
    assert first["abstract"]["standout"] < 0.9 * first["abstract"]["usual"]


def test_a_diagnosis_is_read_back_as_it_was_and_a_damaged_one_is_set_aside(
    looked: tuple[Run, Diagnosis, Path],
) -> None:
    run, found, home = looked
    assert kept.load(home, run) is None
    kept.save(home, run, found)
    assert kept.load(home, run) == found
    place = kept.path(home, run)
    whole = place.read_bytes()
    place.write_bytes(kept.sealed({**kept.opened(whole), "observed": "nothing"})[:-3])
    assert kept.load(home, run) is None and not place.exists() and list((home / "damaged").iterdir())
    again = replace(run, id="another", settings={**run.settings, "k": 6})
    assert kept.key(again) != kept.key(run) == kept.key(replace(run, id="another"))


def test_another_catalogue_or_another_model_is_not_diagnosed(tmp_path: Path) -> None:
    catalogue, asked, searcher = planted.scene(tmp_path / "catalogue")
    run = retrieval.evaluate(catalogue, asked, searcher, k=planted.K)
    with pytest.raises(ValueError, match="imported anew"):
        diagnose(replace(run, fingerprints={**run.fingerprints, "catalogue": "x"}), catalogue, searcher, tmp_path)
    with pytest.raises(ValueError, match="not what it was"):
        diagnose(replace(run, fingerprints={**run.fingerprints, "searcher": "x"}), catalogue, searcher, tmp_path)


def seen(**facts: object) -> Observed:
    """A query with 10 relevant items of which none stands among the first 5."""
    plain = {"query": "q", "k": 5, "relevant": 10, "hits": 0, "first": 0, "near": 0, "wrong": 5, "unjudged": 5}
    return Observed(**{**plain, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "fits", "does_not"),
    [
        ("label_gap", {"fitting": ("a", "b", "c")}, {"fitting": ("a", "b")}),
        ("unread", {"twins": 3, "nearly": 0.9}, {"twins": 2, "nearly": 0.9}),
        ("unread", {"twins": 3, "nearly": 0.9, "hits": 2}, {"twins": 3, "nearly": 0.9, "hits": 3}),
        ("crowding", {"copies": ("a", "b", "c"), "wrong_copies": 2}, {"copies": ("a", "b"), "wrong_copies": 2}),
        ("crowding", {"copies": ("a", "b", "c"), "wrong_copies": 2}, {"copies": ("a", "b", "c"), "wrong_copies": 1}),
        ("hub", {"hubs": tuple((i, 3) for i in "abc"), "unrelated": 20, "gallery": 1000},
         {"hubs": tuple((i, 2) for i in "abc"), "unrelated": 20, "gallery": 1000}),
        ("hub", {"echoes": tuple((i, 100) for i in "abc"), "lists": 2000, "gallery": 1000},
         {"echoes": tuple((i, 100) for i in "abc"), "lists": 2000, "gallery": 999}),  # 5 × 10 × 2000 / 999 > 100
        ("attribute", {"dropped": (Dropped("w", 4, 3, 5),)}, {"dropped": (Dropped("w", 3, 3, 5),)}),
        ("attribute", {"dropped": (Dropped("w", 4, 3, 5),)}, {"dropped": (Dropped("w", 4, 2, 5),)}),
        ("near_miss", {"first": 6, "near": 1}, {"first": 21, "near": 0}),
        ("near_miss", {"hits": 3, "first": 1, "near": 2}, {"hits": 3, "first": 1, "near": 1}),
        ("text", {"lexical_hits": 3, "described_hits": 1}, {"lexical_hits": 3, "described_hits": 2}),
        ("picture", {"described_hits": 3, "hits": 1}, {"described_hits": 3, "hits": 2}),
        ("abstract", {"standout": 2.7, "usual": 3.0, "fall": 0.15, "usual_fall": 0.2},
         {"standout": 2.8, "usual": 3.0, "fall": 0.15, "usual_fall": 0.2}),
    ],
)  # fmt: skip
def test_a_rule_fits_up_to_its_limit(code: str, fits: dict[str, object], does_not: dict[str, object]) -> None:
    assert code in [cause.code for cause in causes.causes(seen(**fits))]
    assert code not in [cause.code for cause in causes.causes(seen(**does_not))]


def test_nothing_lost_has_no_cause_and_no_fitting_rule_is_said_to_be_none() -> None:
    assert causes.named(seen(hits=5)) == FOUND and causes.causes(seen(hits=5, fitting=("a",) * 5)) == ()
    assert causes.named(seen()) == UNEXPLAINED
    assert causes.named(seen(relevant=2, hits=2, wrong=3)) == FOUND  # two are all there are


def test_a_pareto_chart_counts_failures_only() -> None:
    bars = pareto({"1": "hub", "2": "text", "3": "hub", "4": FOUND, "5": UNEXPLAINED})
    assert [(bar.code, bar.count, bar.cumulative) for bar in bars] == [
        ("hub", 2, 0.5), ("text", 1, 0.75), (UNEXPLAINED, 1, 1.0)]  # fmt: skip
    assert pareto({"1": FOUND}) == ()


def test_a_transition_counts_every_query_of_both_models_once() -> None:
    moved = transition({"1": "hub", "2": "text", "3": FOUND, "4": "x"}, {"1": FOUND, "2": "text", "3": "hub"})
    assert moved.codes == (FOUND, "hub", "text") and moved.counts == ((0, 1, 0), (1, 0, 0), (0, 0, 1))
    assert (moved.mended, moved.broken) == (1, 1) and moved.queries["text", "text"] == ("2",)


def test_losses_are_what_the_ceiling_leaves() -> None:
    judged = {"a": {"1": 1, "2": 1}, "b": {"3": 1}, "c": {"9": 0}}
    rankings = [planted_ranking("a", "1", "7"), planted_ranking("b", "8", "3"), planted_ranking("c", "9")]
    facts = {"judgments": judged, "texts": {"a": "A", "b": "B", "c": "C"}}
    run = Run("r", "", "retrieval", "m", "c", "q", tuple(rankings), {"k": 1, "gallery": 9, "depth": 9}, facts=facts)
    table = losses(run, "P@1")
    assert list(table["query"]) == ["b", "a"] and list(table["loss"]) == [1.0, 0.0] and list(table["first"]) == [2, 1]


def planted_ranking(query: str, *items: str) -> Ranking:
    return Ranking(query, items, tuple(float(-i) for i in range(len(items))))
