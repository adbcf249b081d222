"""What is selected on the map, as pictures: the grid, an item's true neighbours, and the form that names a group."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import gallery, state, widgets
from app.answers import Map
from app.gallery import cards
from app.groups import group_form
from app.language import _, n_
from data.catalogue import Catalogue

SHOWN = 60  # pictures of a selection on one screen
NEIGHBOURS = 12


def show(spec: str, laid: Map, catalogue: Catalogue, rows: Sequence[int], named: bool) -> str | None:
    """The grid of what is selected, `named` when that is a group; returns the item clicked."""
    if not rows:
        st.header(_("Select on the map"), anchor=False)
        st.caption(
            _(
                "Choose the rectangle or the lasso above the map and draw, or click a point. "
                "Scroll to come closer, point at a dot to see its picture. What is selected can be named as a group, "
                "and the metric measured without it."
            )
        )
        return None
    st.header(n_("{n} item selected", "{n} items selected", len(rows)), anchor=False)
    pages = -(-len(rows) // SHOWN)
    page = state.seed("map_page", 1, range(1, pages + 1))
    widgets.pager("map_page", pages, page)
    if len(rows) > 1 and not named:
        group_form.show(catalogue, laid.table["id"].iloc[list(rows)].tolist(), "map")
    shown = laid.table["id"].iloc[list(rows)[(page - 1) * SHOWN : page * SHOWN]]
    with st.container(height=620, border=False):
        picked = gallery.gallery(
            cards(catalogue, shown), "map_gallery", _("Selected items"), st.session_state.get("item", ""), 120
        )
        return (_neighbours(spec, catalogue, str(shown.iloc[0])) if len(rows) == 1 else None) or picked


def _neighbours(spec: str, catalogue: Catalogue, item: str) -> str | None:
    """The items nearest to one in the model's own space, which the map may have torn apart; returns the one clicked."""
    found = state.bench().similar(spec, item, catalogue.name, NEIGHBOURS).hits
    st.subheader(_("Nearest in the model's own space"), anchor=False)
    st.caption(_("By cosine of the whole vectors: the map shows them in two dimensions and may have torn them apart."))
    shown = cards(catalogue, [hit.id for hit in found], [hit.score for hit in found], ranks=[hit.rank for hit in found])
    return gallery.gallery(shown, "map_neighbours", _("Nearest items"), st.session_state.get("item", ""), 120)
