"""Raters beside each other: how many, how far they agree, what they disagree on; and making a version of it all."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app import asked, columns, state
from app.gallery import Card, cards, gallery
from app.judge.judge_choice import Choice
from app.judge.judge_desk import EVERY_SECONDS, agreed, alpha, ask_again
from app.judge.judge_words import KAPPA, RULE_NAMES, WEIGHTED
from app.judge.judged import Judged
from app.language import _, n_, number, quoted
from app.text import md, plain, short
from app.vocabulary import word
from app.widgets import calmly
from data.catalogue import Catalogue
from eval.judging.agreement import Agreement

SHOWN = 24


def view(catalogue: Catalogue, query_set: str, choice: Choice) -> None:
    """Agreement as it stands, the pairs in dispute, and the button that makes a version."""
    _live(catalogue, query_set, choice)
    _version(query_set, choice)


@st.fragment(run_every=EVERY_SECONDS)
def _live(catalogue: Catalogue, query_set: str, choice: Choice) -> None:
    bench = state.bench()
    judged = bench.judged(query_set, choice.rule)
    found = agreed(str(bench.home), query_set, judged.last)
    _numbers(found)
    _kappas(found)
    picked = _disagreements(catalogue, judged, found)
    if picked:
        ask_again(picked, judged.last)


def _numbers(found: Agreement) -> None:
    if not found.raters and not found.unsure:
        st.caption(_("No rater has judged anything here yet."))
        return
    with st.grid(4, min_column_width=200):
        alpha(found)
        for rater in dict.fromkeys((*found.raters, *found.unsure)):
            st.metric(
                md(rater),
                number(found.raters.get(rater, 0)),
                n_("“cannot tell” {n} time", "“cannot tell” {n} times", found.unsure.get(rater, 0)),
                delta_color="off", delta_arrow="off", border=True,
                help=_("Pairs this rater's newest grade stands for."),
            )  # fmt: skip


def _kappas(found: Agreement) -> None:
    rows = [
        {"raters": f"{plain(one.first)} – {plain(one.second)}", "pairs": one.pairs, "same": one.same,
         "plain": one.plain, "weighted": one.weighted}
        for one in found.kappas if one.pairs
    ]  # fmt: skip
    if rows:
        st.header(_("Two by two"), anchor=False)
        columns.table(
            pd.DataFrame(rows),
            {
                "raters": st.column_config.TextColumn(_("Raters"), pinned=True),
                "pairs": st.column_config.NumberColumn(_("Pairs both graded")),
                "same": st.column_config.NumberColumn(_("Same grade")),
                "plain": columns.numbers(_("Cohen's kappa"), help=_(KAPPA)),
                "weighted": columns.numbers(_("Weighted kappa"), help=_(WEIGHTED)),
            },
            alt=_("Two by two"),
        )


def _disagreements(catalogue: Catalogue, judged: Judged, found: Agreement) -> tuple[str, str] | None:
    there = set(catalogue.ids)
    apart = [one for one in found.disagreements if one.item in there]
    if not apart:
        return None
    st.header(n_("{n} pair is in dispute", "{n} pairs are in dispute", len(apart)), anchor=False)
    st.caption(_("The widest apart first. Click one to judge it (again): the newest grade of each rater counts."))
    texts = asked.called(judged.query_set)
    shown, pairs = [], {}
    for one, card in zip(apart[:SHOWN], cards(catalogue, [one.item for one in apart[:SHOWN]]), strict=True):
        key = f"{one.query}\x1f{one.item}"
        pairs[key] = (one.query, one.item)
        title = quoted(short(texts.get(one.query, one.query)))
        shown.append(Card(key, title, card.picture, _graded(one.grades)))
    picked = gallery(shown, "judge_dispute", _("Pairs in dispute"), wide=150)
    return pairs.get(picked or "")


def _graded(grades: Mapping[str, int]) -> str:
    return " · ".join(f"{rater} {grade}" for rater, grade in grades.items())


def _version(query_set: str, choice: Choice) -> None:
    judged = state.bench().judged(query_set, choice.rule)
    pairs = sum(len(items) for items in judged.labels.values())
    before = sum(len(items) for items in judged.query_set.judgments.values())
    st.header(_("A version for evaluations"), anchor=False)
    st.markdown(
        _(
            "Merged by the rule “{rule}”, {pairs} pairs have a grade; the query set holds {before}. A new version is "
            "what later evaluations are scored by; runs that are there keep the judgments they were made with.",
            rule=word(RULE_NAMES, choice.rule).lower(), pairs=number(pairs), before=number(before),
        )
    )  # fmt: skip
    if st.button(_("Make the version"), icon=":material/merge:", key="judge_adopt", disabled=not judged.last):
        with calmly():
            made = state.bench().adopt(query_set, choice.rule)
            st.toast(
                _("{name}: version {version}", name=md(made.name), version=md(made.version)), icon=":material/check:"
            )
