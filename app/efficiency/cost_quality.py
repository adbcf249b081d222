"""Where the quality of a quality–cost chart comes from: stored runs of a query set, or a classification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app import searched, state
from app.classify import probe_tables, probe_view
from app.classify.probe_words import CLASSIFIERS
from app.language import _
from app.text import plain
from app.vocabulary import POOLS, word
from eval.costs.outcome import Cost, variant

METRICS = ("P@5", "R@5", "RR")
PROBED = ("Top-1", "F1 macro")


@dataclass(frozen=True)
class Quality:
    """One quality of several models: the model as its cost is named → (value, low, high), more is better."""

    key: str
    title: str
    values: dict[str, tuple[float, float, float]]
    interval: str  # what the ends are, in words
    cost: str = "picture_p95"  # the cost that a visitor pays for each answer of that kind


def of(catalogue: str, costs: Sequence[Cost]) -> list[Quality]:
    """Every quality known of a measured model, those of most models first; of equal ones query sets before classes."""
    specs = {one.name for one in costs}
    found = [one for one in (*_retrieval(catalogue), *_probed(catalogue)) if specs & set(one.values)]
    return sorted(found, key=lambda one: -len(specs & set(one.values)))  # what tells of most models first


def _retrieval(catalogue: str) -> list[Quality]:
    bench = state.bench()
    said = _("95% BCa interval over queries")
    asked = {name: "text_p95" for name in bench.query_sets(catalogue, pictures=False)}
    return [
        Quality(f"{metric}·{name}", " · ".join([metric, plain(name), *_gallery(catalogue, name)]),
                bench.qualities(catalogue, name, metric), said, asked.get(name, "picture_p95"))
        for name in bench.query_sets(catalogue)
        for metric in METRICS
    ]  # fmt: skip


def _gallery(catalogue: str, queries: str) -> list[str]:
    """What was searched, in words, where it is not the whole catalogue."""
    settings = next((run.settings for run in state.bench().quality_runs(catalogue, queries)), None)
    if settings is None or (settings["pool"] == "catalogue" and not settings.get("where")):
        return []
    pool = [word(POOLS, settings["pool"])] if settings["pool"] != "catalogue" else []
    return [plain(part) for part in (*pool, *searched.parts(settings.get("where")))]


def _probed(catalogue: str) -> list[Quality]:
    """Top-1 and F1 of the classifier that is best by validation over each split; no other is chosen by its test."""
    found = []
    for key, group in probe_tables.splits(state.bench().probes(catalogue)).items():
        _spec, kind = probe_tables.best_of(group)
        for metric in PROBED:
            values = {variant(probe.spec, str(probe.settings["precision"])): probe.cells[kind].scores[metric]
                      for probe in group if kind in probe.cells}  # fmt: skip
            title = f"{metric} · {word(CLASSIFIERS, kind)} · {probe_view.about(group[0])}"
            found.append(Quality(f"{metric}·{key}", title, values, _("95% bootstrap interval over designs")))
    return found
