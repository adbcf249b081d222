"""Groups as a CSV, out and in: item, group, tags; a row that is wrong is told by its number, the others are taken."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

import streamlit as st

from app import state, widgets
from app.catalogue import uploads
from app.language import _, language, n_
from app.text import md
from data import cleaning
from data.catalogue import Catalogue
from eval.grouping.files import COLUMNS, Brought
from eval.grouping.kept import Group

TOLD = 20  # rows that are told one by one
_TAKEN = "_groups_taken"


def show(catalogue: Catalogue, groups: Sequence[Group]) -> None:
    """A download of all groups, and a panel that takes them from a file."""
    with st.container(horizontal=True):
        if groups:
            st.download_button(
                _("Groups as CSV"), lambda: _csv(catalogue.name), f"{catalogue.name}-groups.csv", "text/csv",
                on_click="ignore", icon=":material/download:", key="groups_csv",
            )  # fmt: skip
        with st.popover(_("Bring groups in"), icon=":material/upload:", key="groups_in"):
            st.caption(
                _("A CSV with the columns item, group and, if you like, tags. Items join the groups that are there.")
            )
            file = st.file_uploader(_("File"), ["csv", "tsv", "txt"], key="groups_file", max_upload_size=50)
            if st.button(_("Bring in"), key="groups_import", type="primary", disabled=file is None) and file:
                with widgets.calmly():
                    path = uploads.keep(state.bench().home, file)
                    st.session_state[_TAKEN] = state.bench().bring_groups(path, catalogue.name)
                    st.rerun()
    if taken := st.session_state.pop(_TAKEN, None):
        _told(taken)


def _csv(catalogue: str) -> str:
    """What is called when somebody downloads: the groups as of then; Excel needs the mark to see UTF-8."""
    buffer = StringIO(newline="")
    cleaning.write_csv(buffer, COLUMNS, state.bench().groups_csv(catalogue))
    return "\ufeff" + buffer.getvalue()


def _told(taken: Brought) -> None:
    said = n_("{n} row taken", "{n} rows taken", taken.rows)
    if not taken.refused:
        st.toast(said, icon=":material/check:")
        return
    lines = [f"- {md(one.message(language()))}" for one in taken.refused[:TOLD]]
    more = len(taken.refused) - TOLD
    lines += [n_("… and {n} more", "… and {n} more", more)] if more > 0 else []
    refused = n_("{n} row was not taken", "{n} rows were not taken", len(taken.refused))
    widgets.message(f"{said} · {refused}", "\n".join(lines), icon="rule")
