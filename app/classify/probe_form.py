"""Asking for a classification from the screen: which column, models, classifiers and items; the button starts a job."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app import jobpanel, picker, state
from app.classify.probe_words import CLASSIFIERS
from app.groups import group_choice
from app.language import _, n_, named
from app.text import plain
from app.vocabulary import FIELDS, word
from data.catalogue import Catalogue
from eval.contracts import KnownModel
from eval.probing import classifiers

JOB = "classify"
LEXICAL = ("bm25", "chance")
SEEDS = 2**31


def form(catalogue: Catalogue, columns: Mapping[str, int], folded: bool) -> None:
    """Column, models, classifiers, source and seed."""
    models = {str(m.spec): m for m in state.models() if m.here and m.spec.family not in LEXICAL}
    here = [name for name, one in classifiers.ALL.items() if one.here]
    sources = sorted(value for value in catalogue.table["source"].unique() if value)
    _seed(list(columns), models, here, sources)
    group_choice.seed(catalogue.name, "class_without")
    opened = st.expander(_("Classify"), expanded=not folded, icon=":material/play_circle:", key="classify_form")
    with opened, st.form("classify_asked", border=False):
        _models(models, here)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                _("Predict"),
                list(columns),
                format_func=named(columns, lambda c: f"{word(FIELDS, c) if c in FIELDS else plain(c)} ({columns[c]})"),
                key="class_column",
                persist_state="session",
                width=260,
                help=_("The column whose values are the classes; in brackets how many there are."),
            )
            if len(sources) > 1:
                st.multiselect(
                    _("Only the source"),
                    sources,
                    format_func=plain,
                    key="class_from",
                    placeholder=_("all"),
                    persist_state="session",
                    width=260,
                )
            group_choice.leave_out(catalogue.name, "class_without")
            st.number_input(_("Seed"), 0, SEEDS - 1, key="class_seed", width=110, persist_state="session")
            st.toggle(
                _("Keep nearly equal pictures together"),
                key="class_near",
                persist_state="session",
                help=_(
                    "Without it a picture may be learnt from while its near copy is judged: numbers come out higher."
                ),
            )
        go = st.form_submit_button(_("Classify"), type="primary", icon=":material/play_arrow:")
    if go and st.session_state["probe_models"]:
        _begin(catalogue, sources)


def _seed(columns: list[str], models: Mapping[str, KnownModel], here: list[str], sources: list[str]) -> None:
    floor = next((spec for spec, model in models.items() if model.group == "pictures"), "")
    default = [spec for spec in (picker.default_model(list(models.values())), floor) if spec]
    state.seed("class_column", columns[0], columns)
    state.seed("probe_models", default, models)
    state.seed("probe_classifiers", [name for name in here if name != "boosting"], here)
    state.seed("class_from", [], sources)
    state.seed("class_seed", 0, range(SEEDS))
    st.session_state.setdefault("class_near", True)


def _models(models: Mapping[str, KnownModel], here: list[str]) -> None:
    picker.several(models, "probe_models")
    st.multiselect(
        _("Classifiers"),
        here,
        format_func=named(here, lambda name: word(CLASSIFIERS, name)),
        key="probe_classifiers",
        placeholder=_("all"),
        persist_state="session",
    )


def _begin(catalogue: Catalogue, sources: list[str]) -> None:
    chosen = st.session_state.get("class_from", []) if len(sources) > 1 else []
    jobpanel.begin(
        JOB,
        specs=list(st.session_state["probe_models"]),
        catalogue=catalogue.name,
        column=st.session_state["class_column"],
        classifiers=list(st.session_state["probe_classifiers"]),
        where={"source": list(chosen)} if chosen else None,
        exclude=group_choice.labels(catalogue.name, "class_without"),
        seed=int(st.session_state["class_seed"]),
        near=bool(st.session_state["class_near"]),
    )


def nothing_to_predict(items: int) -> str:
    """What is said of a catalogue without a column to classify by."""
    return n_(
        "A column with at least two different values is needed, such as a category; {n} item has none.",
        "A column with at least two different values is needed, such as a category; {n} items have none.",
        items,
    )
