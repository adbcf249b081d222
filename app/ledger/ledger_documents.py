"""Bringing a document's table into the ledger: the empty file out, the filled one in, wrong rows told one by one."""

from __future__ import annotations

import streamlit as st

from app import state, widgets
from app.catalogue import uploads
from app.language import _, n_, named
from app.ledger import ledger_words
from app.text import md, plain
from data.published_layouts import LAYOUTS, Layout

MOST_MB = 1
PREFIX = "document-"  # of the ledger's tables


def form() -> None:
    """Choose a table, take it away empty, bring it back filled in; a refused file leaves the one that is here."""
    with st.expander(_("Bring a document's table"), icon=":material/upload_file:", key="bring_table"):
        st.caption(
            _(
                "The values of four of the five documents are not known to this copy of Uzor. Who has a document types "
                "its table into the empty file: each number then gets a line of its own below."
            )
        )
        state.seed("published", next(iter(LAYOUTS)), LAYOUTS)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                _("Table"), list(LAYOUTS), key="published", width=460, persist_state="session",
                format_func=named(LAYOUTS, lambda key: plain(ledger_words.table(PREFIX + key))),
            )  # fmt: skip
            layout = LAYOUTS[st.session_state["published"]]
            st.download_button(
                _("Empty table"), layout.empty(), layout.file.name, "text/csv", on_click="ignore",
                icon=":material/download:", key="published_empty",
            )  # fmt: skip
        st.caption(_("Its columns: {columns}. Cells may stay empty.", columns=md(", ".join(layout.header))))
        _taken(layout)


def _taken(layout: Layout) -> None:
    """The upload of that table; a new uploader follows each that was taken in."""
    turn = st.session_state.get("published_turn", 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        file = st.file_uploader(
            _("The filled-in table"), ["csv", "tsv", "txt"], key=f"published_file_{turn}", max_upload_size=MOST_MB
        )
        go = st.button(_("Take in"), key="published_go", disabled=file is None, icon=":material/playlist_add_check:")
    if said := st.session_state.pop("published_said", ""):
        st.success(said, icon=":material/check:")
    if go and file is not None:
        with widgets.calmly():
            table = state.bench().bring_published(uploads.keep(state.bench().home, file), layout.key)
            st.session_state["published_turn"] = turn + 1
            rows = n_("{n} row", "{n} rows", len(table.rows))
            title = md(ledger_words.table(PREFIX + layout.key))
            st.session_state["published_said"] = _("{table}: {rows} taken in.", table=title, rows=rows)
            st.rerun()


def ours(code: str) -> None:
    """Where our numbers stand in the layout of that table of the ledger; nothing for a table of another kind."""
    layout = LAYOUTS.get(code.removeprefix(PREFIX))
    if layout and code.startswith(PREFIX):
        widgets.link(layout.page, _("Ours in this layout: {command}", command=layout.command), "table_chart")
