"""What a probe found: one model, one column, a cell for each classifier; kept by content, read without any model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from eval import diagnoses

KIND, VERSION = "probe", "probe 3"  # the version goes up when a record means something else, or is computed otherwise
BEST_BY = "F1 macro"


@dataclass(frozen=True)
class Cell:
    """One classifier on one model's features: what was chosen, and what it said of every test item.

    `rank` is the place of the true class (0 the first), `loss` −ln of its probability, `top` the three likeliest
    classes of each item and `sure` their probabilities. `scores` is of the test part, `validation` of the other one:
    metric → (value, low, high).
    """

    classifier: str
    params: dict[str, Any]
    tried: tuple[tuple[dict[str, Any], float], ...]
    temperature: float
    seconds: float
    rank: tuple[int, ...]
    loss: tuple[float, ...]
    top: tuple[tuple[int, ...], ...]
    sure: tuple[tuple[float, ...], ...]
    scores: dict[str, tuple[float, float, float]]
    validation: dict[str, tuple[float, float, float]]
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Cell:
        """The cell that was kept."""
        said: dict[str, Any] = {name: tuple(record[name]) for name in ("rank", "loss", "notes")}
        said |= {name: tuple(tuple(row) for row in record[name]) for name in ("top", "sure")}
        said |= {name: {m: _triple(v) for m, v in record[name].items()} for name in ("scores", "validation")}
        tried = tuple((dict(params), value) for params, value in record["tried"])
        plain = {name: record[name] for name in ("classifier", "params", "temperature", "seconds")}
        return cls(tried=tried, **plain, **said)


def _triple(kept: Sequence[float | None]) -> tuple[float, float, float]:
    value, low, high = (float("nan") if one is None else float(one) for one in kept)
    return value, low, high


_PLAIN = ("key", "spec", "catalogue", "column", "counts", "left_out", "settings", "fingerprints", "environment", "size",
          "parameters", "file_bytes",
          "skipped", "made")  # fmt: skip


@dataclass(frozen=True)
class Probe:
    """All classifiers on one model's features; `test`, `truth` and `group` say of which items the cells speak."""

    key: str
    spec: str
    catalogue: str
    column: str
    classes: tuple[str, ...]
    test: tuple[str, ...]
    truth: tuple[int, ...]
    group: tuple[int, ...]
    counts: dict[str, int]
    left_out: dict[str, int]
    settings: dict[str, Any]
    fingerprints: dict[str, str]
    environment: dict[str, str]
    size: int  # numbers of a vector
    parameters: int | None
    file_bytes: int | None  # of what loading the model reads
    cells: dict[str, Cell]
    skipped: dict[str, str] = field(default_factory=dict)  # classifier → why it was not run
    made: str = ""

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Probe:
        """The probe that was kept; ValueError when the record is none."""
        try:
            lists: dict[str, Any] = {name: tuple(record[name]) for name in ("classes", "test", "truth", "group")}
            plain: dict[str, Any] = {name: record[name] for name in _PLAIN}
            cells = {name: Cell.read(one) for name, one in record["cells"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"This is no record of a probe: {error}") from error
        return cls(cells=cells, **lists, **plain)

    @property
    def best(self) -> Cell:
        """The cell that is best on the validation part: the test part takes no part in that choice."""
        return max(self.cells.values(), key=lambda one: one.validation[BEST_BY][0])

    @cached_property
    def confusion(self) -> dict[str, np.ndarray]:
        """Classifier → int64 (classes, classes): how many test items of the class of the row got that of the column."""
        found = {}
        for name, cell in self.cells.items():
            table = np.zeros((len(self.classes), len(self.classes)), np.int64)
            np.add.at(table, (np.asarray(self.truth), np.asarray([top[0] for top in cell.top])), 1)
            found[name] = table
        return found

    def items(self, classifier: str, true: int, said: int) -> list[str]:
        """The test items of class `true` that the classifier took for `said`, the surest first."""
        cell = self.cells[classifier]
        rows = [row for row, place in enumerate(self.truth) if place == true and cell.top[row][0] == said]
        return [self.test[row] for row in sorted(rows, key=lambda row: -cell.sure[row][0])]


def kept(home: Path, **fingerprints: str) -> list[Probe]:
    """Every probe that was kept, newest first, with these fingerprints; none that another version of Uzor made."""
    found = diagnoses.stored(home, KIND, **fingerprints)
    return [_read(home, one["key"], one["digest"]) for one in found if one.get("version") == VERSION]


@lru_cache(maxsize=64)
def _read(home: Path, key: str, digest: str) -> Probe:
    """The probe of that key, read once while its record stays as it is."""
    record = diagnoses.load(home, KIND, key)
    if record is None or record["digest"] != digest:
        raise ValueError(f"The probe {key} was just changed; look again")
    return Probe.read(record)
