"""Judging: people say what is right, and what is still missing shows in every score."""

import streamlit as st

from app import state, widgets
from app.judge import judge_choice, judge_desk, judge_guide, judge_views, judge_waiting
from app.judge.judge_words import VIEWS
from app.language import _, named
from app.vocabulary import word

widgets.head(_("Judging"), _("People say which results are right. What they have not said yet bounds every score."))
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = widgets.choose_catalogue(240)
    queries = widgets.choose_query_set(name, width=240, pictures=True) if name else ""
    rater = judge_choice.rater() if queries else ""
if not name:
    st.stop()
if not queries:
    judge_views.no_queries(name)
    st.stop()
summaries = state.bench().runs(name, queries, unjudged=True)
if not summaries:
    judge_views.no_runs(name, queries)
    st.stop()
with widgets.calmly():
    state.seed("judge_view", "judge", VIEWS)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            _("What to look at"),
            list(VIEWS),
            format_func=named(VIEWS, lambda view: word(VIEWS, view)),
            key="judge_view",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        with st.popover(_("Settings"), icon=":material/tune:", width="content"):
            choice = judge_choice.choose(summaries)
            desk = judge_choice.desk(rater, choice.k)
    state.publish("judge_view", "judge")
    view, catalogue = st.session_state["judge_view"], state.bench().catalogue(name)
    judging = view == "judge" and bool(rater)
    judge_waiting.waiting(queries if judging else "", rater if judging else "")
    judge_guide.reworded(state.bench().judged(queries, choice.rule))
    if view == "judge":
        judge_desk.view(catalogue, queries, choice, desk)
    else:
        judge_views.VIEWS[view](catalogue, queries, choice)
