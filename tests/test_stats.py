"""Differences between models: p, spread and power against hand-worked numbers and a full enumeration."""

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
