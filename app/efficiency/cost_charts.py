"""Quality against cost: points with intervals in, a chart with the Pareto front out; no screen is touched here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.axes import decades, labels, scale, steps
from app.language import figure, number
from app.map.charts import palette
from eval.costs.front import Point

GREY = "#8a8f98"


def front_spec(
    points: Sequence[Point], names: Mapping[str, str], states: Mapping[str, str], outside: Sequence[str],
    words: tuple[str, str, str], limit: float | None, dark: bool,
) -> dict[str, Any]:  # fmt: skip
    """Cost to the right on a logarithmic axis, quality up, a cross of intervals at each point, the front as steps.

    `states` are those of `eval.costs.front.standing`; `outside` are models beyond a limit, drawn pale; `limit` is one
    on the shown cost. `words` name the axes and the front.
    """
    across, up, front = words
    series: list[dict[str, Any]] = []
    for place, (one, colour) in enumerate(
        sorted(zip(points, palette(len(points), dark), strict=True), key=lambda pair: pair[0].cost)
    ):
        pale = 0.3 if one.spec in outside else 1.0
        for ends in ([[one.cheap, one.quality], [one.dear, one.quality]], [[one.cost, one.low], [one.cost, one.high]]):
            series.append(_bar(ends, colour, pale))
        side = ("top", "bottom")[place % 2]
        series.append(_point(one, names.get(one.spec, one.spec), colour, pale, states[one.spec] == "front", side))
    best = sorted((one.cost, one.quality) for one in points if states[one.spec] == "front")
    if len(best) > 1:
        dashed = {"type": "dashed", "color": GREY, "width": 1.5}
        corners = [list(pair) for pair in best]
        series.append({"type": "line", "name": front, "step": "end", "data": corners, "symbol": "none", "silent": True,
                       "lineStyle": dashed})  # fmt: skip
    if limit:
        line = {"lineStyle": {"color": "#c7791b", "type": "solid"}, "data": [{"xAxis": limit}]}
        series[0]["markLine"] = {"silent": True, "symbol": "none", "label": {"show": False}, **line}
    along = _along(points, limit)
    top, step = scale(max(min(1.0, one.high if one.high == one.high else one.quality) for one in points))
    series += labels([(at, 0.0, figure(at)) for at in along], "bottom")
    series += labels([(along[0], at, number(at, 2 if step < 0.1 else 1)) for at in steps(top, step)], "left")
    return {
        "animation": False,
        "grid": {"left": 48, "right": 120, "top": 32, "bottom": 56},
        "xAxis": {"type": "log", "name": across, "nameLocation": "middle", "nameGap": 30, "min": along[0],
                  "max": along[-1], "splitLine": {"show": False}, "axisLabel": {"show": False},
                  "axisTick": {"show": False}},
        "yAxis": {"type": "value", "min": 0, "max": top, "interval": step, "name": up, "axisLabel": {"show": False}},
        "tooltip": {"trigger": "item"},
        "series": series,
    }  # fmt: skip


def growing_spec(
    lines: Mapping[str, Sequence[tuple[float, float, float, float]]], words: tuple[str, str], limit: float | None,
    dark: bool,
) -> dict[str, Any]:  # fmt: skip
    """A number over the size of the gallery, both logarithmic: a line an index with a bar at each size.

    `lines` are index → (size, median, least, most), smallest size first; `limit` is drawn across; `words` name axes.
    """
    across, up = words
    series: list[dict[str, Any]] = []
    for (index, points), colour in zip(lines.items(), palette(len(lines), dark), strict=True):
        data = [{"value": [size, value], "tooltip": {"formatter": f"{index} · {number(size)} → <b>{figure(value)}</b>"}}
                for size, value, _low, _high in points]  # fmt: skip
        series.append({"type": "line", "name": index, "data": data, "symbol": "circle", "symbolSize": 8,
                       "lineStyle": {"width": 2.5}, "itemStyle": {"color": colour}})  # fmt: skip
        series += [_bar([[size, low], [size, high]], colour, 1.0) for size, _value, low, high in points if low < high]
    every = [point for points in lines.values() for point in points]
    sizes = decades(min(point[0] for point in every) / 1.1, max(point[0] for point in every) * 1.1)
    values = [end for point in every for end in point[1:] if end > 0] + ([limit] if limit else [])
    levels = decades(min(values) / 1.1, max(values) * 1.1)
    if limit:
        line = {"lineStyle": {"color": "#c7791b", "type": "solid"}, "data": [{"yAxis": limit}]}
        series[0]["markLine"] = {"silent": True, "symbol": "none", "label": {"show": False}, **line}
    series += labels([(at, levels[0], number(at)) for at in sizes], "bottom")
    series += labels([(sizes[0], at, figure(at)) for at in levels], "left")
    bare = {"axisLabel": {"show": False}, "axisTick": {"show": False}, "splitLine": {"show": False}}
    return {
        "animation": False,
        "legend": {"bottom": 0, "data": list(lines)},
        "grid": {"left": 64, "right": 28, "top": 36, "bottom": 76},
        "xAxis": {"type": "log", "min": sizes[0], "max": sizes[-1], "name": across, "nameLocation": "middle",
                  "nameGap": 30, **bare},
        "yAxis": {"type": "log", "min": levels[0], "max": levels[-1], "name": up, **bare},
        "tooltip": {"trigger": "item"},
        "series": series,
    }  # fmt: skip


def _along(points: Sequence[Point], limit: float | None) -> list[float]:
    """The steps of the axis of cost."""
    ends = [value for one in points for value in (one.cheap, one.dear) if value > 0] + ([limit] if limit else [])
    return decades(min(ends) / 1.3, max(ends) * 1.3) if ends else [1.0, 10.0]


def _bar(ends: list[list[float]], colour: str, pale: float) -> dict[str, Any]:
    return {"type": "line", "data": ends, "symbol": "none", "silent": True, "tooltip": {"show": False},
            "lineStyle": {"width": 1.5, "color": colour, "opacity": 0.6 * pale}}  # fmt: skip


def _point(one: Point, name: str, colour: str, pale: float, on: bool, side: str) -> dict[str, Any]:
    return {
        "type": "scatter", "name": name, "data": [[one.cost, round(one.quality, 4)]],
        "symbol": "circle" if on else "emptyCircle", "symbolSize": 15,
        "itemStyle": {"color": colour, "opacity": pale, "borderWidth": 2},
        "label": {"show": True, "formatter": "{a}", "position": side, "fontSize": 12},
        "tooltip": {"formatter": f"{{a}}<br>{figure(round(one.cost, 3))} → <b>{number(one.quality, 3)}</b>"},
    }  # fmt: skip
