"""Efficiency as the Bench offers it: models measured in processes of their own, and their quality beside the cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data.progress import Progress, silent
from eval.contracts import ModelSpec

if TYPE_CHECKING:
    from eval.costs.galleries import Gallery
    from eval.costs.outcome import Cost
    from eval.store import RunSummary


class Costing(Stored):
    """The use cases of efficiency; part of `app.bench.Bench`."""

    def measure(
        self, specs: Sequence[str], catalogue: str, progress: Progress = silent, **settings: Any
    ) -> dict[str, Any]:
        """Measure what each model costs to run, and searching among its vectors as the gallery grows.

        `{"made": model → key, "galleries": spec → key, "failed": model → why}`, a model in another precision than fp32
        called as `eval.costs.outcome.variant` says. `settings` are those of `eval.costs.settings.Settings`. ValueError
        when no model could be measured.
        """
        from eval.costs.settings import Settings
        from eval.tasks import efficiency

        how, chosen = Settings(**settings), self.catalogue(catalogue)
        named = [str(ModelSpec.parse(spec)) for spec in specs]
        found = efficiency.evaluate(chosen, named, self.home, how, progress)
        if found.failed and not found.costs:
            raise ValueError("; ".join(f"{name}: {why}" for name, why in found.failed.items()))
        kept = (found.costs, found.galleries)
        made, grown = ({name: one.key for name, one in part.items()} for part in kept)
        return {"made": made, "galleries": grown, "failed": found.failed}

    def costs(self, catalogue: str) -> list[Cost]:
        """The newest measurement of each model in each precision on the catalogue as it is; touches no model."""
        from eval.costs import outcome

        newest: dict[str, Cost] = {}
        for one in outcome.kept(self.home, catalogue=self.catalogue(catalogue).fingerprint):
            newest.setdefault(one.name, one)
        return sorted(newest.values(), key=lambda one: (one.spec, one.precision != outcome.FINE))

    def galleries(self, catalogue: str) -> dict[str, Gallery]:
        """Spec → the newest measurement of searches among its vectors as the gallery grows; touches no model."""
        from eval.costs import galleries

        newest: dict[str, Gallery] = {}
        for one in galleries.kept(self.home, catalogue=self.catalogue(catalogue).fingerprint):
            newest.setdefault(one.spec, one)
        return newest

    def qualities(self, catalogue: str, query_set: str, metric: str) -> dict[str, tuple[float, float, float]]:
        """Model → (mean, low, high) of a metric in its newest run of `quality_runs`: 95 % BCa over queries.

        A run in another precision than fp32 tells of the model in that precision, under the name its cost has.
        """
        from eval import stats
        from eval.costs.outcome import FINE, variant
        from eval.tasks import retrieval

        found: dict[str, tuple[float, float, float]] = {}
        for summary in self.quality_runs(catalogue, query_set):
            name = variant(summary.spec, str(summary.settings.get("precision", FINE)))
            if name not in found:
                scores = retrieval.scores(self.store.get(summary.id), chosen=[metric])
                found[name] = (scores.mean[metric], *stats.interval(scores.per_query[metric].to_list()))
        return found

    def quality_runs(self, catalogue: str, query_set: str) -> list[RunSummary]:
        """The runs that tell of quality, newest first, all over one gallery: the whole catalogue, else the newest's."""
        stored = self.runs(catalogue, query_set, limit=1000)
        whole = [run for run in stored if run.settings.get("pool") == "catalogue" and not run.settings.get("where")]
        over = [(run.settings.get("pool"), run.settings.get("where")) for run in stored]
        return whole or [run for run, gallery in zip(stored, over, strict=True) if gallery == over[0]]
