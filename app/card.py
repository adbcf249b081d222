"""One item in full: a drawer with its picture, every attribute, and the way to items like it."""

from __future__ import annotations

import streamlit as st

from app import photo, state
from app.language import _
from app.text import md
from app.vocabulary import FIELDS, word
from app.widgets import calmly
from data.catalogue import Catalogue

HIDDEN = ("image", "sha256")


def show(catalogue: Catalogue, item_id: str | None, page: str) -> None:
    """Remember the item clicked on `page`, keep it in the URL, and open its drawer while there is one."""
    if item_id:
        state.put("item", item_id)
        state.put("item_of", page)
    if st.session_state.get("item_of", page) != page:
        state.put("item", "")
        state.put("item_of", page)
    chosen = state.seed("item", "", {"", *catalogue.ids})
    state.publish("item", "")
    if chosen:
        _drawer(catalogue, str(chosen), page)


def _close() -> None:
    state.put("item", "")


def _drawer(catalogue: Catalogue, item_id: str, page: str) -> None:
    item = catalogue.item(item_id)

    @st.dialog(md(item["title"] or item_id), width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        with calmly():
            st.image(catalogue.picture(item_id), width=320, alt=item["title"] or item_id)
        if st.button(_("More like this"), icon=":material/image_search:", type="primary", key="more_like_this"):
            _close()
            state.go("search", like=item_id, q="", photo="", box="", catalogue=catalogue.name)
        if page == "search" and st.button(_("Without this"), icon=":material/do_not_disturb_on:", key="without_this"):
            _close()
            photo.avoid(item_id)
            st.rerun()
        asked_in_words = st.session_state.get("q") and not st.session_state.get("like") and not photo.there()
        if page == "search" and asked_in_words:
            if st.button(_("Why was it found?"), icon=":material/help_center:", key="why_found"):
                _close()
                state.put("why", item_id)
                state.put("why_asked", True)
                st.rerun()
        st.table(attributes(item), border="horizontal", hide_header=True)

    drawer()


def attributes(item: dict[str, str]) -> dict[str, list[str]]:
    """The item's filled-in columns as two columns, name and value, both escaped."""
    shown = {name: value for name, value in item.items() if value and name not in HIDDEN}
    return {
        "name": [word(FIELDS, n) if n in FIELDS else md(n) for n in shown],
        "value": [md(v.replace("|", " | ")) for v in shown.values()],
    }
