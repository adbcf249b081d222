"""Queries by falling loss, with the cause of each; a click on a line opens that query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app import asked, columns, state
from app.failures.failure_words import CAUSES, title
from app.language import _, n_, named, number, percent
from app.text import short
from app.vocabulary import long_name, metric_says
from data.catalogue import Catalogue
from eval.failures.causes import FOUND

LINES = 390  # height of the table in pixels
NOTHING = 1e-9  # a loss below this is rounding


def filtered(table: pd.DataFrame, causes: Mapping[str, str] | None) -> pd.DataFrame:
    """Let the visitor choose causes; the lines that have one of them, all while none is chosen."""
    if causes is None:
        return table
    counts = Counter(causes.get(query, FOUND) for query in table["query"])
    codes = [code for code in CAUSES if counts[code]]
    state.seed("cause", [], codes)
    st.pills(
        _("Cause"),
        codes,
        selection_mode="multi",
        key="cause",
        persist_state="session",
        label_visibility="collapsed",
        format_func=named(codes, lambda code: f":material/{CAUSES[code].icon}: {title(code)} {counts[code]}"),
    )
    state.publish("cause", [])
    wanted = st.session_state["cause"]
    return table[[causes.get(q, FOUND) in wanted for q in table["query"]]] if wanted else table


def summary(table: pd.DataFrame, metric: str, causes: Mapping[str, str] | None) -> None:
    """How many queries lost something, and how much."""
    failed = int((table["loss"] > NOTHING).sum())
    parts = [
        n_("{n} query lost something", "{n} queries lost something", failed) + " " + _("of {n}", n=number(len(table))),
        _("mean loss in {metric}: {loss}", metric=long_name(metric), loss=number(table["loss"].mean(), 3)),
    ]
    if causes is not None:
        told = [code for code in causes.values() if code != FOUND]
        explained = sum(code != "unexplained" for code in told) / len(told) if told else 1.0
        parts.append(_("explained: {share}", share=percent(explained)))
    st.caption(
        " · ".join(parts),
        help=_(
            "Loss is the best value that the query's judgments allow (its ceiling) less the value it got. "
            "Explained: the share of failed queries for which one of the rules fits or somebody named a cause."
        ),
    )


def table(
    shown: pd.DataFrame, metric: str, causes: Mapping[str, str] | None, said: Container[str], catalogue: Catalogue,
    pictures: Mapping[str, str],
) -> str:  # fmt: skip
    """Draw the lines; return the query that is looked at: the one clicked or linked, else the worst.

    `said`: the queries of which somebody said something; `pictures`: what asks where no words do.
    """
    queries = [str(query) for query in shown["query"]]
    chosen = state.seed("query", queries[0] if queries else "", {"", *queries})
    lines = shown.assign(
        found=[f"{hits} / {possible}" for hits, possible in zip(shown["hits"], shown["possible"], strict=True)],
        first=shown["first"].where(shown["first"] > 0),
        cause=[title(causes.get(query, FOUND)) if causes else "—" for query in queries],
        said=["✎" if query in said else "" for query in queries],
    )
    if pictures:
        lines["text"] = list(asked.names(dict(zip(queries, lines["text"], strict=True)), pictures).values())
    seen = asked.beside(lines, catalogue, pictures)

    def opened() -> None:
        picked = st.session_state["failures_table"]["selection"]["rows"]
        if picked:
            state.put("query", queries[picked[0]])

    columns.table(
        lines,
        {**seen, **_columns(metric, float(shown["ceiling"].max()) if len(shown) else 1.0)},
        key="failures_table",
        on_select=opened,
        selection_mode="single-row",
        height=LINES,
        column_order=[*seen, "text", "loss", "value", "found", "first", "cause", "said"],
        alt=_("Queries by loss"),
    )
    state.publish("query", "")
    return chosen if chosen in queries else queries[0] if queries else ""


def lost(table: pd.DataFrame, query: str) -> bool:
    """True when the query lost something: in the metric, or a relevant item that its first k had room for."""
    row = table[table["query"] == query].iloc[0]
    return bool(row["loss"] > NOTHING or row["hits"] < row["possible"])


def _columns(metric: str, most: float) -> dict[str, Any]:
    loss_says = _("The ceiling of this query less its value: what was lost.")
    first_says = _("Rank of the first relevant item in the whole list; empty when it was not found.")
    cause_says = _("The first rule that fits; somebody's own word (✎) counts before it.")
    return {
        "text": st.column_config.TextColumn(_("Query"), pinned=True, width="medium"),
        "loss": st.column_config.ProgressColumn(
            _("Loss"), help=loss_says, min_value=0.0, max_value=max(most, 0.01), format="localized", width="small"
        ),
        "value": columns.numbers(metric, 2, help=metric_says(metric), width="small"),
        "found": st.column_config.TextColumn(
            _("Hits"), help=_("Relevant items among the first k, of as many as could stand there."), width="small"
        ),
        "first": st.column_config.NumberColumn(_("First at"), help=first_says, format="%d", width="small"),
        "cause": st.column_config.TextColumn(_("Cause"), help=cause_says, width="medium"),
        "said": st.column_config.TextColumn("✎", help=_("Somebody left a note or named the cause."), width=40),
    }


def heading(text: str) -> None:
    """The query that is looked at."""
    st.header("«" + short(text, 120).replace("*", "\\*") + "»", anchor=False)
