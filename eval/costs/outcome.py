"""What measuring a model gave: medians over processes with their spread, and whether the machine was quiet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval import diagnoses
from eval.costs.machine import QUIET

KIND, FINE = "efficiency", "fp32"
# name → unit; all but the last four are timed anew in every process
NUMBERS = {
    "cold_start": "s", "first_answer": "s", "text_p50": "ms", "text_p95": "ms", "picture_first": "ms",
    "picture_p50": "ms", "picture_p95": "ms", "search_p50": "ms", "search_p95": "ms", "throughput": "1/s",
    "cpu_per_1000": "s", "cpu_percent": "%", "peak_ram": "bytes", "parameters": "count", "file_bytes": "bytes",
    "size": "count", "index_bytes": "bytes",
}  # fmt: skip
MORE_IS_BETTER = ("throughput",)
TIMED = ("text_p50", "picture_p50", "search_p50")
SPREAD = 0.25  # of the median: repeats further apart than this are called unsteady


@dataclass(frozen=True)
class Number:
    """The median over the processes, and the least and the most of them."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Cost:
    """One measurement of one model; `numbers` has only what the model has a part for."""

    key: str
    spec: str
    catalogue: str
    made: str
    numbers: dict[str, Number]
    others: float  # the largest share of all cores that others used during a process
    items: int
    settings: dict[str, Any]
    machine: dict[str, Any]
    fingerprints: dict[str, str]
    repeats: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Cost:
        """The cost that was kept; ValueError when the record is none."""
        try:
            plain: dict[str, Any] = {name: record[name] for name in ("key", "spec", "catalogue", "made", "settings",
                                     "machine", "fingerprints")}  # fmt: skip
            told = tuple(record["repeats"])
            others, items = max(float(one["others"]) for one in told), int(told[0]["items"])
            return cls(numbers=summed(told), others=others, items=items, repeats=told, **plain)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ValueError(f"This is no record of a measurement: {error}") from error

    @property
    def precision(self) -> str:
        """How finely the model computed."""
        return str(self.settings.get("precision", FINE))

    @property
    def name(self) -> str:
        """The model as it was measured: what tells two precisions of one model apart."""
        return variant(self.spec, self.precision)

    @property
    def flags(self) -> tuple[str, ...]:
        """What makes the measurement doubtful, as `doubts` says it."""
        times = [self.numbers[name] for name in TIMED if name in self.numbers]
        return doubts(self.others, len(self.repeats), self.machine, times)


def variant(spec: str, precision: str = FINE) -> str:
    """What a model is called where several precisions of it stand side by side: the spec alone for fp32."""
    return spec if precision == FINE else f"{spec} {precision}"


def doubts(
    others: float, repeats: int, machine: Mapping[str, Any], times: Sequence[Number]
) -> tuple[str, ...]:  # fmt: skip
    """ "loaded" where others used the machine, "unsteady" where repeats differ, "once" where nothing was repeated,
    "nice" where the process gave way to others.
    """
    wide = any(one.high - one.low > SPREAD * one.value for one in times)
    said = {"loaded": others > QUIET, "unsteady": wide, "once": repeats < 2,
            "nice": int(machine.get("niceness", 0)) > 0}  # fmt: skip
    return tuple(name for name, so in said.items() if so)


def summed(told: Sequence[Mapping[str, Any]], names: Iterable[str] = NUMBERS) -> dict[str, Number]:
    """Number → its median, least and most over the processes; ValueError when one of them lacks what another has."""
    found = {}
    for name in names:
        values = [one.get(name) for one in told]
        if all(value is None for value in values):
            continue
        if any(value is None for value in values):
            raise ValueError(f"Some of the {len(told)} processes did not measure {name}")
        numbers = np.asarray(values, np.float64)
        found[name] = Number(float(np.median(numbers)), float(numbers.min()), float(numbers.max()))
    return found


def kept(home: Path, **fingerprints: str) -> list[Cost]:
    """Every measurement that was kept, newest first."""
    return [Cost.read(record) for record in diagnoses.stored(home, KIND, **fingerprints)]
