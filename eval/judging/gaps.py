"""The difference of two models on P@k: where it lies whatever the missing judgments say, and who is better by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from eval.judging.bounds import NONE, Open, highest, lowest
from eval.judging.merging import Labels
from eval.judging.pooling import Ranked

EXACT = 1e-12


@dataclass(frozen=True)
class Gap:
    """Two runs on P@k: where their difference (first − second) lies whatever the missing judgments say.

    `first` and `second` are keys (`Ranked.key`). `missing` is how many labels could still move it; `state` is "first",
    "second" (decided for that one), "equal" (nothing is missing and the means agree) or "undecided".
    """

    first: str
    second: str
    low: float
    high: float
    known: float  # with unjudged items as not relevant
    missing: int

    @property
    def state(self) -> str:
        """Who is better, as far as that is settled."""
        if self.low > EXACT:
            return "first"
        if self.high < -EXACT:
            return "second"
        return "undecided" if self.missing else "equal"

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {**asdict(self), "state": self.state}


def only(first: Ranked, second: Ranked, k: int, query: str) -> tuple[set[str], set[str]]:
    """The items that only the first and only the second shows among its first k: all that moves their difference."""
    a, b = (set(one.items.get(query, ())[:k]) for one in (first, second))
    return a - b, b - a


def gap(
    first: Ranked, second: Ranked, labels: Labels, k: int, queries: Sequence[str], more: Open = NONE
) -> Gap:  # fmt: skip
    """The difference of two models on P@k with its exact bounds over every way the missing labels can turn out.

    `queries` count already, `more` may come to by a label (`possible`).
    """
    known = low = high = missing = 0
    for query in queries:
        judged = labels.get(query, {})
        for items, sign in zip(only(first, second, k, query), (1, -1), strict=True):
            unknown = len(items - set(judged))
            known += sign * sum(judged.get(item, 0) >= 1 for item in items)
            low, high = low + min(sign * unknown, 0), high + max(sign * unknown, 0)
            missing += unknown
    lows, highs = [], []
    for query, unjudged in more.items():
        a, b = (len(items & set(unjudged)) for items in only(first, second, k, query))
        forced = len(unjudged) == a + b  # nothing that both or neither shows can bring it in at no difference
        lows.append((-b if b else int(forced)) / k)
        highs.append((a if a else -int(forced)) / k)
        missing += a + b
    count = len(queries)
    return Gap(
        first.key, second.key, lowest((known + low) / k, count, lows), highest((known + high) / k, count, highs),
        known / k / count if count else 0.0, missing,
    )  # fmt: skip


def gaps(ranked: Sequence[Ranked], labels: Labels, k: int, queries: Sequence[str], more: Open = NONE) -> list[Gap]:
    """Every pair of models, in the order given."""
    return [gap(a, b, labels, k, queries, more) for a, b in combinations(ranked, 2)]
