"""Figures that leave the app: self-contained HTML that opens without Uzor and without network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.answers import X, Y

if TYPE_CHECKING:
    from app.answers import Map


def map_html(laid: Map, title: str, colour: str = "category") -> str:
    """The map as one HTML file (plotly.js inside): a colour a value of `colour`, id and title on hover, queries on top.

    LookupError when the catalogue has no column `colour`.
    """
    import plotly.graph_objects as go

    if colour not in laid.table.columns:
        raise LookupError(f"There is no column {colour!r}; there are {', '.join(map(str, laid.table.columns))}")
    figure = go.Figure()
    for value, part in laid.table.groupby(colour, sort=True):
        words = [f"{escape(item)}<br>{escape(name)}" for item, name in zip(part["id"], part["title"], strict=True)]
        figure.add_scattergl(
            x=part[X], y=part[Y], mode="markers", name=escape(str(value)) or "–", text=words,
            hovertemplate="%{text}<extra></extra>", marker={"size": 4},
        )  # fmt: skip
    if len(laid.queries):
        figure.add_scatter(
            x=laid.queries[X], y=laid.queries[Y], mode="markers", name="queries",
            text=[escape(text) for text in laid.queries["text"]], hovertemplate="%{text}<extra></extra>",
            marker={"size": 9, "symbol": "diamond-open", "color": "#2b2320"},
        )  # fmt: skip
    under = f"{laid.method}, trustworthiness {laid.trustworthiness:.3f}, {len(laid.table)} items"
    figure.update_layout(title=f"{escape(title)}<br><sup>{escape(under)}</sup>", template="simple_white")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return str(figure.to_html(include_plotlyjs=True, full_html=True))
