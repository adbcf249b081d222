"""What judging answers with: all that was said of a query set, and how models stand by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from data.queries import QuerySet
from eval.judging import merging
from eval.judging.bounds import Bounds
from eval.judging.gaps import Gap
from eval.judging.merging import Labels, Opinions, Pair
from eval.judging.rows import Judgment, wording
from eval.judging.wanted import Wanted


@dataclass(frozen=True)
class Judged:
    """What has been said about a query set so far; `last` is the newest row's sequence and changes with every row."""

    query_set: QuerySet
    last: int
    opinions: Opinions
    rule: str

    @cached_property
    def labels(self) -> Labels:
        """Query → item → grade by the rule."""
        return merging.labels(self.opinions, self.rule)

    @cached_property
    def wordings(self) -> dict[str, str]:
        """Query → what a row keeps of its words as they are now; nothing where pictures ask: words name these."""
        if self.query_set.of_pictures:
            return {}
        return {query.id: wording(query.text) for query in self.query_set.queries}

    @cached_property
    def reworded_pairs(self) -> list[Pair]:
        """The pairs with a standing judgment that was made for other words of the query."""
        return [pair for pair, of_pair in self.opinions.items() if self._other(pair, of_pair.values())]

    @cached_property
    def reworded(self) -> dict[str, int]:
        """Query → how many standing judgments were made for other words than it has now, the most first."""
        found: dict[str, int] = {}
        for pair, of_pair in self.opinions.items():
            if count := self._other(pair, of_pair.values()):
                found[pair[0]] = found.get(pair[0], 0) + count
        return dict(sorted(found.items(), key=lambda one: -one[1]))

    def _other(self, pair: Pair, of_pair: Iterable[Judgment]) -> int:
        now = self.wordings.get(pair[0], "")
        return sum(bool(row.wording and now) and row.wording != now for row in of_pair)


@dataclass(frozen=True)
class Standing:
    """Runs on P@k as far as the judgments fix it: bounds best first, every pair's gap, the labels still wanted.

    `queries` have a relevant item and are in every mean; `possible` may yet get one by a missing label.
    """

    k: int
    queries: tuple[str, ...]
    possible: tuple[str, ...]
    bounds: tuple[Bounds, ...]
    gaps: tuple[Gap, ...]
    queue: tuple[Wanted, ...]

    @property
    def undecided(self) -> int:
        """How many pairs of models missing labels leave open."""
        return sum(gap.state == "undecided" for gap in self.gaps)

    @property
    def complete(self) -> bool:
        """True when every result among the first k has a grade: no bounds, no queue, differences are exact."""
        return not self.queue and any(one.shown for one in self.bounds)
