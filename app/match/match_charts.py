"""Charts of a matching: thresholds, probability and cost by cosine; tables in, ECharts options out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from app import axes
from app.language import number
from app.map.charts import palette
from eval.matching.calibration import Calibrated
from eval.matching.prices import Prices
from eval.matching.scale import BINS, STEP, threshold
from eval.matching.sweep import Point
from eval.matching.tally import Whole

LEAST = 0.002  # a probability that can be told from none on a chart
DEAREST = 8  # times the least cost: what costs more is not drawn


def sweep_table(points: Sequence[Point], words: Mapping[str, str]) -> pd.DataFrame:
    """Column "cosine", and recall and precision under their names in `words`; every 0.005 and both ends."""
    kept = [p for n, p in enumerate(points) if n in (0, len(points) - 1) or round(p.threshold * STEP) % 5 == 0]
    return pd.DataFrame(
        {
            "cosine": [p.threshold for p in kept],
            words["recall"]: [p.recall for p in kept],
            words["precision"]: [p.precision for p in kept],
        }
    )


def sweep_spec(table: pd.DataFrame, at: float, dark: bool) -> dict[str, Any]:
    """A line for each column but "cosine", and a dashed one at the threshold looked at."""
    names = [str(name) for name in table.columns if name != "cosine"]
    colours = palette(len(names), dark)
    series: list[dict[str, Any]] = [
        {"type": "line", "name": name, "symbol": "none", "lineStyle": {"width": 2.5, "color": colour},
         "itemStyle": {"color": colour}, "encode": {"x": "cosine", "y": name}}
        for name, colour in zip(names, colours, strict=True)
    ]  # fmt: skip
    series[0]["markLine"] = _mark(at)
    return _grounded(table, 1.0, series)


def probability_table(told: Calibrated, words: Mapping[str, str]) -> pd.DataFrame:
    """Column "cosine", the probability and the ends of its band under their names in `words`, and the band's height."""
    first = next((n for n, high in enumerate(told.high) if high >= LEAST), 0)
    last = len(told.cosines) - 1
    kept = [n for n in range(first, last + 1) if round(told.cosines[n] * STEP) % 5 == 0 or n == last]
    return pd.DataFrame(
        {
            "cosine": told.cosines[kept].round(3),
            words["probability"]: told.probability[kept],
            words["low"]: told.low[kept],
            words["high"]: told.high[kept],
            "band": (told.high - told.low)[kept],
        }
    )


def probability_spec(table: pd.DataFrame, words: Mapping[str, str], at: float, dark: bool) -> dict[str, Any]:
    """The probability as a line over its band."""
    shade = palette(1, dark)[0]
    area = {"type": "line", "symbol": "none", "stack": "band", "lineStyle": {"opacity": 0}, "silent": True,
            "tooltip": {"show": False}}  # fmt: skip
    line = {"type": "line", "name": words["probability"], "symbol": "none", "itemStyle": {"color": shade},
            "lineStyle": {"width": 2.5, "color": shade}, "markLine": _mark(at),
            "encode": {"x": "cosine", "y": words["probability"], "tooltip": [words["probability"], words["low"],
                       words["high"]]}}  # fmt: skip
    series: list[dict[str, Any]] = [
        {**area, "encode": {"x": "cosine", "y": words["low"]}},
        {**area, "encode": {"x": "cosine", "y": "band"}, "areaStyle": {"color": shade, "opacity": 0.2}},
        line,
    ]
    return _grounded(table, 1.0, series) | {"legend": {"show": False}}


def cost_table(whole: Whole, prices: Prices, name: str) -> pd.DataFrame:
    """Columns "cosine" and, under `name`, what one threshold without checks costs; every 0.005 where it is bearable."""
    places = [n for n in range(1, BINS) if round(float(threshold(n)) * STEP) % 5 == 0]
    costs = [prices.miss * (whole.matches - int(whole.right[n])) + prices.wrong * int(whole.wrong[n]) for n in places]
    kept = [(round(float(threshold(n)), 3), cost) for n, cost in zip(places, costs, strict=True)
            if cost <= DEAREST * min(costs) or not min(costs)]  # fmt: skip
    return pd.DataFrame(kept, columns=["cosine", name])


def cost_spec(table: pd.DataFrame, name: str, at: float, dark: bool) -> dict[str, Any]:
    """The cost as a line, a dashed one at the cheapest threshold."""
    shade = palette(1, dark)[0]
    line = {"type": "line", "name": name, "symbol": "none", "itemStyle": {"color": shade}, "lineStyle": {"width": 2.5},
            "encode": {"x": "cosine", "y": name}, "markLine": _mark(at)}  # fmt: skip
    most = float(table[name].max()) if len(table) else 1.0
    return _grounded(table, most or 1.0, [line])


def _mark(at: float) -> dict[str, Any]:
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"type": "dashed", "color": "#8a8f98"},
        "label": {"formatter": number(at, 3), "position": "end", "color": "#8a8f98"},
        "data": [{"xAxis": at}],
    }


def _grounded(table: pd.DataFrame, most: float, series: list[dict[str, Any]]) -> dict[str, Any]:
    """The series over an axis of cosines, as far as the table goes, and one from 0 to `most`."""
    along, across = axes.written("xAxis", axes.between(float(table["cosine"].min()) if len(table) else 0.0, 1.0, 8))
    up, upwards = axes.written("yAxis", axes.between(0.0, most))
    return {
        "animation": False,
        "legend": {"bottom": 0, "type": "scroll"},
        "dataset": {"source": table},
        "grid": {"left": 8, "right": 24, "top": 24, "bottom": 40, "outerBoundsMode": "same"},
        "xAxis": {**along, "splitLine": {"show": False}},
        "yAxis": up,
        "tooltip": {"trigger": "axis", "valueFormatter": "localized"},
        "series": [*series, across, upwards],
    }
