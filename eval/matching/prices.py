"""The cheapest threshold for what a missed match, a wrong match and a manual check cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.matching.calibration import FOLDS, folds
from eval.matching.scale import BINS, threshold
from eval.matching.tally import Tally, Whole


@dataclass(frozen=True)
class Prices:
    """What one mistake or one look costs, in any one currency; `check` None: nobody checks by hand."""

    miss: float  # a match that was not found
    wrong: float  # a pair that was taken for a match and is none
    check: float | None = None  # a person looks at a pair and decides it rightly

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"The price of a {name} is a number from 0; {value} came")


@dataclass(frozen=True)
class Choice:
    """Pairs from `high` up are matches, those below `low` are not, those between are looked at by a person."""

    low: float
    high: float
    cost: float
    missed: int  # matches below `low`
    wrong: int  # other pairs from `high` up
    checked: int  # pairs between
    right: int  # matches found, by the threshold or by the person

    @property
    def band(self) -> bool:
        """True when a person looks at some pairs."""
        return self.low < self.high

    def record(self) -> dict[str, Any]:
        """Everything by name."""
        return asdict(self)


def cheapest(tally: Tally, prices: Prices) -> Choice:
    """The thresholds of the least cost on the pairs counted; of several, the highest.

    cost = miss · matches below `low` + wrong · others from `high` up + check · pairs in [low, high). Without a price
    of a check `low` = `high`. The threshold past the last bin shows nothing.
    """
    low, high = _bins_of(tally.whole, prices)
    return at(tally.whole, prices, low, high)


def _bins_of(whole: Whole, prices: Prices) -> tuple[int, int]:
    right, wrong = (np.append(counts[1:], 0) for counts in (whole.right, whole.wrong))  # index b: the bin b + 1
    below = prices.miss * (whole.matches - right)
    if prices.check is None:
        best = _last_least(below + prices.wrong * wrong)
        return best + 1, best + 1
    shown = right + wrong
    first = below + prices.check * shown  # what `low` decides
    second = prices.wrong * wrong - prices.check * shown  # what `high` decides
    lowest = np.minimum.accumulate(first)
    high = _last_least(lowest + second)
    low = _last_least(first[: high + 1])
    return low + 1, high + 1


def _last_least(costs: np.ndarray) -> int:
    """The last place of the least cost; costs that differ by rounding only are equal."""
    least = costs.min()
    return int(np.flatnonzero(costs <= least + 1e-9 * (1 + abs(least)))[-1])


def at(whole: Whole, prices: Prices, low: int, high: int) -> Choice:
    """What those bins cost."""
    right, wrong = (np.append(counts, 0) for counts in (whole.right, whole.wrong))
    missed, mistaken = whole.matches - int(right[low]), int(wrong[high])
    checked = int(right[low] + wrong[low] - right[high] - wrong[high])
    cost = prices.miss * missed + prices.wrong * mistaken + (prices.check or 0.0) * checked
    return Choice(_cosine(low), _cosine(high), cost, missed, mistaken, checked, int(right[low]))


def _cosine(number: int) -> float:
    return round(float(threshold(min(number, BINS))), 3)


def held_out(tally: Tally, prices: Prices) -> float:
    """The cost when the thresholds for each fold of items are chosen on the others: what to expect of new items."""
    fold = folds(tally)
    cost = 0.0
    for number in range(FOLDS):
        parts = [
            Tally(*(counts[some] for counts in (tally.hits, tally.misses, tally.matches, tally.others)))
            for some in (fold != number, fold == number)
        ]
        cost += at(parts[1].whole, prices, *_bins_of(parts[0].whole, prices)).cost
    return cost
