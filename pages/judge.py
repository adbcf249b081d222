"""Judging: people say what is right, and what is still missing shows in every score."""

import streamlit as st

from app import judge_choice, judge_desk, judge_views, state, widgets
from app.judge_words import VIEWS
from app.language import _, named
from app.vocabulary import word

widgets.head(_("Judging"), _("People say which results are right. What they have not said yet bounds every score."))
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = widgets.choose_catalogue()
    queries = widgets.choose_query_set(name) if name else ""
if not name:
    st.stop()
if not queries:
    judge_views.no_queries(name)
    st.stop()
summaries = state.bench().runs(name, queries)
if not summaries:
    judge_views.no_runs(name, queries)
    st.stop()
with widgets.calmly():
    choice = judge_choice.choose(summaries)
    state.seed("judge_view", "judge", VIEWS)
    st.segmented_control(
        _("What to look at"),
        list(VIEWS),
        format_func=named(VIEWS, lambda view: word(VIEWS, view)),
        key="judge_view",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    state.publish("judge_view", "judge")
    view = st.session_state["judge_view"]
    if view == "judge":
        judge_desk.view(state.bench().catalogue(name), queries, choice)
    else:
        judge_views.VIEWS[view](state.bench().catalogue(name), queries, choice)
