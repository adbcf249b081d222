"""Stored runs beside each other: which may be compared, one metric over all of them, and the gate of a shop's CI."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval import metrics
from eval.comparison import Comparison, Verdict, compare
from eval.contracts import Run
from eval.stats import ALPHA


def conditions(run: Run) -> tuple[str, str, str, str]:
    """What must be equal for two runs to be compared: pool, filter, catalogue, and every judgment inside the gallery.

    The wording of the queries may differ: a Russian and an English set with the same ids and judgments ask for the
    same things.
    """
    where = json.dumps(run.settings.get("where") or {}, sort_keys=True)
    judged = json.dumps(run.facts["judgments"], sort_keys=True).encode()
    return run.settings["pool"], where, run.fingerprints["catalogue"], hashlib.sha256(judged).hexdigest()


def values(run: Run, metric: str) -> dict[str, float]:
    """Query id → value of the metric, for every query that has a relevant item in the gallery."""
    return {str(query): float(value) for query, value in _scored(run, metric).items()}


def _scored(run: Run, metric: str) -> Mapping[Any, Any]:
    scored: Mapping[Any, Any] = metrics.score(run.rankings, run.facts["judgments"], [metric])[metric].to_dict()
    return scored


def of_runs(runs: Sequence[Run], metric: str) -> Comparison:
    """The runs by their ids, compared on one metric; ValueError naming two that differ in gallery or judgments.

    ValueError as well when a run comes twice.
    """
    twice = next((run.id for i, run in enumerate(runs) if run.id in {other.id for other in runs[:i]}), "")
    if twice:
        raise ValueError(f"Run {twice} is named twice; compare it with another one")
    for run in runs[1:]:
        for what, one, other in zip(_PARTS, conditions(runs[0]), conditions(run), strict=True):
            if one != other:
                said = f" ({one[:40]} and {other[:40]})"
                raise ValueError(
                    f"Runs {runs[0].id} and {run.id} cannot be compared: they differ in {what}{said}; "
                    "evaluate both models under the same conditions"
                )
    return compare({run.id: values(run, metric) for run in runs})


_PARTS = ("the pool that was searched", "the filter", "the catalogue", "the judgments")


@dataclass(frozen=True)
class Gate:
    """A candidate against a baseline: `verdict` is of the candidate's gain; `lost` golden queries have no hit now."""

    metric: str
    verdict: Verdict
    golden: int  # how many golden queries the baseline answers with a hit
    lost: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """True when the candidate is significantly worse."""
        return self.verdict.difference < 0 and self.verdict.p < ALPHA

    @property
    def passed(self) -> bool:
        """True when the candidate is not significantly worse and every golden query kept a hit."""
        return not self.worse and not self.lost

    def record(self) -> dict[str, Any]:
        """Everything as JSON holds it; `better` in the verdict is the candidate, ahead or not."""
        return {
            "passed": self.passed, "worse": self.worse, "metric": self.metric, "golden": self.golden,
            "lost": list(self.lost), "candidate": self.verdict.better, "baseline": self.verdict.worse,
            "verdict": self.verdict.record(),
        }  # fmt: skip


def gate(baseline: Run, candidate: Run, metric: str, golden: Collection[str] | None = None) -> Gate:
    """Compare a candidate with a baseline and look whether a `golden` query (all of them when None) lost its last hit.

    A hit is a relevant item among the first k, k being the metric's or, where it has none, the baseline's. ValueError
    for runs that cannot be compared or golden queries that were not asked.
    """
    if baseline.id == candidate.id:
        raise ValueError(f"Run {baseline.id} would be compared with itself; name another candidate")
    verdict = of_runs([baseline, candidate], metric).between(candidate.id, baseline.id)
    k = metrics.metric(metric).k or int(baseline.settings["k"])
    before, now = (values(run, f"Hit@{k}") for run in (baseline, candidate))
    unknown = sorted(set(golden or ()) - set(baseline.facts["judgments"]))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no such query was asked in run {baseline.id}")
    kept = [query for query in before if before[query] and (golden is None or query in golden)]
    return Gate(metric, verdict, len(kept), tuple(query for query in kept if not now[query]))
