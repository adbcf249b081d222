"""Saved views: the page as it stands gets a name, everybody of the workspace finds it in the same list."""

from __future__ import annotations

import streamlit as st

from app import nav, state
from app.language import _
from app.text import md, plain
from data.errors import Unavailable
from eval.records import StoreDamaged
from eval.saved_views import LONGEST_NAME, SavedView


def menu() -> None:
    """A button whose panel names the view that is open, and opens or removes those that have a name."""
    with st.popover(_("Views"), icon=":material/bookmark:", help=_("Saved views"), key="saved_views"):
        try:
            views = state.bench().views.all()
        except (Unavailable, StoreDamaged):
            st.caption(_("The list of views cannot be read: the database does not answer."))
            return
        _save({view.name for view in views})
        if not views:
            st.caption(
                _("A saved view brings back a page with all that is chosen on it: models, queries, a selection.")
            )
        for place, view in enumerate(views):
            _line(view, place)


def _save(names: set[str]) -> None:
    with st.form("save_view", border=False, clear_on_submit=True):
        name = st.text_input(_("Save this view as"), max_chars=LONGEST_NAME, key="view_name").strip()
        if st.form_submit_button(_("Save"), icon=":material/bookmark_add:") and name:
            chosen = {p: st.query_params.get_all(p) for p in st.query_params if p not in state.VISITORS}
            page = st.session_state.get("_page") or nav.FIRST
            state.bench().views.save(SavedView(name, page, chosen))
            said = _("Replaced: {name}", name=md(name)) if name in names else _("Saved: {name}", name=md(name))
            st.toast(said, icon=":material/bookmark:")
            st.rerun()


def _line(view: SavedView, place: int) -> None:
    icon = nav.page(view.page).icon if view.page in nav.slugs() else None
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if st.button(plain(view.name), key=f"view_{place}", type="tertiary", icon=icon, disabled=icon is None):
            state.open_link(view.page, view.choices)
        if st.button(_("Remove"), key=f"unsave_{place}", type="tertiary", icon=":material/delete:"):
            state.bench().views.remove(view.name)
            st.rerun()
