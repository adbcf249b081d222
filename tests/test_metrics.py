"""Metrics: by hand, against ir_measures, and their chance levels and ceilings against brute force."""

from __future__ import annotations

import itertools
import math
import random

import ir_measures
import numpy as np
import pytest

from eval import floors, metrics
from eval.contracts import Ranking

ITEMS = ["a", "b", "c", "d", "e", "f"]
GRADES = {"b": 2, "e": 1, "x": 1, "c": 0}  # x was not found; c was judged and is not relevant
THEIRS = {
    "P@5": "P@5", "R@5": "R@5", "Hit@5": "Success@5", "RR": "RR", "RR@3": "RR@3", "AP": "AP", "nDCG@5": "nDCG@5",
    "nDCG": "nDCG", "Rprec": "Rprec", "Judged@5": "Judged@5", "P@20": "P@20", "R@20": "R@20", "nDCG@20": "nDCG@20",
    "Judged@20": "Judged@20",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("P@1", 0),
        ("P@5", 2 / 5),
        ("P@10", 2 / 10),  # six were found; the denominator stays 10
        ("R@1", 0),
        ("R@5", 2 / 3),
        ("Hit@1", 0),
        ("Hit@2", 1),
        ("RR", 1 / 2),
        ("RR@1", 0),
        ("AP", (1 / 2 + 2 / 5) / 3),
        ("nDCG@2", (2 / math.log2(3)) / (2 + 1 / math.log2(3))),
        ("nDCG@5", (2 / math.log2(3) + 1 / math.log2(6)) / (2 + 1 / math.log2(3) + 1 / 2)),
        ("Rprec", 1 / 3),
        ("Judged@5", 3 / 5),
        ("Judged@10", 3 / 6),
    ],
)
def test_each_metric_is_what_paper_and_pencil_say(name, value):
    assert metrics.metric(name)(ITEMS, GRADES) == pytest.approx(value, abs=1e-12)


def random_query_set(rng: random.Random):
    """Graded judgments and short, long, empty and missing rankings over five queries of up to 60 items."""
    judgments, rankings = {}, []
    for number in range(5):
        gallery = [f"d{n}" for n in range(rng.randint(1, 60))]
        judged = {item: rng.choice([0, 0, 1, 1, 2, 3]) for item in gallery if rng.random() < rng.choice([0.1, 0.5, 1])}
        judged[rng.choice([*gallery, "elsewhere"])] = rng.randint(1, 3)
        judgments[f"q{number}"] = judged
        if rng.random() < 0.9:
            found = rng.sample(gallery, rng.randint(0, len(gallery)))
            scores = sorted((rng.choice([0.1, 0.5, rng.random()]) for _ in found), reverse=True)
            rankings.append(Ranking(f"q{number}", tuple(found), tuple(scores)))
    return judgments, rankings


def test_a_thousand_random_query_sets_agree_with_ir_measures():
    rng = random.Random(0)
    measures = {name: ir_measures.parse_measure(theirs) for name, theirs in THEIRS.items()}
    compared = short = missing = 0
    for _ in range(1000):
        judgments, rankings = random_query_set(rng)
        qrels = [ir_measures.Qrel(q, item, grade) for q, items in judgments.items() for item, grade in items.items()]
        run = [
            ir_measures.ScoredDoc(r.query, item, -float(rank)) for r in rankings for rank, item in enumerate(r.items)
        ]
        theirs = {(m.query_id, m.measure): m.value for m in ir_measures.iter_calc(list(measures.values()), qrels, run)}
        ours = metrics.score(rankings, judgments, list(THEIRS))
        answered = {r.query for r in rankings if r.items}
        for query, (name, measure) in itertools.product(judgments, measures.items()):
            expected = theirs.get((query, measure), 0.0 if query not in answered else math.nan)
            assert ours.loc[query, name] == pytest.approx(expected, abs=1e-9), (query, name)
            compared += 1
        short += sum(len(r.items) < 5 for r in rankings)
        missing += len(judgments) - len(answered)
    assert compared == 1000 * 5 * len(THEIRS)
    assert short > 300 and missing > 300


def test_names_at_a_cut_are_all_metrics_and_each_says_what_it_is():
    assert metrics.names(5) == ("P@5", "R@5", "Hit@5", "RR", "AP", "nDCG@5", "Rprec", "Judged@5")
    for name in metrics.names(3):
        one = metrics.metric(name)
        assert len(one.says) > 20 and one.says.endswith(".") and one.better == "higher"


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("NDCG@5", LookupError, "did you mean nDCG"),
        ("P", ValueError, "P@5"),
        ("P@0", ValueError, "P@5"),
        ("AP@5", ValueError, "write AP"),
        ("", LookupError, "there are P@k"),
        ("P@-1", LookupError, "there are P@k"),
    ],
)
def test_a_wrong_name_is_refused_with_what_there_is(name, error, says):
    with pytest.raises(error, match=says):
        metrics.metric(name)


def test_a_query_without_relevant_items_has_no_value_and_no_row():
    with pytest.raises(ValueError, match="leave the query out"):
        metrics.metric("P@5")(["a"], {"a": 0})
    table = metrics.score([], {"q": {"a": 0}, "r": {"a": 1}}, ["P@5"])
    assert list(table.index) == ["r"] and table.loc["r", "P@5"] == 0


def test_two_rankings_for_one_query_are_refused():
    with pytest.raises(ValueError, match="same query"):
        metrics.score([Ranking("q", (), ()), Ranking("q", (), ())], {"q": {"a": 1}}, ["P@5"])


def test_renaming_items_and_reordering_queries_changes_no_value():
    rng = random.Random(1)
    judgments, rankings = random_query_set(rng)
    renamed = {q: {"z" + item: grade for item, grade in items.items()} for q, items in reversed(judgments.items())}
    moved = [Ranking(r.query, tuple("z" + item for item in r.items), r.scores) for r in reversed(rankings)]
    one = metrics.score(rankings, judgments, metrics.names(5))
    other = metrics.score(moved, renamed, metrics.names(5)).loc[one.index]
    assert (one == other).all().all()


CASES = [
    (5, 7, {"a": 1, "b": 1}),
    (7, 7, {"a": 1, "b": 2, "c": 0}),
    (7, 4, {"a": 3, "b": 1, "c": 1, "d": 0, "e": 0}),
    (3, 2, {"a": 1}),
    (4, 9, {"a": 1, "b": 1, "c": 2, "d": 1}),
    (1, 1, {"a": 1}),
]
EVERY = ("P@3", "P@6", "R@3", "R@6", "Hit@1", "Hit@3", "RR", "RR@2", "AP", "nDCG@3", "nDCG", "Rprec", "Judged@3")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("gallery", "depth", "judgments"), CASES)
def test_chance_and_ceiling_are_the_mean_and_maximum_over_every_order_of_the_gallery(name, gallery, depth, judgments):
    items = [*judgments, *(f"_{n}" for n in range(gallery - len(judgments)))]
    one = metrics.metric(name)
    values = [one(order[:depth], judgments) for order in itertools.permutations(items)]
    assert floors.chance(one, judgments, gallery, depth) == pytest.approx(np.mean(values), abs=1e-12)
    assert floors.ceiling(one, judgments, gallery, depth) == pytest.approx(max(values), abs=1e-12)


def test_a_metric_without_a_formula_is_simulated_and_comes_near_the_formula():
    one = metrics.metric("nDCG@5")
    judgments = {"a": 2, "b": 1, "c": 1}
    exact = floors.chance(one, judgments, 30, 30)
    assert floors._simulated(one, judgments, 30, 30) == pytest.approx(exact, rel=0.1)


def test_more_judged_items_than_the_gallery_holds_are_refused():
    with pytest.raises(ValueError, match="gallery of 1"):
        floors.chance(metrics.metric("P@5"), {"a": 1, "b": 1}, 1, 10)


def test_the_reports_chance_level_at_328_pictures_is_four_percent():
    judgments = {f"i{n}": 1 for n in range(14)}  # 335 pairs over 24 queries: 14 a query
    assert floors.chance(metrics.metric("P@5"), judgments, 328, 328) == pytest.approx(14 / 328)
