"""Before and after: what leaving groups of items out of the gallery does to a stored run's metric; no model is asked.

A ranking without some items is the same ranking with these taken out of it, so that the run that searched everything
tells what one without the group would have found, as deep as it was kept. What the group held is no answer any more:
its relevant items leave the denominator of R@k and AP, as those outside a pool do, and its pictures do not ask.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from data.refusals import Refused
from eval import metrics
from eval.comparison import Verdict, compare
from eval.contracts import Ranking, Run

BEFORE, AFTER = "before", "after"
Values = dict[str, float]


@dataclass(frozen=True)
class Effect:
    """One model and one metric before and after; both means are over the queries that count in both.

    `verdict` is of after − before, paired by query. `whole` is the mean before over every query of the run. `lost`
    counts the (query, item) judgments of relevant items that were in the group, `shown` is the share of the first
    places that the group's items held before, `dark` names the queries without any relevant item left.
    """

    spec: str
    run: str
    metric: str
    before: float
    after: float
    whole: float
    verdict: Verdict
    lost: int
    lost_items: int
    shown: float
    dark: tuple[str, ...]
    unasked: tuple[str, ...]
    gallery: tuple[int, int]
    measured: str = ""  # the run that was made without the group; "" where the first one told it

    def record(self) -> dict[str, Any]:
        """Everything as JSON holds it; in the verdict `better` is «after», ahead or not."""
        return {**asdict(self), "verdict": self.verdict.record()}


def effect(run: Run, gone: Collection[str], metric: str, anew: Run | None = None) -> Effect:
    """What leaving the items `gone` out changes in `run`; `anew` is the run that was made without them, where there is.

    `gone` are items of the gallery. Refused with [group_shallow] when the run keeps too few results to tell and there
    is no other, with [group_answers] when no query has a relevant item left, with [group_all] when no item is.
    """
    away, judged = set(gone), run.facts["judgments"]
    if len(away) >= int(run.settings["gallery"]):
        raise Refused("group_all", found=str(len(away)))
    asking = {query for query, item in run.facts.get("pictures", {}).items() if item in away}
    kept = {query: {item: g for item, g in items.items() if item not in away} for query, items in judged.items()}
    kept = {query: items for query, items in kept.items() if query not in asking}
    before = _values(run.rankings, judged, metric)
    after = _values(anew.rankings, anew.facts["judgments"], metric) if anew else _masked(run, away, kept, metric)
    if not set(before) & set(after):
        raise Refused("group_answers")
    found = compare({BEFORE: before, AFTER: {query: value for query, value in after.items() if query in before}})
    mean = {standing.label: standing.mean for standing in found.standings}
    lost = [item for q in before for item, grade in judged[q].items() if grade >= 1 and item in away]
    gallery = int(run.settings["gallery"])
    return Effect(
        run.spec, run.id, metric, mean[BEFORE], mean[AFTER], sum(before.values()) / len(before),
        found.between(AFTER, BEFORE), len(lost), len(set(lost)), _shown(run, away, metric),
        tuple(query for query in before if query not in after and query not in asking),
        tuple(query for query in before if query in asking), (gallery, gallery - len(away)), anew.id if anew else "",
    )  # fmt: skip


def _values(rankings: Collection[Ranking], judged: Mapping[str, Mapping[str, int]], metric: str) -> Values:
    scored = metrics.score(list(rankings), judged, [metric])[metric]
    return {str(query): float(value) for query, value in scored.items()}


def _masked(run: Run, away: set[str], kept: Mapping[str, Mapping[str, int]], metric: str) -> Values:
    """The values once the items are taken out of the rankings; [group_shallow] where what was kept does not tell."""
    k, rest = metrics.metric(metric).k, int(run.settings["gallery"]) - len(away)
    rankings, short = [], []
    for ranking in run.rankings:
        if ranking.query not in kept:
            continue
        left = _without(ranking, away)
        rankings.append(left)
        ended = len(ranking.items) < int(run.settings["depth"])  # there was nothing more to be found
        relevant = {item for item, grade in kept[ranking.query].items() if grade >= 1}
        told = len(left.items) >= min(k, rest) if k else _enough(left, relevant, metric)
        untouched = len(left.items) == len(ranking.items)  # a run without the group would keep the same
        if relevant and not (ended or told or untouched):
            short.append(ranking.query)
    if short:
        needed = f"{run.settings['depth']} results a query are kept, queries that need more: {len(short)}"
        raise Refused("group_shallow", file=f"{run.spec}, {metric}", found=needed)
    return _values(rankings, kept, metric)


def _enough(left: Ranking, relevant: set[str], metric: str) -> bool:
    """True when results further down could not change a metric without a cut."""
    found = relevant & set(left.items)
    return bool(found) if metrics.metric(metric).family == "RR" else found == relevant


def _without(ranking: Ranking, away: set[str]) -> Ranking:
    pairs = [(i, s) for i, s in zip(ranking.items, ranking.scores, strict=True) if i not in away]
    return Ranking(ranking.query, tuple(i for i, _s in pairs), tuple(s for _i, s in pairs))


def _shown(run: Run, away: set[str], metric: str) -> float:
    """The share of the first k places, k of the metric or the run's, that these items held."""
    k = metrics.metric(metric).k or int(run.settings["k"])
    first = [item for ranking in run.rankings for item in ranking.items[:k]]
    return sum(item in away for item in first) / len(first) if first else 0.0
