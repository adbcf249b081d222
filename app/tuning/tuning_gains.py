"""What tuning brought: where its curve began, and the gain over the pretrained base wherever that is measured."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import columns, definitions, state
from app.compare import compare_choice, verdict_words
from app.evaluate import runs
from app.language import _
from app.text import md, plain
from eval.store import RunSummary
from eval.tuned import Tuned

METRICS = ("P@5", "R@5")
SAME = ("k", "precision", "index", "correction")  # settings that both runs must share, besides the conditions


def began(one: Tuned) -> str:
    """What the weights were when this tuning started, as plain text."""
    earlier = str(one.lineage.get("base_head") or "")
    return _("earlier tuning: {name}", name=plain(earlier)) if earlier else _("the pretrained model")


def show(one: Tuned) -> None:
    """Say when the curve does not start at the pretrained model; then the pairs of runs that measure the whole gain."""
    if earlier := one.lineage.get("base_head"):
        st.caption(
            ":material/history: "
            + _(
                "This tuning went on from an earlier one, {name}: the curves below start there, not at the pretrained "
                "model, and show the last round's gain alone.",
                name=md(str(earlier)),
            )
        )
    st.markdown("**" + _("Gain over the pretrained base, measured on judged queries") + "**")
    pairs = measured(one, state.bench().runs(limit=10_000))
    if not pairs:
        st.caption(_("Not measured here yet: evaluate the tuned model and its base on one query set."))
        return
    columns.table(
        pd.DataFrame([line for pair in pairs for line in _lines(*pair)]),
        alt=_("Gain over the pretrained base, measured on judged queries"),
        columns={
            "queries": st.column_config.TextColumn(_("Query set"), pinned=True),
            "pool": _("Searched"),
            "metric": _("Metric"),
            "base": columns.numbers(_("Base model")),
            "tuned": columns.numbers(_("Tuned")),
            "gain": st.column_config.TextColumn(_("Difference"), help=definitions.of("difference")),
            "interval": st.column_config.TextColumn(_("Interval, 95 %"), help=definitions.of("interval")),
            "proven": st.column_config.CheckboxColumn(_("Proven"), help=definitions.of("p")),
        },
    )


def measured(one: Tuned, stored: list[RunSummary]) -> list[tuple[RunSummary, RunSummary]]:
    """Pairs (tuned, base) of stored runs under equal conditions, newest first, one for each of the conditions."""
    found: dict[object, tuple[RunSummary, RunSummary]] = {}
    for run in stored:
        beside = next((other for other in stored if other.spec == str(one.base) and _alike(run, other)), None)
        if run.spec == str(one.spec) and beside:
            found.setdefault(_asked(run), (run, beside))
    return list(found.values())


def _alike(one: RunSummary, other: RunSummary) -> bool:
    return _asked(one) == _asked(other)


def _asked(run: RunSummary) -> tuple[object, ...]:
    return *runs.conditions(run), *(run.settings.get(name, "none" if name == "correction" else "") for name in SAME)


def _lines(tuned: RunSummary, base: RunSummary) -> list[dict[str, object]]:
    home, lines = str(state.bench().home), []
    scores = [runs.scored(run.id, 5, home) for run in (base, tuned)]
    for metric in METRICS:
        verdict = compare_choice.compared((tuned.id, base.id), metric, home).between(tuned.id, base.id)
        lines.append(
            {
                "queries": plain(tuned.query_set),
                "pool": runs.searched(scores[0].run),
                "metric": metric,
                "base": scores[0].metrics[metric],
                "tuned": scores[1].metrics[metric],
                "gain": verdict_words.signed(verdict.difference),
                "interval": verdict_words.interval(verdict.low, verdict.high),
                "proven": verdict.proven,
            }
        )
    return lines
