"""What searching costs as the gallery grows: an index over galleries of several sizes, and a model's cost at one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval import diagnoses
from eval.costs.outcome import Cost, Number, doubts, summed

KIND = "gallery"
NUMBERS = {
    "search_p50": "ms", "search_p95": "ms", "search_cpu": "s", "build": "s", "index_bytes": "bytes",
    "peak_ram": "bytes",
}  # fmt: skip
TAKEN = ("search_p50", "search_p95", "index_bytes")  # what a model's cost takes from a gallery
USUAL = (1_000, 5_000, 20_000, 100_000)
MOST = 10_000_000  # vectors of a gallery
FREE = 0.5  # of the free memory that a gallery may take
PROCESS = 200e6  # bytes of a process that holds nothing yet


@dataclass(frozen=True)
class Point:
    """One index over one gallery; `origin` as `eval.costs.growing.origin` says it."""

    index: str
    size: int
    origin: str
    numbers: dict[str, Number]


@dataclass(frozen=True)
class Gallery:
    """One measurement of the searches among one model's vectors; `refused` are sizes there was no memory for."""

    key: str
    spec: str
    catalogue: str
    made: str
    items: int
    points: tuple[Point, ...]
    others: float  # the largest share of all cores that others used during a process
    settings: dict[str, Any]
    machine: dict[str, Any]
    fingerprints: dict[str, str]
    refused: dict[str, str]

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Gallery:
        """The gallery that was kept; ValueError when the record is none."""
        try:
            plain: dict[str, Any] = {name: record[name] for name in ("key", "spec", "catalogue", "made", "items",
                                     "settings", "machine", "fingerprints", "refused")}  # fmt: skip
            told = record["repeats"]
            return cls(points=_points(told), others=max(float(one["others"]) for one in told), **plain)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ValueError(f"This is no record of galleries: {error}") from error

    @property
    def flags(self) -> tuple[str, ...]:
        """What makes the measurement doubtful, as `eval.costs.outcome.doubts` says it."""
        times = [one.numbers["search_p50"] for one in self.points]
        return doubts(self.others, int(self.settings["repeats"]), self.machine, times)

    @property
    def indexes(self) -> tuple[str, ...]:
        """The indexes, in the order they were asked for."""
        return tuple(dict.fromkeys(one.index for one in self.points))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the galleries, smallest first."""
        return tuple(sorted({one.size for one in self.points}))

    def at(self, index: str, size: int) -> Point | None:
        """That index over a gallery of that size; None where it was not measured."""
        return next((one for one in self.points if (one.index, one.size) == (index, size)), None)


def _points(told: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    """A point for each index and size, its numbers over the processes."""
    found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for one in told:
        for point in one["points"]:
            found.setdefault((str(one["index"]), int(point["size"])), []).append(point)
    return tuple(
        Point(index, size, str(several[0]["origin"]), summed(several, NUMBERS))
        for (index, size), several in found.items()
    )


def sound(sizes: Iterable[int]) -> tuple[int, ...]:
    """The sizes, smallest first, each once; ValueError for one below 1 or above `MOST`."""
    chosen = tuple(sorted(set(sizes)))
    if wrong := [size for size in chosen if not 1 <= size <= MOST]:
        raise ValueError(f"A gallery has 1 to {MOST:,} vectors; {wrong[0]:,} came")
    return chosen


def room(sizes: Sequence[int], columns: int, free: int) -> tuple[tuple[int, ...], dict[str, str]]:
    """The sizes that fit into `FREE` of the `free` bytes, and size → why not.

    Counted are the rows, the copy that an index may make, the check that they are finite, and a line of scores.
    """
    needs = {size: size * (9 * columns + 64) + PROCESS for size in sizes}
    refused = {
        str(size): f"takes about {need / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free and half of them is used"
        for size, need in needs.items()
        if need > FREE * free
    }
    return tuple(size for size in sizes if str(size) not in refused), refused


def at_size(cost: Cost, gallery: Gallery | None, index: str, size: int) -> Cost:
    """The model's cost with that index over a gallery of that size: searches and index are those measured there, the
    peak memory grows by what the index holds more. What was not measured there is left out.
    """
    point = gallery.at(index, size) if gallery else None
    if "index_bytes" not in cost.numbers:  # no vectors: words are searched
        return cost
    numbers = {name: number for name, number in cost.numbers.items() if name not in TAKEN}
    if point is None:
        return replace(cost, numbers={name: one for name, one in numbers.items() if name != "peak_ram"})
    numbers |= {name: point.numbers[name] for name in TAKEN}
    more = point.numbers["index_bytes"].value - cost.numbers["index_bytes"].value
    peak = cost.numbers["peak_ram"]
    numbers["peak_ram"] = Number(peak.value + more, peak.low + more, peak.high + more)
    return replace(cost, numbers=numbers)


def kept(home: Path, **fingerprints: str) -> list[Gallery]:
    """Every measurement of galleries that was kept, newest first."""
    return [Gallery.read(record) for record in diagnoses.stored(home, KIND, **fingerprints)]
