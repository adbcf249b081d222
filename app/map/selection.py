"""What is selected on the map, kept in the URL so that a copied link shows the same pictures."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from app import state

PARAM = "selected"
LONGEST = 6000  # characters; a longer URL is cut or refused by mail programs and proxies
_DRAWN = "_selection_drawn"


def write(rows: Iterable[int]) -> str:
    """Row numbers as runs: [3, 4, 5, 9] → "3-5.9"; "" when nothing is selected or it would be longer than `LONGEST`."""
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    text = ".".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    return text if len(text) <= LONGEST else ""


def read(text: str, count: int) -> list[int]:
    """The row numbers below `count` that `write` wrote; what is no number, or no row, is left out."""
    rows: set[int] = set()
    for run in text[:LONGEST].split("."):
        first, dash, last = run.partition("-")
        if _number(first) and (not dash or _number(last)):
            rows.update(range(int(first), min(int(last or first) + 1, count)))
    return sorted(row for row in rows if row < count)


def follow(key: str, count: int, version: str) -> tuple[list[int], bool]:
    """The rows selected on the chart `key`; before anybody draws there, those of the link, and then True.

    To be asked before the chart is drawn, so that the chart can show what the link selects. `version` says which
    catalogue the rows belong to: a link to the rows of another one selects nothing.
    """
    drawn, told = _drawn(key, count), state.seed(PARAM, "")
    if not told.startswith(f"{version}~"):
        told = ""
    if drawn:
        told = f"{version}~{write(drawn)}"
    elif st.session_state.get(_DRAWN) and not state.arrived():
        told = ""
    st.session_state[PARAM], st.session_state[_DRAWN] = told, bool(drawn)
    state.publish(PARAM, "")
    return (drawn, False) if drawn else (read(told.partition("~")[2], count), bool(told))


def _drawn(key: str, count: int) -> list[int]:
    event = st.session_state.get(key) or {"selection": {"selected": []}}
    groups = [group for group in event["selection"]["selected"] if group.get("series_index", 0) == 0]
    return sorted({i for group in groups for i in group["data_indices"] if i < count})


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
