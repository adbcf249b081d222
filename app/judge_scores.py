"""Scores with what is missing in them: bounds of every model, what is decided between two, the labels wanted next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app import judge_charts, state
from app.gallery import cards, gallery
from app.judge_choice import Choice
from app.judge_desk import EVERY_SECONDS, ask_again, now_standing, quoted
from app.judge_words import CONDENSED, INTERVAL, OPTIMISTIC, PESSIMISTIC
from app.judged import Standing
from app.language import _, n_, named, number
from app.text import md, short
from app.vocabulary import long_name, metric_says
from data.catalogue import Catalogue
from eval.judging.bounds import BOUNDED, Gap

NEXT = 15


def view(catalogue: Catalogue, query_set: str, choice: Choice) -> None:
    """Choose a metric; everything below follows what raters say."""
    state.seed("judge_metric", "P", BOUNDED)
    st.segmented_control(
        _("Metric"), list(BOUNDED), key="judge_metric", required=True, persist_state="session",
        format_func=named(BOUNDED, lambda m: long_name(f"{m}@{choice.k}")),
        help=_("Bounds exist for metrics that no relevant item lowers and that look at the first k places only."),
    )  # fmt: skip
    state.publish("judge_metric", "P")
    _live(catalogue, query_set, choice, str(st.session_state["judge_metric"]))


@st.fragment(run_every=EVERY_SECONDS)
def _live(catalogue: Catalogue, query_set: str, choice: Choice, metric: str) -> None:
    judged = state.bench().judged(query_set, choice.rule)
    stand = now_standing(judged, choice, metric)
    _bounds(stand, choice, metric)
    _gaps(stand, choice)
    picked = _queue(catalogue, stand, {query.id: query.text for query in judged.query_set.queries})
    if picked:
        ask_again(picked, judged.last)


def _bounds(stand: Standing, choice: Choice, metric: str) -> None:
    st.header(_("What the judgments fix"), anchor=False)
    name = f"{metric}@{stand.k}"
    rows = [
        {"name": choice.names.get(one.model, one.model), "low": round(one.pessimistic, 4),
         "width": round(one.optimistic - one.pessimistic, 4), "high": round(one.optimistic, 4),
         "condensed": round(one.condensed, 4), "interval": _between(one.interval),
         "unjudged": one.unjudged, "shown": one.shown}
        for one in stand.bounds
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    said = {"range": _("from pessimistic to optimistic"), "condensed": _("condensed")}
    dark = st.context.theme.type == "dark"
    st.echarts_chart(
        judge_charts.bounds_spec(table, said, dark), height=90 + 42 * len(table), key="bounds", alt=_("Bounds by model")
    )  # fmt: skip
    figure: dict[str, Any] = {"min_value": 0.0, "max_value": 1.0, "format": "%.3f"}
    st.dataframe(
        table,
        hide_index=True,
        column_order=["name", "low", "interval", "high", "condensed", "unjudged", "shown"],
        alt=_("Bounds by model"),
        column_config={
            "name": st.column_config.TextColumn(_("Model"), pinned=True, width="large"),
            "low": st.column_config.ProgressColumn(
                _("Pessimistic"), help=f"{metric_says(name)} {_(PESSIMISTIC)}", **figure
            ),
            "high": st.column_config.ProgressColumn(_("Optimistic"), help=_(OPTIMISTIC), **figure),
            "condensed": st.column_config.ProgressColumn(_("Condensed"), help=_(CONDENSED), **figure),
            "interval": st.column_config.TextColumn(_("Interval, 95 %"), help=_(INTERVAL), width=130),
            "unjudged": st.column_config.NumberColumn(
                _("Unjudged"), help=_("Results among the first k of all queries that have no grade."), width="small"
            ),
            "shown": st.column_config.NumberColumn(_("Results"), width="small"),
        },
    )
    st.caption(
        " · ".join(
            (
                f"{name}: {metric_says(name)}",
                n_("{n} query with a relevant item", "{n} queries with a relevant item", len(stand.queries)),
            )
        )
    )


def _gaps(stand: Standing, choice: Choice) -> None:
    if not stand.gaps:
        return
    st.header(_("What is decided, whatever the missing labels say"), anchor=False)
    st.caption(
        _(
            "The difference of two models on P@{k} lies between these bounds over every way the missing labels can "
            "turn out. Items that both show cancel out. This says nothing of chance between queries: the comparison "
            "does.",
            k=stand.k,
        )
    )
    st.markdown("  \n".join(f"{ICONS[gap.state]} {sentence(gap, choice.names)}" for gap in stand.gaps))


def _between(interval: tuple[float, float] | None) -> str:
    return "—" if interval is None else f"{number(interval[0], 2)} … {number(interval[1], 2)}"


ICONS = {
    "first": ":material/check_circle:",
    "second": ":material/check_circle:",
    "equal": ":material/drag_handle:",
    "undecided": ":material/help:",
}


def sentence(gap: Gap, names: Mapping[str, str]) -> str:
    """One plain sentence about two models, escaped for Markdown."""
    a, b = (md(names.get(spec, spec)) for spec in (gap.first, gap.second))
    low, high = number(gap.low, 3), number(gap.high, 3)
    if gap.state == "undecided":
        missing = n_("{n} label is missing", "{n} labels are missing", gap.missing)
        return _("**{a}** against **{b}**: undecided for want of labels: {low} … {high}, {missing}", a=a, b=b, low=low,
                 high=high, missing=missing)  # fmt: skip
    if gap.state == "equal":
        return _("**{a}** and **{b}** are equal: every result in which they differ is judged", a=a, b=b)
    better, worse = (a, b) if gap.state == "first" else (b, a)
    low, high = (low, high) if gap.state == "first" else (number(-gap.high, 3), number(-gap.low, 3))
    return _("**{better}** finds more than **{worse}**: {low} … {high}", better=better, worse=worse, low=low, high=high)


def _queue(catalogue: Catalogue, stand: Standing, texts: Mapping[str, str]) -> tuple[str, str] | None:
    there = set(catalogue.ids)
    coming = [one for one in stand.queue if one.weight > 0 and one.item in there][:NEXT]
    if not coming:
        return None
    st.header(
        n_("The next {n} label that decides most", "The next {n} labels that decide most", len(coming)), anchor=False
    )  # fmt: skip
    st.caption(
        _(
            "Each moves the difference of a model pair by 1 / (k · queries); they stand first on the desk. "
            "Click one to judge it."
        )
    )
    shown, pairs = [], {}
    for one, card in zip(coming, cards(catalogue, [one.item for one in coming]), strict=True):
        key = f"{one.query}\x1f{one.item}"
        pairs[key] = (one.query, one.item)
        query = quoted(short(texts.get(one.query, one.query)))
        shown.append(type(card)(key, query, card.picture, card.title))
    picked = gallery(shown, "judge_queue", _("Labels wanted next"), wide=130)
    return pairs.get(picked or "")
