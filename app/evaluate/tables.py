"""Evaluations as tables: the leaderboard, the queries one by one, what the judgments say of a ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from app.answers import Evaluation

if TYPE_CHECKING:
    from data.queries import QuerySet


def leaderboard(evaluations: Sequence[Evaluation], names: Mapping[str, str], chance: str, ceiling: str) -> pd.DataFrame:
    """One row a run in the order given, then rows named `chance` and `ceiling` (NaN where unknown).

    Columns: "name", then the metrics. `names` gives a run's or a spec's name on screen.
    """
    metrics = list(evaluations[0].metrics)
    rows = [{"name": called(e, names), **e.metrics} for e in evaluations]
    first = evaluations[0]
    bounds = [{"name": chance, **first.chance}, {"name": ceiling, **first.ceiling}]
    return pd.DataFrame([*rows, *bounds], columns=["name", *metrics])


def called(evaluation: Evaluation, names: Mapping[str, str]) -> str:
    """What a run is called on screen: by its id, else by its model."""
    return names.get(evaluation.run.id) or names.get(evaluation.run.spec, evaluation.run.spec)


def means(evaluations: Sequence[Evaluation], names: Mapping[str, str], chance: str, ceiling: str) -> pd.DataFrame:
    """The leaderboard turned on its side for a chart: column "metric", one column a model, `chance`, `ceiling`."""
    shown = [m for m in evaluations[0].metrics if not m.startswith("Judged")]
    columns: dict[str, list[float]] = {}
    for e in evaluations:
        columns[called(e, names)] = [e.metrics[m] for m in shown]
    columns[chance] = [evaluations[0].chance.get(m, float("nan")) for m in shown]
    columns[ceiling] = [evaluations[0].ceiling.get(m, float("nan")) for m in shown]
    return pd.DataFrame({"metric": shown, **columns})


def by_query(chosen: Evaluation, others: Sequence[Evaluation], names: Mapping[str, str]) -> pd.DataFrame:
    """The chosen run's queries with all its metrics, and the other runs' first metric beside; indexed by query id."""
    table = chosen.per_query.copy()
    first = next(iter(chosen.metrics))
    place = list(table.columns).index(first) + 1
    for i, other in enumerate(others):
        name = f"{first} · {called(other, names)}"
        table.insert(place + i, name, other.per_query[first].reindex(table.index), allow_duplicates=True)
    return table.loc[:, ~table.columns.duplicated()]


def marks(judged: Mapping[str, int], items: Sequence[str]) -> list[str]:
    """For each item what a query's judgments say: "hit" (grade ≥ 1), "miss" (grade < 1) or "unjudged"."""
    return ["unjudged" if judged.get(item) is None else "hit" if judged[item] >= 1 else "miss" for item in items]


def missed(judged: Mapping[str, int], items: Sequence[str], shown: int) -> list[tuple[str, int]]:
    """Relevant items that are not among the first `shown`: (item, rank), rank 0 when not ranked at all; best first."""
    ranks = {item: rank for rank, item in enumerate(items, 1)}
    relevant = [item for item, grade in judged.items() if grade >= 1]
    late = [(item, ranks.get(item, 0)) for item in relevant if not 0 < ranks.get(item, 0) <= shown]
    return sorted(late, key=lambda pair: (pair[1] == 0, pair[1], pair[0]))


def asked(query_set: QuerySet, words: str) -> str:
    """The id of the query with that text (letter case and spaces at the ends aside), "" when there is none."""
    wanted = words.strip().casefold()
    return next((q.id for q in query_set.queries if q.text.strip().casefold() == wanted), "")
