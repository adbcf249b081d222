"""Which part of a catalogue is searched: the values chosen by category and source, kept in the URL."""

from __future__ import annotations

import streamlit as st

from app import state
from app.language import _
from app.text import plain
from data.catalogue import Catalogue


def choose(catalogue: Catalogue) -> dict[str, list[str]]:
    """The values chosen by category and source; nothing chosen means everything."""
    where = {}
    columns = [c for c in ("category", "source") if catalogue.table[c].nunique() > 1]
    chosen = sum(len(st.session_state.get(f"only_{c}", [])) for c in columns)
    with st.popover(
        _("Filters") + (f" · {chosen}" if chosen else ""), icon=":material/filter_alt:", disabled=not columns
    ):
        for column in columns:
            values = sorted(v for v in catalogue.table[column].unique() if v)
            state.seed(f"only_{column}", [], values)
            st.multiselect(
                _("Category") if column == "category" else _("Source"),
                values,
                format_func=plain,
                key=f"only_{column}",
                placeholder=_("all"),
                persist_state="session",
            )
            state.publish(f"only_{column}", [])
            if st.session_state[f"only_{column}"]:
                where[column] = st.session_state[f"only_{column}"]
    return where
