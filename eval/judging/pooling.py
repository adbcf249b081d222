"""Which items are judged at all: the first places of several rankings in one pool, and the order a rater sees it in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eval.contracts import Run
from eval.judging.merging import Opinions, Pair
from eval.judging.rows import HUMAN, Judgment, Seen

Pool = dict[Pair, tuple[Seen, ...]]  # (query, item) → the rankings it stood in
WANTED = ("unjudged", "second", "all", "reworded")


@dataclass(frozen=True)
class Ranked:
    """The rankings that are pooled and compared: a name, and for each query its items, best first."""

    name: str  # the model's spec, or how candidates were found
    run: str = ""  # the run's id, "" for candidates that are no run
    items: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The run's id, or the name where there is none: tells two runs of one model apart."""
        return self.run or self.name

    @classmethod
    def of(cls, run: Run, depth: int = 1000) -> Ranked:
        """A run's first `depth` items of each query."""
        return cls(run.spec, run.id, {ranking.query: ranking.items[:depth] for ranking in run.rankings})


def pool(ranked: Sequence[Ranked], depth: int) -> Pool:
    """The first `depth` items of each query of each ranking, each pair once, with every place it had.

    Depth-k pooling (Spärck Jones and van Rijsbergen 1975). ValueError when depth < 1.
    """
    if depth < 1:
        raise ValueError(f"A pool is at least 1 deep; {depth} came")
    found: dict[Pair, list[Seen]] = {}
    for one in ranked:
        for query, items in one.items.items():
            for rank, item in enumerate(items[:depth], 1):
                found.setdefault((query, item), []).append(Seen(one.name, one.run, rank))
    return {pair: tuple(seen) for pair, seen in found.items()}


def shuffled(pairs: Sequence[Pair], rater: str, weights: Mapping[Pair, float] | None = None) -> list[Pair]:
    """The pairs in an order that says nothing of ranks or models and is each rater's own; heavier ones first.

    Pairs of one query stay together within equal weight. The same rater gets the same order again.
    """
    own = lambda *parts: hashlib.sha256("\0".join((rater, *parts)).encode()).digest()  # noqa: E731
    weigh = weights or {}
    return sorted(pairs, key=lambda pair: (-round(weigh.get(pair, 0.0), 12), own(pair[0]), own(*pair)))


def waiting(
    pool_: Pool, held: Opinions, rater: str, wanted: str = "unjudged", words: Mapping[str, str] | None = None
) -> list[Pair]:
    """The pairs of the pool that `rater` has not said anything about yet.

    "unjudged": nobody has graded them (what is imported counts as graded); "second": another rater has; "all": any;
    "reworded": somebody has for other words than the query's now (`words`: query → `rows.wording`), and the rater has
    not for these. LookupError for another `wanted`.
    """
    if wanted not in WANTED:
        raise LookupError(f"There is no {wanted!r} to judge; there are {', '.join(WANTED)}")
    if wanted == "reworded":
        return [pair for pair in pool_ if _reworded(held.get(pair, {}), rater, (words or {}).get(pair[0], ""))]
    mine = [pair for pair in pool_ if rater not in held.get(pair, {})]
    if wanted == "all":
        return mine
    if wanted == "second":
        return [pair for pair in mine if any(row.source == HUMAN for row in held.get(pair, {}).values())]
    return [pair for pair in mine if not any(row.grade is not None for row in held.get(pair, {}).values())]


def _reworded(of_pair: Mapping[str, Judgment], rater: str, words: str) -> bool:
    others = [row for row in of_pair.values() if row.wording and words and row.wording != words]
    own = of_pair.get(rater)
    return bool(others) and (own is None or own.wording != words)
