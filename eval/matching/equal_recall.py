"""Models compared at equal recall: their cosines lie on scales of their own, so equal thresholds compare nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.matching.scale import BINS
from eval.matching.sweep import NAN, Point, at_bin, interval, resampled
from eval.matching.tally import Tally

RECALLS = (0.5, 0.8, 0.9)


@dataclass(frozen=True)
class Standing:
    """A model where it just reaches a recall; `point` None when no threshold does."""

    label: str
    point: Point | None
    low: float  # 95 % interval of the precision there
    high: float


@dataclass(frozen=True)
class Difference:
    """Precision of `first` minus that of `second` at the same recall, on the same resampled items."""

    first: str
    second: str
    mean: float
    low: float  # simultaneous 95 % interval over all pairs of models shown (Bonferroni)
    high: float
    same: bool = False  # the two models give the very same numbers at every threshold

    @property
    def proven(self) -> bool:
        """True when the interval leaves out 0."""
        return bool(self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Equal:
    """All models at one recall: best precision first."""

    recall: float
    standings: tuple[Standing, ...]
    differences: tuple[Difference, ...]

    def record(self) -> dict[str, Any]:
        """Everything by name, as `uzor match --json` prints it."""
        rows = [asdict(s) | {"point": s.point.record() if s.point else None} for s in self.standings]
        pairs = [asdict(d) | {"proven": d.proven} for d in self.differences]
        return {"recall": self.recall, "standings": rows, "differences": pairs}


def reaching(tally: Tally, recall: float) -> int | None:
    """The bin of the highest threshold whose recall is at least that, None when there is none."""
    whole = tally.whole
    if not whole.matches:
        return None
    enough = np.flatnonzero(whole.right[1:] >= recall * whole.matches - 1e-9)
    return int(enough[-1]) + 1 if len(enough) else None


def compared(tallies: Mapping[str, Tally], recall: float, seed: int = 0) -> Equal:
    """The models of `tallies` (label → counts over the same items and truth) at that recall.

    Each bootstrap sample draws groups of left items, the same ones for every model, and looks for each model's
    threshold anew. ValueError for a recall outside (0, 1], or models that were counted over other items.
    """
    if not 0 < recall <= 1:
        raise ValueError(f"A recall to compare at lies between 0 and 1; {recall} came")
    first, *others = tallies.values()
    if any(not np.array_equal(first.matches, one.matches) for one in others):
        raise ValueError("Models are compared over the same items and the same truth only")
    drawn = {label: _precisions(tally, recall, seed) for label, tally in tallies.items()}
    standings = []
    for label, tally in tallies.items():
        number = reaching(tally, recall)
        point = None if number is None else at_bin(tally, number)
        standings.append(Standing(label, point, *(interval(drawn[label]) if point else (NAN, NAN))))
    standings.sort(key=lambda s: -s.point.precision if s.point and s.point.tp else 1.0)
    return Equal(recall, tuple(standings), _differences(standings, drawn, tallies))


def alike(one: Tally, other: Tally) -> bool:
    """True when the two give the very same numbers at every threshold: both see the pictures with one tower."""
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("hits", "misses"))


def _precisions(tally: Tally, recall: float, seed: int) -> np.ndarray:
    """float64 (RESAMPLES,): the precision at that recall in every bootstrap sample."""
    drawn = resampled(tally, seed).astype(np.float64)
    tp, fp = (drawn @ counts for counts in tally.reached)
    enough = tp[:, 1:] >= recall * (drawn @ tally.matches)[:, None] - 1e-9
    last = BINS - 1 - enough[:, ::-1].argmax(axis=1)
    tp, fp = (counts[np.arange(len(drawn)), last] for counts in (tp, fp))
    with np.errstate(invalid="ignore"):
        return np.where(enough.any(axis=1) & (tp > 0), tp / (tp + fp), NAN)


def _differences(
    standings: Sequence[Standing], drawn: Mapping[str, np.ndarray], tallies: Mapping[str, Tally]
) -> tuple[Difference, ...]:
    """Every pair of models that reach the recall, the better one first."""
    there = [(s.label, s.point.precision) for s in standings if s.point and s.point.tp]
    pairs = [(a, b) for number, a in enumerate(there) for b in there[number + 1 :]]
    found = []
    for (first, better), (second, worse) in pairs:
        low, high = interval(drawn[first] - drawn[second], 1 - 0.05 / len(pairs))
        found.append(Difference(first, second, better - worse, low, high, alike(tallies[first], tallies[second])))
    return tuple(found)
