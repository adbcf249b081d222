"""Queries nobody knows a relevant item of, and several runs of one model: bounds, gaps, the queue, the audit."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from eval import metrics
from eval.judging import audit, bounds, gaps, merging, wanted
from eval.judging.merging import Labels
from eval.judging.pooling import Ranked
from eval.judging.rows import Judgment

K = 2
RANKING = some.lists(some.sampled_from("abcd"), unique=True, max_size=3)
RANKINGS = some.fixed_dictionaries({"1": RANKING, "2": RANKING, "3": RANKING})
GRADES = some.dictionaries(some.sampled_from("abcd"), some.integers(0, 1), max_size=3)
LABELS = some.fixed_dictionaries({"1": GRADES, "2": some.just({}), "3": GRADES})


def mean(ranked: Ranked, labels: Labels, family: str) -> float:
    """The mean over queries with a relevant item; 0 where there is none."""
    measure, asked = metrics.metric(f"{family}@{K}").measure, bounds.counted(labels, "123")
    return sum(measure(ranked.items[q][:K], labels[q], K) for q in asked) / len(asked) if asked else 0.0


@settings(max_examples=60, deadline=None)
@given(RANKINGS, RANKINGS, RANKINGS, LABELS, some.sampled_from(bounds.BOUNDED))
def test_every_labelling_of_what_is_shown_lies_within_the_bounds_and_reaches_them(
    one: dict[str, list[str]], two: dict[str, list[str]], three: dict[str, list[str]], labels: Labels, family: str
) -> None:
    models = [Ranked(name, name, items) for name, items in zip("xyz", (one, two, three), strict=True)]
    asked, more = bounds.counted(labels, "123"), bounds.possible(models, labels, K, "123")
    pairs = sorted({(q, i) for m in models for q in "123" for i in m.items[q][:K] if i not in labels[q]})
    if len(pairs) > 10:
        pairs = pairs[:10]
        shown = {q: [i for p, i in pairs if p == q] for q in "123"}
        labels = {q: {**dict.fromkeys("abcd", 0), **labels[q]} for q in "123"}
        labels = {q: {i: g for i, g in labels[q].items() if i not in shown[q]} for q in "123"}
        asked, more = bounds.counted(labels, "123"), bounds.possible(models, labels, K, "123")
    values: dict[str, list[float]] = {m.name: [] for m in models}
    differences: dict[tuple[str, str], list[float]] = {(a.name, b.name): [] for a, b in combinations(models, 2)}
    for grades in product((0, 1), repeat=len(pairs)):
        full = {q: dict(labels[q]) for q in "123"}
        for (query, item), grade in zip(pairs, grades, strict=True):
            full[query][item] = grade
        for m in models:
            values[m.name].append(mean(m, full, family))
        for a, b in combinations(models, 2):
            differences[a.name, b.name].append(mean(a, full, "P") - mean(b, full, "P"))
    for m in models:
        found = bounds.bounds(m, labels, f"{family}@{K}", asked, more)
        assert (found.pessimistic, found.optimistic) == pytest.approx((min(values[m.name]), max(values[m.name])))
        assert found.pessimistic - 1e-9 <= min(found.reported, found.condensed)
        assert found.reported == pytest.approx(mean(m, labels, family))
    for gap in gaps.gaps(models, labels, K, asked, more):
        there = differences[gap.first, gap.second]
        assert (gap.low, gap.high) == pytest.approx((min(there), max(there)))
        if gap.state != "undecided":
            signs = {(d > 1e-9) - (d < -1e-9) for d in there}
            assert signs == {{"first": 1, "second": -1, "equal": 0}[gap.state]}


A = Ranked("m:a", "run-a", {"1": ("x", "y"), "2": ("p", "q")})
B = Ranked("m:b", "run-b", {"1": ("z", "y"), "2": ("r", "s")})


def test_a_verdict_that_one_label_of_an_open_query_can_turn_is_not_decided() -> None:
    labels = {"1": {"x": 1, "y": 0, "z": 0}, "2": {}}
    asked, more = bounds.counted(labels, "12"), bounds.possible([A, B], labels, K, "12")
    assert asked == ["1"] and more == {"2": frozenset("pqrs")}
    assert gaps.gap(A, B, labels, K, asked).state == "first", "as if query 2 were not there"
    whole = gaps.gap(A, B, labels, K, asked, more)
    # query 1: ½ for A; query 2: −1 … 1: the mean lies in (½ − 1) / 2 … (½ + 1) / 2
    assert (whole.low, whole.high, whole.missing, whole.state) == (-0.25, 0.75, 4, "undecided")
    queue = wanted.queue([A, B], labels, K, asked, more=more)
    assert {(one.query, one.item) for one in queue} == {("2", item) for item in "pqrs"}
    assert {one.weight for one in queue} == {0.25}
    found = bounds.bounds(A, labels, "P@2", asked, more)
    # query 1 is ½; query 2 may join with 0 (r is right) or with 1
    assert (found.reported, found.pessimistic, found.optimistic, found.unjudged, found.shown) == (0.5, 0.25, 0.75, 2, 4)


def test_an_open_query_is_closed_once_all_that_is_shown_is_judged() -> None:
    labels = {"1": {"x": 1, "y": 0, "z": 0}, "2": dict.fromkeys("pqrs", 0)}
    assert bounds.possible([A, B], labels, K, "12") == {}
    assert gaps.gap(A, B, labels, K, ["1"], {}).state == "first"


def test_a_set_nobody_has_judged_is_undecided_and_all_of_it_is_wanted() -> None:
    more = bounds.possible([A, B], {}, K, "12")
    gap = gaps.gap(A, B, {}, K, [], more)
    assert (gap.low, gap.high, gap.state) == (-1.0, 1.0, "undecided")
    assert len(wanted.queue([A, B], {}, K, [], more=more)) == 7
    alone = gaps.gap(Ranked("a", "a", {"1": ("x",)}), Ranked("b", "b", {"1": ()}), {}, K, [], {"1": {"x"}})
    assert alone.state == "undecided", "nothing counts until somebody says that x is right"


def test_two_runs_of_one_model_stand_side_by_side() -> None:
    rows = [Judgment("asked", "1", "x", 1, rater="anna"), Judgment("asked", "2", "r", 1, rater="boris")]
    held = merging.opinions(replace(row, sequence=n) for n, row in enumerate(rows, 1))
    twins = [Ranked("m:a", "run-a", A.items), Ranked("m:a", "run-b", B.items)]
    seen = audit.audit(held, twins, K, "12")
    assert all(set(board.scores) == set(board.judged) == {"run-a", "run-b"} for board in seen.boards)
    assert seen.boards[0].scores == {"run-a": 0.25, "run-b": 0.25}
    assert {board.name: board.scores for board in seen.boards if board.kind == "only" and board.group == "rater"} == {
        "anna": {"run-a": 0.5, "run-b": 0.0}, "boris": {"run-a": 0.0, "run-b": 0.5}}  # fmt: skip
    assert [(share.key, share.model, share.unique) for share in seen.shares] == [
        ("run-a", "m:a", 1), ("run-b", "m:a", 1)]  # fmt: skip
    assert gaps.gap(*twins, merging.labels(held), K, ["1", "2"]).first == "run-a"
