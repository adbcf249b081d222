"""Probes as tables: features by classifiers, the layout with sizes and latency, classes one by one; no screen here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from app.efficiency.cost_words import written
from app.language import number
from eval.costs.outcome import Cost
from eval.probing.classifiers import ALL
from eval.probing.outcome import BEST_BY, Cell, Probe

BEST = "★"


def splits(probes: Sequence[Probe]) -> dict[str, list[Probe]]:
    """Split → its probes, the newest split first: over one split models can be compared, each by its newest probe."""
    found: dict[str, dict[str, Probe]] = {}
    for one in probes:
        key = "·".join((one.column, one.fingerprints["parts"][:12], str(one.settings["template"])))
        found.setdefault(key, {}).setdefault(one.spec, one)
    return {key: sorted(group.values(), key=lambda one: one.spec) for key, group in found.items()}


def columns(group: Sequence[Probe]) -> list[str]:
    """The classifiers that any probe of the group has, in their order."""
    return [name for name in ALL if any(name in one.cells for one in group)]


def features_by_classifiers(
    group: Sequence[Probe], names: Mapping[str, str], metric: str, intervals: bool
) -> pd.DataFrame:  # fmt: skip
    """A row a model, a column a classifier: the metric on the test part; the best by validation of a row is marked."""
    rows = []
    for one in group:
        best = one.best.classifier if one.cells else ""
        cells = {name: _written(one.cells.get(name), metric, intervals, name == best) for name in columns(group)}
        rows.append({"model": names.get(one.spec, one.spec), **cells})
    return pd.DataFrame(rows)


def _written(cell: Cell | None, metric: str, intervals: bool, best: bool) -> str:
    if cell is None:
        return "—"
    value, low, high = cell.scores[metric]
    said = number(value, 3) + (f" [{number(low, 2)}; {number(high, 2)}]" if intervals else "")
    return f"{said} {BEST}" if best else said


def losses_and_sizes(
    group: Sequence[Probe], names: Mapping[str, str], classifier: str, costs: Mapping[str, Cost]
) -> pd.DataFrame:  # fmt: skip
    """The other layout: Top-1, Top-3, loss, size on the disk, parameters, latency; sizes where they were measured."""
    rows = []
    for one in group:
        if classifier not in one.cells:
            continue
        scores, cost = one.cells[classifier].scores, costs.get(one.spec)
        rows.append({
            "model": names.get(one.spec, one.spec), "Top-1": scores["Top-1"][0], "Top-3": scores["Top-3"][0],
            "loss": scores["Cross-entropy"][0], "vector": one.size, "file": _millions(one.file_bytes),
            "parameters": _millions(one.parameters), "latency": _latency(cost),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _latency(cost: Cost | None) -> str:
    return written(cost.numbers.get("picture_p50") if cost else None, "picture_p50")


def _millions(value: int | None) -> str:
    return "—" if value is None else number(value / 1e6, 1)


def per_class(one: Probe, classifier: str) -> pd.DataFrame:
    """A row a class: items in the test, precision, recall, F1, and the class it is most often taken for."""
    table = one.confusion[classifier]
    hits, there, said = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    wrong = table - np.diag(hits)
    ratio = lambda a, b: np.divide(a, b, out=np.zeros(len(a)), where=b > 0)  # noqa: E731
    taken = [one.classes[int(row.argmax())] if row.any() else "" for row in wrong]
    return pd.DataFrame({
        "class": list(one.classes), "items": there, "precision": ratio(hits.astype(float), said.astype(float)),
        "recall": ratio(hits.astype(float), there.astype(float)),
        "f1": ratio(2.0 * hits, (there + said).astype(float)), "taken": taken,
    }).sort_values(["f1", "class"], kind="stable", ignore_index=True)  # fmt: skip


def mistakes(one: Probe, classifier: str) -> list[tuple[int, int, int]]:
    """(true, said, items) of every filled cell of the confusion matrix; row by row, as the chart draws them."""
    table = one.confusion[classifier]
    return [(int(a), int(b), int(table[a, b])) for a, b in zip(*np.nonzero(table), strict=True)]


def best_of(group: Sequence[Probe]) -> tuple[str, str]:
    """(spec, classifier) that is best on the validation part, the test part taking no part in that choice."""
    cells = [(one.spec, cell) for one in group for cell in one.cells.values()]
    spec, cell = max(cells, key=lambda pair: pair[1].validation[BEST_BY][0])
    return spec, cell.classifier
