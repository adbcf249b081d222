"""What raters go by, to be read and changed; and what they should know before they go on."""

from __future__ import annotations

import streamlit as st

from app import state
from app.judge.judge_words import GUIDE
from app.judge.judged import Judged
from app.language import _, n_, quoted
from app.text import md, short
from app.widgets import message
from eval.judging import candidates

SHOWN = 5


def guidelines(query_set: str, rater: str) -> None:
    """What raters go by, to be read and changed."""
    kept = state.bench().judgments
    written = kept.guidelines(query_set)
    with st.expander(_("What counts as right"), icon=":material/menu_book:"):
        st.markdown("  \n".join(md(line) for line in (written or _(GUIDE)).splitlines()))
        st.caption(_("Keys: 2, 1, 0 grade · X cannot tell · U takes the last one back · C comment"))
        with st.popover(_("Change the guidelines"), icon=":material/edit:"):
            words = st.text_area(_("What raters go by"), written or _(GUIDE), key="guide_words", max_chars=4000)
            if st.button(_("Save"), key="guide_save", disabled=not rater or words == written):
                kept.guide(query_set, words.strip(), rater)
                st.rerun()


def reworded(judged: Judged) -> None:
    """Say so when judgments were made for other words than the queries have now, with a way to judge them again."""
    found = judged.reworded
    if not found:
        return
    texts = {query.id: query.text for query in judged.query_set.queries}
    named = ", ".join(
        f"{quoted(md(short(texts[query], 40)))} ({count})" for query, count in list(found.items())[:SHOWN]
    )
    more = n_("and {n} query more", "and {n} queries more", len(found) - SHOWN) if len(found) > SHOWN else ""
    count = sum(found.values())
    message(
        n_("{n} judgment was made for other words", "{n} judgments were made for other words", count),
        _(
            "The words of these queries have changed since: {queries}. The judgments still count; who judges a pair "
            "again replaces their own.",
            queries=" ".join(part for part in (named, more) if part),
        ),
        icon="edit_note",
    )
    if st.session_state.get("judge_wanted") != "reworded" and st.button(
        _("Judge them again"), icon=":material/replay:", key="judge_reworded"
    ):
        state.later(judge_view="judge", judge_wanted="reworded")
        st.rerun()


def damaged(query_set: str) -> None:
    """Say which lists of candidates cannot be read; the others are used without them."""
    bench = state.bench()
    wrong = candidates.unreadable(bench.home, bench.query_set(query_set))
    for name, why in wrong.items():
        message(
            _("A list of candidates cannot be read: {name}", name=name),
            _("It is left out of the pool ({why}). Find the candidates again on the tab “Files”.", why=md(why)),
            icon="error",
        )
