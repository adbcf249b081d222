"""Matching: blocks against brute force, counts against definitions, prices against every pair of thresholds."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from data.errors import Cancelled
from eval.judging.rows import Judgment
from eval.matching import blocks, calibration, equal_recall, kept, labels, pairs, prices, scale, sweep, truth
from eval.matching.prices import Prices
from eval.matching.tally import Counted, Tally
from eval.tasks.matching import Matches


def unit(rows: int, size: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((rows, size)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def shops(n: int = 60, m: int = 50, size: int = 8, noise: float = 0.45, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Two shops whose first 40 articles are the same ones, seen with noise; and their keys."""
    rng = np.random.default_rng(seed + 1000)
    left = unit(n, size, seed)
    right = unit(m, size, seed + 1)
    right[:40] = left[:40] + noise * rng.standard_normal((40, size)).astype(np.float32) / np.sqrt(size)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    return (
        left,
        right,
        np.array([f"a{i}" for i in range(n)]),
        np.array([f"a{i}" if i < 40 else f"b{i}" for i in range(m)]),
    )


def counted(left, right, left_keys, right_keys, same=False, keep=blocks.KEPT, said=None) -> Counted:
    known = truth.truth(list(left_keys), list(right_keys), 0, same)
    true = known.pairs()
    found = blocks.compare(left, right, known.groups, true, known.known, same, keep)
    return Counted(known, found, *true, labels=said or {})


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 4 * 50 * 7)  # seven rows of the tests' shops at a time


def test_every_threshold_counts_what_brute_force_counts():
    left, right, a, b = shops()
    cosines = left.astype(np.float64) @ right.astype(np.float64).T
    match = a[:, None] == b[None, :]
    whole = counted(left, right, a, b).tally("all")
    for value in np.arange(-1, 1.001, 0.05).round(3):
        shown = cosines >= value
        point = sweep.at(whole, value)
        assert (point.tp, point.fp) == ((shown & match).sum(), (shown & ~match).sum())
        assert (point.fn, point.tn) == ((~shown & match).sum(), (~shown & ~match).sum())


def test_the_nearest_and_the_mutual_pairs_are_those_of_brute_force():
    left, right, a, b = shops()
    cosines = left @ right.T
    here = counted(left, right, a, b)
    best = cosines.argmax(axis=1)
    assert here.found.best_right.tolist() == best.tolist()
    assert here.found.best_left.tolist() == cosines.argmax(axis=0).tolist()
    mutual = [i for i in range(len(left)) if cosines[:, best[i]].argmax() == i]
    for rule, rows in (("best", range(len(left))), ("mutual", mutual)):
        tally = here.tally(rule)
        assert tally.hits.sum() == sum(a[i] == b[best[i]] for i in rows)
        assert tally.misses.sum() == sum(a[i] != b[best[i]] for i in rows)
        assert tally.matches.sum() == 40 and tally.others.sum() == 60 * 50 - 40


def test_duplicates_stand_once_and_nothing_is_its_own_duplicate():
    left, __, a, __ = shops()
    left[5], left[9], a[9], a[20] = left[3], left[3], a[3], a[5]
    here = counted(left, left, a, a, same=True)
    cosines = left @ left.T
    upper = np.triu(np.ones_like(cosines, bool), 1)
    match = (a[:, None] == a[None, :]) & upper
    for value in (-1.0, 0.0, 0.5, 0.999):
        point = sweep.at(here.tally("all"), value)
        assert point.tp == (match & (cosines >= value - 1e-6)).sum()
        assert point.tp + point.fp == (upper & (cosines >= value - 1e-6)).sum()
    shown = pairs.reaching(here, 0.999)
    assert sorted(zip(shown.left.tolist(), shown.right.tolist(), strict=True)) == [(3, 5), (3, 9), (5, 9)]
    assert not (here.found.best_right == np.arange(len(left))).any()
    tally = here.tally("mutual")
    assert tally.hits.sum() + tally.misses.sum() <= len(left) // 2


def test_as_many_pairs_as_asked_for_are_kept_and_it_is_known_from_where_on_they_are_all():
    left, right, a, b = shops()
    cosines = np.sort((left @ right.T).ravel())[::-1]
    here = counted(left, right, a, b, keep=100)
    assert np.allclose(here.found.cosine, cosines[:100], atol=1e-6)
    complete = here.found.complete
    assert (cosines >= complete).sum() <= 100 and cosines[100] < complete <= cosines[100] + 0.0021
    assert len(pairs.reaching(here, math.ceil(complete * 1000) / 1000)) == (cosines >= complete).sum()
    with pytest.raises(ValueError, match="only the nearest 100 are kept"):
        pairs.reaching(here, round(complete - 0.002, 3))


def test_equal_vectors_everywhere_neither_fill_the_memory_nor_lose_their_order():
    same = np.ones((40, 4), np.float32) / 2
    here = counted(same, same[:30], [f"{i}" for i in range(40)], [f"{i}" for i in range(30)], keep=50)
    assert len(here.found.left) == 50 and here.found.complete > 1
    first = list(itertools.product(range(40), range(30)))[:50]
    assert list(zip(here.found.left.tolist(), here.found.right.tolist(), strict=True)) == first


def test_items_without_a_key_are_counted_nowhere_and_said_to_be_unknown():
    left, right, a, b = shops()
    a[:10] = ""
    here = counted(left, right, a, b)
    tally = here.tally("all")
    assert tally.whole.matches == 30 and tally.whole.others == 50 * 50 - 30 and tally.unjudged == 10 * 50
    assert here.tally("best").unjudged == 10


def test_what_people_say_goes_before_the_column():
    left, right, a, b = shops()
    a[50] = ""
    plain = counted(left, right, a, b)
    said = {(0, 0): False, (1, 2): True, (50, 7): True, (3, 3): True}
    asked = counted(left, right, a, b, said=said)
    before, after = plain.tally("all"), asked.tally("all")
    assert asked.used == 4
    assert after.whole.matches == before.whole.matches - 1 + 2
    assert after.whole.others == before.whole.others + 1 - 1
    assert after.unjudged == before.unjudged - 1
    cosine = float(left[1] @ right[2])
    value = math.floor(cosine * 1000) / 1000
    if float(left[0] @ right[0]) < value:
        assert sweep.at(after, value).tp == sweep.at(before, value).tp + 1


def test_a_label_counts_at_its_cosine_though_the_pair_was_not_kept():
    left, right, a, b = shops()
    far = (55, int((left @ right.T)[55].argmin()))
    bare = counted(left, right, a, b, keep=5, said={far: True})
    assert bare.lacking([far, (0, 0)]) == [far] and bare.used == 0
    cosine = float(left[55] @ right[far[1]])
    told = Counted(bare.truth, bare.found, bare.true_left, bare.true_right, {far: True}, {far: cosine})
    assert told.used == 1 and told.tally().whole.matches == bare.tally().whole.matches + 1
    above = math.ceil(cosine * 1000) / 1000 + 0.001
    assert sweep.at(told.tally(), above).fn == sweep.at(bare.tally(), above).fn + 1


def test_memory_stays_bounded_however_many_pairs_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 2**20)
    left, right = unit(3000, 16, 0), unit(3000, 16, 1)
    groups = truth.truth([""] * 3000, [""] * 3000).groups
    tracemalloc.start()
    try:
        found = blocks.compare(left, right, groups, keep=10_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.seen.sum() == 9_000_000 and len(found.cosine) == 10_000
    assert peak < 20 * 2**20  # all cosines at once are 36 MB, and a copy of them as bins twice that


def test_the_groceries_documents_table_follows_from_its_definition_on_counts_made_up():
    hits, misses = np.zeros((2, scale.BINS), np.int64), np.zeros((2, scale.BINS), np.int64)
    for cosine, true, false in ((0.84, 10, 900), (0.86, 20, 60), (0.92, 30, 15), (0.96, 25, 5), (0.995, 15, 0)):
        at = scale.place(cosine)
        hits[0, at], misses[1, at] = true, false
    tally = Tally(hits, misses, hits.sum(axis=1), misses.sum(axis=1))
    table = sweep.sweep(tally)
    assert [p.threshold for p in table] == [0.85, 0.9, 0.95, 0.99]
    assert [p.recall for p in table] == [0.9, 0.7, 0.4, 0.15]
    assert [p.fp_tp for p in table] == [80 / 90, 20 / 70, 5 / 40, 0.0]  # FP / TP, the document's
    assert [p.fpr for p in table] == [80 / 980, 20 / 980, 5 / 980, 0.0]  # FP / (FP + TN), another number
    assert [p.precision for p in table] == [90 / 170, 70 / 90, 40 / 45, 1.0]


def test_ratios_without_a_denominator_are_no_numbers():
    point = sweep.Point(0.99, 0, 0, 5, 10)
    assert math.isnan(point.precision) and math.isnan(point.fp_tp) and point.recall == 0 and point.fpr == 0
    assert point.record()["precision"] is None


def test_a_few_right_and_none_wrong_do_not_make_a_certainty():
    here = counted(*shops())
    top = sweep.at(here.tally("all"), math.floor(float(np.sort(here.found.cosine)[-8]) * 1000) / 1000)
    low, high = sweep.intervals(here.tally("all"), top)["precision"]
    from scipy.stats import binomtest

    assert top.tp >= 8 and top.fp == 0
    exact = binomtest(top.tp, top.tp).proportion_ci(0.95, "exact")
    assert (low, high) == (pytest.approx(exact.low), 1.0)


@pytest.mark.parametrize("value", [1.5, -2, float("nan"), 0.12345])
def test_impossible_thresholds_are_refused(value):
    with pytest.raises(ValueError, match=r"threshold|multiples"):
        sweep.checked([0.9, value])


def test_a_column_that_is_no_key_is_refused_before_anything_is_compared(monkeypatch):
    monkeypatch.setattr(truth, "MOST_PAIRS", 100)
    with pytest.raises(ValueError, match="article number"):
        truth.truth(["x"] * 20, ["x"] * 20).pairs()


def test_items_of_one_key_stay_in_one_group_and_groups_are_even():
    keys = [f"k{i // 2}" for i in range(1000)]
    dealt = truth.truth(keys, keys, seed=3).groups
    assert all(dealt[i] == dealt[i + 1] for i in range(0, 1000, 2))
    assert len(set(dealt.tolist())) == truth.GROUPS and np.ptp(np.bincount(dealt)) <= 2
    assert not np.array_equal(dealt, truth.truth(keys, keys, seed=4).groups)


def test_the_cheapest_thresholds_are_those_of_brute_force():
    left, right, a, b = shops(noise=0.9)
    tally = counted(left, right, a, b).tally("all")
    bins = np.arange(1, scale.BINS)
    used = bins[(tally.hits.sum(axis=0) + tally.misses.sum(axis=0))[1:] > 0]
    tried = np.array(sorted({*used, *(used + 1)}))
    right, false = (np.append(counts, 0)[tried] for counts in (tally.whole.right, tally.whole.wrong))
    shown = right + false
    for miss, wrong, check in ((5, 1, 0.1), (1, 5, 0.3), (1, 1, None), (100, 0.1, 0.05), (0, 1, 0.5), (2, 3, 50)):
        asked = Prices(miss, wrong, check)
        every = miss * (40 - right)[:, None] + wrong * false[None, :] + (check or 0) * (shown[:, None] - shown[None, :])
        allowed = np.triu(np.ones_like(every, bool)) if check is not None else np.eye(len(tried), dtype=bool)
        brute = every[allowed].min()
        found = prices.cheapest(tally, asked)
        assert found.cost == pytest.approx(brute), asked
        assert found.right + found.missed == 40
        assert found.low <= found.high


def test_a_cost_is_what_its_parts_cost():
    left, right, a, b = shops(noise=0.9)
    tally = counted(left, right, a, b).tally("all")
    found = prices.cheapest(tally, Prices(5, 2, 0.25))
    assert found.cost == 5 * found.missed + 2 * found.wrong + 0.25 * found.checked
    shown = (left @ right.T).ravel()
    assert found.checked == ((shown >= found.low - 1e-6) & (shown < found.high - 1e-6)).sum()
    assert prices.held_out(tally, Prices(5, 2, 0.25)) >= found.cost


@pytest.mark.parametrize("price", [-1, float("nan"), float("inf")])
def test_impossible_prices_are_refused(price):
    with pytest.raises(ValueError, match="price of a wrong"):
        Prices(1, price)


def _drawn(seed: int = 0, pairs_: int = 20_000) -> tuple[Tally, np.ndarray, np.ndarray]:
    """Pairs whose probability of a match is known: 1 / (1 + exp(−12 (cos − 0.6)))."""
    rng = np.random.default_rng(seed + 1000)
    cosine = rng.uniform(0, 1, pairs_).astype(np.float32)
    true = rng.uniform(size=pairs_) < 1 / (1 + np.exp(-12 * (cosine - 0.6)))
    group, at = rng.integers(0, 50, pairs_), scale.bins(cosine)
    hits, misses = (np.zeros((50, scale.BINS), np.int64) for _ in range(2))
    np.add.at(hits, (group[true], at[true]), 1)
    np.add.at(misses, (group[~true], at[~true]), 1)
    return Tally(hits, misses, hits.sum(axis=1), misses.sum(axis=1)), cosine, true


def test_the_calibrated_probability_is_the_one_the_pairs_were_drawn_with():
    tally, __, __ = _drawn()
    found = calibration.calibrate(tally)
    assert found.method == "platt"  # the pairs were drawn with its very form
    for cosine in (0.3, 0.5, 0.6, 0.7, 0.9):
        expected = 1 / (1 + math.exp(-12 * (cosine - 0.6)))
        told, low, high = found.at(cosine)
        assert told == pytest.approx(expected, abs=0.03) and low <= told <= high
    for cosine in (0.0, 0.5, 0.9):
        point = sweep.at(tally, cosine)  # over all pairs Platt's curve has the share of matches, by its very equations
        assert found.above(tally, cosine) == pytest.approx(point.precision, abs=1e-4 if cosine == 0 else 0.01)
    assert math.isnan(found.above(tally, 1.1))
    assert max(found.log_loss.values()) < found.baseline
    assert all(abs(mean - share) < 0.06 for mean, share, number in found.reliability if number > 300)


def test_isotonic_is_chosen_where_the_probability_is_a_step():
    rng = np.random.default_rng(1)
    hits, misses = (np.zeros((50, scale.BINS), np.int64) for _ in range(2))
    for cosine, share in ((0.2, 0.02), (0.4, 0.5), (0.6, 0.5), (0.8, 0.5), (0.9, 0.97)):
        true = rng.binomial(40, share, 50)
        hits[:, scale.place(cosine)], misses[:, scale.place(cosine)] = true, 40 - true
    found = calibration.calibrate(Tally(hits, misses, hits.sum(axis=1), misses.sum(axis=1)))
    assert found.method == "isotonic"
    assert found.at(0.6)[0] == pytest.approx(0.5, abs=0.05)
    assert (np.diff(found.probability) >= 0).all()


def test_a_probability_needs_matches_and_others():
    nothing = np.zeros((5, scale.BINS), np.int64)
    with pytest.raises(ValueError, match="learnt from matches"):
        calibration.calibrate(Tally(nothing, nothing, nothing.sum(axis=1), nothing.sum(axis=1)))


def test_models_are_compared_where_each_reaches_the_recall():
    tallies = {}
    for name, noise in (("sharp", 0.5), ("blunt", 1.1)):
        left, right, a, b = shops(noise=noise)
        tallies[name] = counted(left, right, a, b).tally("all")
    found = equal_recall.compared(tallies, 0.8)
    assert [s.label for s in found.standings] == ["sharp", "blunt"]
    for standing in found.standings:
        assert standing.point.tp == 32 and standing.low <= standing.point.precision <= standing.high
    assert found.standings[0].point.threshold > found.standings[1].point.threshold
    difference = found.differences[0]
    assert difference.proven and difference.low <= difference.mean <= difference.high and not difference.same
    again = equal_recall.compared({"a": tallies["blunt"], "b": tallies["blunt"]}, 0.8).differences[0]
    assert again.same and again.mean == 0 and not again.proven


def test_models_over_other_items_are_not_compared():
    first = counted(*shops()).tally("all")
    second = counted(*shops(n=59)).tally("all")
    with pytest.raises(ValueError, match="same items"):
        equal_recall.compared({"a": first, "b": second}, 0.5)


def test_a_matching_is_kept_whole_and_a_damaged_one_is_set_aside(tmp_path: Path):
    here = counted(*shops())
    side = {"catalogue": "c", "source": "x", "key": "sku", "fingerprint": "f"}
    matches = Matches("chance", (side, {**side, "source": "y"}), here, {"seed": 0}, {"encoder": "e"})
    kept.save(tmp_path, "k", matches)
    again = kept.load(tmp_path, "k")
    assert again.sides == matches.sides and again.counted.found.complete == here.found.complete
    for rule in ("all", "best", "mutual"):
        assert sweep.sweep(again.tally(rule)) == sweep.sweep(matches.tally(rule))
    place = kept.path(tmp_path, "k")
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(bytes(data))
    assert kept.load(tmp_path, "k") is None and not place.exists()
    assert [path.name.endswith("k.matching") for path in (tmp_path / "damaged").iterdir()] == [True]


def test_the_same_seed_gives_the_same_numbers_and_cancelling_stops():
    first, second = (counted(*shops()).tally("all") for _ in range(2))
    assert np.array_equal(first.hits, second.hits) and np.array_equal(first.misses, second.misses)

    def stop(done: int, total: int, what: str) -> None:
        if done:
            raise Cancelled("stop")

    left, right, a, b = shops()
    with pytest.raises(Cancelled):
        blocks.compare(left, right, truth.truth(list(a), list(b)).groups, progress=stop)


def test_labels_count_whichever_side_is_on_the_left():
    x, y = ({"catalogue": "c", "source": name} for name in ("noto", "blob"))
    assert labels.name(x, y) == labels.name(y, x)
    pair = labels.ordered(x, y, ("n1", "b1"))
    assert pair == labels.ordered(y, x, ("b1", "n1"))
    voted = ((1, "ann"), (0, "bob"), (1, "eve"))
    said = [Judgment(labels.name(x, y), *pair, grade, rater=who, sequence=n) for n, (grade, who) in enumerate(voted)]
    assert labels.rows(said, x, y, ["n0", "n1"], ["b0", "b1", "b2"]) == {(1, 1): True}
    assert labels.rows(said[:2], y, x, ["b1"], ["n1"]) == {(0, 0): False}  # even: none
    assert labels.rows(said, x, y, ["n0"], ["b0"]) == {}
    assert labels.rows([Judgment("m", "i2", "i1", 1, rater="ann")], x, x, ["i1", "i2"], ["i1", "i2"]) == {(0, 1): True}


def test_the_pairs_nearest_the_threshold_come_first():
    left, right, a, b = shops()
    here = counted(left, right, a, b)
    near = pairs.nearest(here, 0.5, 10)
    far = np.sort(np.abs((left @ right.T).ravel() - np.float32(0.5)))
    assert np.allclose(np.abs(near.cosine - np.float32(0.5)), far[:10], atol=1e-6)
    first = (int(near.left[0]), int(near.right[0]))
    rest = pairs.nearest(here, 0.5, 9, without={first})
    assert rest.left.tolist() == near.left[1:].tolist() and rest.right.tolist() == near.right[1:].tolist()
