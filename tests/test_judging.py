"""Judgments in the engine: the log, merging, pools, bounds, the queue, agreement, the audit; numbers worked by hand."""

from __future__ import annotations

import random
import sqlite3
import threading
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from data.judgments import QuerySet, TextQuery
from eval import metrics
from eval.judging import agreement, audit, bounds, gaps, merging, pooling, wanted
from eval.judging.log import JudgmentLog
from eval.judging.pooling import Ranked
from eval.judging.rows import Judgment, Seen
from eval.store import Store

ASKED = QuerySet(
    "asked", "1", "shop", (TextQuery("1", "круг"), TextQuery("2", "квадрат")), {"1": {"a": 2}, "2": {"b": 1, "c": 0}}
)


def said(query: str, item: str, grade: int | None, rater: str = "anna", **more: object) -> Judgment:
    kind = "grade" if grade is not None else "unsure"
    return Judgment("asked", query, item, grade, **{"kind": kind, "rater": rater, **more})  # type: ignore[arg-type]


def held(*rows: Judgment) -> merging.Opinions:
    from dataclasses import replace

    return merging.opinions(replace(row, sequence=place) for place, row in enumerate(rows, 1))


# the log


def test_what_was_appended_is_there_for_another_process_in_order_with_everything_said(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    one = said("1", "x", 2, saw=(Seen("bm25", "r1", 3), Seen("clip:a", "r2", 1)), comment="=1+1 «да»", event="e" * 32)
    assert log.append([one, said("1", "y", None, "boris")]) == 2
    first, second = JudgmentLog(tmp_path).rows("asked")
    assert (first.saw, first.comment, first.grade, first.sequence) == (one.saw, one.comment, 2, 1)
    assert (second.kind, second.grade, second.rater) == ("unsure", None, "boris") and second.made >= first.made
    assert log.last("asked") == 2 and log.last("other") == 0


def test_a_judgment_sent_twice_is_kept_once(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    one = said("1", "x", 1, event="a" * 32)
    assert [log.append([one]), log.append([one, said("1", "y", 0, event="b" * 32)]), log.append([one, one])] == [
        1,
        1,
        0,
    ]
    assert [row.item for row in log.rows("asked")] == ["x", "y"]


@pytest.mark.parametrize("wrong", [said("1", "x", 1, rater=" "), said("1", "", 1), said("1", "x", 1, kind="maybe"),
                                   said("1", "x", None, kind="grade"),
                                   said("1", "x", 1, kind="withdrawn")])  # fmt: skip
def test_an_unsound_judgment_is_refused_and_nothing_of_its_batch_is_written(wrong: Judgment, tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    with pytest.raises(ValueError):
        log.append([said("1", "x", 1), wrong])
    assert log.rows("asked") == ()


def test_judgments_that_came_with_the_query_set_are_rows_too_and_only_once(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    assert [log.begin(ASKED), log.begin(ASKED)] == [3, 0]
    assert {(row.pair, row.grade, row.source, row.rater) for row in log.rows("asked")} == {
        (("1", "a"), 2, "imported", ""), (("2", "b"), 1, "imported", ""), (("2", "c"), 0, "imported", "")}  # fmt: skip


def test_many_writers_at_once_lose_nothing_and_the_chain_of_digests_holds(tmp_path: Path) -> None:
    logs = [JudgmentLog(tmp_path) for _ in range(4)]

    def write(log: JudgmentLog, rater: str) -> None:
        for number in range(25):
            log.append([said("1", f"i{number}", number % 3, rater)])

    threads = [threading.Thread(target=write, args=(log, f"r{n}")) for n, log in enumerate(logs)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    rows = JudgmentLog(tmp_path).rows("asked")
    assert len(rows) == 100 and [row.sequence for row in rows] == list(range(1, 101))
    assert logs[0].damaged() == {}


@pytest.mark.parametrize("change", ["UPDATE judgments SET grade = 0 WHERE sequence = 2",
                                    "UPDATE judgments SET rater = 'eva' WHERE sequence = 2",
                                    "DELETE FROM judgments WHERE sequence = 2",
                                    "DELETE FROM judgments WHERE sequence = 4"])  # fmt: skip
def test_a_row_changed_or_taken_away_behind_our_back_is_found(change: str, tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    log.append([said("1", item, 1) for item in "abcd"])
    log.close()
    with sqlite3.connect(tmp_path / "uzor.db") as raw:
        raw.execute(change)
    raw.close()
    assert JudgmentLog(tmp_path).damaged()


def test_a_database_of_before_takes_judgments_and_keeps_its_runs(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "uzor.db") as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'judgments'").fetchone() == (0,)
    raw.close()
    JudgmentLog(tmp_path).append([said("1", "x", 1)])
    assert Store(tmp_path).runs() == [] and len(JudgmentLog(tmp_path).rows("asked")) == 1


def test_guidelines_are_the_newest_ones(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    assert log.guidelines("asked") == ""
    log.guide("asked", "first", "anna")
    log.guide("asked", "второе", "boris")
    assert JudgmentLog(tmp_path).guidelines("asked") == "второе" and log.guidelines("other") == ""


# merging


def test_the_newest_of_each_rater_counts_and_what_is_taken_back_does_not() -> None:
    rows = [said("1", "x", 0), said("1", "x", 2), said("1", "x", 1, "boris"), said("1", "y", 2),
            said("1", "y", None, kind="withdrawn")]  # fmt: skip
    found = held(*rows)
    assert {who: row.grade for who, row in found["1", "x"].items()} == {"anna": 2, "boris": 1}
    assert ("1", "y") not in found


@pytest.mark.parametrize(
    ("grades", "majority", "mean", "strictest", "newest"),
    [([2, 2, 0], 2, 1, 0, 0), ([0, 2], 0, 1, 0, 2), ([1, 2], 1, 2, 1, 2), ([0, 1, 2], 0, 1, 0, 2), ([1], 1, 1, 1, 1)],
)
def test_the_rules(grades: list[int], majority: int, mean: int, strictest: int, newest: int) -> None:
    found = held(*(said("1", "x", grade, f"r{n}") for n, grade in enumerate(grades)))
    by_rule = {rule: merging.labels(found, rule)["1"]["x"] for rule in merging.RULES}
    assert by_rule == {"majority": majority, "mean": mean, "strictest": strictest, "newest": newest}


def test_raters_override_imported_grades_and_cannot_tell_counts_for_nothing() -> None:
    came = Judgment("asked", "1", "x", 2, source="imported")
    assert merging.labels(held(came)) == {"1": {"x": 2}}
    assert merging.labels(held(came, said("1", "x", 0))) == {"1": {"x": 0}}
    assert merging.labels(held(came, said("1", "x", None))) == {"1": {"x": 2}}
    assert merging.labels(held(said("1", "y", None))) == {}
    with pytest.raises(LookupError, match="strictest"):
        merging.labels({}, "loudest")


def test_a_version_holds_the_merged_grades_and_says_where_it_comes_from(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    log.begin(ASKED)
    log.append([said("2", "b", 0), said("1", "new", 1), said("gone", "x", 2)])
    made = merging.version(ASKED, log.rows("asked"))
    assert made.judgments == {"1": {"a": 2, "new": 1}, "2": {"b": 0, "c": 0}}
    assert made.version == "judged 6 majority" and made.fingerprint != ASKED.fingerprint
    assert log.begin(made) == 0, "a version made from the log brings nothing new into it"
    with pytest.raises(ValueError, match="graded"):
        merging.version(ASKED, [said("1", "x", None)])


# pools

A = Ranked("ruclip:a", "run-a", {"1": ("x", "y", "z"), "2": ("p", "q", "r")})
B = Ranked("clip:b", "run-b", {"1": ("x", "w", "v"), "2": ("q", "p", "s")})


def test_a_pool_holds_the_first_k_of_every_run_once_with_their_places() -> None:
    found = pooling.pool([A, B], 2)
    assert set(found) == {("1", "x"), ("1", "y"), ("1", "w"), ("2", "p"), ("2", "q")}
    assert found["2", "q"] == (Seen("ruclip:a", "run-a", 2), Seen("clip:b", "run-b", 1))
    with pytest.raises(ValueError):
        pooling.pool([A], 0)


def test_each_rater_has_an_order_of_their_own_that_stays_and_ranks_do_not_show_in_it() -> None:
    items = tuple(f"i{n:03d}" for n in range(200))
    pairs = list(pooling.pool([Ranked("m", "r", {"1": items})], 200))
    anna, boris = pooling.shuffled(pairs, "anna"), pooling.shuffled(pairs, "boris")
    assert anna == pooling.shuffled(pairs[::-1], "anna") != boris and set(anna) == set(pairs)
    places = {pair: place for place, pair in enumerate(anna)}
    ranks = [places["1", item] for item in items]
    discordant = sum(a > b for i, a in enumerate(ranks) for b in ranks[i + 1 :]) / (200 * 199 / 2)
    assert 0.4 < discordant < 0.6


def test_heavy_pairs_come_first_and_those_of_a_query_stay_together() -> None:
    pairs = [(q, i) for q in "123" for i in "abcd"]
    order = pooling.shuffled(pairs, "anna", {("2", "c"): 0.5})
    assert order[0] == ("2", "c")
    assert len([1 for one, two in pairwise(order[1:]) if one[0] != two[0]]) == 2


def test_who_waits_for_what() -> None:
    pool = pooling.pool([A], 3)
    found = held(said("1", "x", 1), said("1", "y", 1, "boris"), said("1", "z", None, "boris"),
                 Judgment("asked", "2", "p", 1, source="imported"))  # fmt: skip
    assert pooling.waiting(pool, found, "anna") == [("1", "z"), ("2", "q"), ("2", "r")]
    assert pooling.waiting(pool, found, "anna", "second") == [("1", "y"), ("1", "z")]
    assert ("2", "p") in pooling.waiting(pool, found, "anna", "all")
    with pytest.raises(LookupError):
        pooling.waiting(pool, found, "anna", "some")


# bounds


def test_bounds_by_hand() -> None:
    labels = {"1": {"x": 1, "y": 0}, "2": {"q": 2}}
    found = bounds.bounds(A, labels, "P@2", ["1", "2"])
    # query 1: x right, y wrong: ½ either way; query 2: p unknown, q right: ½ or 1; condensed: x y → ½, q → ½
    assert (found.pessimistic, found.optimistic, found.condensed) == (0.5, 0.75, 0.5)
    assert (found.unjudged, found.shown) == (1, 4)
    first = bounds.bounds(A, labels, "RR@2", ["1", "2"])
    assert (first.pessimistic, first.optimistic, first.condensed) == (0.75, 1.0, 1.0)
    with pytest.raises(ValueError, match="P@k"):
        bounds.bounds(A, labels, "AP", ["1"])


RANKING = some.lists(some.sampled_from("abcdefgh"), unique=True, max_size=6)
LABELS = some.dictionaries(some.sampled_from("abcdefgh"), some.integers(0, 2), max_size=5)


@settings(max_examples=120, deadline=None)
@given(RANKING, RANKING, LABELS, some.sampled_from(bounds.BOUNDED))
def test_every_way_the_missing_labels_turn_out_lies_within_the_bounds(
    one: list[str], two: list[str], labels: dict[str, int], family: str
) -> None:
    k = 3
    a, b = Ranked("a", "", {"1": one}), Ranked("b", "", {"1": two})
    shown = dict.fromkeys(item for ranking in (one, two) for item in ranking[:k] if item not in labels)
    measure, precision = metrics.metric(f"{family}@{k}").measure, metrics.metric(f"P@{k}").measure
    values, differences = [], []
    for grades in product((0, 1), repeat=len(shown)):
        full = {**labels, **dict(zip(shown, grades, strict=True))}
        values.append(measure(one, full, k))
        differences.append(precision(one, full, k) - precision(two, full, k))
    found = bounds.bounds(a, {"1": labels}, f"{family}@{k}", ["1"])
    gap = gaps.gap(a, b, {"1": labels}, k, ["1"])
    assert (found.pessimistic, found.optimistic) == pytest.approx((min(values), max(values)))
    assert found.pessimistic - 1e-9 <= found.condensed <= found.optimistic + 1e-9
    assert (gap.low, gap.high) == pytest.approx((min(differences), max(differences)))


def world(seed: int) -> tuple[list[Ranked], dict[str, dict[str, int]]]:
    """Thirty queries, a good and a poor model, and the truth about everything."""
    dice = random.Random(seed)
    truth: dict[str, dict[str, int]] = {}
    models: list[dict[str, list[str]]] = [{}, {}]
    for query in map(str, range(30)):
        items = [f"{query}-{n}" for n in range(40)]
        truth[query] = {item: int(n < 10) for n, item in enumerate(items)}
        for ranking, noise in zip(models, (0.6, 1.2), strict=True):
            ranking[query] = sorted(items, key=lambda i: -truth[query][i] - dice.gauss(0, noise))
    return [Ranked("good", "", models[0]), Ranked("poor", "", models[1])], truth


def test_labelling_the_whole_queue_makes_both_bounds_equal() -> None:
    models, truth = world(0)
    queries = list(truth)
    labels = {query: {f"{query}-0": 1} for query in queries}
    for one in wanted.queue(models, labels, 5, queries):
        labels[one.query][one.item] = truth[one.query][one.item]
    assert wanted.queue(models, labels, 5, queries) == []
    for one in models:
        found = bounds.bounds(one, labels, "P@5", queries)
        assert found.pessimistic == found.optimistic and found.unjudged == 0
    assert gaps.gap(*models, labels, 5, queries).state == "first"


def needed(models: list[Ranked], truth: dict[str, dict[str, int]], greedy: bool, seed: int) -> int:
    """How many labels it takes until the verdict is decided, by the queue's order or by a random one over the pool."""
    queries, dice = list(truth), random.Random(seed)
    labels: dict[str, dict[str, int]] = {query: {} for query in queries}
    pairs = sorted(pooling.pool(models, 5))
    dice.shuffle(pairs)
    place = {pair: n for n, pair in enumerate(pairs)}
    count = 0
    while gaps.gap(*models, labels, 5, queries).state == "undecided":
        query, item = pairs[count]
        if greedy:
            first = wanted.queue(models, labels, 5, queries, place)[0]
            query, item = first.query, first.item
        labels[query][item] = truth[query][item]
        count += 1
    return count


@pytest.mark.parametrize("seed", range(5))
def test_the_queue_reaches_a_verdict_with_fewer_labels_than_a_random_order(seed: int) -> None:
    models, truth = world(seed)
    greedy = needed(models, truth, True, seed)
    by_chance = sorted(needed(models, truth, False, 100 * seed + n) for n in range(7))
    assert greedy < by_chance[0], (greedy, by_chance)


def test_only_what_one_of_an_undecided_pair_shows_has_weight() -> None:
    labels = {"1": {"x": 1}, "2": {"q": 1}}
    weights = wanted.weights([A, B], labels, 2, ["1", "2"])
    assert weights == {("1", "y"): 0.25, ("1", "w"): 0.25}  # p and q are shown by both, x and q are judged
    decided = {**labels, "1": {"x": 1, "y": 1, "w": 0}}
    assert wanted.weights([A, B], decided, 2, ["1", "2"]) == {}


# agreement


def test_agreement_equals_the_worked_example_of_krippendorff() -> None:
    table = {  # four observers, twelve units (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, part C)
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
    rows = [said("1", f"u{unit}", grade, who) for who, grades in table.items()
            for unit, grade in enumerate(grades) if grade is not None]  # fmt: skip
    found = agreement.agreement(held(*rows))
    assert found.alpha == pytest.approx(0.815, abs=0.001) and found.pairs == 11
    low, high = found.interval or (1.0, 0.0)
    assert low < 0.815 < high <= 1.0
    assert found.raters == {"A": 9, "B": 11, "C": 10, "D": 11}


def test_cohens_kappa_by_hand_and_the_pairs_in_dispute() -> None:
    both = [(0, 0)] * 4 + [(1, 1)] * 3 + [(0, 1)] * 2 + [(1, 0)]
    rows = [row for n, (a, b) in enumerate(both) for row in (said("1", f"i{n}", a), said("1", f"i{n}", b, "boris"))]
    rows += [said("2", "far", 2), said("2", "far", 0, "boris"), said("2", "alone", 2), said("2", "hm", None)]
    found = agreement.agreement(held(*rows[:20]))
    # observed 7/10; expected (6·5 + 4·5)/100 = 0.5; kappa = 0.2/0.5
    assert found.kappas[0].plain == pytest.approx(0.4) and (found.kappas[0].pairs, found.kappas[0].same) == (10, 7)
    more = agreement.agreement(held(*rows))
    assert [one.apart for one in more.disagreements] == [2, 1, 1, 1] and more.disagreements[0].item == "far"
    assert more.unsure == {"anna": 1} and more.raters == {"anna": 12, "boris": 11}


def test_agreement_is_undefined_rather_than_perfect_where_there_is_nothing_to_tell_it_by() -> None:
    assert agreement.agreement({}).alpha is None
    same = agreement.agreement(held(said("1", "x", 2), said("1", "x", 2, "boris")))
    assert same.alpha is None and same.kappas[0].plain is None and same.pairs == 1
    came = held(Judgment("asked", "1", "x", 2, source="imported"), said("1", "x", 0))
    assert agreement.agreement(came).pairs == 0 and agreement.agreement(came, imported=True).pairs == 1


# where judgments come from


def pooled_from_a() -> tuple[list[Ranked], merging.Opinions]:
    """Forty queries; only A's first fifteen were judged; half of what each model shows is relevant in truth."""
    dice, models = random.Random(7), [{}, {}, {}]
    rows = []
    for query in map(str, range(40)):
        items = [f"{query}-{n}" for n in range(60)]
        for ranking in models:
            ranking[query] = dice.sample(items, 60)
        rows += [Judgment("asked", query, item, int(item.endswith(("0", "2", "4", "6", "8"))), rater="anna",
                          saw=(Seen("ruclip:a", "run", rank),)) 
                 for rank, item in enumerate(models[0][query][:15], 1)]  # fmt: skip
    names = ("ruclip:a", "clip:b", "bm25")
    return [Ranked(name, name, ranking) for name, ranking in zip(names, models, strict=True)], held(*rows)


def test_a_pool_made_from_one_compared_model_is_flagged_and_the_others_are_seen_to_be_judged_less() -> None:
    models, found = pooled_from_a()
    queries = list(models[0].items)
    seen = audit.audit(found, models, 5, queries)
    assert seen.warned == ("ruclip:a",)
    judged = {share.model: share.judged for share in seen.shares}
    assert judged["ruclip:a"] == 1.0 and judged["clip:b"] < 0.5 and judged["bm25"] < 0.5
    by_name = {share.model: share for share in seen.shares}
    assert by_name["ruclip:a"].proposed == by_name["ruclip:a"].only == seen.known == 600 and seen.unknown == 0
    scores = seen.boards[0].scores
    assert scores["ruclip:a"] > scores["clip:b"] + 0.2, "the bias shows in the scores themselves"


def test_a_tuned_head_counts_as_kin_of_the_model_that_chose() -> None:
    models, found = pooled_from_a()
    models[1] = Ranked("ruclip:a+heads", "run", models[1].items)
    seen = audit.audit(found, models, 5, list(models[0].items))
    assert set(seen.warned) == {"ruclip:a", "ruclip:a+heads"}
    assert {share.model: share.family for share in seen.shares} == {"ruclip:a": 0, "ruclip:a+heads": 600, "bm25": 0}


def test_an_even_pool_is_not_flagged() -> None:
    models, _found = pooled_from_a()
    pool = pooling.pool(models, 5)
    rows = [Judgment("asked", *pair, 1, rater="anna", saw=seen) for pair, seen in pool.items()]
    seen = audit.audit(held(*rows), models, 5, list(models[0].items))
    assert seen.warned == () and all(share.judged == 1.0 for share in seen.shares)


def test_leaving_a_source_out_is_scored_without_its_rows() -> None:
    rows = [Judgment("asked", "1", "x", 1, source="imported"), said("1", "w", 1), said("1", "y", 1, "boris"),
            said("2", "q", 1), said("2", "p", 0, "boris")]  # fmt: skip
    seen = audit.audit(held(*rows), [A, B], 2, ["1", "2"])
    boards = {(board.kind, board.group, board.name): board for board in seen.boards}
    # all: A has x y / – q = 3 of 4; B has x w / q – = 3 of 4
    assert boards["all", "", ""].scores == {"run-a": 0.75, "run-b": 0.75}
    # without boris: y is unjudged: A 2 of 4, B 3 of 4
    assert boards["without", "rater", "boris"].scores == {"run-a": 0.5, "run-b": 0.75}
    # only imported: one query, x is found by both
    only = boards["only", "source", "imported"]
    assert only.scores == {"run-a": 0.5, "run-b": 0.5} and (only.queries, only.pairs) == (1, 1)
    unique = {share.model: share.unique for share in seen.shares}
    assert unique == {"ruclip:a": 1, "clip:b": 1}


def test_kendalls_tau_by_hand() -> None:
    assert audit.tau({"a": 3, "b": 2, "c": 1}, {"a": 0.9, "b": 0.1, "c": 0.2}) == pytest.approx(1 / 3)
    assert audit.tau({"a": 3, "b": 2}, {"a": 0.9, "b": 0.1}) == 1.0
    assert audit.tau({"a": 1}, {"a": 1}) is None and audit.tau({"a": 1, "b": 1}, {"a": 1, "b": 2}) is None
