"""Naming a group: the items that are selected on the map, or left by the catalogue's filters, get a name and tags."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state, widgets
from app.language import _, n_, named
from app.text import md, plain
from data.catalogue import Catalogue
from eval.grouping.naming import LONGEST_NAME, MOST_TAGS

NEW = ""


def show(catalogue: Catalogue, items: Sequence[str], key: str) -> None:
    """A button whose panel names these items, or adds them to a group that is there; `key` tells two forms apart."""
    with st.popover(
        n_("Name {n} item as a group", "Name {n} items as a group", len(items)), icon=":material/label:",
        key=f"{key}_group_form",
    ):  # fmt: skip
        there = [group.name for group in state.bench().groups(catalogue.name)]
        into = NEW
        if there:
            into = st.selectbox(
                _("Into"), [NEW, *there], key=f"{key}_group_into",
                format_func=named([NEW, *there], lambda name: plain(name) or _("a new group")),
            )  # fmt: skip
        if not into:
            st.text_input(_("Name of the group"), max_chars=LONGEST_NAME, key=f"{key}_group_name",
                          placeholder=_("e.g. soles, pictures of boxes"))  # fmt: skip
        tags(catalogue, f"{key}_group_tags", [])
        st.caption(
            _(
                "A group is kept by item ids, so it stays on other maps and with other models, and can be left out of "
                "Evaluation, Matching and Classification."
            )
        )
        if st.button(_("Save the group"), type="primary", icon=":material/label:", key=f"{key}_group_save"):
            with widgets.calmly():
                _save(catalogue, items, key, into)


def tags(catalogue: Catalogue, key: str, default: Sequence[str]) -> None:
    """Free words, with those suggested that other groups of the catalogue have."""
    known = [tag for group in state.bench().groups(catalogue.name) for tag in group.tags]
    options = list(dict.fromkeys([*default, *known, *st.session_state.get(key, [])]))
    st.session_state.setdefault(key, list(default))
    st.multiselect(
        _("Tags"), options, key=key, accept_new_options=True, max_selections=MOST_TAGS,
        format_func=named(options, plain), placeholder=_("type a word, or choose one"),
    )  # fmt: skip


def _save(catalogue: Catalogue, items: Sequence[str], key: str, into: str) -> None:
    name = into or str(st.session_state.get(f"{key}_group_name") or "")
    chosen = st.session_state.get(f"{key}_group_tags") or []
    made = state.bench().save_group(catalogue.name, name, items, chosen, add=bool(into))
    for field in ("name", "tags", "into"):
        st.session_state.pop(f"{key}_group_{field}", None)
    state.later(group=made.name)
    said = n_("{n} item: {name}", "{n} items: {name}", len(made.items), name=md(made.name))
    st.toast(said, icon=":material/label:")
    st.rerun()
