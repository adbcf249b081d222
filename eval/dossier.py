"""What a report of compared runs holds, gathered once: means, verdicts, causes, the worst failures place by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval import metrics, runs_beside, stats
from eval.comparison import Comparison
from eval.contracts import Ranking, Run
from eval.failures.causes import Cause
from eval.failures.losses import losses
from eval.tasks import retrieval
from eval.tasks.retrieval import Scores

WORST, MISSED, MOST = 6, 7, 8  # failures shown, missed items of each, runs


@dataclass(frozen=True)
class Place:
    """One place of a ranking; `mark` is "hit" (grade ≥ 1), "miss" (judged, not relevant) or "unjudged"."""

    item: str
    rank: int
    score: float
    mark: str


@dataclass(frozen=True)
class Failure:
    """A query that lost most under the first run: what every run showed first, and which relevant items it missed.

    `missed` are those not among the first run's first k, best rank first: item → rank under every run, 0 where the run
    did not record it; `lacking` is their whole number, of which at most `MISSED` are listed.
    """

    query: str
    loss: float
    value: float
    ceiling: float
    shown: dict[str, tuple[Place, ...]]
    missed: dict[str, dict[str, int]]
    lacking: int

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        shown = {run: [vars(place) for place in places] for run, places in self.shown.items()}
        return {**vars(self), "shown": shown}


@dataclass(frozen=True)
class Dossier:
    """Runs, best first, with everything said of them; labels are run ids. Nothing in it needs a model."""

    runs: tuple[Run, ...]
    metric: str
    metrics: tuple[str, ...]
    comparison: Comparison  # by `metric`
    scores: dict[str, Scores]
    intervals: dict[str, dict[str, tuple[float, float]]]  # run → metric → bounds of its mean, 95 %
    failures: tuple[Failure, ...]  # of the first run, the greatest loss first
    causes: dict[str, dict[str, str]] = field(default_factory=dict)  # diagnosed run → query → the cause that counts
    evidence: dict[str, dict[str, tuple[Cause, ...]]] = field(default_factory=dict)  # the same, every cause that fits

    @property
    def k(self) -> int:
        """How many first places the failures show."""
        return metrics.metric(self.metric).k or int(self.runs[0].settings["k"])

    def texts(self, query: str) -> tuple[str, ...]:
        """The words of a query; several when the runs were asked in different words."""
        return tuple(dict.fromkeys(str(run.facts["texts"][query]) for run in self.runs))

    def record(self) -> dict[str, Any]:
        """Everything as JSON holds it: every figure of the report, and what each run came from."""
        return {
            "metric": self.metric,
            "comparison": self.comparison.record(),
            "runs": [self._run(run) for run in self.runs],
            "failures": [failure.record() for failure in self.failures],
            "seeds": {"bootstrap": 0, "randomisation": 0},
            "resamples": {"bootstrap": stats.BOOTSTRAPS, "randomisation": stats.RESAMPLES, "exact_up_to": stats.EXACT},
        }

    def _run(self, run: Run) -> dict[str, Any]:
        scores = self.scores[run.id]
        bounds = {name: list(pair) if pair[0] == pair[0] else None for name, pair in self.intervals[run.id].items()}
        return {
            "id": run.id, "made": run.made, "model": run.spec, "catalogue": run.catalogue, "query_set": run.query_set,
            "mean": scores.mean, "interval": bounds, "chance": scores.chance, "ceiling": scores.ceiling,
            "counts": scores.counts, "settings": run.settings, "fingerprints": run.fingerprints,
            "environment": run.environment, "seconds": run.seconds, "causes": self.causes.get(run.id),
            "per_query": scores.per_query.to_dict(orient="index"),
        }  # fmt: skip


def gather(
    runs: Sequence[Run], metric: str = "P@5", worst: int = WORST, causes: Mapping[str, dict[str, str]] | None = None,
    evidence: Mapping[str, dict[str, tuple[Cause, ...]]] | None = None,
) -> Dossier:  # fmt: skip
    """Compare stored runs by `metric`, score them by every metric, and look at the `worst` queries of the first.

    `causes` and `evidence` are of the runs (by id) that were diagnosed. ValueError for runs that cannot be compared,
    for more than `MOST` or for the same run twice; LookupError for an unknown metric.
    """
    known = {run.id: run for run in runs}
    if len(known) < len(runs) or not 1 <= len(runs) <= MOST:
        raise ValueError(f"A report is about one to {MOST} different runs; {len(runs)} were named")
    compared = runs_beside.of_runs(list(runs), metric)
    ordered = tuple(known[standing.label] for standing in compared.standings)
    names = metrics.names(metrics.metric(metric).k or int(ordered[0].settings["k"]))
    names = names if metric in names else (metric, *names)
    scores = {run.id: retrieval.scores(run, chosen=names) for run in ordered}
    bounds = {run: {m: stats.interval(found.per_query[m].tolist()) for m in names} for run, found in scores.items()}
    k = metrics.metric(metric).k or int(ordered[0].settings["k"])
    return Dossier(
        ordered, metric, names, compared, scores, bounds, _failures(ordered, metric, worst, k), dict(causes or {}),
        dict(evidence or {}),
    )  # fmt: skip


def _failures(runs: Sequence[Run], metric: str, worst: int, k: int) -> tuple[Failure, ...]:
    rankings = {run.id: {ranking.query: ranking for ranking in run.rankings} for run in runs}
    found = []
    for row in losses(runs[0], metric).head(worst).to_dict("records"):
        if row["loss"] <= 0:
            break
        query = str(row["query"])
        judged = runs[0].facts["judgments"][query]
        answers = {run: there.get(query, Ranking(query, (), ())) for run, there in rankings.items()}
        shown = {run: _places(answer, judged, k) for run, answer in answers.items()}
        late = _missed(answers, judged, runs[0].id, k)
        few = dict(list(late.items())[:MISSED])
        found.append(Failure(query, row["loss"], row["value"], row["ceiling"], shown, few, len(late)))
    return tuple(found)


def _places(answer: Ranking, judged: Mapping[str, int], k: int) -> tuple[Place, ...]:
    """The first k places with what the judgments say of each."""
    said = ("unjudged" if item not in judged else "hit" if judged[item] >= 1 else "miss" for item in answer.items)
    placed = zip(answer.items[:k], answer.scores[:k], said, strict=False)
    return tuple(Place(item, rank, float(score), mark) for rank, (item, score, mark) in enumerate(placed, 1))


def _missed(answers: Mapping[str, Ranking], judged: Mapping[str, int], first: str, k: int) -> dict[str, dict[str, int]]:
    """Relevant items that are not among the first k of the `first` run, its best rank first → rank under each run."""
    ranks = {run: {item: rank for rank, item in enumerate(answer.items, 1)} for run, answer in answers.items()}
    relevant = (item for item, grade in judged.items() if grade >= 1)
    late = [item for item in relevant if not 0 < ranks[first].get(item, 0) <= k]
    late.sort(key=lambda item: (ranks[first].get(item, 0) == 0, ranks[first].get(item, 0), item))
    return {item: {run: there.get(item, 0) for run, there in ranks.items()} for item in late}
