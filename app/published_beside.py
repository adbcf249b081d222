"""A document's published table below ours, under a heading of its own; where nobody brought it, how to."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import state, widgets
from app.language import N_, _
from app.text import md, plain
from app.vocabulary import word
from data import published_tables
from data.published_tables import FILES, PublishedTable

DOCUMENTS = {
    "sneakers": N_("The document on sneakers: features by classifiers"),
    "electrical-goods": N_("The document on electrical goods: quality, size, latency"),
    "electrical-goods-online": N_("The document on electrical goods: running online"),
}


def show(*tables: str) -> None:
    """Each of those tables, or one line on where it would have to lie."""
    with st.expander(_("What the documents published"), icon=":material/menu_book:", key=f"published_{tables[0]}"):
        st.caption(
            _("Other pictures, other classes, other machines: to be read beside our numbers, never against them.")
        )
        for name in tables:
            file, header = FILES[name]
            st.markdown(f"**{word(DOCUMENTS, name)}**")
            path = state.bench().home / file
            if not path.is_file():
                st.caption(
                    _(
                        "Its values are not known to this copy of Uzor and none are made up. Put them into {file} with "
                        "these columns: {columns}.",
                        file=f"`{file.as_posix()}`",
                        columns=md(", ".join(header)),
                    )
                )
                continue
            with widgets.calmly():
                _table(published_tables.read(path), word(DOCUMENTS, name))


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
