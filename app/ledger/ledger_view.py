"""The ledger on the screen: a table a source with badges for the states, and one claim in full."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from app import state
from app.language import _, number
from app.ledger import ledger_documents, ledger_words
from app.text import md
from data import catalogue, claims
from eval.ledger import STATES, Entry

COLOURS = {"reproduced": "green", "differs": "orange", "incomparable": "blue", "absent": "gray"}
KEPT = ("published", "matchings", "diagnoses")  # folders of the workspace that claims are measured from


def entries() -> tuple[Entry, ...]:
    """Every claim checked against this workspace; anew once a run, a query set or a catalogue was added."""
    bench = state.bench()
    newest = bench.runs(limit=1)
    versions = tuple((name, catalogue.fingerprint(bench.home, name)) for name in bench.catalogues())
    kept = tuple(_newest(bench.home / folder) for folder in KEPT)
    seen = (newest[0].id if newest else "", tuple(bench.query_sets()), versions, kept)
    with st.spinner(_("Checking every number…")):
        found = _entries(str(bench.home), seen)
    state.settle("ledger")
    return found


def _newest(folder: Path) -> tuple[int, int]:
    """How many files a folder has, and when the youngest was written."""
    files = [path.stat().st_mtime_ns for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    return len(files), max(files, default=0)


@st.cache_resource(show_spinner=False, max_entries=2)
def _entries(home: str, seen: tuple[object, ...]) -> tuple[Entry, ...]:
    return state.bench().ledger()


def counts(found: Sequence[Entry]) -> None:
    """How many claims stand in each state."""
    with st.grid(len(STATES), min_column_width=160):
        for code in STATES:
            known = sum(entry.state == code and not entry.wrong for entry in found)
            wrong = sum(entry.state == code and entry.wrong for entry in found)
            st.metric(
                ledger_words.state(code),
                number(known + wrong),
                border=True,
                height="stretch",
                delta=_("{n} unexplained", n=wrong) if wrong else _("all explained") if code == "differs" else None,
                delta_color="inverse" if wrong else "off",
                delta_arrow="off",
            )


def badge(entry: Entry) -> str:
    """The state as a coloured badge in Markdown; red where a number differs and nobody knew."""
    return f":{'red' if entry.wrong else COLOURS[entry.state]}-badge[{md(ledger_words.state(entry.state))}]"


def table(code: str, found: Sequence[Entry]) -> None:
    """One table of claims: what is claimed, what was found, and why they are not compared where they are not."""
    st.header(ledger_words.table(code), anchor=False)
    ledger_documents.ours(code)
    rows = [
        {
            _("State"): badge(entry),
            _("Claim"): md(ledger_words.said(entry.claim.says)),
            _("Claimed"): md(ledger_words.claimed(entry)),
            _("Here"): md(ledger_words.found(entry)),
            _("Why"): md(ledger_words.why(entry)),
        }
        for entry in found
    ]
    frame = pd.DataFrame(rows)
    if not any(frame[_("Why")]):
        frame = frame.drop(columns=_("Why"))
    st.table(frame, border="horizontal", hide_index=True, alt=ledger_words.table(code))


def one(entry: Entry) -> None:
    """One claim in full: source, definition, tolerance, what it needs, and the measurement by its name."""
    about = ledger_words.about(entry.claim, claims.read())
    rows = {
        _("State"): badge(entry),
        _("Claimed"): md(ledger_words.claimed(entry)),
        _("Here"): md(ledger_words.found(entry)),
        _("Why"): md(ledger_words.why(entry)) or "—",
        **{heading: md(text) for heading, text in about.items()},
        _("Measured by"): md(
            "; ".join((entry.claim.measure, *(f"{name} = {value}" for name, value in entry.claim.of.items())))
        ),
    }
    st.table({"name": list(rows), "value": list(rows.values())}, border="horizontal", hide_header=True)
