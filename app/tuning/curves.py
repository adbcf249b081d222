"""Curves of a training: a table of epochs in, ECharts options out; no screen is touched here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from app import axes


def table(rows: Sequence[Mapping[str, float]], names: Mapping[str, str]) -> pd.DataFrame:
    """Column "epoch" and, under their names on screen, the columns of `names` that were measured at least once."""
    frame = pd.DataFrame([dict(row) for row in rows], columns=["epoch", *names])
    measured = [name for name in names if frame[name].notna().any()]
    return frame[["epoch", *measured]].rename(columns=dict(names))


def spec(shown: pd.DataFrame, kept: float | None, kept_as: str) -> dict[str, Any]:
    """A line for each column but "epoch"; a dashed one, called `kept_as`, stands at the epoch that was kept."""
    names = [column for column in shown.columns if column != "epoch"]
    mark = {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"type": "dashed", "color": "#8a8f98"},
        "label": {"formatter": kept_as, "position": "end", "color": "#8a8f98"},
        "data": [{"xAxis": kept}],
    }
    values = [float(value) for name in names for value in shown[name].dropna()] or [0.0]
    up, written = axes.written("yAxis", axes.between(min(values), max(values), 4))
    line = {"type": "line", "symbolSize": 7, "connectNulls": True, "lineStyle": {"width": 2.5}}
    return {
        "animation": False,
        "legend": {"bottom": 0, "type": "scroll"},
        "dataset": {"source": shown},
        "grid": {"left": 8, "right": 24, "top": 20, "bottom": 44, "outerBoundsMode": "same"},
        "xAxis": {"type": "value", "minInterval": 1, "splitLine": {"show": False}},
        "yAxis": up,
        "tooltip": {"trigger": "axis", "valueFormatter": "localized"},
        "series": [
            *(
                {**line, "name": name, "encode": {"x": "epoch", "y": name}, **({"markLine": mark} if first else {})}
                for name, first in ((name, not place and kept is not None) for place, name in enumerate(names))
            ),
            written,
        ],
    }
