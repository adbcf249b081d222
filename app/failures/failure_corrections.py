"""Corrections against hubs on the screen: before and after, and the switch that takes one into the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import columns, jobpanel, state
from app.compare.verdict_words import signed
from app.language import _, n_, named, number, percent
from app.vocabulary import CORRECTION_SAYS, CORRECTIONS, metric_says, word
from data.catalogue import Catalogue
from eval import stats
from eval.contracts import Run
from eval.corrections import NONE
from eval.failures.diagnosis import Diagnosis
from eval.failures.exposure import of_remedy
from eval.failures.remedies import Remedy


def show(run: Run, catalogue: Catalogue, diagnosis: Diagnosis, metric: str) -> None:
    """The plain ranking and each correction in one table, a sentence about each, and what can be done with it."""
    st.header(_("Would a correction help?"), anchor=False)
    if not diagnosis.remedies:
        st.caption(_("Corrections need a model with vectors that reads the catalogue's captions."))
        return
    pictured = diagnosis.asks == "pictures"
    tried = [one for one in diagnosis.remedies if one.kind != NONE]
    ps = stats.holm([one.changes[metric].p for one in tried])
    table = pd.DataFrame([_row(run, catalogue, one, metric) for one in diagnosis.remedies])
    columns.table(table, _columns(metric), alt=_("Would a correction help?"))
    for one, p in zip(tried, ps, strict=True):
        st.markdown(
            f"- **{word(CORRECTIONS, one.kind)}** — {verdict(one, metric, p)}"
            + ("" if pictured else f" {word(CORRECTION_SAYS, one.kind)}")
        )
    st.caption(
        _(
            "What a correction knows of queries comes from up to 2,000 pictures of the catalogue, none its own "
            "neighbour; no judgment is used, but asking items may be among them. Hubs, skewness and never shown: over "
            "lists asked with these pictures."
        )
        if pictured
        else _(
            "What a correction knows of queries comes from the catalogue's captions, never from the test queries. "
            "Hubs, skewness and never shown: over lists asked with captions."
        )
    )
    _switch(run, tried, pictured)


def verdict(one: Remedy, metric: str, p: float) -> str:
    """Whether the metric really moved: difference, interval, corrected p."""
    change = one.changes[metric]
    said = _(
        "{metric} {difference} [{low}; {high}], p = {p} (Holm):",
        metric=metric,
        difference=signed(change.difference),
        low=signed(change.low),
        high=signed(change.high),
        p=number(p, 3),
    )
    if p >= stats.ALPHA:
        return said + " " + _("no change is proven.")
    return said + " " + (_("it is better.") if change.difference > 0 else _("it is worse."))


def _row(run: Run, catalogue: Catalogue, one: Remedy, metric: str) -> dict[str, object]:
    shown = of_remedy(run, catalogue, one, captions=True).exposure
    return {
        "kind": word(CORRECTIONS, one.kind),
        "value": one.values[metric],
        "change": signed(one.changes[metric].difference) if one.changes else "",
        "hubs": shown.hubs,
        "most": shown.most,
        "skewness": shown.skewness,
        "gini": shown.gini,
        "dark": percent(shown.dark_share, 1),
    }


def _columns(metric: str) -> dict[str, Any]:
    return {
        "kind": st.column_config.TextColumn(_("Ranking"), pinned=True),
        "value": columns.numbers(metric, help=metric_says(metric)),
        "change": st.column_config.TextColumn(_("Change")),
        "hubs": st.column_config.NumberColumn(_("Hubs"), format="%d"),
        "most": st.column_config.NumberColumn(
            _("Greatest hub"), help=_("How many lists hold the item that is shown most."), format="%d"
        ),
        "skewness": columns.numbers(_("Skewness"), 2),
        "gini": columns.numbers(_("Gini of exposure")),
        "dark": st.column_config.TextColumn(_("Never shown")),
    }


def _switch(run: Run, tried: Sequence[Remedy], pictured: bool) -> None:
    kinds = [one.kind for one in tried]
    state.seed("try_correction", kinds[0], kinds)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            _("Correction"),
            kinds,
            key="try_correction",
            required=True,
            persist_state="session",
            format_func=named(kinds, lambda kind: word(CORRECTIONS, kind)),
        )
        kind = st.session_state["try_correction"]
        if not pictured and st.button(
            _("Switch it on in search"), icon=":material/search:", type="primary", key="use_correction"
        ):
            state.go("search", catalogue=run.catalogue, model=run.spec, correction=kind, like="")
        if not jobpanel.busy("evaluate") and st.button(
            _("Evaluate with it"),
            icon=":material/leaderboard:",
            key="evaluate_correction",
            help=n_("{n} query; the run's settings name the correction.",
                    "{n} queries; the run's settings name the correction.", len(run.rankings)),
        ):  # fmt: skip
            jobpanel.begin(
                "evaluate",
                specs=[run.spec],
                catalogue=run.catalogue,
                query_set=run.query_set,
                correction=kind,
                **{name: run.settings[name] for name in ("k", "pool", "precision", "index")},
                where=run.settings["where"] or None,
            )
