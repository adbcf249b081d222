"""Groups on the map: as a colour, and the one that is looked at as the points that are ringed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app import state
from app.answers import Map
from app.language import _
from data.catalogue import Catalogue
from eval.grouping.excluded import WITHOUT
from eval.grouping.kept import Group

COLOUR = WITHOUT  # what the column is called that colours by group


def coloured(laid: Map, catalogue: Catalogue) -> Map:
    """The map with the column `COLOUR`: an item's group, "" without one, one word for those in several."""
    several, of = _("in several groups"), dict[str, str]()
    for group in state.bench().groups(catalogue.name):
        for item in group.items:
            of[item] = several if item in of else group.name
    return replace(laid, table=laid.table.assign(**{COLOUR: laid.table["id"].map(of).fillna("")}))


def chosen(catalogue: Catalogue) -> Group | None:
    """The group that is looked at, by the link or by a click on the list; None when it is none or gone."""
    there = {group.name: group for group in state.bench().groups(catalogue.name)}
    state.seed("group", "", {"", *there})
    state.publish("group", "")
    return there.get(str(st.session_state["group"]))


def rows(laid: Map, group: Group | None) -> list[int]:
    """The rows of the map whose items are in the group."""
    if group is None:
        return []
    inside = laid.table["id"].isin(set(group.items)).to_numpy()
    return [int(row) for row in inside.nonzero()[0]]
