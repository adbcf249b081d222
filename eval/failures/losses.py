"""What every query of a run lost: the best value its judgments allow, less the value it got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eval import floors, metrics
from eval.contracts import Run

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("query", "text", "loss", "value", "ceiling", "hits", "possible", "first")


def losses(run: Run, name: str) -> pd.DataFrame:
    """One row a query that has a relevant item, columns `COLUMNS`, by falling loss in the metric `name`.

    `hits` of `possible` relevant items stand among the first k; `first` is the rank of the first one, 0 for none.
    LookupError for an unknown metric.
    """
    import pandas as pd

    metric, k = metrics.metric(name), int(run.settings["k"])
    gallery, depth = int(run.settings["gallery"]), int(run.settings["depth"])
    judgments, texts = run.facts["judgments"], run.facts["texts"]
    rows = []
    for ranking in run.rankings:
        judged = judgments[ranking.query]
        relevant = {item for item, grade in judged.items() if grade >= 1}
        if not relevant:
            continue
        value, ceiling = metric(ranking.items, judged), floors.ceiling(metric, judged, gallery, depth)
        hits = sum(item in relevant for item in ranking.items[:k])
        found = relevant.intersection(ranking.items)
        first = min((ranking.items.index(item) + 1 for item in found), default=0)
        possible = min(k, len(relevant))
        loss = max(0.0, ceiling - value)
        rows.append((ranking.query, texts[ranking.query], loss, value, ceiling, hits, possible, first))
    return pd.DataFrame(rows, columns=COLUMNS).sort_values("loss", ascending=False, kind="stable", ignore_index=True)
