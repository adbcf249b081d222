"""Numbers at the axes of charts: round places, written in the visitor's way and never by the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from test_efficiency import points

from app import axes
from app.compare import difference_charts
from app.diagnosis import diagnosis_charts
from app.efficiency import cost_charts
from app.failures import failure_charts
from app.judge import judge_charts
from app.language import speaking
from app.match import match_charts
from app.overview import bars
from app.tuning import curves
from eval.comparison import compare

COSINES = pd.DataFrame({"cosine": [0.37, 0.6, 1.0], "R": [1.0, 0.5, 0.1], "P": [0.1, 0.4, 0.9]})
WORDS = {"mean": "P", "low": "from", "high": "to", "range": "range", "condensed": "condensed"}


@pytest.mark.parametrize(
    ("low", "high", "count", "places"),
    [
        (0, 1, 5, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.13, 1, 5, [-0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.31, 0.334, 4, [0.31, 0.315, 0.32, 0.325, 0.33, 0.335]),
        (0, 2142, 3, [0.0, 1000.0, 2000.0, 3000.0]),
        (0, 0.02, 5, [0.0, 0.005, 0.01, 0.015, 0.02]),
        (0.5, 0.5, 4, [0.5, 0.55]),
    ],
)
def test_an_axis_ends_at_round_places_evenly_apart(low: float, high: float, count: int, places: list[float]) -> None:
    assert axes.between(low, high, count) == places


@pytest.mark.parametrize(("language", "half", "thousand"), [("ru", "0,5", "1\xa0000"), ("en", "0.5", "1,000")])
def test_numbers_stand_at_an_axis_in_the_visitors_way(language: str, half: str, thousand: str) -> None:
    with speaking(language):
        axis, series = axes.written("yAxis", [0.0, 0.5, 1.0])
        said = [mark["label"]["formatter"] for mark in series["markLine"]["data"]]
        assert said[1] == half and [mark["yAxis"] for mark in series["markLine"]["data"]] == [0.0, 0.5, 1.0]
        assert axis["interval"] == 0.5 and (axis["min"], axis["max"]) == (0.0, 1.0)
        series = axes.written("xAxis", [0.0, 1000.0])[1]
        assert series["markLine"]["data"][1]["label"]["formatter"] == thousand


CHARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "tuning": lambda: curves.spec(pd.DataFrame({"epoch": [0, 1], "loss": [2.0, 1.5]}), 1, "kept"),
    "means": lambda: bars.means_spec(pd.DataFrame({"metric": ["P"], "a": [0.5], "c": [0.1], "t": [1.0]}), "c", "t"),
    "standings": lambda: difference_charts.means_spec(
        compare({"a": {"1": 0.2, "2": 0.4}, "b": {"1": 0.8, "2": 1.0}}).standings, {}, WORDS, False
    ),
    "gains": lambda: difference_charts.gains_spec({"1": -0.5, "2": 0.25}, {}, "d"),
    "judged": lambda: judge_charts.bounds_spec(
        pd.DataFrame([{"name": "a", "low": 0.2, "width": 0.1, "high": 0.3, "condensed": 0.25}]), WORDS, False
    ),
    "thresholds": lambda: match_charts.sweep_spec(COSINES, 0.85, False),
    "cost": lambda: match_charts.cost_spec(COSINES, "P", 0.85, True),
    "hubs": lambda: failure_charts.histogram_spec(pd.DataFrame({"times": ["0"], "items": [2142]}), "items", False),
    "towers": lambda: diagnosis_charts.sides_spec(pd.DataFrame({"x": [0.1], "y": [0.2]}), "x", "y", False),
    "front": lambda: cost_charts.front_spec(
        points((0.5, 10), (0.6, 20)), {}, {"m0": "front", "m1": "front"}, [], ("x", "y", "z"), None, False
    ),
    "growing": lambda: cost_charts.growing_spec({"exact": [(1000, 0.1, 0.1, 0.2)]}, ("x", "y"), None, False),
}


@pytest.mark.parametrize("chart", CHARTS)
def test_no_chart_leaves_its_numbers_to_the_browser(chart: str) -> None:
    with speaking("ru"):
        spec = CHARTS[chart]()
    for which in ("xAxis", "yAxis"):
        several = spec[which] if isinstance(spec[which], list) else [spec[which]]
        for axis in several:
            label = axis.get("axisLabel", {})
            unseen = label.get("show") is False or label.get("color") == "transparent"
            whole = axis.get("minInterval") == 1  # epochs
            assert axis["type"] == "category" or unseen or whole, (which, axis)
