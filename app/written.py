"""Tables whose numbers are written in the visitor's way («0,225», 0.225) and still sort as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.language import number

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler


def written(table: pd.DataFrame, digits: Mapping[str, int]) -> Styler:
    """The table for `st.dataframe`, its columns in `digits` with so many decimals; the column's own format stays None.

    A printf format would write a point in every language.
    """
    told: dict[Any, str | Callable[[Any], str] | None] = {column: _teller(count) for column, count in digits.items()}
    return table.reset_index(drop=True).style.format(told, na_rep="")


def _teller(digits: int) -> Callable[[Any], str]:
    return lambda value: number(value, digits)
