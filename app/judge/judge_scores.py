"""Scores with what is missing in them: bounds of every model, what is decided between two, the labels wanted next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app import asked, columns, state
from app.gallery import cards, gallery
from app.judge import judge_charts, judge_gaps
from app.judge.judge_choice import Choice
from app.judge.judge_desk import EVERY_SECONDS, ask_again, now_standing
from app.judge.judge_words import CONDENSED, INTERVAL, OPTIMISTIC, PESSIMISTIC, REPORTED
from app.judge.judged import Standing
from app.language import _, n_, named, number, quoted
from app.text import short
from app.vocabulary import long_name, metric_says
from app.widgets import message
from data.catalogue import Catalogue
from eval.judging.bounds import BOUNDED

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
    st.header(_("What the judgments fix"), anchor=False)
    if stand.complete:
        _complete(stand)
    _bounds(stand, choice, metric)
    if not stand.complete:
        judge_gaps.view(stand, choice)
    picked = _queue(catalogue, stand, asked.called(judged.query_set))
    if picked:
        ask_again(picked, judged.last)


def _complete(stand: Standing) -> None:
    """Nothing is missing: no bounds, no verdicts by labels."""
    shown = sum(one.shown for one in stand.bounds)
    message(
        _("Everything is judged"),
        n_(
            "The {n} result among the first {k} has a grade, so the scores and their differences are exact for these "
            "queries. Whether a difference is more than chance between queries, the comparison says.",
            "Each of the {n} results among the first {k} has a grade, so the scores and their differences are exact "
            "for these queries. Whether a difference is more than chance between queries, the comparison says.",
            shown, k=stand.k,
        ),
        icon="done_all",
    )  # fmt: skip


def _bounds(stand: Standing, choice: Choice, metric: str) -> None:
    name = f"{metric}@{stand.k}"
    rows = [
        {"name": choice.names.get(one.key, one.model), "reported": round(one.reported, 4),
         "low": round(one.pessimistic, 4), "width": round(one.optimistic - one.pessimistic, 4),
         "high": round(one.optimistic, 4), "condensed": round(one.condensed, 4), "interval": _between(one.interval),
         "unjudged": one.unjudged, "shown": one.shown}
        for one in stand.bounds
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    if not stand.complete:
        said = {"range": _("from pessimistic to optimistic"), "condensed": _("condensed")}
        dark = st.context.theme.type == "dark"
        st.echarts_chart(
            judge_charts.bounds_spec(table, said, dark), height=90 + 42 * len(table), key="bounds",
            alt=_("Bounds by model"),
        )  # fmt: skip
    st.dataframe(
        table,
        hide_index=True,
        column_order=_columns(stand),
        alt=_("Bounds by model"),
        column_config=_described(name),
    )
    said_of = [f"{name}: {metric_says(name)}"]
    said_of.append(n_("{n} query with a relevant item", "{n} queries with a relevant item", len(stand.queries)))
    if stand.possible:
        said_of.append(
            n_("{n} more counts once one of its results is judged right",
               "{n} more count once one of their results is judged right", len(stand.possible))
        )  # fmt: skip
    st.caption(" · ".join(said_of))


def _columns(stand: Standing) -> list[str]:
    """What the table shows: bounds only where something is missing, the lowest mean only where it is another one."""
    missing = [*(["low"] if stand.possible else []), "high", "condensed", "unjudged"]
    return ["name", "reported", "interval", *(missing if not stand.complete else []), "shown"]


def _described(name: str) -> dict[str, Any]:
    return {
        "name": st.column_config.TextColumn(_("Model"), pinned=True, width="large"),
        "reported": columns.bars(_("As reported"), help=f"{metric_says(name)} {_(REPORTED)}"),
        "low": columns.bars(_("Pessimistic"), help=_(PESSIMISTIC)),
        "high": columns.bars(_("Optimistic"), help=_(OPTIMISTIC)),
        "condensed": columns.bars(_("Condensed"), help=_(CONDENSED)),
        "interval": st.column_config.TextColumn(_("Interval, 95 %"), help=_(INTERVAL), width=130),
        "unjudged": st.column_config.NumberColumn(
            _("Unjudged"), help=_("Results among the first k of all queries that have no grade."), width="small"
        ),
        "shown": st.column_config.NumberColumn(_("Results"), width="small"),
    }


def _between(interval: tuple[float, float] | None) -> str:
    return "—" if interval is None else f"{number(interval[0], 2)} … {number(interval[1], 2)}"


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
