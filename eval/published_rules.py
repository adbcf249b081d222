"""What a published number must be, or cannot be beyond, by the numbers that stand beside it in its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from data.published_cells import PublishedRow
from data.published_layouts import Layout, plain

BYTES = (4, 2, 1)  # of a weight: fp32, fp16, int8
MEGABYTES = (1e6, 2**20)
SMALLEST = 1e-9


@dataclass(frozen=True)
class Rule:
    """How a number is held: `name` "precision" | "fp_tp" | "size" | "times" | "network" | "bounds" | "".

    `beside` are the numbers it follows from, or for "bounds" the most and the least it can be, with the slack of each.
    """

    name: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float = 0.0  # of the expected number, as a share of it
    at_least: float = 0.0  # of the tolerance
    half: float = 0.0  # half a unit of the number's own last digit
    halves: Mapping[str, float] = field(default_factory=dict)  # the same of rounded ones among `beside`

    def slack(self, expected: float) -> float:
        """How far the number may be off, its own rounding and that of the numbers beside it allowed for."""
        return max(self.tolerance * abs(expected), self.at_least, self.half + self._moved(expected))

    def _moved(self, expected: float) -> float:
        """How far what follows moves towards the number when those beside it move by half a unit each."""
        if not self.halves:
            return 0.0
        ends = [(max(self.beside[name] - half, 0.0), self.beside[name] + half) for name, half in self.halves.items()]
        most = [follows(self.name, {**self.beside, **dict(zip(self.halves, end, strict=True))})
                for end in product(*ends)]  # fmt: skip
        plainly = follows(self.name, self.beside)
        return max(most) - plainly if expected > plainly else plainly - min(most)


def rule(layout: Layout, rows: Iterable[PublishedRow], row: PublishedRow, name: str) -> Rule:
    """The rule for the number in that column of that row; one without a name where nothing can be said."""
    rows = tuple(rows)
    for made in (_matching, _efficiency, _timing):
        if found := made(layout, rows, row, plain(name)):
            return replace(found, half=row.half(name))
    bounds = _bounds(layout, rows, row, plain(name))
    return Rule("bounds", bounds) if bounds else Rule()


def follows(name: str, beside: Mapping[str, Any]) -> float:
    """The number that a rule other than "bounds" and "network" gives."""
    if name == "precision":
        return 1 / (1 + (beside["fp_tp"] if "fp_tp" in beside else beside["fp"] / max(beside["tp"], SMALLEST)))
    if name == "fp_tp":
        return float(beside["fp"] / beside["tp"])
    if name == "times":
        return float(beside["first"] / beside["seconds"])
    if name == "size":
        sizes = [millions(beside["parameters"]) * 1e6 * width / unit for width in BYTES for unit in MEGABYTES]
        return min(sizes, key=lambda size: abs(size - beside["size"]))
    raise LookupError(f"No rule is called {name!r}")


def millions(parameters: float) -> float:
    """Parameters in millions, whether they are given so or as a count."""
    return parameters / 1e6 if parameters >= 1e5 else parameters


def _numbers(row: PublishedRow, *names: str) -> dict[str, float] | None:
    """The numbers of these columns by name, None when one is lacking."""
    found = {name: row.number(name) for name in names}
    return {name: value for name, value in found.items() if value is not None} if None not in found.values() else None


def _matching(layout: Layout, rows: tuple[PublishedRow, ...], row: PublishedRow, name: str) -> Rule | None:
    counts = _numbers(row, "tp", "fp")
    ratio = _numbers(row, "fp_tp")
    if name == "precision" and (beside := ratio or (counts if counts and sum(counts.values()) else None)):
        return Rule("precision", beside, at_least=0.005, halves={one: row.half(one) for one in beside})
    if name == "fptp" and counts and counts["tp"]:
        return Rule("fp_tp", counts, 0.01, 0.005)
    return None


def _efficiency(layout: Layout, rows: tuple[PublishedRow, ...], row: PublishedRow, name: str) -> Rule | None:
    if name == "parameters":
        return Rule("network", {"network": row.name}, 0.03)
    beside = _numbers(row, "parameters", "size")
    if name != "size" or not beside or not beside["parameters"]:
        return None
    return Rule("size", beside, 0.1, halves={"parameters": row.half("parameters")})


def _timing(layout: Layout, rows: tuple[PublishedRow, ...], row: PublishedRow, name: str) -> Rule | None:
    first, own = rows[0].number("seconds"), row.number("seconds")
    if name != "times" or not first or not own:
        return None
    halves = {"first": rows[0].half("seconds"), "seconds": row.half("seconds")} if row is not rows[0] else {}
    return Rule("times", {"first": first, "seconds": own}, 0.05, halves=halves)


def _bounds(layout: Layout, rows: tuple[PublishedRow, ...], row: PublishedRow, name: str) -> dict[str, float]:
    """ "most" and "least" by the columns that rise with this one, and by the next lower and higher threshold; with
    "most_slack" and "least_slack", by how much the rounding of both numbers lets this one be beyond.
    """
    pairs = [(plain(low), plain(high)) for low, high in layout.rising]
    above = [(row, high) for low, high in pairs if low == name]
    below = [(row, low) for low, high in pairs if high == name]
    if layout.key == "matching" and name in ("recall", "tp", "fp", "fpr"):
        above += [(one, name) for one in _of_the_model(rows, row) if _at(one) < _at(row)]
        below += [(one, name) for one in _of_the_model(rows, row) if _at(one) > _at(row)]
    most, least = (
        [(value, one.half(column)) for one, column in places if (value := one.number(column)) is not None]
        for places in (above, below)
    )
    found: dict[str, float] = {}
    if most:
        value, half = min(most, key=sum)
        found |= {"most": value, "most_slack": half + row.half(name)}
    if least:
        value, half = max(least, key=lambda both: both[0] - both[1])
        found |= {"least": value, "least_slack": half + row.half(name)}
    return found


def _of_the_model(rows: tuple[PublishedRow, ...], row: PublishedRow) -> list[PublishedRow]:
    return [one for one in rows if one.name.rsplit(" ", 1)[0] == row.name.rsplit(" ", 1)[0]]


def _at(row: PublishedRow) -> float:
    return row.number("threshold") or 0.0
