"""The numbers of runs on the screen: cards, the leaderboard with its bars, what was counted and over what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app import columns, definitions, searched
from app.answers import Evaluation
from app.evaluate import intervals, tables
from app.language import _, n_, number, percent, when
from app.overview import bars
from app.text import md
from app.vocabulary import POOLS, long_name, metric_name, word
from eval.contracts import Run


def numbers(chosen: Evaluation) -> None:
    """The means of the chosen run as cards, each with its chance level, its ceiling and its definition."""
    with st.grid(4, min_column_width=220):
        for name in [m for m in chosen.metrics if not m.startswith("Judged")][:4]:
            low, high = chosen.chance.get(name), chosen.ceiling.get(name)
            st.metric(
                long_name(name),
                number(chosen.metrics[name], 3),
                border=True,
                help=definitions.of(name),
                delta_color="off",
                delta=_(
                    "chance {low} · ceiling {high}",
                    low=number(low, 3) if low is not None else "—",
                    high=number(high, 3) if high is not None else "—",
                ),
                delta_arrow="off",
            )


def compared(group: Sequence[Evaluation], names: Mapping[str, str]) -> None:
    """The leaderboard and the same means as bars."""
    chance, ceiling = _("Chance level"), _("Ceiling")
    board = tables.leaderboard(group, names, chance, ceiling)
    bar = {m: columns.bars(metric_name(m), help=definitions.of(m)) for m in board.columns[1:]}
    first = board.columns[1]
    board.insert(2, "interval", [*(intervals.written(e, first) for e in group), "", ""])
    between = st.column_config.TextColumn(_("{metric}: interval", metric=first), help=definitions.of("interval"))
    st.header(_("Models"), anchor=False)
    columns.table(
        board,
        alt=_("Means by model"),
        columns={
            "name": st.column_config.TextColumn(_("Model"), pinned=True, width="medium"),
            "interval": between,
        }
        | bar,
    )
    definitions.everything(list(bar))
    st.echarts_chart(
        bars.means_spec(tables.means(group, names, chance, ceiling), chance, ceiling),
        height=300,
        alt=_("Means by model"),
        key="means",
    )


def counts(chosen: Evaluation) -> None:
    """What was counted, over which pool, and the two numbers about pairs under their own names."""
    run, said = chosen.run, []
    said.append(n_("{n} query", "{n} queries", int(chosen.counts.get("queries", len(chosen.per_query)))))
    said.append(_("gallery: {n}", n=number(int(chosen.counts.get("gallery", 0)))))
    said.append(_("pool: {pool}", pool=word(POOLS, run.settings.get("pool", "")).lower()))
    said += [md(part) for part in searched.parts(run.settings.get("where"))]
    said += [run.settings.get("precision", ""), when(run.made)]
    st.caption(" · ".join(word_ for word_ in said if word_))
    pairs(run)
    if agreed := run.facts.get("agreement_with_fp32"):
        st.caption(
            ":material/info: "
            + _(
                "Of the first {k} results in fp32, {kept} stay among the first {k} in {precision}.",
                k=agreed["k"],
                kept=percent(agreed["kept"], 1),
                precision=run.settings["precision"],
            )
        )
    if absent := int(chosen.counts.get("absent", 0)):
        st.caption(
            ":material/info: "
            + n_(
                "{n} judgment is about an item outside this gallery and was left out.",
                "{n} judgments are about items outside this gallery and were left out.",
                absent,
            )
        )
    if left_out := len(chosen.counts.get("left_out", ())):
        st.caption(
            ":material/info: "
            + n_(
                "{n} query has no relevant item in this gallery and was left out.",
                "{n} queries have no relevant item in this gallery and were left out.",
                left_out,
            )
        )
    if unasked := int(chosen.counts.get("unasked", 0)):
        st.caption(
            ":material/info: "
            + n_(
                "{n} query is a picture of a group that was left out, and does not ask.",
                "{n} queries are pictures of a group that was left out, and do not ask.",
                unasked,
            )
        )


def pairs(run: Run) -> None:
    """The two numbers about correct pairs, each under its own name; nothing for a model without vectors."""
    softmax = _(
        "Mean over correct pairs of the softmax over the queries of all pairs: it falls as more pairs stand in the "
        "set. The 2025 report called this number «Cosine Sim»; it is no cosine."
    )
    shown = [
        (
            run.facts.get("pair_cosine"),
            _("Mean cosine of correct pairs"),
            _("Mean over all judged-relevant (query, picture) pairs of the cosine between their vectors."),
        ),
        (run.facts.get("match_probability"), _("Match probability (softmax)"), softmax),
    ]
    with st.container(horizontal=True):
        for value, label, says in shown:
            if isinstance(value, int | float):
                st.caption(f"{label}: **{number(value, 3)}**", help=says, width="content")
