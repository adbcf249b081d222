"""What to look at next: the one thing that would help most now, in a plain sentence with the page to go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.answers import Evaluation
from app.language import _, n_, percent
from app.text import md

FEW_JUDGED = 0.8  # below this share of judged items in the top k, means are mostly a lower bound


@dataclass(frozen=True)
class Advice:
    """One sentence (Markdown), the page it sends to and the choices to make there."""

    text: str
    page: str
    button: str
    choices: dict[str, Any] = field(default_factory=dict)


def next_steps(
    catalogue: str, query_sets: Sequence[str], evaluations: Sequence[Evaluation], refused: int
) -> list[Advice]:
    """At most three, the most useful first."""
    steps = []
    if not query_sets:
        steps.append(
            Advice(
                _("There is no query set for this catalogue: without judged queries models cannot be compared."),
                "evaluate",
                _("Add a query set"),
                {"catalogue": catalogue},
            )
        )
    elif not evaluations:
        steps.append(
            Advice(
                _("No model has been evaluated on this catalogue yet."),
                "evaluate",
                _("Evaluate a model"),
                {"catalogue": catalogue},
            )
        )
    else:
        steps += _from_runs(catalogue, evaluations)
    if refused:
        steps.append(
            Advice(
                n_("{n} row was refused at import.", "{n} rows were refused at import.", refused),
                "catalogue",
                _("See the report"),
                {"catalogue": catalogue, "view": "report"},
            )
        )
    if len(steps) < 2:
        steps.append(
            Advice(
                _("Try the search with your own words."),
                "search",
                _("Open the search"),
                {"catalogue": catalogue},
            )
        )
    return steps[:3]


def _from_runs(catalogue: str, evaluations: Sequence[Evaluation]) -> list[Advice]:
    best = max(evaluations, key=lambda e: next(iter(e.metrics.values())))
    steps = []
    judged = next((value for name, value in best.metrics.items() if name.startswith("Judged")), None)
    if judged is not None and judged < FEW_JUDGED:
        steps.append(
            Advice(
                _(
                    "Only {share} of what the best run shows first is judged: its numbers are a lower bound.",
                    share=percent(judged),
                ),
                "evaluate",
                _("See what is not judged"),
                {"catalogue": catalogue, "queries": best.run.query_set, "run": best.run.id},
            )
        )
    if len({e.run.spec for e in evaluations}) < 2:
        steps.append(
            Advice(
                _("Only one model has been evaluated; a second one beside it tells whether the number is good."),
                "evaluate",
                _("Evaluate another model"),
                {"catalogue": catalogue},
            )
        )
    if len(best.per_query):
        worst = str(best.per_query[["AP"]].idxmin().iloc[0])
        steps.append(
            Advice(
                _("The weakest query of the best run is “{query}”.", query=md(best.per_query.loc[worst, "text"])),
                "evaluate",
                _("Look at its results"),
                {"catalogue": catalogue, "queries": best.run.query_set, "run": best.run.id, "query": worst},
            )
        )
    return steps
