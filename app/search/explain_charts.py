"""Charts of an explanation: bars of words and a heat map over the picture; numbers in, options or a picture out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from app.compare.verdict_words import minus

if TYPE_CHECKING:
    from PIL import Image

HELPS, HINDERS = "#2e7d4f", "#b23a48"  # the theme's green and red
STRONGEST = 0.72  # opacity of the strongest square


def words_spec(table: pd.DataFrame, helps: str, hinders: str) -> dict[str, Any]:
    """Bars of columns "words" and "change", the first row on top; green adds to the score, red takes from it."""
    shown = table.iloc[::-1]
    data = [
        {
            "value": round(float(change), 4),
            "name": rank,
            "itemStyle": {"color": HELPS if change >= 0 else HINDERS},
            "label": {"position": "right" if change >= 0 else "left", "formatter": minus(float(change))},
        }
        for change, rank in zip(shown["change"], shown["rank"], strict=True)
    ]
    return {
        "animation": False,
        "grid": {"left": 8, "right": 72, "top": 4, "bottom": 24, "outerBoundsMode": "same"},
        "xAxis": {"type": "value", "splitNumber": 4, "name": f"← {hinders}   {helps} →", "nameLocation": "middle",
                  "nameGap": 8, "axisLabel": {"show": False}},
        "yAxis": {"type": "category", "data": [str(w) for w in shown["words"]], "axisTick": {"show": False}},
        "series": [
            {"type": "bar", "data": data, "barMaxWidth": 18, "label": {"show": True},
             "itemStyle": {"borderRadius": 4}}
        ],
        "tooltip": {"trigger": "item", "formatter": "{b}"},
    }  # fmt: skip


def overlaid(picture: Image.Image, heat: Sequence[Sequence[float]], side: int = 384) -> Image.Image:
    """The picture with its squares tinted: green where greying one out lowers the score, red where it raises it."""
    from PIL import Image

    values = np.asarray(heat, dtype=float)
    scale = max(float(np.abs(values).max()), 1e-9)
    strength = np.abs(values) / scale * STRONGEST * 255
    tint = np.zeros((*values.shape, 4), np.uint8)
    for colour, chosen in ((HELPS, values >= 0), (HINDERS, values < 0)):
        tint[chosen, :3] = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    tint[..., 3] = strength.astype(np.uint8)
    shown = picture.convert("RGB")
    factor = side / max(shown.size)
    size = (max(1, round(shown.width * factor)), max(1, round(shown.height * factor)))
    shown = shown.resize(size, Image.Resampling.LANCZOS).convert("RGBA")
    cells = Image.fromarray(tint, "RGBA").resize(size, Image.Resampling.NEAREST)
    return Image.alpha_composite(shown, cells).convert("RGB")
