"""Prices on the screen: what a miss, a wrong match and a check cost, and the thresholds that cost least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app import columns, definitions, state, typed
from app.language import _, n_, named, number
from app.match import match_charts
from app.text import md
from eval.matching import prices
from eval.matching.prices import Choice, Prices

if TYPE_CHECKING:
    from app.match.match_view import Looked

USUAL = {"match_miss": 5.0, "match_wrong": 3.0, "match_check": 0.1}  # in whatever one pays
HIGHEST = 999_999.0


def show(looked: Looked) -> None:
    """The prices to type in, what they make of the chosen model, and of the others."""
    asked = _asked()
    found = prices.cheapest(looked.tally, asked)
    _said(looked, found)
    _cards(looked, found, asked)
    st.header(_("The cheapest thresholds of each model"), anchor=False)
    columns.table(
        pd.DataFrame([_line(looked, spec, asked) for spec in looked.tallies]).sort_values("cost"), _columns(asked),
        alt=_("The cheapest thresholds of each model"),
    )  # fmt: skip
    single = Prices(asked.miss, asked.wrong)
    name = _("Cost of one threshold, nobody checks")
    table = match_charts.cost_table(looked.tally.whole, single, name)
    best = prices.cheapest(looked.tally, single)
    dark = st.context.theme.type == "dark"
    st.echarts_chart(match_charts.cost_spec(table, name, best.high, dark), height=280, key="match_cost", alt=name)


def _asked() -> Prices:
    labels = {"match_miss": _("A missed match"), "match_wrong": _("A wrong match"), "match_check": _("A check by hand")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        values = [typed.decimal(param, label, USUAL[param], 0.0, HIGHEST, 0.1) for param, label in labels.items()]
        state.seed("match_by_hand", "yes", ("yes", "no"))
        st.segmented_control(
            _("Somebody checks"), ["yes", "no"], key="match_by_hand", required=True, persist_state="session",
            format_func=named(["yes", "no"], {"yes": _("Yes"), "no": _("No")}.__getitem__),
            help=_("With checks there are two thresholds: pairs between them are looked at by a person, who decides "
                   "rightly at the price of a check."),
        )  # fmt: skip
        state.publish("match_by_hand", "yes")
    return Prices(values[0], values[1], values[2] if st.session_state["match_by_hand"] == "yes" else None)


def _said(looked: Looked, found: Choice) -> None:
    model = f"**{md(looked.title(looked.spec))}**"
    if found.band:
        st.markdown(
            _("{model}: take pairs from a cosine of **{high}** as matches, have those from **{low}** checked, leave "
              "the rest.", model=model, high=number(found.high, 3), low=number(found.low, 3))
        )  # fmt: skip
    else:
        st.markdown(_("{model}: take pairs from a cosine of **{high}** as matches; a check pays for none.",
                      model=model, high=number(found.high, 3)))  # fmt: skip


def _cards(looked: Looked, found: Choice, asked: Prices) -> None:
    expected = prices.held_out(looked.tally, asked)
    with st.grid(4, min_column_width=200):
        st.metric(
            _("Cost"), number(found.cost, 2), border=True, height="stretch", delta_color="off", delta_arrow="off",
            delta=_("{cost} on other items", cost=number(expected, 2)), help=definitions.of("cheapest"),
        )  # fmt: skip
        st.metric(_("Missed matches"), number(found.missed), border=True, height="stretch", delta_color="off",
                  delta_arrow="off", delta=_("of {n}", n=number(found.missed + found.right)))  # fmt: skip
        st.metric(_("Wrong matches"), number(found.wrong), border=True, height="stretch")
        inside = n_("{n} of them a match", "{n} of them matches", _inside(looked, found))
        st.metric(_("Checked by hand"), number(found.checked), border=True, height="stretch", delta_color="off",
                  delta_arrow="off", delta=inside)  # fmt: skip


def _inside(looked: Looked, found: Choice) -> int:
    """How many matches the person finds."""
    from eval.matching import sweep

    return found.right - sweep.at(looked.tally, found.high).tp if found.band else 0


def _line(looked: Looked, spec: str, asked: Prices) -> dict[str, object]:
    found = prices.cheapest(looked.tallies[spec], asked)
    return {"model": looked.title(spec), **found.record(), "held_out": prices.held_out(looked.tallies[spec], asked)}


def _columns(asked: Prices) -> dict[str, Any]:
    money = {"cost": _("Cost"), "held_out": _("Cost on other items")}
    return {
        "model": st.column_config.TextColumn(_("Model"), pinned=True, width="medium"),
        "low": columns.numbers(_("Checked from")) if asked.check is not None else None,
        "high": columns.numbers(_("A match from")),
        **{name: columns.numbers(title, 2) for name, title in money.items()},
        "missed": columns.numbers(_("Missed matches"), 0),
        "wrong": columns.numbers(_("Wrong matches"), 0),
        "checked": columns.numbers(_("Checked by hand"), 0) if asked.check is not None else None,
        "right": columns.numbers(_("Matches found"), 0),
    }
