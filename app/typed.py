"""Decimal numbers that a visitor types, kept in the URL as whole thousandths."""

from __future__ import annotations

import streamlit as st

from app import state

PARTS = 1000


def decimal(
    param: str, label: str, usual: float, low: float, high: float, step: float, digits: int = 2, says: str = ""
) -> float:  # fmt: skip
    """A field for a number from `low` to `high`; on arrival the URL's value wins over what was typed before."""
    whole = round(usual * PARTS)
    known = state.seed(param, whole, range(round(low * PARTS), round(high * PARTS) + 1))
    field = f"{param}_typed"
    if state.arrived() or field not in st.session_state:
        st.session_state[field] = known / PARTS
    st.number_input(label, low, high, step=step, key=field, format=f"%.{digits}f", width=170, help=says or None)
    state.put(param, round(st.session_state[field] * PARTS))
    state.publish(param, whole)
    return int(st.session_state[param]) / PARTS


def later(param: str, value: float) -> None:
    """Let the field show that number from the next run on, as a button beside it may ask."""
    state.put(param, round(value * PARTS))
    st.session_state[f"{param}_typed"] = value
