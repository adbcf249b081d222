"""Charts of failures: tables in, ECharts options out; no screen is touched here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from app import axes
from eval.failures.causes import FOUND
from eval.failures.changes import Bar, Transition

STRONG = {False: "#8f2140", True: "#ef7f9c"}
LINE = {False: "#1f6f78", True: "#5cc2c9"}
PAPER = {False: "#fffdfa", True: "#1f1a17"}
UPRIGHT = 6  # bars whose names stand below them on several lines; those of more are slanted


def pareto_spec(bars: Sequence[Bar], names: Sequence[str], words: tuple[str, str], dark: bool) -> dict[str, Any]:
    """Bars of failures by cause, the most frequent first, and the line of their sum in percent."""
    counts, summed = words
    table = pd.DataFrame(
        {
            "cause": [f"{b.count} · {name}" for name, b in zip(names, bars, strict=True)],
            counts: [b.count for b in bars],
            summed: [round(100 * b.cumulative) for b in bars],
        }
    )
    up, written = axes.written("yAxis", axes.between(0, max([4, *table[counts]]), 4))
    label = {"interval": 0, "width": 88, "overflow": "break", "fontSize": 11, "lineHeight": 14}
    if len(bars) > UPRIGHT:
        label |= {"rotate": 38, "width": 130, "overflow": "truncate"}
    return {
        "animation": False,
        "dataset": {"source": table},
        "grid": {"left": 8, "right": 8, "top": 28, "bottom": 8, "outerBoundsMode": "same"},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "axisTick": {"show": False}, "axisLabel": label},
        "yAxis": [up,
                  {"min": 0, "max": 100, "interval": 25, "axisLabel": {"formatter": "{value} %"},
                   "splitLine": {"show": False}}],
        "series": [
            {"type": "bar", "name": counts, "encode": {"x": "cause", "y": counts}, "barMaxWidth": 44,
             "itemStyle": {"color": STRONG[dark], "borderRadius": [4, 4, 0, 0]}},
            {"type": "line", "name": summed, "encode": {"x": "cause", "y": summed}, "yAxisIndex": 1, "symbolSize": 7,
             "lineStyle": {"color": LINE[dark], "width": 2}, "itemStyle": {"color": LINE[dark]}},
            written,
        ],
    }  # fmt: skip


def transition_spec(moved: Transition, names: Sequence[str], words: tuple[str, str], dark: bool) -> dict[str, Any]:
    """A heat map of queries by their cause before (rows, the first on top) and after (columns)."""
    before, after = words
    last = len(moved.codes) - 1
    cells = [[x, last - y, count] for y, row in enumerate(moved.counts) for x, count in enumerate(row)]
    most = max((count for row in moved.counts for count in row), default=1)
    axis = {"type": "category", "axisTick": {"show": False}, "splitArea": {"show": False}}
    label = {"interval": 0, "width": 96, "overflow": "break", "fontSize": 11, "lineHeight": 14}
    return {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 8, "bottom": 8, "outerBoundsMode": "same"},
        "tooltip": {"show": False},
        "xAxis": {**axis, "data": list(names), "position": "top", "name": after, "axisLabel": label},
        "yAxis": {**axis, "data": list(names)[::-1], "name": before, "axisLabel": {**label, "width": 150}},
        "visualMap": {"show": False, "min": 0, "max": most, "inRange": {"color": [PAPER[dark], STRONG[dark]]}},
        "series": [
            {
                "type": "heatmap",
                "data": [cell for cell in cells if cell[2]],
                "label": {"show": True, "fontWeight": "bold"},
                "itemStyle": {"borderColor": PAPER[dark], "borderWidth": 2, "borderRadius": 4},
                "selectedMode": "single",
            }
        ],
    }


def cell(moved: Transition, index: int) -> tuple[str, str]:
    """The causes before and after of the `index`-th filled cell of that heat map."""
    filled = [(a, b) for a, row in zip(moved.codes, moved.counts, strict=True)
              for b, count in zip(moved.codes, row, strict=True) if count]  # fmt: skip
    return filled[index] if index < len(filled) else (FOUND, FOUND)


def histogram(counts: Sequence[int]) -> pd.DataFrame:
    """How many items were shown 0, 1, 2–3, 4–7, 8–15 … times: columns "times", "items"."""
    numbers = pd.Series(list(counts), dtype="int64")
    edges = [0, 1, 2]
    while edges[-1] <= int(numbers.max() if len(numbers) else 0):
        edges.append(edges[-1] * 2)
    rows = []
    for low, high in zip(edges, [*edges[1:], edges[-1] * 2], strict=True):
        name = f"{low}" if high - low == 1 else f"{low}–{high - 1}"
        rows.append((name, int(((numbers >= low) & (numbers < high)).sum())))
    while len(rows) > 2 and not rows[-1][1]:
        rows.pop()
    return pd.DataFrame(rows, columns=["times", "items"])


def histogram_spec(table: pd.DataFrame, name: str, dark: bool) -> dict[str, Any]:
    """Columns of how many items were shown so many times; those never shown stand out."""
    source = table.rename(columns={"items": name})
    colour = [{"value": int(v), "itemStyle": {"color": STRONG[dark] if i == 0 else LINE[dark]}}
              for i, v in enumerate(table["items"])]  # fmt: skip
    up, written = axes.written("yAxis", axes.between(0, max([1, *map(int, table["items"])]), 3))
    return {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 24, "bottom": 8, "outerBoundsMode": "same"},
        "xAxis": {"type": "category", "data": list(source["times"]), "axisTick": {"show": False},
                  "axisLabel": {"interval": 0, "rotate": 40, "fontSize": 11}},
        "yAxis": up,
        "tooltip": {"trigger": "axis"},
        "series": [{"type": "bar", "name": name, "data": colour, "barMaxWidth": 44,
                    "itemStyle": {"borderRadius": [4, 4, 0, 0]}, "label": {"show": True, "position": "top"}}, written],
    }  # fmt: skip
