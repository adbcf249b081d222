"""Which models are worth their cost: the Pareto front of quality and cost, and who stays within given limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.costs.outcome import MORE_IS_BETTER, NUMBERS, Cost

STATES = ("front", "maybe", "dominated")


@dataclass(frozen=True)
class Point:
    """A model by its quality (more is better) and its cost (less is better), each with the ends of its interval."""

    spec: str
    quality: float
    low: float
    high: float
    cost: float
    cheap: float
    dear: float


def standing(points: Sequence[Point]) -> dict[str, str]:
    """Spec → "front" where no other is at least as good and as cheap and better in one of both; else "dominated",
    or "maybe" where the intervals leave room for it: no other is surely as good (its lower end above this one's upper
    end) and surely as cheap.
    """
    found = {}
    for one in points:
        rivals = [other for other in points if other is not one]
        if not any(_dominates(other, one) for other in rivals):
            found[one.spec] = "front"
        else:
            found[one.spec] = "dominated" if any(_surely(other, one) for other in rivals) else "maybe"
    return found


def _dominates(other: Point, one: Point) -> bool:
    as_good = other.quality >= one.quality and other.cost <= one.cost
    return as_good and (other.quality > one.quality or other.cost < one.cost)


def _surely(other: Point, one: Point) -> bool:
    if not _dominates(other, one):
        return False
    better = other.low > one.high or (other.quality == one.quality and other.low == one.low and other.high == one.high)
    cheaper = other.dear < one.cheap or (other.cost == one.cost and other.dear == one.dear)
    return better and cheaper


def beyond(cost: Cost, limits: Mapping[str, float]) -> list[str]:
    """The numbers of a model that are beyond their limit: above it, below it where more is better; so is one that
    was not measured. LookupError for a number there is not.
    """
    if unknown := [name for name in limits if name not in NUMBERS]:
        raise LookupError(f"There is no number {unknown[0]!r} to limit; there are {', '.join(NUMBERS)}")
    return [name for name, limit in limits.items() if not _holds(cost, name, limit)]


def _holds(cost: Cost, name: str, limit: float) -> bool:
    if name not in cost.numbers:
        return False
    value = cost.numbers[name].value
    return value >= limit if name in MORE_IS_BETTER else value <= limit
