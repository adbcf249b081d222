"""What stands at the axes of charts: round ends, steps between them, numbers written in the visitor's way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from app.language import number

GREY = "#8a8f98"
ROUND = (1.0, 2.0, 5.0)


def decades(least: float, most: float) -> list[float]:
    """The steps of a logarithmic axis that holds both, each above 0: 1, 2 and 5 times powers of ten, ends included."""
    whole = range(math.floor(math.log10(least)) - 1, math.ceil(math.log10(most)) + 2)
    every = [float(f"{part}e{power}") for power in whole for part in ROUND]
    first = max(value for value in every if value <= least)
    last = min(value for value in every if value >= most)
    return [value for value in every if first <= value <= last]


def scale(most: float) -> tuple[float, float]:
    """The end of an axis from 0 that holds `most`, at most 1, and the step between its lines."""
    step = next((step for step in (0.01, 0.02, 0.05, 0.1) if most <= 5 * step), 0.2)
    return min(1.0, max(1, math.ceil(most / step - 1e-9)) * step), step


def steps(top: float, step: float) -> list[float]:
    """Where the lines of such an axis stand."""
    return [round(step * i, 2) for i in range(round(top / step) + 1)]


def between(low: float, high: float, count: int = 5) -> list[float]:
    """Round places from `low` or a little below to `high` or a little above, about `count` steps of 1, 2 or 5."""
    rough = 0.8 * (high - low if high > low else max(0.1 * abs(low), 0.1)) / count  # a few steps more are no harm
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(part * power for part in (*ROUND, 10.0) if part * power >= rough)
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    return [round(step * n, 10) or 0.0 for n in range(first, max(last, first + 1) + 1)]


def written(which: str, places: Sequence[float]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A plain axis ("xAxis" or "yAxis") with its numbers at these places, evenly apart, in the visitor's way.

    The options of the axis and a series that writes: an axis of its own would write a point and commas. Its own labels
    are there unseen, so that they keep the room.
    """
    step = places[1] - places[0]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    axis = {"type": "value", "min": places[0], "max": places[-1], "interval": round(step, 10),
            "axisLabel": {"color": "transparent"}}  # fmt: skip
    look = {"show": True, "position": "start", "distance": 8, "color": GREY, "fontSize": 12, "opacity": 1}
    marks = [{which: place, "label": {**look, "formatter": number(place, digits)}} for place in places]
    mark = {"silent": True, "symbol": "none", "animation": False, "lineStyle": {"opacity": 0}, "data": marks}
    return axis, {"type": "line", "data": [], "silent": True, "tooltip": {"show": False}, "markLine": mark}


def labels(points: Sequence[tuple[float, float, str]], position: str) -> list[dict[str, Any]]:
    """What stands at an axis, written in the visitor's way: an axis of its own would write a point and commas."""
    return [{
        "type": "scatter", "silent": True, "symbolSize": 0.1, "z": 1, "tooltip": {"show": False}, "clip": False,
        "itemStyle": {"color": "transparent"},
        "data": [{"value": [x, y], "label": {"show": True, "position": position, "formatter": text, "distance": 8,
                                             "color": GREY, "fontSize": 12}} for x, y, text in points],
    }]  # fmt: skip
