"""Thresholds on the screen: the numbers at one, the curve, and the groceries document's table for our models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app import columns, definitions, one_tower, published_beside, state, typed, widgets
from app.evaluate.run_files import table_csv
from app.language import _, number
from app.match import match_charts
from app.match.match_equal import USUAL
from app.match.match_words import DEFINED, NUMBERS, bounds, rate, ratio
from app.text import md, plain
from app.typed import PARTS
from app.vocabulary import word
from data import published_matching, published_tables
from data.published_matching import NUMBERS as PUBLISHED_NUMBERS
from data.published_matching import PublishedPoint
from data.published_tables import RefusedRows
from eval.matching import equal_recall, sweep
from eval.matching.sweep import THRESHOLDS, Point

if TYPE_CHECKING:
    from app.match.match_view import Looked

LAYOUT = ("recall", "fp_tp")  # what the document's table has at each threshold


def show(looked: Looked) -> None:
    """The numbers at the threshold, all thresholds as a curve, and the table models × thresholds."""
    point = sweep.at(looked.tally, looked.threshold)
    _said(looked, point)
    _four_of_five(looked, point)
    _numbers(looked, point)
    _curve(looked)
    _table(looked)
    _published()
    published_beside.show("groceries-timing")
    _definitions()


def _said(looked: Looked, point: Point) -> None:
    """The threshold in one sentence."""
    about = {"model": f"**{md(looked.title(looked.spec))}**", "cosine": number(point.threshold, 3)}
    if not point.tp + point.fp:
        st.markdown(_("{model}, cosine from {cosine}: no pair reaches it.", **about))
        return
    st.markdown(
        _("{model}, cosine from {cosine}: {tp} of {matches} matches are found, and {fp} of the {shown} pairs shown are "
          "wrong.", tp=number(point.tp), matches=number(point.tp + point.fn), fp=number(point.fp),
          shown=number(point.tp + point.fp), **about)
    )  # fmt: skip


def _four_of_five(looked: Looked, point: Point) -> None:
    """What it takes to find four matches of five, where this threshold does not; a button goes there."""
    place = equal_recall.reaching(looked.tally, USUAL / 100)
    if place is None or point.recall >= USUAL / 100:
        return
    there = sweep.at_bin(looked.tally, place)
    cosine = math.floor(there.threshold * PARTS) / PARTS
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            _("To find four matches of five, go down to a cosine of {cosine}: {fp} of {shown} pairs are wrong then.",
              cosine=number(cosine, 3), fp=number(there.fp), shown=number(there.tp + there.fp)), width="content",
        )  # fmt: skip
        st.button(_("Go there"), key="match_reach", on_click=typed.later, args=("match_at", cosine))


def _numbers(looked: Looked, point: Point) -> None:
    between = sweep.intervals(looked.tally, point)
    values = {"recall": ratio(point.recall), "precision": ratio(point.precision), "fpr": rate(point.fpr),
              "fp_tp": ratio(point.fp_tp, 2)}  # fmt: skip
    with st.grid(4, min_column_width=200):
        for name, value in values.items():
            st.metric(
                word(NUMBERS, name), value, border=True, help=definitions.of(DEFINED[name]), delta_color="off",
                delta_arrow="off", height="stretch", delta=bounds(*between[name]) or None if name in between else None,
            )  # fmt: skip


def _curve(looked: Looked) -> None:
    words = {name: word(NUMBERS, name) for name in ("recall", "precision")}
    points = sweep.curve(looked.tally)
    if not points:
        return
    table = match_charts.sweep_table(points, words)
    dark = st.context.theme.type == "dark"
    st.echarts_chart(
        match_charts.sweep_spec(table, looked.threshold, dark), height=320, key="match_curve",
        alt=_("Recall and precision by threshold"),
    )  # fmt: skip


def _table(looked: Looked) -> None:
    st.header(_("Models at the document's thresholds"), anchor=False)
    rows = {spec: sweep.sweep(tally) for spec, tally in looked.tallies.items()}
    shown = pd.DataFrame([_line(looked.title(spec), points) for spec, points in rows.items()])
    columns.table(shown, _columns(LAYOUT), alt=_("Models at the document's thresholds"))
    for one, other in _alike(looked):
        one_tower.caption([looked.title(one), looked.title(other)], _("Their numbers are equal."))
    with st.expander(_("All numbers"), icon=":material/table:"):
        header, lines = all_numbers(looked, rows)
        columns.table(pd.DataFrame(lines, columns=header), _all_columns(header), alt=_("All numbers"))
        st.download_button(
            _("Download as CSV"), _csv(header, lines), "matching.csv", "text/csv", icon=":material/download:",
            key="match_table_csv",
        )  # fmt: skip


def _all_columns(header: Sequence[str]) -> dict[str, Any]:
    digits = {"threshold": 3, "recall": 4, "precision": 4, "fpr": 6, "fp_tp": 4}
    titles = {"threshold": _("Cosine from"), **{name: word(NUMBERS, name) for name in NUMBERS}}
    shown: dict[str, Any] = {"model": st.column_config.TextColumn(_("Model"), pinned=True)}
    return shown | {name: columns.numbers(titles.get(name, name.upper()), digits.get(name, 0)) for name in header[1:]}


def all_numbers(looked: Looked, rows: dict[str, list[Point]]) -> tuple[list[str], list[list[object]]]:
    """Header and lines of the long table, unrounded; not a number where there is none."""
    header = ["model", "threshold", "tp", "fp", "fn", "tn", *NUMBERS]
    lines: list[list[object]] = []
    for spec, points in rows.items():
        for point in points:
            lines.append([looked.title(spec), *(getattr(point, name) for name in header[1:])])
    return header, lines


def _csv(header: Sequence[str], lines: Sequence[Sequence[object]]) -> bytes:
    """Empty cells where there is no such number."""
    return table_csv(header, [["" if cell != cell else cell for cell in line] for line in lines])


def _alike(looked: Looked) -> list[tuple[str, str]]:
    names = list(looked.tallies)
    pairs = [(one, other) for number_, one in enumerate(names) for other in names[number_ + 1 :]]
    return [(a, b) for a, b in pairs if equal_recall.alike(looked.tallies[a], looked.tallies[b])]


def _line(title: str, points: Sequence[Point]) -> dict[str, object]:
    cells = {f"{name}@{p.threshold}": getattr(p, name) for p in points for name in LAYOUT}
    return {"model": title, **cells}


def _columns(names: Sequence[str], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, Any]:
    shown: dict[str, Any] = {"model": st.column_config.TextColumn(_("Model"), pinned=True, width="medium")}
    for value in thresholds:
        for name in names:
            title = f"{word(NUMBERS, name)} ≥ {number(value, 2)}"
            digits = {"fp_tp": 2, "fpr": 6}.get(name, 3)
            shown[f"{name}@{value}"] = columns.numbers(title, digits, help=definitions.of(DEFINED[name]))
    return shown


def _published() -> None:
    """The document's own values where somebody put them here; below a heading of their own, in no table of ours."""
    st.header(_("The document's published values"), anchor=False)
    file = state.bench().home / published_matching.FILE
    if not file.is_file():
        st.caption(
            ":material/info: "
            + _("The values that the document on two grocery shops published are not known to this copy of Uzor and "
                "are not claimed here. Written into {file} in the workspace (columns model, threshold, recall, fp_tp), "
                "they stand below ours.", file=f"`{published_matching.FILE.as_posix()}`")
        )  # fmt: skip
        return
    with widgets.calmly():
        found = published_tables.looked_at(file, published_matching.LAYOUT)
        if not found.rows:
            raise RefusedRows(found.refused)
        _published_table(published_matching.points(found))
        published_beside.left_out(found)


def _published_table(points: Sequence[PublishedPoint]) -> None:
    names = [name for name in PUBLISHED_NUMBERS if any(getattr(p, name) is not None for p in points)]
    thresholds = sorted({p.threshold for p in points})
    models = dict.fromkeys(p.model for p in points)
    rows = [
        {"model": plain(model), **{f"{name}@{p.threshold}": getattr(p, name) for p in points if p.model == model
                                   for name in names}}
        for model in models
    ]  # fmt: skip
    columns.table(pd.DataFrame(rows), _columns(names, thresholds), alt=_("The document's published values"))
    st.caption(
        _("Other shops, other pictures, other judgments: these numbers and ours are not the same measurement. "
          "An FP/TP of x is a precision of 1 / (1 + x).")
    )  # fmt: skip


def _definitions() -> None:
    with st.expander(_("What the numbers mean"), icon=":material/menu_book:"):
        for name, defined in DEFINED.items():
            st.markdown(f"**{word(NUMBERS, name)}**\n\n" + definitions.of(defined))
