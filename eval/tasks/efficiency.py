"""What a model costs to run: each model measured in processes of its own, in turn, with the machine's load beside."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import Unavailable
from data.progress import Progress, silent
from eval import diagnoses, registry, search, workspace
from eval.contracts import ModelSpec, TaskInfo
from eval.costs import galleries, growing, machine, measuring, process
from eval.costs.galleries import Gallery
from eval.costs.outcome import FINE, KIND, Cost, summed, variant
from eval.costs.settings import Settings

if TYPE_CHECKING:
    from data.catalogue import Catalogue

TASK = TaskInfo(
    "efficiency", "What a model costs to run: start, latency, throughput, memory, measured on this machine."
)
MODELS, GALLERIES = "eval.costs.measuring", "eval.costs.growing"  # what the processes run


@dataclass(frozen=True)
class Measured:
    """What came out: the model as it was measured (`eval.costs.outcome.variant`) → its cost, spec → its galleries, and
    what could not be measured → why.
    """

    costs: dict[str, Cost] = field(default_factory=dict)
    galleries: dict[str, Gallery] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Subject:
    """A model ready to be measured; without vectors `key` is empty."""

    spec: str
    precision: str
    key: str = ""
    columns: int = 0
    features: str = ""  # equal for models that see pictures alike

    @property
    def name(self) -> str:
        return variant(self.spec, self.precision)


@dataclass
class _Turns:
    """Runs one process after the other and tells how many are done."""

    progress: Progress
    total: int
    done: int = 0

    def run(self, module: str, plan: measuring.Plan | growing.Plan) -> dict[str, Any]:
        """What the process found, or its error; may raise Cancelled."""
        found = process.once(module, plan.record(), lambda: self.progress(self.done, self.total, "measure"))
        self.done += 1
        return found


def evaluate(
    catalogue: Catalogue, specs: Sequence[str], home: Path, settings: Settings | None = None,
    progress: Progress = silent,
) -> Measured:  # fmt: skip
    """Measure each model and keep what came out.

    Vectors of the catalogue that are missing are computed first, untimed. Processes run one after the other, all models
    once before any a second time, so that a drift of the machine meets all of them; then the galleries in the same way.
    May raise Cancelled, which keeps nothing of what was not repeated to the end.
    """
    how, found = settings or Settings(), Measured()
    wanted = [(spec, one) for spec in dict.fromkeys(specs) for one in _precisions(spec, how)]
    ready = [one for pair in wanted if (one := _prepared(catalogue, *pair, home, how, found.failed, progress))]
    seen = {one.spec: one for one in reversed(ready) if one.key}  # vectors of another precision are as long
    turns = _Turns(progress, max(1, (len(ready) + len(seen) * len(how.indexes)) * how.repeats))
    told: dict[str, list[dict[str, Any]]] = {one.name: [] for one in ready}
    for turn in range(how.repeats):
        for one in ready:
            if one.name not in found.failed:
                _heard(turns.run(MODELS, _plan(catalogue, one, home, how, turn)), told[one.name], found, one.name)
    for one in ready:
        if one.name not in found.failed:
            found.costs[one.name] = _kept(catalogue, one, home, how, told[one.name])
    measured = {one.spec: one for one in reversed(ready) if one.key and one.name in found.costs}
    _galleries(catalogue, list(measured.values()), home, how, turns, found)
    progress(turns.total, turns.total, "measure")
    return found


def scores(cost: Cost) -> dict[str, tuple[float, float, float]]:
    """Number → (median, least, most) over the processes."""
    return {name: (one.value, one.low, one.high) for name, one in cost.numbers.items()}


def _heard(told: dict[str, Any], into: list[dict[str, Any]], found: Measured, name: str) -> None:
    """Keep what a process said, or why it could not."""
    if "error" in told:
        found.failed[name] = " ".join(part for part in (told["error"], told["remedy"]) if part)
    else:
        into.append(told)


def _precisions(spec: str, how: Settings) -> tuple[str, ...]:
    """In which of them this model runs: one that compares words knows none."""
    return (FINE,) if registry.lexical(ModelSpec.parse(spec)) else how.precisions


def _prepared(
    catalogue: Catalogue, spec: str, precision: str, home: Path, how: Settings, failed: dict[str, str],
    progress: Progress,
) -> _Subject | None:  # fmt: skip
    """Compute the vectors that a measurement takes; None, with the reason among `failed`, where that cannot be."""
    try:
        ready = search.searcher(catalogue, ModelSpec.parse(spec), home, how.indexes[0], precision, progress)
    except (Unavailable, LookupError, ValueError) as problem:
        failed[variant(spec, precision)] = str(problem)
        return None
    if not isinstance(ready, search.VectorSearcher):
        return _Subject(spec, precision)
    matrix = ready.vectors.matrix
    print_ = hashlib.sha256(np.ascontiguousarray(matrix).data).hexdigest()
    return _Subject(spec, precision, ready.vectors.key, matrix.shape[1], print_)


def _plan(catalogue: Catalogue, one: _Subject, home: Path, how: Settings, turn: int) -> measuring.Plan:
    return measuring.Plan(str(Path(home).absolute()), one.spec, catalogue.name, one.precision, how.indexes[0],
                          how.threads, how.calls, how.batch, how.seed + turn)  # fmt: skip


def _kept(catalogue: Catalogue, one: _Subject, home: Path, how: Settings, told: list[dict[str, Any]]) -> Cost:
    """Keep the repeats of a model with the machine they ran on; each measurement is a record of its own."""
    summed(told)  # raises before anything is kept when a repeat lacks a number
    record = _record(catalogue, one, home, how) | {"repeats": told}
    record["settings"] |= {"precision": one.precision, "index": how.indexes[0], "batch": how.batch}
    return Cost.read(diagnoses.save(home, KIND, workspace.key("efficiency 2", record, workspace.new_id()), record))


def _record(catalogue: Catalogue, one: _Subject, home: Path, how: Settings) -> dict[str, Any]:
    """What both kinds of records say of a measurement."""
    weights = [list(state) for state in registry.state(ModelSpec.parse(one.spec), home)]
    return {
        "spec": one.spec, "catalogue": catalogue.name, "machine": machine.describe(how.threads),
        "settings": {name: getattr(how, name) for name in ("repeats", "calls", "threads", "seed")},
        "fingerprints": {"catalogue": catalogue.fingerprint, "weights": workspace.key(weights),
                         "features": one.features},
    }  # fmt: skip


def _galleries(
    catalogue: Catalogue, seen: Sequence[_Subject], home: Path, how: Settings, turns: _Turns, found: Measured
) -> None:
    """Search galleries of the models' vectors with every index; sizes there is no memory for are kept with the need."""
    told: dict[str, list[dict[str, Any]]] = {one.spec: [] for one in seen}
    rooms = {one.spec: galleries.room(sorted({*how.sizes, len(catalogue)}), one.columns, machine.free_bytes())
             for one in seen}  # fmt: skip
    for turn in range(how.repeats):
        for one in seen:
            for index in how.indexes:
                plan = growing.Plan(str(Path(home).absolute()), one.key, len(catalogue), index, rooms[one.spec][0],
                                    how.threads, how.calls, how.seed + turn)  # fmt: skip
                if one.name not in found.failed:
                    _heard({"index": index, **turns.run(GALLERIES, plan)}, told[one.spec], found, one.name)
    for one in seen:
        if one.name not in found.failed:
            record = _record(catalogue, one, home, how) | {"repeats": told[one.spec], "items": len(catalogue),
                                                           "refused": rooms[one.spec][1]}  # fmt: skip
            key = workspace.key("gallery 1", record, workspace.new_id())
            found.galleries[one.spec] = Gallery.read(diagnoses.save(home, galleries.KIND, key, record))
