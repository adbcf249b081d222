"""What judging answers with: all that was said of a query set, and how models stand by it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from data.queries import QuerySet
from eval.judging import merging
from eval.judging.bounds import Bounds
from eval.judging.gaps import Gap
from eval.judging.merging import Labels, Opinions
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
