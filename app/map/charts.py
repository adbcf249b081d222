"""The map: a table of points in, ECharts options out, with the colours of its groups; no screen is touched here."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Any

import pandas as pd

from app.answers import X, Y

LIGHT = ("#8f2140", "#1f6f78", "#c7791b", "#4f5d95", "#6b8e23", "#9c5a9e", "#2f4858", "#b5523b")
DARK = ("#ef7f9c", "#5cc2c9", "#f0b35b", "#97a6ea", "#b4d367", "#d59fd7", "#9fc0d3", "#ee9a80")
GROUPS = 24  # colours that can still be told apart; the rest of the values share one grey
REST = "…"


def palette(count: int, dark: bool) -> list[str]:
    """`count` colours: the theme's eight, then the same hues lighter and darker."""
    base = DARK if dark else LIGHT
    return [_shifted(base[i % len(base)], (0.0, 0.17, -0.15)[i // len(base) % 3]) for i in range(count)]


def _shifted(colour: str, lighter: float) -> str:
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(r, g, b)
    channels = colorsys.hls_to_rgb(hue, min(0.9, max(0.12, light + lighter)), saturation)
    return "#" + "".join(f"{round(c * 255):02x}" for c in channels)


def groups(values: pd.Series, limit: int = GROUPS) -> tuple[pd.Series, list[str]]:
    """The values, all but the `limit` most frequent ones (and the empty one) replaced by `REST`; and their order."""
    filled = values.astype(str).where(values.astype(str) != "", REST)
    order = [str(v) for v in filled[filled != REST].value_counts().index[:limit]]
    grouped = filled.where(filled.isin(order), REST)
    return grouped, [*order, *([REST] if (grouped == REST).any() else [])]


def map_colours(order: Sequence[str], dark: bool) -> list[str]:
    """A colour for each group in that order; the rest are grey."""
    grey = "#7d756f" if dark else "#b9b0a7"
    return [grey if v == REST else colour for v, colour in zip(order, palette(len(order), dark), strict=True)]


def map_spec(
    points: pd.DataFrame,
    order: Sequence[str],
    folder: str,
    words: dict[str, str],
    dark: bool,
    queries: pd.DataFrame | None = None,
    marked: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """A map of items: colour by group, picture on hover, rectangle, lasso and click; exact at any number of points.

    `points` has X, Y, group, title, about, thumb (row i is item i); `queries`, drawn above, has X, Y, text;
    `marked`, the X and Y of items that get a ring. `folder` is the URL of the thumbnails; `words` names the tools.
    """
    layers = ((points, _items(len(points))), (queries, _queries(dark)), (marked, _rings(dark)))
    drawn = [(table, series) for table, series in layers if table is not None]
    return {
        "animation": False,
        "dataset": [{"source": table} for table, _series in drawn],
        "grid": {"left": 8, "right": 8, "top": 44, "bottom": 8},
        "xAxis": {"show": False, "scale": True, "boundaryGap": ["4%", "4%"]},
        "yAxis": {"show": False, "scale": True, "boundaryGap": ["4%", "4%"]},
        "tooltip": {"confine": True, "formatter": _hover(folder), "enterable": False},
        "visualMap": {
            "type": "piecewise",
            "dimension": "group",
            "categories": list(order),
            "seriesIndex": 0,
            "show": False,
            "inRange": {"color": map_colours(order, dark)},
        },
        "toolbox": {
            "right": 8,
            "top": 4,
            "itemSize": 18,
            "itemGap": 14,
            "feature": {
                "brush": {
                    "type": ["rect", "polygon", "clear"],
                    "title": {n: words[n] for n in ("rect", "polygon", "clear")},
                }
            },
        },
        "brush": {
            "xAxisIndex": "all",
            "yAxisIndex": "all",
            "throttleType": "debounce",
            "throttleDelay": 250,
            "seriesIndex": 0,
            "outOfBrush": {"colorAlpha": 0.12},
        },
        "dataZoom": [{"type": "inside", "xAxisIndex": 0}, {"type": "inside", "yAxisIndex": 0}],
        "series": [{**series, "datasetIndex": i} for i, (_table, series) in enumerate(drawn)],
    }


def _hover(folder: str) -> str:
    look = 'width="128" height="128" alt="" style="background:#fff;border-radius:6px"'
    return f'<img src="{folder}/{{@thumb}}.webp" {look}>' + "<br><b>{@title}</b><br>{@about}"


def _items(count: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "symbolSize": 9 if count < 500 else 6 if count < 6000 else 4,
        "encode": {"x": X, "y": Y},
        "progressive": 0,
        "selectedMode": "single",
        "itemStyle": {"opacity": 0.85},
        "select": {"itemStyle": {"borderColor": "#000", "borderWidth": 2, "opacity": 1}},
    }


def _queries(dark: bool) -> dict[str, Any]:
    ink, paper = ("#fff7ee", "#1a1614") if dark else ("#2b2320", "#fffdfa")
    return {
        "type": "scatter",
        "symbol": "diamond",
        "symbolSize": 13,
        "encode": {"x": X, "y": Y},
        "progressive": 0,
        "z": 5,
        "itemStyle": {"color": ink, "borderColor": paper, "borderWidth": 1.5},
        "tooltip": {"formatter": "{@text}"},
        "label": {
            "show": True,
            "formatter": "{@text}",
            "position": "right",
            "color": ink,
            "fontSize": 11,
            "textBorderColor": paper,
            "textBorderWidth": 3,
        },
        "labelLayout": {"hideOverlap": True},
    }


def _rings(dark: bool) -> dict[str, Any]:
    ink = "#fff7ee" if dark else "#2b2320"
    return {
        "type": "scatter",
        "symbolSize": 11,
        "encode": {"x": X, "y": Y},
        "progressive": 0,
        "silent": True,
        "z": 4,
        "itemStyle": {"color": "transparent", "borderColor": ink, "borderWidth": 1.5},
    }
