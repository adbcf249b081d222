"""Quality against cost: points with intervals in, a chart with the Pareto front out; no screen is touched here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.charts import palette
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
    for one, colour in zip(points, palette(len(points), dark), strict=True):
        pale = 0.3 if one.spec in outside else 1.0
        for ends in ([[one.cheap, one.quality], [one.dear, one.quality]], [[one.cost, one.low], [one.cost, one.high]]):
            series.append(_bar(ends, colour, pale))
        series.append(_point(one, names.get(one.spec, one.spec), colour, pale, states[one.spec] == "front"))
    best = sorted((one.cost, one.quality) for one in points if states[one.spec] == "front")
    if len(best) > 1:
        dashed = {"type": "dashed", "color": GREY, "width": 1.5}
        steps = [list(pair) for pair in best]
        series.append({"type": "line", "name": front, "step": "end", "data": steps, "symbol": "none", "silent": True,
                       "lineStyle": dashed})  # fmt: skip
    if limit:
        line = {"lineStyle": {"color": "#c7791b", "type": "solid"}, "data": [{"xAxis": limit}]}
        series[0]["markLine"] = {"silent": True, "symbol": "none", "label": {"show": False}, **line}
    return {
        "animation": False,
        "grid": {"left": 16, "right": 110, "top": 16, "bottom": 40, "outerBoundsMode": "same"},
        "xAxis": {"type": "log", "name": across, "nameLocation": "middle", "nameGap": 28,
                  "splitLine": {"show": False}, **_span(points, limit)},
        "yAxis": {"type": "value", "min": 0, "name": up},
        "tooltip": {"trigger": "item"},
        "series": series,
    }  # fmt: skip


def _span(points: Sequence[Point], limit: float | None) -> dict[str, float]:
    ends = [value for one in points for value in (one.cheap, one.dear) if value > 0] + ([limit] if limit else [])
    return {"min": _nice(min(ends) / 1.3, math.floor), "max": _nice(max(ends) * 1.3, math.ceil)} if ends else {}


def _nice(value: float, rounded: Callable[[float], int]) -> float:
    """The nearest 1, 2 or 5 times a power of ten, below or above."""
    steps = (0.0, math.log10(2), math.log10(5), 1.0)
    whole = math.floor(math.log10(value))
    rest = math.log10(value) - whole
    fitting = [s for s in steps if (s <= rest + 1e-9 if rounded is math.floor else s >= rest - 1e-9)]
    power = whole + (max(fitting) if rounded is math.floor else min(fitting))
    return float(f"{10**power:.1g}")


def _bar(ends: list[list[float]], colour: str, pale: float) -> dict[str, Any]:
    return {"type": "line", "data": ends, "symbol": "none", "silent": True, "tooltip": {"show": False},
            "lineStyle": {"width": 1.5, "color": colour, "opacity": 0.6 * pale}}  # fmt: skip


def _point(one: Point, name: str, colour: str, pale: float, on: bool) -> dict[str, Any]:
    return {
        "type": "scatter", "name": name, "data": [[one.cost, round(one.quality, 4)]],
        "symbol": "circle" if on else "emptyCircle", "symbolSize": 15,
        "itemStyle": {"color": colour, "opacity": pale, "borderWidth": 2},
        "label": {"show": True, "formatter": "{a}", "position": "right", "fontSize": 12},
        "labelLayout": {"hideOverlap": False, "moveOverlap": "shiftY"},
        "tooltip": {"formatter": "{a}<br>{c}"},
    }  # fmt: skip
