"""Columns of numbers in tables, written in the visitor's way: one decimal mark on the whole screen.

A table's numbers are written by the browser. It knows two ways: a printf pattern, whose mark is always a point, and
"localized", which asks the browser for its languages (`app.nav` puts the page's own first) and takes the digits from
the column's step. It cuts a number at its step, so `table` rounds before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st


def numbers(label: str, digits: int = 3, **how: Any) -> Any:
    """A column of plain numbers with that many decimals; `how` as for `st.column_config.NumberColumn`."""
    return st.column_config.NumberColumn(label, format="localized", step=_step(digits), **how)


def bars(label: str, digits: int = 3, most: float = 1.0, **how: Any) -> Any:
    """A column of bars from 0 to `most` with their numbers; `how` as for `st.column_config.ProgressColumn`."""
    return st.column_config.ProgressColumn(
        label, format="localized", min_value=0.0, max_value=most, step=_step(digits), **how
    )


def table(shown: pd.DataFrame, columns: Mapping[str, Any], **how: Any) -> Any:
    """`st.dataframe` without its index, its numbers rounded to what their columns write, "—" where there is none."""
    return st.dataframe(
        rounded(shown, columns), hide_index=True, column_config=dict(columns), **{"placeholder": "—", **how}
    )


def rounded(shown: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The table with each column of `numbers` rounded to its step; bars are rounded where they are written."""
    digits = {
        name: len(f"{kind['step']:.10f}".rstrip("0").partition(".")[2])
        for name, column in columns.items()
        if isinstance(column, dict) and (kind := column.get("type_config") or {}).get("type") == "number"
        if kind.get("format") == "localized" and kind.get("step") and name in shown.columns
    }
    numeric = {name: n for name, n in digits.items() if pd.api.types.is_float_dtype(shown[name])}
    return shown.round(numeric) if numeric else shown


def _step(digits: int) -> float:
    return float(f"1e-{digits}") if digits else 1.0
