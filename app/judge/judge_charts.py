"""Charts of judging: how far each model's score is fixed by the judgments, from pessimistic to optimistic."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app import axes


def bounds_spec(table: pd.DataFrame, words: dict[str, str], dark: bool) -> dict[str, Any]:
    """Horizontal bars from `low` to `high` with a mark at `condensed`; columns name, low, width, high, condensed.

    `words` says "range" and "condensed". The first row is on top.
    """
    ink = "#fff7ee" if dark else "#2b2320"
    rows = table.iloc[::-1]
    along, written = axes.written("xAxis", axes.between(0, 1))
    return {
        "animation": False,
        "dataset": {"source": rows},
        "legend": {"bottom": 0, "data": [words["range"], words["condensed"]], "selectedMode": False},
        "grid": {"left": 8, "right": 24, "top": 8, "bottom": 36, "outerBoundsMode": "same"},
        "xAxis": along,
        "yAxis": {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False}},
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "bar",
                "stack": "range",
                "silent": True,
                "encode": {"x": "low", "y": "name"},
                "itemStyle": {"color": "transparent"},
                "tooltip": {"show": False},
            },
            {
                "type": "bar",
                "name": words["range"],
                "stack": "range",
                "encode": {"x": "width", "y": "name"},
                "barMaxWidth": 18,
                "itemStyle": {"borderRadius": 5, "opacity": 0.75},
                "tooltip": {"formatter": "<b>{@name}</b><br>{@low} … {@high}"},
            },
            {
                "type": "scatter",
                "name": words["condensed"],
                "symbol": "diamond",
                "symbolSize": 13,
                "encode": {"x": "condensed", "y": "name"},
                "itemStyle": {"color": ink},
                "tooltip": {"formatter": "<b>{@name}</b><br>{@condensed}"},
                "z": 4,
            },
            written,
        ],
    }
