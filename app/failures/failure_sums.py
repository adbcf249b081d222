"""Causes added up on the screen: a Pareto chart for each model, and what became of them from one model to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app import asked, state
from app.failures import failure_charts
from app.failures.failure_runs import causes, name_of
from app.failures.failure_words import title
from app.language import _, n_, named, percent
from app.text import md
from data.catalogue import Catalogue
from eval.failures.causes import FOUND, UNEXPLAINED
from eval.failures.changes import Transition, pareto, transition
from eval.store import RunSummary


def show(
    chosen: RunSummary, group: Sequence[RunSummary], names: Mapping[str, str], texts: Mapping[str, str],
    catalogue: Catalogue, pictures: Mapping[str, str],
) -> None:  # fmt: skip
    """The charts of every model that was looked into, and the change between two of them."""
    told = {run.id: found for run in group if (found := causes(run)) is not None}
    known = [run for run in group if run.id in told]
    if not known:
        return
    st.header(_("Causes by model"), anchor=False)
    st.caption(_("Bars: failed queries by their first cause. Line: their sum so far, in percent of all failures."))
    with st.grid(2, min_column_width=420):
        for run in sorted(known, key=lambda run: run.id != chosen.id):
            _pareto(run, told[run.id], name_of(run, names))
    if len(known) > 1:
        moved = _change(chosen, known, told, names)
        if moved is not None:
            _queries(moved, texts, catalogue, pictures)


def _pareto(run: RunSummary, told: Mapping[str, str], name: str) -> None:
    bars = pareto(told)
    failed = sum(code != FOUND for code in told.values())
    with st.container(border=True):
        st.markdown(f"**{md(name)}** · " + n_("{n} failed query", "{n} failed queries", failed))
        if not bars:
            st.caption(_("Nothing lost"))
            return
        st.echarts_chart(
            failure_charts.pareto_spec(
                bars,
                [title(bar.code) for bar in bars],
                (_("Queries"), _("Sum, %")),
                st.context.theme.type == "dark",
            ),
            height=250,
            alt=_("Causes by model"),
            key=f"pareto_{run.id}",
        )
        first = next((bar for bar in bars if bar.code != UNEXPLAINED), bars[0])
        st.caption(
            _(
                "“{cause}” explains {share} of the failures.",
                cause=md(title(first.code)),
                share=percent(first.share),
            )
        )


def _change(
    chosen: RunSummary, known: Sequence[RunSummary], told: Mapping[str, Mapping[str, str]], names: Mapping[str, str]
) -> Transition | None:
    st.header(_("What changed between two models"), anchor=False)
    before, after = _pair(chosen, known, names)
    if before.id == after.id:
        st.caption(_("Choose two different runs."))
        return None
    moved = transition(told[before.id], told[after.id])
    st.markdown(
        _("Mended: {mended} · broken: {broken} · of {n} queries", mended=f"**{moved.mended}**",
          broken=f"**{moved.broken}**", n=sum(map(sum, moved.counts)))
    )  # fmt: skip
    codes = [title(code) for code in moved.codes]
    st.echarts_chart(
        failure_charts.transition_spec(moved, codes, ("", ""), st.context.theme.type == "dark"),
        height=90 + 44 * len(moved.codes),
        alt=_("What changed between two models"),
        key="transition",
        on_select="rerun",
    )
    st.caption(_("Rows: the cause before. Columns: the cause after. Click a cell to see its queries."))
    return moved


def _pair(chosen: RunSummary, known: Sequence[RunSummary], names: Mapping[str, str]) -> tuple[RunSummary, RunSummary]:
    """Which two runs: by default a base and what was tuned from it."""
    of_id = {run.id: run for run in known}
    tuned = [run for run in known if "+" in run.spec and any(one.spec == run.spec.rpartition("+")[0] for one in known)]
    after = chosen if chosen in tuned else tuned[0] if tuned else known[0]
    base = after.spec.rpartition("+")[0]
    before = next((run for run in known if run.spec == base), next(run for run in known if run.id != after.id))
    with st.container(horizontal=True):
        for param, label, run in (("before", _("Before"), before), ("after", _("After"), after)):
            state.seed(param, run.id, of_id)
            st.selectbox(
                label,
                list(of_id),
                key=param,
                width=360,
                persist_state="session",
                format_func=named(of_id, lambda run_id: name_of(of_id[run_id], names)),
            )
            state.publish(param, run.id)
    return of_id[st.session_state["before"]], of_id[st.session_state["after"]]


def _queries(moved: Transition, texts: Mapping[str, str], catalogue: Catalogue, pictures: Mapping[str, str]) -> None:
    """The queries of the cell that was clicked; all that changed while none is."""
    event = st.session_state.get("transition") or {"selection": {"selected": []}}
    picked = [i for group in event["selection"]["selected"] for i in group["data_indices"]]
    pairs = (
        [failure_charts.cell(moved, picked[0])] if picked else [pair for pair in moved.queries if pair[0] != pair[1]]
    )
    rows = [
        {"query": query, "text": texts.get(query, query), "before": title(pair[0]), "after": title(pair[1])}
        for pair in pairs
        for query in moved.queries.get(pair, ())
    ]
    table = pd.DataFrame(rows, columns=["query", "text", "before", "after"])
    seen = asked.beside(table, catalogue, pictures)
    st.dataframe(
        table,
        hide_index=True,
        column_order=[*seen, "text", "before", "after"],
        alt=_("What changed between two models"),
        column_config={
            **seen,
            "text": st.column_config.TextColumn(_("Query"), pinned=True, width="medium"),
            "before": st.column_config.TextColumn(_("Before"), width="medium"),
            "after": st.column_config.TextColumn(_("After"), width="medium"),
        },
    )
