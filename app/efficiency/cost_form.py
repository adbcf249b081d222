"""Asking for a measurement from the screen: which models, how often, with how many threads; the button starts a job."""

from __future__ import annotations

import os

import streamlit as st

from app import jobpanel, picker, state
from app.language import _, named, number
from data.catalogue import Catalogue
from eval import registry
from eval.costs.galleries import USUAL
from eval.costs.outcome import FINE
from eval.precision import offered_precisions

JOB = "efficiency"
REPEATS, CALLS = 20, 1000  # at most
INDEXES = sorted(registry.indexes())
LIMIT = 12  # models at once: each takes some ten seconds a process


def form(catalogue: Catalogue, folded: bool) -> None:
    """Models, processes, calls, threads."""
    models = {str(m.spec): m for m in state.models() if m.here}
    first = [picker.default_model(list(models.values())), *(spec for spec in ("bm25",) if spec in models)]
    state.seed("cost_models", first, models)
    state.seed("cost_repeats", 3, range(1, REPEATS + 1))
    state.seed("cost_calls", 30, range(5, CALLS + 1))
    state.seed("cost_threads", 1, range(1, (os.cpu_count() or 1) + 1))
    opened = st.expander(_("Measure models"), expanded=not folded, icon=":material/play_circle:", key="cost_form")
    with opened, st.form("cost_asked", border=False):
        picker.several(models, "cost_models", LIMIT)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(_("Processes a model"), 1, REPEATS, key="cost_repeats", width=170, persist_state="session")
            st.number_input(_("Calls in each"), 5, CALLS, key="cost_calls", width=170, persist_state="session")
            st.number_input(
                _("Threads"), 1, os.cpu_count() or 1, key="cost_threads", width=130, persist_state="session"
            )
        _galleries()
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
            precisions=list(st.session_state["cost_precisions"]) or [FINE],
            indexes=list(st.session_state["cost_indexes"]) or INDEXES[:1],
            sizes=sorted(st.session_state["cost_sizes"]),
        )


def _galleries() -> None:
    """Precisions where the machine has several, indexes, and the sizes of galleries that are searched."""
    precisions = list(offered_precisions())
    state.seed("cost_precisions", precisions[:1], precisions)
    state.seed("cost_indexes", INDEXES, INDEXES)
    state.seed("cost_sizes", list(USUAL), USUAL)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(precisions) > 1:
            st.pills(
                _("Precision"), precisions, selection_mode="multi", key="cost_precisions", persist_state="session",
                help=_("Each model is measured in each of them; bf16 is faster on some processors only."),
            )  # fmt: skip
        st.pills(_("Indexes"), INDEXES, selection_mode="multi", key="cost_indexes", persist_state="session",
                 help=_("Each is searched in each gallery; models are measured with the first."))  # fmt: skip
        st.pills(
            _("Galleries, vectors"), USUAL, selection_mode="multi", key="cost_sizes", persist_state="session",
            format_func=named(USUAL, number), help=_(
                "Search is measured at the catalogue's own size and at these. A gallery larger than the catalogue "
                "repeats its vectors with a little noise."
            ),
        )  # fmt: skip
