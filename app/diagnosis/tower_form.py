"""Diagnosing a model's towers from the screen: which model over which pool, and which diagnosis is looked at."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app import jobpanel, picker, state
from app.language import _, named
from app.text import plain
from app.vocabulary import POOLS, word
from data.catalogue import Catalogue
from eval.towers import Towers

JOB = "towers"


def form(catalogue: Catalogue, queries: str, folded: bool) -> None:
    """Model and pool; the button starts the job."""
    models = {
        str(m.spec): m for m in picker.reading(state.models()) if m.here and m.spec.family not in ("bm25", "chance")
    }
    if not models:
        return
    state.seed("tower_model", picker.default_model(list(models.values())), models)
    state.seed("tower_pool", "catalogue", POOLS)
    opened = st.expander(_("Diagnose a model"), expanded=not folded, icon=":material/play_circle:", key="towers_form")
    with opened, st.form("towers_asked", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        picker.single(models, "tower_model", _("Model"), 420)
        st.segmented_control(
            _("Search in"),
            list(POOLS),
            format_func=named(POOLS, lambda p: word(POOLS, p)),
            key="tower_pool",
            required=True,
            persist_state="session",
        )
        go = st.form_submit_button(_("Diagnose"), type="primary", icon=":material/play_arrow:")
    if go:
        asked = {"spec": st.session_state["tower_model"], "pool": st.session_state["tower_pool"], "k": 5}
        jobpanel.begin(JOB, catalogue=catalogue.name, query_set=queries, **asked)


def one_of(found: Mapping[tuple[str, str, int], Towers]) -> Towers:
    """The diagnosis the visitor looks at; the newest at first."""
    titles = picker.titles()
    keys = {"·".join(map(str, key)): key for key in found}
    state.seed("tower", next(iter(keys)), keys)
    if len(keys) > 1:
        st.selectbox(
            _("Look at"),
            list(keys),
            format_func=named(
                keys, lambda k: f"{plain(titles.get(keys[k][0], keys[k][0]))} · {word(POOLS, keys[k][1])}"
            ),
            key="tower",
            persist_state="session",
            width=480,
        )
    state.publish("tower", "")
    return found[keys[st.session_state["tower"]]]


def metric_of(one: Towers) -> str:
    """The metric the visitor looks at."""
    names = list(one.verdicts)
    state.seed("tower_metric", names[0], names)
    st.segmented_control(_("Metric"), names, key="tower_metric", required=True, persist_state="session")
    state.publish("tower_metric", names[0])
    return str(st.session_state["tower_metric"])
