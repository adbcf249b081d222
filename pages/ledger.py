"""Ledger: every number that the 2025 report and Uzor's own pages claim, and how each of them stands now."""

import streamlit as st

from app import ledger_view, ledger_words, state, widgets
from app.language import _, named
from app.text import short
from eval.ledger import STATES, Entry


def choose_state() -> str:
    """Which state is shown; "" for all."""
    state.seed("state", "", {"", *STATES})
    st.segmented_control(
        _("State"),
        ["", *STATES],
        key="state",
        required=True,
        format_func=named(["", *STATES], lambda code: ledger_words.state(code) if code else _("All")),
        persist_state="session",
        label_visibility="collapsed",
    )
    state.publish("state", "")
    return str(st.session_state["state"])


def one_claim(found: tuple[Entry, ...]) -> None:
    """A claim of the visitor's choice in full."""
    by_id = {entry.claim.id: entry for entry in found}
    state.seed("claim", "", {"", *by_id})
    st.selectbox(
        _("Look at a claim: definition, source, tolerance"),
        ["", *by_id],
        key="claim",
        format_func=named(
            ["", *by_id], lambda name: short(ledger_words.said(by_id[name].claim.says)) if name else _("none")
        ),
        persist_state="session",
    )
    state.publish("claim", "")
    if chosen := st.session_state["claim"]:
        ledger_view.one(by_id[chosen])


widgets.head(
    _("Ledger of numbers"), _("Every claimed number, measured again now: from the bundled files or your runs.")
)
with widgets.calmly():
    entries = ledger_view.entries()
    ledger_view.counts(entries)
    st.caption(
        ":material/info: "
        + _(
            "In it: the tables of the 2025 embroidery report with its query-by-query figures, what its text and code "
            "say of the data, training and service, and the numbers of Uzor's own pages. Tables of other papers "
            "are not among the bundled facts, so they are not claimed here."
        )
    )
    one_claim(entries)
    wanted = choose_state()
    shown = [entry for entry in entries if wanted in ("", entry.state)]
    for code in dict.fromkeys(entry.claim.table for entry in shown):
        ledger_view.table(code, [entry for entry in shown if entry.claim.table == code])
    st.caption(_("The same on the command line: uzor ledger; it fails when a number differs and nobody said why."))
