"""Bars: table in, chart out; how many items each value has, and the means of models beside chance and ceiling."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app import axes


def counts_spec(counts: pd.Series, name: str) -> dict[str, Any]:
    """Horizontal bars of how many items each value has, the most frequent on top."""
    table = pd.DataFrame({"value": counts.index.astype(str), name: counts.to_numpy()}).iloc[::-1]
    return {
        "animation": False,
        "dataset": {"source": table},
        "grid": {"left": 8, "right": 56, "top": 8, "bottom": 8, "outerBoundsMode": "same"},
        "xAxis": {"show": False},
        "yAxis": {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False}},
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "bar",
                "encode": {"x": name, "y": "value"},
                "barMaxWidth": 18,
                "itemStyle": {"borderRadius": 4},
                "label": {"show": True, "position": "right"},
            }
        ],
    }


def means_spec(table: pd.DataFrame, chance: str, ceiling: str) -> dict[str, Any]:
    """Grouped bars of means: column "metric", one column a model, and the columns `chance` and `ceiling` as marks."""
    models = [c for c in table.columns if c not in ("metric", chance, ceiling)]
    up, written = axes.written("yAxis", axes.between(0, 1))
    mark = {"type": "scatter", "symbol": "rect", "symbolSize": [46, 3], "z": 4}
    return {
        "animation": False,
        "legend": {"bottom": 0, "type": "scroll"},
        "dataset": {"source": table},
        "grid": {"left": 8, "right": 8, "top": 16, "bottom": 40, "outerBoundsMode": "same"},
        "xAxis": {"type": "category", "axisTick": {"show": False}},
        "yAxis": up,
        "tooltip": {"trigger": "axis", "valueFormatter": "localized"},
        "series": [
            *(
                {
                    "type": "bar",
                    "name": m,
                    "encode": {"x": "metric", "y": m},
                    "barMaxWidth": 34,
                    "itemStyle": {"borderRadius": [4, 4, 0, 0]},
                }
                for m in models
            ),
            {**mark, "name": ceiling, "encode": {"x": "metric", "y": ceiling}, "itemStyle": {"color": "#8a8f98"}},
            {**mark, "name": chance, "encode": {"x": "metric", "y": chance}, "itemStyle": {"color": "#d08a2c"}},
            written,
        ],
    }
