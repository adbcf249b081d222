"""Differences between models: p, intervals, Holm and power against hand-worked numbers, enumeration and scipy."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from data import published
from eval import stats


def moved(first: str, second: str) -> list[int]:
    return [b - a for a, b in zip(published.model(first).hits, published.model(second).hits, strict=True)]


def test_p_of_three_equal_gains_is_two_of_eight_patterns() -> None:
    assert stats.randomisation_p([0.2, 0.2, 0.2]) == pytest.approx(2 / 8)
    assert stats.randomisation_p([0.2, 0.0, 0.2, 0.0, 0.2]) == pytest.approx(2 / 8)  # equal queries tell nothing
    assert stats.randomisation_p([0.0, 0.0]) == 1.0
    assert stats.randomisation_p([0.2, -0.2]) == 1.0


@pytest.mark.parametrize(("first", "second"), [("ruclip-pretrained", "ruclip-finetuned"),
                                               ("clip-pretrained", "clip-finetuned")])  # fmt: skip
def test_p_of_the_report_equals_going_through_every_pattern(first: str, second: str) -> None:
    changed = np.array([value for value in moved(first, second) if value])
    signs = np.array(list(product((1, -1), repeat=len(changed))))
    share = np.mean(np.abs(signs @ changed) >= abs(changed.sum()))
    assert stats.randomisation_p([value / 5 for value in moved(first, second)]) == pytest.approx(share)


def test_a_drawn_p_is_the_same_every_time() -> None:
    many = [value / 5 for value in moved("clip-pretrained", "ruclip-pretrained")]
    assert stats.randomisation_p(many) == stats.randomisation_p(many) <= 1e-5


def test_power_by_hand() -> None:
    differences = [0.1, 0.3]  # mean 0.2, spread √0.02, z(0.975) + z(0.8) = 1.959964 + 0.841621
    assert stats.spread(differences) == pytest.approx(0.02**0.5)
    assert stats.detectable(differences) == pytest.approx(2.801585 * 0.1, abs=1e-6)
    assert stats.needed(differences) == pytest.approx(2.801585**2 * 0.02 / 0.04, abs=1e-5)
    assert stats.needed([0.1, -0.1]) == float("inf")
    with pytest.raises(ValueError, match="1 came"):
        stats.spread([0.1])


@pytest.mark.parametrize("seed", range(6))
def test_p_equals_scipys_on_random_values_where_every_pattern_is_gone_through(seed: int) -> None:
    from scipy.stats import permutation_test

    values = np.random.default_rng(seed).normal(0.2, 1.0, 12)
    theirs = permutation_test((values,), np.mean, permutation_type="samples", vectorized=True, n_resamples=2**12)
    assert stats.randomisation_p(values.tolist()) == pytest.approx(float(theirs.pvalue), abs=1e-12)


@pytest.mark.parametrize(("seed", "count"), [(0, 24), (1, 61), (2, 300)])
def test_a_drawn_p_lies_where_scipys_lies_on_random_grades(seed: int, count: int) -> None:
    from scipy.stats import permutation_test

    values = np.random.default_rng(seed).integers(-4, 6, count) / 5 * 0.5
    theirs = permutation_test(
        (values,), np.mean, permutation_type="samples", vectorized=True, n_resamples=50_000, batch=5_000, rng=1
    )
    assert len(values[values != 0]) > stats.EXACT
    assert stats.randomisation_p(values.tolist()) == pytest.approx(float(theirs.pvalue), abs=0.006)


def test_every_pattern_up_to_twenty_queries_and_draws_from_the_twenty_first() -> None:
    assert stats.randomisation_p([1.0] * 20) == 2 / 2**20
    assert stats.randomisation_p([1.0] * 21) == 1 / (1 + stats.RESAMPLES)  # no draw is as far as what was observed


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_equals_scipys_bca_and_the_formula_of_efron(seed: int) -> None:
    from scipy.stats import norm

    values = np.random.default_rng(seed).beta(1.2, 3.0, 40)
    rng = np.random.default_rng(99)
    means = values[rng.integers(0, 40, (60_000, 40))].mean(axis=1)
    left = (values.sum() - values) / 39
    pull = left.mean() - left
    a, z0 = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5), norm.ppf((means < values.mean()).mean())
    ends = [norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in norm.ppf([0.025, 0.975])]
    assert stats.interval(values.tolist()) == pytest.approx(np.quantile(means, ends), abs=0.006)
    assert stats.interval(values.tolist()) == stats.interval(values.tolist())


def test_an_interval_of_equal_values_is_that_value_and_of_one_value_there_is_none() -> None:
    assert stats.interval([0.4, 0.4, 0.4]) == (0.4, 0.4)
    assert all(bound != bound for bound in stats.interval([0.4]))


def test_intervals_hold_the_true_mean_about_as_often_as_they_promise() -> None:
    rng = np.random.default_rng(5)
    inside = sum(low <= 0.3 <= high for low, high in (stats.interval(rng.beta(3, 7, 30)) for _ in range(120)))
    assert 106 <= inside <= 120  # 95 % of 120 is 114, give or take three standard errors


def test_holm_by_hand() -> None:
    assert stats.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert stats.holm([0.5, 0.9]) == [1.0, 1.0]
    assert stats.holm([]) == []


def test_the_effect_is_the_mean_in_standard_deviations() -> None:
    assert stats.effect([0.1, 0.3]) == pytest.approx(0.2 / 0.02**0.5)
    assert stats.effect([0.0, 0.0]) == 0.0
