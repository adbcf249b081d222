"""The dark catalogue on the screen: which parts of it are shown less than their due, and what nothing finds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app import columns, state, widgets
from app.gallery import cards, gallery
from app.language import _, n_, named
from app.text import plain
from app.vocabulary import FIELDS, word
from data.catalogue import Catalogue
from eval import hubs
from eval.failures.exposure import Shown

DARK = 24  # pictures on the screen
PARTS = ("category", "price", "source")


def parts(catalogue: Catalogue, shown: Shown) -> None:
    """Every category, price band or shop: how much of it no list holds, and its part of all places."""
    st.subheader(_("Who is in the dark"), anchor=False)
    table = catalogue.table.iloc[shown.rows]
    there = [name for name in PARTS if name in table.columns and table[name].nunique() > 1]
    if not there:
        return
    state.seed("part", there[0], there)
    st.segmented_control(
        _("By"),
        there,
        key="part",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
        format_func=named(there, lambda name: word(FIELDS, name)),
    )
    state.publish("part", there[0])
    part = st.session_state["part"]
    values = hubs.bands(list(table["price"])) if part == "price" else list(table[part])
    columns.table(
        part_table(hubs.shares(shown.counts, values), shown.exposure),
        {
            "value": st.column_config.TextColumn(word(FIELDS, part), width="medium"),
            "items": st.column_config.NumberColumn(_("Items"), format="%d"),
            "dark": st.column_config.ProgressColumn(
                _("Never shown"), help=_("Share of its items that no list holds."), min_value=0.0, max_value=100.0,
                format="%.0f %%",
            ),
            "times": columns.numbers(
                _("Shown, × its share"),
                2,
                help=_("Its share of all places over its share of all items: below 1 it is shown less than its due."),
            ),
        },
        height=300,
        alt=_("Who is in the dark"),
    )  # fmt: skip


def part_table(parts: Sequence[hubs.Share], exposure: hubs.Exposure) -> pd.DataFrame:
    """Columns value, items, dark (share of its items), times (share of exposure over share of items)."""
    places = max(1, sum(part.shown for part in parts))
    return pd.DataFrame(
        [
            {
                "value": plain(part.value) or _("none"),
                "items": part.items,
                "dark": 100 * part.dark / part.items,
                "times": (part.shown / places) / (part.items / exposure.items),
            }
            for part in parts
        ]
    ).sort_values(["dark", "items"], ascending=False, kind="stable", ignore_index=True)


def dark(catalogue: Catalogue, shown: Shown) -> str | None:
    """The items that no list holds, page by page; returns the item clicked."""
    unseen = np.flatnonzero(shown.counts == 0)
    st.header(n_("{n} item that nothing finds", "{n} items that nothing finds", len(unseen)), anchor=False)
    if not len(unseen):
        st.caption(_("Every item stands in some list."))
        return None
    pages = -(-len(unseen) // DARK)
    page = int(state.seed("dark_page", 1, range(1, pages + 1)))
    ids = [shown.ids[place] for place in unseen[(page - 1) * DARK : page * DARK]]
    picked = gallery(cards(catalogue, ids), "dark", _("Never shown"), st.session_state.get("item", ""), 96)
    widgets.pager("dark_page", pages, page)
    return picked
