"""The confusion matrix: a probe's cells in, a heat map one can click out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from eval.probing.outcome import Probe

STRONG = {False: "#8f2140", True: "#ef7f9c"}
PAPER = {False: "#fffdfa", True: "#1a1614"}
LABELS = 20  # classes with room for the count in each cell and the name at each line


def confusion_spec(
    one: Probe, mistakes: Sequence[tuple[int, int, int]], dark: bool
) -> dict[str, Any]:  # fmt: skip
    """Rows are true classes, the first on top, columns what was said; the colour is the share of the row."""
    few = len(one.classes) <= LABELS
    sums: dict[int, int] = {}
    for a, _b, count in mistakes:
        sums[a] = sums.get(a, 0) + count
    cells = pd.DataFrame(
        [(f"{a} {b}", one.classes[b], one.classes[a], count, round(count / sums[a], 4)) for a, b, count in mistakes],
        columns=["cell", "said", "true", "items", "share"],  # cells of one name would be selected together
    )
    axis = {"type": "category", "axisTick": {"show": False}, "splitArea": {"show": False}}
    label = {"interval": 0 if few else "auto", "overflow": "truncate", "fontSize": 11 if few else 10}
    return {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 24, "bottom": 8, "outerBoundsMode": "same"},
        "dataset": {"source": cells},
        "tooltip": {"formatter": "{@true} → {@said}<br><b>{@items}</b>"},
        "xAxis": {**axis, "data": list(one.classes), "position": "top",
                  "axisLabel": {**label, "rotate": 40, "width": 110}},
        "yAxis": {**axis, "data": list(one.classes)[::-1], "axisLabel": {**label, "width": 150}},
        "visualMap": {"show": False, "min": 0, "max": 1, "dimension": "share",
                      "inRange": {"color": [PAPER[dark], STRONG[dark]]}},
        "series": [
            {
                "type": "heatmap",
                "encode": {"itemName": "cell", "x": "said", "y": "true", "value": "share"},
                "label": {"show": few, "formatter": "{@items}"},
                "itemStyle": {"borderColor": PAPER[dark], "borderWidth": 2 if few else 0},
                "selectedMode": "single",
                "select": {"itemStyle": {"borderColor": "#000", "borderWidth": 2}},
            }
        ],
    }  # fmt: skip
