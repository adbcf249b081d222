"""The groups of a catalogue under its map: a list, and for the one that is chosen its name, tags, end and effect."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import columns, state, widgets
from app.groups import group_effect, group_files, group_form
from app.language import _, n_, when
from app.text import md, plain
from data.catalogue import Catalogue
from eval.grouping.kept import Group
from eval.grouping.naming import LONGEST_NAME

MOST_IDS = 10  # ids of items that are gone, told by name


def show(catalogue: Catalogue, chosen: Group | None) -> None:
    """The list with its files, and the chosen group below."""
    st.header(_("Groups"), anchor=False)
    with widgets.calmly():
        groups = state.bench().groups(catalogue.name)
        if groups:
            _table(catalogue, groups)
        else:
            st.caption(
                _(
                    "No groups yet. Select points on the map with the lasso and name them: a group can be tagged, "
                    "coloured on the map, left out of a task, and measured before and after."
                )
            )
        group_files.show(catalogue, groups)
    if chosen is not None:
        with st.container(border=True), widgets.calmly():
            _one(catalogue, chosen)


def _table(catalogue: Catalogue, groups: Sequence[Group]) -> None:
    ids = catalogue.ids
    parts = [group.here(ids) for group in groups]
    table = pd.DataFrame(
        {
            "name": [plain(group.name) for group in groups],
            "items": [len(here) for here, _gone in parts],
            "gone": [len(gone) for _here, gone in parts],
            "tags": [", ".join(map(plain, group.tags)) for group in groups],
            "made": [when(group.made) for group in groups],
        }
    )
    shown = ["name", "items", *(["gone"] if table["gone"].any() else []), "tags", "made"]

    def opened() -> None:
        lines = st.session_state["group_table"]["selection"]["rows"]
        state.put("group", groups[lines[0]].name if lines else "")

    columns.table(
        table, key="group_table", on_select=opened, selection_mode="single-row", column_order=shown, alt=_("Groups"),
        columns={
            "name": st.column_config.TextColumn(_("Group"), pinned=True, width="medium"),
            "items": columns.numbers(_("Items"), 0),
            "gone": columns.numbers(_("Not in the catalogue any more"), 0),
            "tags": st.column_config.TextColumn(_("Tags"), width="medium"),
            "made": st.column_config.TextColumn(_("Changed")),
        },
    )  # fmt: skip


def _one(catalogue: Catalogue, group: Group) -> None:
    here, gone = group.here(catalogue.ids)
    st.subheader(md(group.name), anchor=False)
    st.caption(" · ".join([n_("{n} item", "{n} items", len(here)), *map(md, group.tags)]))
    if gone:
        listed = ", ".join(md(item) for item in gone[:MOST_IDS]) + (" …" if len(gone) > MOST_IDS else "")
        widgets.message(
            n_("{n} item of this group is not in the catalogue any more",
               "{n} items of this group are not in the catalogue any more", len(gone)),
            _("They stay in the group and come back with an import that has them: {ids}", ids=listed),
            icon="history",
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _renaming(catalogue, group)
        _tagging(catalogue, group)
        _ending(catalogue, group)
    group_effect.show(catalogue, group)


def _renaming(catalogue: Catalogue, group: Group) -> None:
    with st.popover(_("Rename"), icon=":material/edit:", key="group_rename"):
        name = st.text_input(_("Name of the group"), group.name, max_chars=LONGEST_NAME, key=f"group_to_{group.key}")
        if st.button(_("Save"), type="primary", key="group_rename_save") and name != group.name:
            with widgets.calmly():
                made = state.bench().rename_group(catalogue.name, group.name, name)
                state.later(group=made.name)
                st.rerun()


def _tagging(catalogue: Catalogue, group: Group) -> None:
    key = f"group_tags_of_{group.sequence}"
    with st.popover(_("Tags"), icon=":material/sell:", key="group_retag"):
        group_form.tags(catalogue, key, group.tags)
        if st.button(_("Save"), type="primary", key="group_retag_save"):
            with widgets.calmly():
                state.bench().tag_group(catalogue.name, group.name, st.session_state[key])
                st.rerun()


def _ending(catalogue: Catalogue, group: Group) -> None:
    with st.popover(_("Delete"), icon=":material/delete:", key="group_delete"):
        st.markdown(
            _("Delete the group {name}? Its items and all runs stay as they are.", name=f"**{md(group.name)}**")
        )
        if st.button(_("Delete the group"), type="primary", key="group_delete_yes"):
            state.bench().remove_group(catalogue.name, group.name)
            state.later(group="")
            st.rerun()
