"""Efficiency as the Bench offers it: models measured in processes of their own, and their quality beside the cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data.progress import Progress, silent
from eval.contracts import ModelSpec

if TYPE_CHECKING:
    from eval.costs.front import Point
    from eval.costs.outcome import Cost


class Costing(Stored):
    """The use cases of efficiency; part of `app.bench.Bench`."""

    def measure(
        self, specs: Sequence[str], catalogue: str, progress: Progress = silent, **settings: Any
    ) -> dict[str, Any]:
        """Measure what each model costs to run; `{"made": spec → key, "failed": spec → why}`.

        `settings` are those of `eval.tasks.efficiency.Settings`. ValueError when no model could be measured.
        """
        from eval.tasks import efficiency

        how, chosen = efficiency.Settings(**settings), self.catalogue(catalogue)
        named = [str(ModelSpec.parse(spec)) for spec in specs]
        made, failed = efficiency.evaluate(chosen, named, self.home, how, progress)
        if failed and not made:
            raise ValueError("; ".join(f"{spec}: {why}" for spec, why in failed.items()))
        return {"made": {spec: cost.key for spec, cost in made.items()}, "failed": failed}

    def costs(self, catalogue: str) -> list[Cost]:
        """The newest measurement of each model on the catalogue as it is, newest first; touches no model."""
        from eval.costs import outcome

        newest: dict[str, Cost] = {}
        for one in outcome.kept(self.home, catalogue=self.catalogue(catalogue).fingerprint):
            newest.setdefault(one.spec, one)
        return list(newest.values())

    def qualities(self, catalogue: str, query_set: str, metric: str) -> dict[str, tuple[float, float, float]]:
        """Spec → (mean, low, high) of a metric in the newest run over the whole catalogue: 95 % BCa over queries."""
        from eval import stats
        from eval.tasks import retrieval

        found: dict[str, tuple[float, float, float]] = {}
        for summary in self.store.runs(catalogue=catalogue, query_set=query_set, limit=1000):
            plain = summary.settings.get("pool") == "catalogue" and not summary.settings.get("where")
            plain = plain and not summary.settings.get("unjudged")
            if summary.task != retrieval.TASK.name or summary.spec in found or not plain:
                continue
            scores = retrieval.scores(self.store.get(summary.id), chosen=[metric])
            found[summary.spec] = (scores.mean[metric], *stats.interval(scores.per_query[metric].to_list()))
        return found

    def points(self, catalogue: str, cost: str, qualities: dict[str, tuple[float, float, float]]) -> list[Point]:
        """The models that have both a quality and this cost, as points of `eval.costs.front`."""
        from eval.costs.front import Point

        found = []
        for one in self.costs(catalogue):
            if one.spec in qualities and cost in one.numbers:
                number = one.numbers[cost]
                found.append(Point(one.spec, *qualities[one.spec], number.value, number.low, number.high))
        return found
