"""Do raters mean the same: Krippendorff's alpha over all, Cohen's kappa of two, the pairs they disagree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from eval.judging.merging import Opinions, Pair
from eval.judging.rows import HUMAN

RESAMPLES = 500


@dataclass(frozen=True)
class Kappa:
    """Two raters on the pairs both graded: Cohen's kappa plain and with quadratic weights; None where undefined."""

    first: str
    second: str
    pairs: int
    same: int
    plain: float | None
    weighted: float | None


@dataclass(frozen=True)
class Disagreement:
    """A pair that raters graded differently, the widest apart first."""

    query: str
    item: str
    grades: dict[str, int]

    @property
    def apart(self) -> int:
        """The highest grade minus the lowest."""
        return max(self.grades.values()) - min(self.grades.values())


@dataclass(frozen=True)
class Agreement:
    """How raters agree: alpha (ordinal) with its 95 % interval over pairs, None where it is undefined.

    `pairs` were graded by two raters or more; `unsure` counts «cannot tell», which is no grade and is in no number.
    """

    raters: dict[str, int]  # rater → pairs graded
    pairs: int
    alpha: float | None
    interval: tuple[float, float] | None
    kappas: tuple[Kappa, ...]
    disagreements: tuple[Disagreement, ...]
    unsure: dict[str, int]

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return asdict(self)


def agreement(held: Opinions, imported: bool = False, seed: int = 0) -> Agreement:
    """Agreement of raters on their newest grades; with `imported`, judgments without a rater are one more rater."""
    grades: dict[Pair, dict[str, int]] = {}
    unsure: dict[str, int] = {}
    for pair, of_pair in held.items():
        for who, row in of_pair.items():
            if row.source != HUMAN and not imported:
                continue
            if row.grade is None:
                unsure[who] = unsure.get(who, 0) + 1
            else:
                grades.setdefault(pair, {})[who] = row.grade
    raters = sorted({who for of_pair in grades.values() for who in of_pair})
    shared = {pair: of_pair for pair, of_pair in grades.items() if len(of_pair) > 1}
    alpha, interval = _alpha(shared, seed)
    apart = [Disagreement(*pair, of_pair) for pair, of_pair in shared.items() if len(set(of_pair.values())) > 1]
    return Agreement(
        {who: sum(who in of_pair for of_pair in grades.values()) for who in raters},
        len(shared),
        alpha,
        interval,
        tuple(_kappa(a, b, shared) for a, b in combinations(raters, 2)),
        tuple(sorted(apart, key=lambda one: (-one.apart, one.query, one.item))),
        unsure,
    )


def _alpha(
    shared: dict[Pair, dict[str, int]], seed: int
) -> tuple[float | None, tuple[float, float] | None]:  # fmt: skip
    """Krippendorff (2011), ordinal; the interval is the percentile bootstrap over pairs, `RESAMPLES` drawn."""
    values = sorted({grade for of_pair in shared.values() for grade in of_pair.values()})
    if len(values) < 2:
        return None, None
    counts = np.zeros((len(shared), len(values)))
    for line, of_pair in enumerate(shared.values()):
        for grade in of_pair.values():
            counts[line, values.index(grade)] += 1
    alpha = _one(counts, values)
    random = np.random.default_rng(seed)
    drawn = (_one(counts[random.integers(0, len(counts), len(counts))], values) for _ in range(RESAMPLES))
    found = [one for one in drawn if one is not None]
    if alpha is None or len(found) < RESAMPLES // 2:
        return alpha, None
    low, high = np.percentile(found, [2.5, 97.5])
    return alpha, (float(low), float(high))


def _one(counts: np.ndarray, values: Sequence[int]) -> float | None:
    import krippendorff

    there = counts.sum(axis=0) > 0
    if there.sum() < 2:
        return None  # everybody says the same of everything: nothing to tell agreement from chance by
    domain = [value for value, is_there in zip(values, there, strict=True) if is_there]
    found = krippendorff.alpha(
        value_counts=counts[:, there], value_domain=domain, level_of_measurement="ordinal"
    )  # fmt: skip
    return float(found)


def _kappa(first: str, second: str, shared: dict[Pair, dict[str, int]]) -> Kappa:
    """Cohen (1960, 1968); undefined without a shared pair or when both give one and the same grade throughout."""
    from sklearn.metrics import cohen_kappa_score

    both = [(of_pair[first], of_pair[second]) for of_pair in shared.values() if {first, second} <= set(of_pair)]
    same = sum(a == b for a, b in both)
    if len({grade for one in both for grade in one}) < 2:
        return Kappa(first, second, len(both), same, None, None)
    a, b = zip(*both, strict=True)
    plain = float(cohen_kappa_score(a, b))
    return Kappa(first, second, len(both), same, plain, float(cohen_kappa_score(a, b, weights="quadratic")))
