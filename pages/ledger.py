"""Ledger: every number that five documents and Uzor's own pages claim, and how each of them stands now."""

import streamlit as st

from app import state, widgets
from app.language import _, named
from app.ledger import ledger_documents, ledger_view, ledger_words
from app.text import short
from app.vocabulary import word
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


def choose_part() -> str:
    """Which document is shown; "" for all."""
    parts = ["", *ledger_words.PARTS]
    state.seed("ledger_part", "", parts)
    st.selectbox(
        _("Document"),
        parts,
        key="ledger_part",
        width=260,
        format_func=named(parts, lambda code: word(ledger_words.PARTS, code) if code else _("All documents")),
        persist_state="session",
        label_visibility="collapsed",
    )
    state.publish("ledger_part", "")
    return str(st.session_state["ledger_part"])


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
            "In it: the 2025 embroidery report, its tables with their query-by-query figures and what its text and "
            "code say; the tables of the documents on electrical goods, sneakers, groceries and VOVA; the numbers of "
            "Uzor's own pages."
        )
    )
    ledger_documents.form()
    one_claim(entries)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted, part = choose_state(), choose_part()
    shown = [e for e in entries if wanted in ("", e.state) and part in ("", ledger_words.part(e.claim.table))]
    if not shown:
        st.caption(_("No claim of this part stands so."))
    for code in dict.fromkeys(entry.claim.table for entry in shown):
        ledger_view.table(code, [entry for entry in shown if entry.claim.table == code])
    st.caption(_("The same on the command line: uzor ledger; it fails when a number differs and nobody said why."))
