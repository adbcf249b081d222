"""Charts of a diagnosis: curves over growing galleries and towers query by query; tables in, ECharts options out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from app.axes import labels, scale, steps
from app.language import number
from app.map.charts import palette
from eval.size_curves import Crossing, Curve

GREY = "#8a8f98"
PLACES = 4  # decimals in a tooltip


def curves_table(curves: Sequence[Curve], names: Mapping[str, str], metric: str, chance: str) -> pd.DataFrame:
    """Column "size", for each model its median and, after its name, " ↓" and " ↑" the ends of the band; `chance`."""
    table: dict[str, list[float]] = {"size": [float(size) for size in curves[0].sizes]}
    for one in curves:
        name = names.get(one.spec, one.spec)
        for mark, part in (("", "median"), (" ↓", "low"), (" ↑", "high")):
            table[name + mark] = [round(getattr(point, part), PLACES) for point in one.metrics[metric]]
    if metric in curves[0].chance:
        table[chance] = [round(value, PLACES) for value in curves[0].chance[metric]]
    return pd.DataFrame(table)


def curves_spec(
    table: pd.DataFrame, chance: str, items: str, crossings: Sequence[Crossing], crossing: str, dark: bool
) -> dict[str, Any]:
    """Lines on a logarithmic axis, the band as thin lines beside each, the chance level dashed, crossings as marks."""
    models = [c for c in table.columns if c not in ("size", chance) and c[-2:] not in (" ↓", " ↑")]
    series = []
    for name, colour in zip(models, palette(len(models), dark), strict=True):
        series += [_line(name, name, colour), *(_edge(name + mark, colour) for mark in (" ↓", " ↑"))]
    if chance in table.columns:
        series.append(_line(chance, chance, GREY) | {"lineStyle": {"type": "dashed", "width": 1.5}, "symbolSize": 4})
    if crossings:
        series.append(_crossings(crossings, crossing, dark))
    first, last, (top, step) = (
        table["size"].min(),
        table["size"].max(),
        scale(float(table.drop(columns="size").max().max())),
    )
    series += labels([(size, 0.0, number(round(size))) for size in table["size"]], "bottom")
    series += labels([(first, up, number(up, 2 if step < 0.1 else 1)) for up in steps(top, step)], "left")
    return {
        "animation": False,
        "legend": {"bottom": 0, "type": "scroll", "data": [*models, *([chance] if chance in table.columns else [])]},
        "dataset": {"source": table},
        "grid": {"left": 44, "right": 28, "top": 16, "bottom": 76},
        "xAxis": {"type": "log", "min": first, "max": last, "name": items, "nameLocation": "middle", "nameGap": 28,
                  "splitLine": {"show": False}, "axisLabel": {"show": False}, "axisTick": {"show": False}},
        "yAxis": {"type": "value", "min": 0, "max": top, "interval": step, "axisLabel": {"show": False}},
        "tooltip": {"trigger": "item"},
        "series": series,
    }  # fmt: skip


def _line(name: str, column: str, colour: str) -> dict[str, Any]:
    return {
        "type": "line", "name": name, "encode": {"x": "size", "y": column}, "symbolSize": 8, "symbol": "circle",
        "lineStyle": {"width": 2.5}, "itemStyle": {"color": colour},
        "tooltip": {"formatter": f"{{a}}<br>{{@size}} → <b>{{@[{column}]}}</b>"},
    }  # fmt: skip


def _edge(column: str, colour: str) -> dict[str, Any]:
    return {
        "type": "line", "encode": {"x": "size", "y": column}, "symbol": "none", "silent": True,
        "lineStyle": {"width": 1, "opacity": 0.45, "color": colour}, "itemStyle": {"color": colour},
        "tooltip": {"show": False},
    }  # fmt: skip


def _crossings(found: Sequence[Crossing], says: str, dark: bool) -> dict[str, Any]:
    return {
        "type": "scatter", "name": says, "symbol": "diamond", "symbolSize": 14, "z": 6,
        "data": [[round(one.size), round(one.value, PLACES)] for one in found],
        "itemStyle": {"color": "transparent", "borderColor": "#fff7ee" if dark else "#2b2320", "borderWidth": 2},
        "tooltip": {"formatter": "{a}: {c}"},
    }  # fmt: skip


def sides_spec(table: pd.DataFrame, across: str, up: str, dark: bool) -> dict[str, Any]:
    """A dot a query: column "x" is what descriptions find, "y" what pictures find; equal above the diagonal."""
    ink = palette(2, dark)
    return {
        "animation": False,
        "dataset": {"source": table},
        "grid": {"left": 60, "right": 16, "top": 16, "bottom": 52},
        "xAxis": {"type": "value", "min": 0, "max": 1, "name": across, "nameLocation": "middle", "nameGap": 28,
                  "axisLabel": {"show": False}},
        "yAxis": {"type": "value", "min": 0, "max": 1, "name": up, "nameLocation": "middle", "nameGap": 38,
                  "axisLabel": {"show": False}},
        "tooltip": {"formatter": "<b>{@text}</b><br>{@shown}"},
        "series": [
            {
                "type": "scatter", "encode": {"x": "x", "y": "y"}, "symbolSize": 12,
                "itemStyle": {"color": ink[1], "opacity": 0.75, "borderColor": "#fffdfa", "borderWidth": 1},
                "markLine": {"silent": True, "symbol": "none", "label": {"show": False},
                             "lineStyle": {"type": "dashed", "color": GREY},
                             "data": [[{"coord": [0, 0]}, {"coord": [1, 1]}]]},
            },
            *labels([(at, 0.0, number(at, 1)) for at in steps(1.0, 0.2)], "bottom"),
            *labels([(0.0, at, number(at, 1)) for at in steps(1.0, 0.2)], "left"),
        ],
    }  # fmt: skip
