"""A query laid over the map, and the line of its similarities: a sight in, ECharts options out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from app import axes
from app.answers import Map, X, Y
from eval.sights import Seen, Sight

MARKS = {  # what → symbol, colour by day, colour by night
    "hits": ("circle", "#2e7d4f", "#6fcf97"),
    "missed": ("circle", "#b23a48", "#f28b96"),
    "friends": ("triangle", "#c7791b", "#f0b35b"),
}
BINS = 80
FAINT = 0.22  # opacity of all other items while a query is looked at


def laid_over(spec: dict[str, Any], laid: Map, seen: Sight, words: Mapping[str, str], dark: bool) -> dict[str, Any]:
    """The map's options with hits, missed and false friends as three marks, and rays from the query to each of them.

    The marks take no clicks: those go to the points below them, so that selecting works as ever.
    """
    places = laid.table.set_index("id")[[X, Y]]
    centre = laid.queries.loc[laid.queries["id"] == seen.query, [X, Y]].to_numpy()
    series, datasets = [], []
    for kind, (symbol, *colours) in MARKS.items():
        colour = colours[dark]
        points = places.reindex([one.item for one in getattr(seen, kind)]).dropna()
        if len(centre):
            series.append(_rays(points.to_numpy(), centre[0], colour, kind))
        datasets.append({"source": points.reset_index(drop=True)})
        series.append(_marks(kind, words[kind], symbol, colour, len(spec["dataset"]) + len(datasets) - 1))
    faint = {**spec["series"][0], "itemStyle": {"opacity": FAINT}}
    return {
        **spec,
        "dataset": [*spec["dataset"], *datasets],
        "series": [faint, *spec["series"][1:], *series],
        "legend": {"bottom": 0, "data": [words[kind] for kind in MARKS], "selectedMode": True},
        "grid": {**spec["grid"], "bottom": 36},
    }


def _rays(points: np.ndarray, centre: np.ndarray, colour: str, kind: str) -> dict[str, Any]:
    return {
        "type": "lines", "coordinateSystem": "cartesian2d", "silent": True, "z": 2,
        "lineStyle": {"color": colour, "width": 1.2 if kind == "missed" else 1.8, "opacity": 0.5,
                      "type": "dashed" if kind == "missed" else "solid"},
        "data": [{"coords": [centre.tolist(), point]} for point in points.tolist()],
    }  # fmt: skip


def _marks(kind: str, name: str, symbol: str, colour: str, dataset: int) -> dict[str, Any]:
    return {
        "type": "scatter", "name": name, "datasetIndex": dataset, "encode": {"x": X, "y": Y}, "symbol": symbol,
        "symbolSize": 13, "silent": True, "progressive": 0, "z": 6,
        "itemStyle": {"color": _fill(kind, colour), "borderColor": colour, "borderWidth": 2, "opacity": 1},
    }  # fmt: skip


def _fill(kind: str, colour: str) -> str:
    """What is missed is a hollow ring, by day and by night."""
    return "transparent" if kind == "missed" else colour


def strip_spec(seen: Sight, titles: Mapping[str, str], words: Mapping[str, str], dark: bool) -> dict[str, Any]:
    """One axis of scores: relevant items above it, all others below as a hill, false friends as marks of their own.

    The hill's height is the square root of the number of items, so that a lone item is seen beside a thousand.
    """
    known = {one.item for one in seen.relevant}
    scores = seen.scores[np.isfinite(seen.scores)]
    low, high = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 1.0)
    along, written = axes.written("xAxis", axes.between(low, high))
    return {
        "animation": False,
        "legend": {"bottom": 0, "data": [words[kind] for kind in MARKS] + [words["others"]]},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 56, "outerBoundsMode": "same"},
        "xAxis": {**along, "name": words["score"], "nameLocation": "middle", "nameGap": 24,
                  "axisLine": {"onZero": True}, "splitLine": {"show": False}},
        "yAxis": {"type": "value", "min": -1.05, "max": 1.05, "show": False},
        "tooltip": {"trigger": "item"},
        "series": [
            _hill(seen, known, words["others"], dark),
            *(_dots(kind, getattr(seen, kind), titles, words[kind], dark) for kind in MARKS),
            written,
        ],
    }  # fmt: skip


def _hill(seen: Sight, known: set[str], name: str, dark: bool) -> dict[str, Any]:
    """Items that are not relevant, binned by score, drawn downwards."""
    scores = np.sort(seen.scores[np.isfinite(seen.scores)].astype(np.float64))
    relevant = np.array([one.score for one in seen.relevant if one.rank], dtype=np.float64)
    low, high = (float(scores[0]), float(scores[-1])) if len(scores) else (0.0, 1.0)
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    counts = np.histogram(scores, edges)[0] - np.histogram(relevant, edges)[0]
    heights = np.sqrt(np.maximum(counts, 0) / max(int(counts.max()), 1)) if len(known) < len(scores) else counts * 0.0
    middles = (edges[1:] + edges[:-1]) / 2
    grey = "#7d756f" if dark else "#b9b0a7"
    return {
        "type": "line", "name": name, "step": "middle", "symbol": "none", "silent": True,
        "lineStyle": {"width": 0}, "itemStyle": {"color": grey}, "areaStyle": {"color": grey, "opacity": 0.6},
        "data": [[round(float(x), 4), -round(float(y), 3)] for x, y in zip(middles, heights, strict=True)],
        "tooltip": {"show": False},
    }  # fmt: skip


def _dots(kind: str, seen: Sequence[Seen], titles: Mapping[str, str], name: str, dark: bool) -> dict[str, Any]:
    """Dots in three rows, so that neighbours do not hide each other; above the axis when relevant, else below."""
    symbol, *colours = MARKS[kind]
    side = -1 if kind == "friends" else 1
    shown = [one for one in seen if one.rank]
    table = pd.DataFrame(
        {
            "x": [round(one.score, 4) for one in shown],
            "y": [side * (0.3 + 0.25 * (place % 3)) for place in range(len(shown))],
            "about": [f"{titles.get(one.item, one.item)} · {one.rank}" for one in shown],
        }
    )
    data = [{"value": [x, y], "name": about} for x, y, about in table.itertuples(index=False)]
    return {
        "type": "scatter", "name": name, "symbol": symbol, "symbolSize": 12, "z": 5, "data": data,
        "itemStyle": {"color": _fill(kind, colours[dark]), "borderColor": colours[dark], "borderWidth": 2},
        "tooltip": {"formatter": "{b}"},
    }  # fmt: skip
