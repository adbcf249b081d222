"""Making a query set of pictures on the screen: which column says that two items show the same thing."""

from __future__ import annotations

import streamlit as st

from app import state
from app.language import _, n_, named
from app.match.matching import KEYS
from app.text import plain
from app.vocabulary import FIELDS, word
from app.widgets import calmly
from data.catalogue import Catalogue

NEVER = {"id", "image", "sha256", "url", "title", "description"}  # of one item alone, or words about it


def form(catalogue: Catalogue) -> None:
    """A column and a button: every item asks, with its picture, for those of other sources equal in the column."""
    columns = [name for name in catalogue.table.columns if name not in NEVER and _pairs(catalogue, name)]
    with st.expander(_("Ask with pictures"), icon=":material/image_search:"):
        if columns:
            _paired(catalogue, columns)
        _drawn(catalogue)


def _drawn(catalogue: Catalogue) -> None:
    """Items drawn at random ask, and people say what is right."""
    st.caption(
        _(
            "Or items drawn at random ask with their pictures, and people judge what models find: for a shop in which "
            "nothing says what is alike. Photos come as a CSV with the column “picture” (file), with “item” if judged."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        most = min(500, len(catalogue))
        count = st.number_input(_("Items"), 1, most, min(30, most), key="drawn_items", width=120)
        if st.button(_("Make a set to judge"), key="draw_askers"):
            with calmly():
                made = state.bench().draw_askers(catalogue.name, int(count))
                state.later(queries=made.name)
                st.rerun()


def _paired(catalogue: Catalogue, columns: list[str]) -> None:
    with st.container():
        st.caption(
            _(
                "Every item asks with its own picture for the items of other shops that are equal in a column of the "
                "table, for example by the article number. The item itself is never an answer."
            )
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            column = st.selectbox(
                _("Equal by the column"),
                columns,
                next((place for place, name in enumerate(columns) if name in KEYS), 0),
                format_func=named(columns, lambda c: word(FIELDS, c) if c in FIELDS else plain(c)),
                key="pair_column",
                width=260,
            )
            go = st.button(_("Make the query set"), key="pair_up", type="primary")
        if go:
            with calmly():
                made = state.bench().pair_up(catalogue.name, column)
                state.later(queries=made.name)
                st.toast(n_("{n} query added", "{n} queries added", len(made)), icon=":material/check:")
                st.rerun()


@st.cache_data(show_spinner=False, max_entries=256)
def _shared(fingerprint: str, column: str, _catalogue: Catalogue) -> bool:
    table = _catalogue.table[[column, "source"]]
    table = table[table[column] != ""]
    if table["source"].nunique() > 1:
        return bool((table.groupby(column)["source"].nunique() > 1).any())
    return bool(table[column].duplicated().any())


def _pairs(catalogue: Catalogue, column: str) -> bool:
    """True when some items of different sources (of the same one where there is only one) share a value."""
    return column != "source" and _shared(catalogue.fingerprint, column, catalogue)
