"""What both imports ask: a path on the server, and whether the name they are given is taken."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import state
from app.language import _
from app.text import md
from app.widgets import message
from data.places import expanded


def path_of(key: str, label: str, placeholder: str) -> Path | None:
    """The path typed into that field, kept in the URL; None while there is none, or nothing at it, which is told."""
    state.seed(key, "")
    st.text_input(label, key=key, placeholder=placeholder, persist_state="session")
    state.publish(key, "")
    typed = st.session_state[key].strip()
    if not typed:
        return None
    try:
        path = expanded(typed)
    except LookupError:
        path = Path(typed)
    if not path.exists():
        message(_("There is nothing at this path"), code=typed, icon="error")
        return None
    return path


def told_if_taken(name: str) -> None:
    """Say that a catalogue of that name is here and would be replaced."""
    if name in state.bench().catalogues():
        says = _("There is a catalogue {name} already; this import replaces it.", name=md(name))
        st.caption(":material/warning: " + says)
