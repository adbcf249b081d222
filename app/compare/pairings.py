"""Which pairs people ask about first: the best ruCLIP against the best CLIP, and every tuned model against its base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app import state
from app.evaluate.run_names import base_of
from data import published
from eval.comparison import Comparison
from eval.contracts import Run


def of_runs(found: Comparison, runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Pairs of run ids: the leaders of the two families, then each tuned run and the run of its base, best first."""
    known = {str(model.spec): model.group for model in state.models()}
    groups = {run.id: known.get(run.spec, "") for run in runs}
    bases = {}
    for run in runs:
        same = [other for other in runs if other.spec == base_of(run.spec) != run.spec]
        same.sort(key=lambda other, here=run.query_set: other.query_set != here)  # type: ignore[misc]
        if same:
            bases[run.id] = same[0].id
    return _pairs(found, groups, bases)


def of_report(found: Comparison) -> list[tuple[str, str]]:
    """The same for the four published models."""
    groups = {model.key: model.group for model in published.models()}
    bases = {model.key: f"{model.group}-pretrained" for model in published.models() if model.tuned}
    return _pairs(found, groups, bases)


def _pairs(found: Comparison, groups: Mapping[str, str], bases: Mapping[str, str]) -> list[tuple[str, str]]:
    order = [standing.label for standing in found.standings]
    leaders = [next((label for label in order if groups[label] == group), "") for group in ("ruclip", "clip")]
    pairs = [(leaders[0], leaders[1])] if all(leaders) else []
    return pairs + [(label, bases[label]) for label in order if label in bases]
