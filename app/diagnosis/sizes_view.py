"""Curves over growing galleries on the screen: measuring models, the chart, the table, where two change places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app import columns, jobpanel, picker, state
from app.diagnosis import diagnosis_charts, sizes_words
from app.evaluate import evaluating
from app.language import _, n_, named, number
from app.text import md, plain
from app.vocabulary import long_name, metric_says
from data.catalogue import Catalogue
from eval import size_curves
from eval.size_curves import OUTSIDE, Curve

JOB = "curve"


def show(catalogue: Catalogue, queries: str) -> None:
    """Everything there is to say of the gallery's size for this query set."""
    found = state.bench().measured_curves(catalogue.name, queries)
    ended = jobpanel.watch(JOB)
    if ended is not None and ended.status == "done":
        st.session_state.pop("curves", None)  # what has just been measured is on the chart, too
        found = state.bench().measured_curves(catalogue.name, queries)
    _form(catalogue, queries, found)
    if not found:
        says = _("Choose models above and press “Measure”: each query is asked once, then the gallery grows.")
        jobpanel.nothing_yet(JOB, _("No model has been measured yet"), says, "ssid_chart")
        return
    k = max({one.k for one in found}, key=lambda k: sum(one.k == k for one in found))
    titles = picker.titles()
    shown = _chosen([one for one in found if one.k == k], titles)
    if shown:
        metric = _metric(shown[0])
        sizes_words.said(shown, metric, titles)
        _chart(shown, metric, titles)
        _table(shown, metric, titles)
        _definition(shown[0], metric)


def _form(catalogue: Catalogue, queries: str, found: Sequence[Curve]) -> None:
    models = {spec: m for spec, m in evaluating.fitting(queries).items() if m.here}
    first = [picker.default_model(list(models.values())), *(["bm25"] if "bm25" in models else [])]
    state.seed("curve_models", first, models)
    folded = st.expander(_("Measure models"), expanded=not found, icon=":material/play_circle:", key="curve_form")
    with folded, st.form("curve_asked", border=False):
        picker.several(models, "curve_models")
        go = st.form_submit_button(_("Measure"), type="primary", icon=":material/play_arrow:")
    if go and st.session_state["curve_models"]:
        jobpanel.begin(JOB, specs=st.session_state["curve_models"], catalogue=catalogue.name, query_set=queries, k=5)


def _chosen(found: Sequence[Curve], titles: Mapping[str, str]) -> list[Curve]:
    """Which of the measured models are on the chart: those of the newest measurement's sizes."""
    same = {one.spec: one for one in found if one.sizes == found[0].sizes}
    state.seed("curves", list(same), same)
    st.pills(
        _("On the chart"),
        list(same),
        format_func=named(same, lambda spec: plain(titles.get(spec, spec))),
        selection_mode="multi",
        key="curves",
        persist_state="session",
    )
    return [same[spec] for spec in st.session_state["curves"] or same]


def _metric(one: Curve) -> str:
    names = [name for name in one.metrics if name != OUTSIDE and not name.startswith("Judged")]
    state.seed("size_metric", names[0], names)
    st.segmented_control(_("Metric"), names, key="size_metric", required=True, persist_state="session")
    state.publish("size_metric", names[0])
    return str(st.session_state["size_metric"])


def _chart(curves: Sequence[Curve], metric: str, titles: Mapping[str, str]) -> None:
    chance = _("Chance level")
    table = diagnosis_charts.curves_table(curves, {spec: plain(name) for spec, name in titles.items()}, metric, chance)
    spec = diagnosis_charts.curves_spec(
        table,
        chance,
        _("items in the gallery"),
        [one for one in size_curves.crossings(curves, metric) if one.means == "overtakes"],
        _("change places"),
        st.context.theme.type == "dark",
    )
    st.echarts_chart(spec, height=380, key="size_chart", alt=_("{metric} over growing galleries", metric=metric))


def _table(curves: Sequence[Curve], metric: str, titles: Mapping[str, str]) -> None:
    """The medians at each size, and how many of the first places nobody has judged."""
    judged = next(name for name in curves[0].metrics if name.startswith("Judged"))
    rows = []
    for one in curves:
        values = {number(p.size): p.median for p in one.metrics[metric]}
        outside, unjudged = one.metrics[OUTSIDE][-1].median, 1 - one.metrics[judged][-1].median
        rows.append({"model": plain(titles.get(one.spec, one.spec)), **values, "unjudged": unjudged, "new": outside})
    k = curves[0].k
    columns.table(
        pd.DataFrame(rows),
        {
            "model": st.column_config.TextColumn(_("Model"), pinned=True, width=270),
            **{number(size): columns.numbers(number(size), width=64) for size in curves[0].sizes},
            "unjudged": st.column_config.ProgressColumn(
                _("Not judged"),
                help=_(
                    "In the whole catalogue: share of the first {k} places that hold an item without a judgment for "
                    "the query. It counts as not relevant, so a high share makes the values lower bounds.", k=k,
                ),
                min_value=0.0,
                max_value=1.0,
                format="percent",
            ),
            "new": st.column_config.ProgressColumn(
                _("From outside the pool"),
                help=_(
                    "In the whole catalogue: share of the first {k} places that hold a distractor, an item that was "
                    "judged for no query.", k=k,
                ),
                min_value=0.0,
                max_value=1.0,
                format="percent",
            ),
        },
        alt=_("Medians at each size"),
    )  # fmt: skip


def _definition(one: Curve, metric: str) -> None:
    st.caption(
        n_("{n} query", "{n} queries", one.queries)
        + " · "
        + _("judged pool: {n}", n=number(one.pool))
        + " · "
        + n_("{n} draw", "{n} draws", one.draws)
        + " · "
        + _("seed {n}", n=one.seed)
        + f" · {md(one.fingerprints['catalogue'][:8])} · {md(one.fingerprints['query_set'][:8])}",
        help=_(
            "The smallest gallery holds the judged items only, as the 2025 report searched; the largest is the whole "
            "catalogue. Between them distractors join in a random order, the same for every model. The line is the "
            "median over the draws, the thin lines hold nine draws in ten. The band says nothing of other queries: "
            "for that see the intervals of the comparison. {metric}: {says}",
            metric=long_name(metric),
            says=metric_says(metric),
        ),
    )
