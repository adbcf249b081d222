"""Models beside each other: means with intervals, tie groups under one rank, and a verdict on every pair."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

from eval import stats

SAME = 1e-9  # values closer than this are equal: they differ by rounding alone


@dataclass(frozen=True)
class Standing:
    """One model's place: `low` and `high` bound its mean with 95 %; it shares the ranks `rank` to `last`."""

    label: str
    mean: float
    low: float
    high: float
    rank: int
    last: int


@dataclass(frozen=True)
class Verdict:
    """A pair of models over the same queries; every difference is `better` − `worse`.

    `wins` counts the queries where `better` is ahead. `p` is of the paired randomisation test, `corrected` the same
    after Holm over all pairs shown. `needed` is how many queries of this spread would find the observed difference,
    `detectable` the smallest difference that as many queries as there are would find (power 80 %).
    """

    better: str
    worse: str
    queries: int
    difference: float
    low: float
    high: float
    p: float
    corrected: float
    wins: int
    ties: int
    losses: int
    effect: float
    detectable: float
    needed: float

    @property
    def proven(self) -> bool:
        """True when the corrected p is below 0.05."""
        return self.corrected < stats.ALPHA

    @property
    def equal(self) -> bool:
        """True when no query tells the two apart."""
        return not self.wins and not self.losses

    def turned(self) -> Verdict:
        """The same seen from the other model: signs, wins and losses change places."""
        return replace(
            self, better=self.worse, worse=self.better, difference=-self.difference, low=-self.high, high=-self.low,
            wins=self.losses, losses=self.wins, effect=-self.effect,
        )  # fmt: skip

    def record(self) -> dict[str, Any]:
        """Everything as JSON holds it; what is not a finite number becomes None."""
        return {**_finite(asdict(self)), "proven": self.proven}


@dataclass(frozen=True)
class Comparison:
    """Up to a few models on the queries that all of them have: standings, best first, and a verdict on each pair."""

    queries: tuple[str, ...]
    left_out: tuple[str, ...]  # queries that some model has no value for
    standings: tuple[Standing, ...]
    verdicts: tuple[Verdict, ...]  # in the order of the standings: 1–2, 1–3 … 2–3 …
    values: dict[str, dict[str, float]]  # label → query → value

    def between(self, first: str, second: str) -> Verdict:
        """The verdict with `first` as the one whose gain is looked at; LookupError when they were not compared."""
        for verdict in self.verdicts:
            if (verdict.better, verdict.worse) == (first, second):
                return verdict
            if (verdict.better, verdict.worse) == (second, first):
                return verdict.turned()
        known = ", ".join(standing.label for standing in self.standings)
        raise LookupError(f"{first} and {second} were not compared; compared were {known}")

    def gains(self, first: str, second: str) -> dict[str, float]:
        """Query → value of `first` − value of `second`, in the order of the queries."""
        self.between(first, second)
        return _gains(self.values[first], self.values[second])

    def record(self) -> dict[str, Any]:
        """Everything as JSON holds it."""
        return {
            "queries": len(self.queries),
            "left_out": list(self.left_out),
            "standings": [_finite(asdict(standing)) for standing in self.standings],
            "verdicts": [verdict.record() for verdict in self.verdicts],
        }


def compare(scores: Mapping[str, Mapping[str, float]]) -> Comparison:
    """Compare models by the values of one metric: label → query id → value, higher is better.

    Only queries that every model has a value for take part. By falling mean, a model joins the group above it
    unless it is proven worse than the first of that group (Holm over every pair); against other groups nothing is said
    by the rank, so look at the verdict of the pair. ValueError when no model came or no query is common to all.
    """
    if not scores:
        raise ValueError("There is nothing to compare: no model came")
    first = next(iter(scores.values()))
    queries = tuple(query for query in first if all(query in values for values in scores.values()))
    if not queries:
        raise ValueError(f"{', '.join(scores)} have no query in common; compare runs of one query set")
    every = dict.fromkeys(query for values in scores.values() for query in values)
    means = {label: math.fsum(values[query] for query in queries) / len(queries) for label, values in scores.items()}
    order = sorted(scores, key=lambda label: -round(means[label], 9))
    pairs = list(combinations(order, 2))
    kept = {label: {query: float(scores[label][query]) for query in queries} for label in order}
    verdicts = _corrected([_verdict(a, b, list(_gains(kept[a], kept[b]).values())) for a, b in pairs])
    bounds = {label: stats.interval(list(values.values())) for label, values in kept.items()}
    standings = _standings({label: (means[label], *bounds[label]) for label in order}, verdicts)
    return Comparison(queries, tuple(q for q in every if q not in set(queries)), standings, verdicts, kept)


def _gains(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    gains = {query: one[query] - other[query] for query in one}
    return {query: gain if abs(gain) >= SAME else 0.0 for query, gain in gains.items()}


def _verdict(better: str, worse: str, differences: Sequence[float]) -> Verdict:
    several = len(differences) > 1
    low, high = stats.interval(differences)
    wins, losses = (sum(sign * value > 0 for value in differences) for sign in (1, -1))
    p = stats.randomisation_p(differences)
    return Verdict(
        better, worse, len(differences), math.fsum(differences) / len(differences), low, high, p, p,
        wins, len(differences) - wins - losses, losses,
        *(measure(differences) if several else math.nan for measure in (stats.effect, stats.detectable, stats.needed)),
    )  # fmt: skip


def _corrected(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    corrected = stats.holm([verdict.p for verdict in verdicts])
    return tuple(replace(verdict, corrected=p) for verdict, p in zip(verdicts, corrected, strict=True))


def _standings(found: Mapping[str, tuple[float, float, float]], verdicts: Sequence[Verdict]) -> tuple[Standing, ...]:
    """Each model, best first, joins the group before it unless it is proven worse than that group's head."""
    proven = {(verdict.better, verdict.worse) for verdict in verdicts if verdict.proven}
    groups: list[list[str]] = []
    for label in found:
        if groups and (groups[-1][0], label) not in proven:
            groups[-1].append(label)
        else:
            groups.append([label])
    standings, rank = [], 1
    for group in groups:
        standings += [Standing(label, *found[label], rank, rank + len(group) - 1) for label in group]
        rank += len(group)
    return tuple(standings)


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: None if isinstance(v, float) and not math.isfinite(v) else v for n, v in values.items()}
