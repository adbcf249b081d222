"""The verdict on the screen: the sentence, the pair in numbers with their definitions, standings, every pair."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import columns, definitions, state
from app.compare import difference_charts, verdict_words
from app.compare.compare_choice import Chosen
from app.language import _, n_, named, number
from app.text import md, plain
from app.vocabulary import long_name
from eval.comparison import Verdict


def headline(chosen: Chosen) -> None:
    """The whole comparison in one sentence, then what people ask first: family against family, tuned against base."""
    with st.container(border=True):
        head = verdict_words.head(chosen.found, chosen.names, long_name(chosen.metric))
        st.markdown(f":material/balance: **{md(head)}**")
        for first, second in chosen.asked_first:
            verdict = chosen.found.between(first, second)
            icon = ":green[:material/check_circle:]" if verdict.proven else ":orange[:material/help:]"
            st.markdown(f"{icon} {md(verdict_words.sentence(verdict, chosen.names, chosen.metric))}")
        definitions.caption(
            _(
                "A rank is shared by models that are not proven worse than its first one; p-values are corrected for "
                "every pair shown."
            ),
            "rank",
        )


def standings(chosen: Chosen) -> None:
    """The models in their tie groups, each with its mean and interval, as a chart and as a table."""
    found, metric = chosen.found, chosen.metric
    words = {"mean": long_name(metric), "low": _("from"), "high": _("to")}
    st.echarts_chart(
        difference_charts.means_spec(found.standings, chosen.names, words, st.context.theme.type == "dark"),
        height=60 + 46 * len(found.standings), key="compare_means", alt=_("Means with intervals"),
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "rank": [verdict_words.rank(s) for s in found.standings],
            "model": [plain(chosen.names.get(s.label, s.label)) for s in found.standings],
            "mean": [s.mean for s in found.standings],
            "interval": [verdict_words.interval(s.low, s.high) for s in found.standings],
        }
    )
    columns.table(
        table, alt=_("Models by rank"),
        columns={
            "rank": st.column_config.TextColumn(_("Rank"), help=definitions.of("rank"), width="small"),
            "model": st.column_config.TextColumn(_("Model"), width="medium"),
            "mean": columns.numbers(metric, help=definitions.of(metric), width="small"),
            "interval": st.column_config.TextColumn(_("Interval, 95 %"), help=definitions.of("interval")),
        },
    )  # fmt: skip


def choose_pair(chosen: Chosen) -> Verdict | None:
    """Which pair is looked at; the first two by default. None where there is one model only."""
    verdicts = {f"{v.better}~{v.worse}": v for v in chosen.found.verdicts}
    if not verdicts:
        return None
    asked = [key for a, b in chosen.asked_first for key in (f"{a}~{b}", f"{b}~{a}") if key in verdicts]
    first = next(iter([*asked, *verdicts]))
    state.seed("pair", first, verdicts)
    if len(verdicts) > 1:
        st.selectbox(
            _("Pair"), list(verdicts), key="pair", persist_state="session",
            format_func=named(verdicts, lambda key: _pair(verdicts[key], chosen.names)),
        )  # fmt: skip
    state.publish("pair", first)
    return verdicts[st.session_state["pair"]]


def _pair(verdict: Verdict, names: dict[str, str]) -> str:
    first, second = (plain(names.get(label, label)) for label in (verdict.better, verdict.worse))
    return _("{first} against {second}", first=first, second=second)


def card(verdict: Verdict, chosen: Chosen) -> None:
    """One pair: the sentence and the numbers behind it, each with its definition."""
    icon = "check_circle" if verdict.proven else "help"
    said = _("proven") if verdict.proven else _("not proven")
    shown = [
        (_("Difference"), verdict_words.signed(verdict.difference), "difference",
         verdict_words.interval(verdict.low, verdict.high)),
        (_("p, corrected"), _value(verdict.corrected), "corrected",
         _("one pair alone: {p}", p=verdict_words.p(verdict.p))),
        (_("Better · equal · worse"), f"{verdict.wins} · {verdict.ties} · {verdict.losses}", "wins",
         n_("of {n} query", "of {n} queries", verdict.queries)),
        (_("Detectable from"), number(verdict.detectable, 3), "detectable",
         n_("with {n} query", "with {n} queries", verdict.queries)),
        (_("Queries needed"), _needed(verdict), "needed", _("for this difference")),
        (_("Effect"), verdict_words.minus(verdict.effect, 2), "effect", _("in standard deviations")),
    ]  # fmt: skip
    with st.container(border=True):
        st.badge(said, icon=f":material/{icon}:", color="green" if verdict.proven else "orange")
        st.markdown(md(verdict_words.sentence(verdict, chosen.names, chosen.metric)))
        with st.grid(3, min_column_width=150):
            for label, value, key, below in shown:
                st.metric(label, value, delta=below, delta_color="off", delta_arrow="off", help=definitions.of(key))


def _value(p: float) -> str:
    return verdict_words.p(p)[1:].strip("=\u00a0")


def _needed(verdict: Verdict) -> str:
    finite = verdict.needed not in (float("inf"),) and verdict.needed == verdict.needed
    return "≈ " + number(verdict_words.rounded(verdict.needed)) if finite else "∞"


def every_pair(chosen: Chosen) -> None:
    """All verdicts beside each other, as a table and, folded, as sentences."""
    verdicts = chosen.found.verdicts
    if len(verdicts) < 2:
        return
    st.header(_("Every pair"), anchor=False)
    table = pd.DataFrame(
        {
            "pair": [_pair(v, chosen.names) for v in verdicts],
            "proven": [v.proven for v in verdicts],
            "difference": [verdict_words.signed(v.difference) for v in verdicts],
            "interval": [verdict_words.interval(v.low, v.high) for v in verdicts],
            "p": [_value(v.p) for v in verdicts],
            "corrected": [_value(v.corrected) for v in verdicts],
            "counts": [f"{v.wins} · {v.ties} · {v.losses}" for v in verdicts],
            "effect": [v.effect for v in verdicts],
            "needed": [_needed(v) for v in verdicts],
        }
    )
    column = st.column_config
    columns.table(
        table, alt=_("Every pair"),
        columns={
            "pair": column.TextColumn(_("Pair"), pinned=True, width=375),
            "proven": column.CheckboxColumn(_("Proven"), help=definitions.of("corrected"), width=85),
            "difference": column.TextColumn(_("Difference"), help=definitions.of("difference"), width=90),
            "interval": column.TextColumn(_("Interval, 95 %"), help=definitions.of("interval"), width=130),
            "p": column.TextColumn("p", help=definitions.of("p"), width=70),
            "corrected": column.TextColumn(_("p, corrected"), help=definitions.of("corrected"), width=105),
            "counts": column.TextColumn(_("Better · equal · worse"), help=definitions.of("wins"), width=165),
            "effect": columns.numbers(_("Effect"), 2, help=definitions.of("effect"), width=75),
            "needed": column.TextColumn(_("Queries needed"), help=definitions.of("needed"), width=112),
        },
    )  # fmt: skip
    if any(verdict_words.doubt(v) for v in verdicts):
        st.caption(
            ":material/info: "
            + _(
                "An interval is of its pair alone, p is corrected for all the pairs: that is why a difference can be "
                "unproven though its interval leaves out zero."
            )
        )
    with st.expander(_("The same in words"), icon=":material/notes:"):
        said = (verdict_words.sentence(v, chosen.names, chosen.metric) for v in verdicts)
        st.markdown("\n".join(f"- {md(line)}" for line in said))
