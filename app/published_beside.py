"""A document's published table below ours, under a heading of its own; where nobody brought it, how to."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import state, widgets
from app.language import _, language
from app.ledger import ledger_words
from app.text import md, plain
from data import published_tables
from data.published_layouts import LAYOUTS
from data.published_tables import PublishedTable, RefusedRows


def show(*tables: str) -> None:
    """Each of those tables, or one line on where it would have to lie."""
    with st.expander(_("What the documents published"), icon=":material/menu_book:", key=f"published_{tables[0]}"):
        st.caption(
            _("Other pictures, other classes, other machines: to be read beside our numbers, never against them.")
        )
        for name in tables:
            layout, title = LAYOUTS[name], ledger_words.table(f"document-{name}")
            st.markdown(f"**{md(title)}**")
            path = state.bench().home / layout.file
            if not path.is_file():
                st.caption(
                    _(
                        "Its values are not known to this copy of Uzor and none are made up. Put them into {file} with "
                        "these columns: {columns}.",
                        file=f"`{layout.file.as_posix()}`",
                        columns=md(", ".join(layout.header)),
                    )
                )
                continue
            with widgets.calmly():
                found = published_tables.looked_at(path, layout)
                if not found.rows:
                    raise RefusedRows(found.refused)
                _table(found, title)
                left_out(found)
        widgets.link("ledger", _("Bring a table, and see each of its numbers checked"), "fact_check")


def left_out(table: PublishedTable) -> None:
    """The rows of a table that could not be read, one by one; nothing when there are none."""
    if table.refused:
        told = "\n".join(f"- {md(one.message(language()))}" for one in table.refused[:20])
        widgets.message(_("Rows that could not be read are left out"), told, icon="error")


def _table(table: PublishedTable, title: str) -> None:
    """Every cell as text: a column may be called like another one."""
    names = [plain(name) for name in table.header]
    keys = [f"c{place}" for place in range(len(names))]
    st.dataframe(
        pd.DataFrame([[plain(cell) for cell in row] for row in table.rows], columns=keys),
        hide_index=True,
        alt=title,
        column_config={key: st.column_config.TextColumn(name) for key, name in zip(keys, names, strict=True)},
    )
