"""Which of two models is better whatever the missing labels say, in one plain sentence each."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.judge.judge_choice import Choice
from app.judge.judged import Standing
from app.language import _, n_, number
from app.text import md
from eval.judging.gaps import Gap

ICONS = {
    "first": ":material/check_circle:",
    "second": ":material/check_circle:",
    "equal": ":material/drag_handle:",
    "undecided": ":material/help:",
}


def view(stand: Standing, choice: Choice) -> None:
    """One line for each pair of runs."""
    if not stand.gaps:
        return
    st.header(_("What is decided, whatever the missing labels say"), anchor=False)
    st.caption(
        _(
            "The difference of two models on P@{k} lies between these bounds over every way the missing labels of "
            "what they show can turn out. Items that both show cancel out; a query without a known relevant item "
            "counts from the moment one of its results is judged right. This says nothing of chance between queries: "
            "the comparison does.",
            k=stand.k,
        )
    )
    st.markdown("  \n".join(f"{_icon(gap)} {sentence(gap, choice.names)}" for gap in stand.gaps))


def _icon(gap: Gap) -> str:
    return ICONS[gap.state] if gap.missing or gap.state == "equal" else ":material/done_all:"


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
    if not gap.missing:
        return _("**{better}** finds more than **{worse}** by {value}: every result in which they differ is judged",
                 better=better, worse=worse, value=number(abs(gap.known), 3))  # fmt: skip
    low, high = (low, high) if gap.state == "first" else (number(-gap.high, 3), number(-gap.low, 3))
    return _("**{better}** finds more than **{worse}**: {low} … {high}", better=better, worse=worse, low=low, high=high)
