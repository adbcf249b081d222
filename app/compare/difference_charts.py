"""Charts of a comparison: means with intervals, and a pair's difference query by query; no screen is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from app import axes
from app.compare.verdict_words import signed
from app.map.charts import palette
from eval.comparison import Standing

AHEAD, BEHIND, EQUAL = "#2e7d4f", "#b5523b", "#9a948e"  # read on light and on dark paper
SEEN = 40  # queries drawn at once; more are scrolled through


def means_spec(
    standings: Sequence[Standing], names: Mapping[str, str], words: Mapping[str, str], dark: bool
) -> dict[str, Any]:
    """A dot a model at its mean, best on top, over a bar of its interval; `words` says "mean", "low" and "high"."""
    order = list(standings)[::-1]
    table = pd.DataFrame(
        {
            "model": [names.get(s.label, s.label) for s in order],
            words["mean"]: [s.mean for s in order],
            words["low"]: [s.low for s in order],
            words["high"]: [s.high for s in order],
            "length": [s.high - s.low for s in order],
        }
    )
    bar = {"type": "bar", "stack": "interval", "barWidth": 10, "silent": True}
    shade = palette(1, dark)[0]
    along, written = axes.written("xAxis", axes.between(0, 1))
    return {
        "animation": False,
        "dataset": {"source": table},
        "grid": {"left": 8, "right": 24, "top": 8, "bottom": 8, "outerBoundsMode": "same"},
        "xAxis": along,
        "yAxis": {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False},
                  "axisLabel": {"width": 220, "overflow": "truncate"}},
        "tooltip": {"trigger": "item", "valueFormatter": "localized"},
        "series": [
            {**bar, "encode": {"x": words["low"], "y": "model"}, "itemStyle": {"color": "transparent"}},
            {**bar, "encode": {"x": "length", "y": "model"},
             "itemStyle": {"color": shade, "opacity": 0.3, "borderRadius": 5}},
            {"type": "scatter", "symbolSize": 15, "itemStyle": {"color": shade, "borderColor": "#fff",
             "borderWidth": 1.5}, "encode": {"x": words["mean"], "y": "model",
             "tooltip": [words["mean"], words["low"], words["high"]]}},
            written,
        ],
    }  # fmt: skip


def ordered(gains: Mapping[str, float]) -> list[str]:
    """Queries by falling gain, in the order of the chart; equal ones stay in their own order."""
    return sorted(gains, key=lambda query: -gains[query])


def gains_spec(gains: Mapping[str, float], texts: Mapping[str, str], says: str, chosen: str = "") -> dict[str, Any]:
    """A bar a query, the greatest gain first, to be clicked; `says` names the value, `chosen` is ringed."""
    order = ordered(gains)
    lowest, highest = min([0.0, *gains.values()]), max([0.0, *gains.values()])
    up, written = axes.written("yAxis", axes.between(lowest, highest or 1.0))
    bars = [_bar(gains[query], query == chosen) for query in order]
    labels = [texts.get(query, query) for query in order]
    labels = [text if len(text) <= 22 else text[:21] + "…" for text in labels]
    slider = {"type": "slider", "height": 16, "bottom": 4, "startValue": 0, "endValue": SEEN - 1, "brushSelect": False}
    return {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 12, "bottom": 28 if len(order) > SEEN else 8, "outerBoundsMode": "same"},
        "xAxis": {"type": "category", "data": labels, "axisTick": {"show": False}, "axisLine": {"show": False},
                  "position": "bottom", "axisLabel": {"rotate": 55, "interval": 0 if len(order) <= SEEN else "auto"}},
        "yAxis": up,
        "tooltip": {"trigger": "item"},
        "dataZoom": [slider] if len(order) > SEEN else [],
        "series": [{"type": "bar", "name": says, "data": bars, "barMaxWidth": 46, "selectedMode": "single",
                    "select": {"itemStyle": {"borderColor": "#c7791b", "borderWidth": 2.5}}}, written],
    }  # fmt: skip


def _bar(value: float, chosen: bool) -> dict[str, Any]:
    """A bar of that height; one without height shows as a thin line, so that it can be seen and clicked."""
    colour = AHEAD if value > 0 else BEHIND if value < 0 else EQUAL
    ring = {"borderColor": "#c7791b", "borderWidth": 2.5} if chosen else {}
    tooltip = {"formatter": f"{{b}}<br><b>{signed(value, 3)}</b>"}
    if value:
        style = {"color": colour, "borderRadius": 3, **ring}
        return {"value": round(value, 6) or 0.0, "itemStyle": style, "tooltip": tooltip}
    thin = {"color": colour, "borderColor": colour, "borderWidth": 3 if not chosen else 5}
    return {"value": 0.0, "itemStyle": thin, "tooltip": tooltip}
