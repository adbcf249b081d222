"""One item in full: a drawer with its picture, every attribute, and the way to items like it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from app.language import _
from app.text import md
from app.vocabulary import FIELDS, word
from app.widgets import calmly
from data.catalogue import Catalogue

HIDDEN = ("image", "sha256")


def show(
    catalogue: Catalogue, item_id: str | None, page: str, why: Callable[[str], None] | None = None
) -> None:  # fmt: skip
    """Remember the item clicked on `page`, keep it in the URL, and open its drawer while there is one.

    `why` explains an item; there is a button for it where it is given.
    """
    if item_id:
        state.put("item", item_id)
        state.put("item_of", page)
    if st.session_state.get("item_of", page) != page:
        state.put("item", "")
        state.put("item_of", page)
    chosen = state.seed("item", "", {"", *catalogue.ids})
    state.publish("item", "")
    if chosen:
        _drawer(catalogue, str(chosen), why)


def _close() -> None:
    state.put("item", "")


def _drawer(catalogue: Catalogue, item_id: str, why: Callable[[str], None] | None) -> None:
    item = catalogue.item(item_id)

    @st.dialog(md(item["title"] or item_id), width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        with calmly():
            st.image(catalogue.picture(item_id), width=320, alt=item["title"] or item_id)
        if st.button(_("More like this"), icon=":material/image_search:", type="primary", key="more_like_this"):
            _close()
            state.go("search", like=item_id, q="", catalogue=catalogue.name)
        if why and st.button(_("Why was it found?"), icon=":material/help_center:", key="why_found"):
            _close()
            why(item_id)
        st.table(attributes(item), border="horizontal", hide_header=True)

    drawer()


def attributes(item: dict[str, str]) -> dict[str, list[str]]:
    """The item's filled-in columns as two columns, name and value, both escaped."""
    shown = {name: value for name, value in item.items() if value and name not in HIDDEN}
    return {
        "name": [word(FIELDS, n) if n in FIELDS else md(n) for n in shown],
        "value": [md(v.replace("|", " | ")) for v in shown.values()],
    }
