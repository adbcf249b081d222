"""What the documents' numbers are taken for and are not, each shown on something that is measured here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from data import published
from eval.contracts import Run
from eval.evidence import Evidence, Undecided, measure
from eval.tasks import retrieval

Of = Mapping[str, Any]
REPEATS = 5
PLANTED = 4  # every so many rows


@measure("published hit rate")
def published_hit_rate(evidence: Evidence, of: Of) -> float:
    """The share of the report's queries with any relevant item among a model's first five."""
    return float(np.mean([hits > 0 for hits in published.model(of["model"]).hits]))


@measure("stored metrics apart")
def stored_metrics_apart(evidence: Evidence, of: Of) -> float:
    """Of the newest run of such a model whose queries have several relevant items each: one metric less another."""

    def fits(run: Run) -> bool:
        judged = run.facts["judgments"].values()
        return run.task == "retrieval" and all(sum(grade >= 1 for grade in one.values()) > 1 for one in judged)

    run = evidence.run(of["specs"], fits, lambda summary: "asks" not in summary.settings)
    if run is None:
        raise Undecided("absent", "no_run_of_several", specs=", ".join(of["specs"]))
    mean = retrieval.scores(run, chosen=[of["first"], of["second"]]).mean
    return float(mean[of["first"]] - mean[of["second"]])


@measure("precision from FP/TP")
def precision_from_fp_tp(evidence: Evidence, of: Of) -> float:
    """The farthest that precision and 1 / (1 + FP/TP) are apart at any threshold of any kept matching."""
    from eval.matching import kept, sweep

    apart = []
    for place in kept.every(evidence.home):
        found = kept.load(evidence.home, place.stem)
        for rule in of["rules"] if found and found.settings["pairs"] else ():
            points = sweep.sweep(found.tally(rule)) if found else []
            apart += [abs(one.precision - 1 / (1 + one.fp_tp)) for one in points if one.tp]
    if not apart:
        raise Undecided("absent", "no_matching")
    return max(apart)


@measure("product against loop")
def product_against_loop(evidence: Evidence, of: Of) -> float:
    """The time of a matrix product as a share of that of a loop over pairs and numbers; the least of five each."""
    from eval.matching import loops

    rng = np.random.default_rng(0)
    raw = rng.normal(size=(2, of["rows"], of["size"]))
    raw[1, ::PLANTED] = raw[0, ::PLANTED]  # rows that are pairs: no two drawn ones come near
    left, right = raw / np.linalg.norm(raw, axis=2, keepdims=True)
    found = loops.by_elements(left, right)
    if not found or found != loops.by_matrix(left, right):
        raise ValueError(f"The two ways do not find the same pairs, or none; the loop found {len(found)}")
    return _least(lambda: loops.by_matrix(left, right)) / _least(lambda: loops.by_elements(left, right))


def _least(call: Callable[[], object]) -> float:
    seconds = []
    for _turn in range(REPEATS):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return min(seconds)
