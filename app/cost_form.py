"""Asking for a measurement from the screen: which models, how often, with how many threads; the button starts a job."""

from __future__ import annotations

import os

import streamlit as st

from app import jobpanel, picker, state
from app.language import _, named
from data.catalogue import Catalogue

JOB = "efficiency"
REPEATS, CALLS = 20, 1000  # at most
LIMIT = 12  # models at once: each takes some ten seconds a process


def form(catalogue: Catalogue, folded: bool) -> None:
    """Models, processes, calls, threads."""
    models = {str(m.spec): m for m in state.models() if m.here}
    first = [spec for spec in models if "+" not in spec and models[spec].spec.family != "chance"][:3]
    state.seed("cost_models", first or list(models)[:1], models)
    state.seed("cost_repeats", 3, range(1, REPEATS + 1))
    state.seed("cost_calls", 30, range(5, CALLS + 1))
    state.seed("cost_threads", 1, range(1, (os.cpu_count() or 1) + 1))
    opened = st.expander(_("Measure models"), expanded=not folded, icon=":material/play_circle:", key="cost_form")
    with opened, st.form("cost_asked", border=False):
        st.multiselect(
            _("Models"),
            list(models),
            format_func=named(models, lambda spec: picker.title_of(models[spec])),
            key="cost_models",
            max_selections=LIMIT,
            placeholder=_("Choose one or several"),
            persist_state="session",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(_("Processes a model"), 1, REPEATS, key="cost_repeats", width=170, persist_state="session")
            st.number_input(_("Calls in each"), 5, CALLS, key="cost_calls", width=170, persist_state="session")
            st.number_input(
                _("Threads"), 1, os.cpu_count() or 1, key="cost_threads", width=130, persist_state="session"
            )
        st.caption(_("Close what else works on this machine first: a loaded machine is seen and flagged."))
        go = st.form_submit_button(_("Measure"), type="primary", icon=":material/timer:")
    if go and st.session_state["cost_models"]:
        jobpanel.begin(
            JOB,
            specs=list(st.session_state["cost_models"]),
            catalogue=catalogue.name,
            repeats=int(st.session_state["cost_repeats"]),
            calls=int(st.session_state["cost_calls"]),
            threads=int(st.session_state["cost_threads"]),
        )
