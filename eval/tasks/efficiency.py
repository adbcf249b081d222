"""What a model costs to run: each model measured in processes of its own, in turn, with the machine's load beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import storage
from data.errors import Unavailable
from data.progress import Progress, silent
from eval import diagnoses, registry, search, workspace
from eval.contracts import ModelSpec, TaskInfo
from eval.costs import machine
from eval.costs.measuring import Plan
from eval.costs.outcome import KIND, Cost, summed

if TYPE_CHECKING:
    from data.catalogue import Catalogue

TASK = TaskInfo(
    "efficiency", "What a model costs to run: start, latency, throughput, memory, measured on this machine."
)
MODULE = "eval.costs.measuring"
LIMIT_SECONDS = 900.0  # of one process
LOOK_SECONDS = 0.2  # between two looks at whether the user cancelled
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Settings:
    """How it is measured: `repeats` processes a model, `calls` single calls in each, `threads` for each process."""

    repeats: int = 3
    calls: int = 30
    batch: int = 32
    threads: int = 1
    precision: str = "fp32"
    index: str = "exact"
    seed: int = 0

    def __post_init__(self) -> None:
        """ValueError for a number below 1, or fewer than 5 calls: a 95th percentile of fewer is the slowest of them."""
        for name in ("repeats", "batch", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1; {getattr(self, name)} came")
        if self.calls < 5:
            raise ValueError(f"At least 5 calls are timed; {self.calls} came")


def evaluate(
    catalogue: Catalogue, specs: Sequence[str], home: Path, settings: Settings | None = None,
    progress: Progress = silent,
) -> tuple[dict[str, Cost], dict[str, str]]:  # fmt: skip
    """Measure each model and keep what came out; returns spec → cost, and spec → why it could not be measured.

    Vectors of the catalogue that are missing are computed first, untimed. Processes run one after the other, all models
    once before any a second time, so that a drift of the machine meets all of them. May raise Cancelled, which keeps
    nothing of unfinished models.
    """
    how = settings or Settings()
    failed: dict[str, str] = {}
    ready = [spec for spec in dict.fromkeys(specs) if _prepared(catalogue, spec, home, how, failed, progress)]
    told: dict[str, list[dict[str, Any]]] = {spec: [] for spec in ready}
    total = len(ready) * how.repeats
    for turn in range(how.repeats):
        for place, spec in enumerate(ready):
            if spec in failed:
                continue
            look = partial(progress, turn * len(ready) + place, total, "measure")
            heard = once(_plan(catalogue, spec, home, how, turn), look)
            if "error" in heard:
                failed[spec] = " ".join(part for part in (heard["error"], heard["remedy"]) if part)
            else:
                told[spec].append(heard)
    progress(max(total, 1), max(total, 1), "measure")
    return {spec: _kept(catalogue, spec, home, how, told[spec]) for spec in ready if spec not in failed}, failed


def scores(cost: Cost) -> dict[str, tuple[float, float, float]]:
    """Number → (median, least, most) over the processes."""
    return {name: (one.value, one.low, one.high) for name, one in cost.numbers.items()}


def _prepared(
    catalogue: Catalogue, spec: str, home: Path, how: Settings, failed: dict[str, str], progress: Progress
) -> bool:
    """Compute the vectors that a measurement takes; False, with the reason among `failed`, where that cannot be."""
    try:
        search.searcher(catalogue, ModelSpec.parse(spec), home, how.index, how.precision, progress)
        return True
    except (Unavailable, LookupError, ValueError) as problem:
        failed[spec] = str(problem)
        return False


def _plan(catalogue: Catalogue, spec: str, home: Path, how: Settings, turn: int) -> Plan:
    return Plan(str(Path(home).absolute()), spec, catalogue.name, how.precision, how.index, how.threads, how.calls,
                how.batch, how.seed + turn)  # fmt: skip


def once(plan: Plan, look: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Run one measuring process to its end: its numbers, and `others`, the share of all cores that others used then.

    `look` is called now and then and may raise Cancelled, which ends the process. What the process could not do comes
    back as {"error": …, "remedy": …}.
    """
    with tempfile.TemporaryDirectory(prefix="uzor-measure-") as folder:
        asked, answer = Path(folder) / "plan.json", Path(folder) / "result.json"
        before, load = machine.Ticks.now(), machine.describe(plan.threads)["load_average"]
        storage.write_json(asked, replace(plan, born=time.time()).record())
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(asked), str(answer)], cwd=workspace.PROJECT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(plan.threads)), "TOKENIZERS_PARALLELISM": "false"},
        )  # fmt: skip
        try:
            said = _awaited(process, look)
        except TimeoutError as late:
            return {"error": str(late), "remedy": ""}
        if process.returncode or not answer.exists():
            return {"error": f"The measuring process ended with code {process.returncode}: {said}", "remedy": ""}
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return {**found, "others": machine.others(before, machine.Ticks.now()), "load_average": load}


def _awaited(process: subprocess.Popen[bytes], look: Callable[[], None]) -> str:
    """Wait for the process, ending it when `look` raises or its time is up (TimeoutError); returns its last words."""
    deadline = time.monotonic() + LIMIT_SECONDS
    try:
        while True:
            look()
            try:
                _out, complaint = process.communicate(timeout=LOOK_SECONDS)
                lines = complaint.decode("utf-8", "replace").strip().splitlines()
                return lines[-1][:300] if lines else "it said nothing"
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"One measurement took longer than {LIMIT_SECONDS:.0f} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _kept(catalogue: Catalogue, spec: str, home: Path, how: Settings, told: list[dict[str, Any]]) -> Cost:
    """Keep the repeats of a model with the machine they ran on; each measurement is a record of its own."""
    record = {
        "spec": spec, "catalogue": catalogue.name, "settings": {name: getattr(how, name) for name in _FIELDS},
        "repeats": told, "machine": machine.describe(how.threads),
        "fingerprints": {"catalogue": catalogue.fingerprint, "weights": _state(spec, home)},
    }  # fmt: skip
    summed(told)  # raises before anything is kept when a repeat lacks a number
    key = workspace.key("efficiency 1", record, workspace.new_id())
    return Cost.read(diagnoses.save(home, KIND, key, record))


def _state(spec: str, home: Path) -> str:
    return workspace.key([list(one) for one in registry.state(ModelSpec.parse(spec), home)])


_FIELDS = ("repeats", "calls", "batch", "threads", "precision", "index", "seed")
