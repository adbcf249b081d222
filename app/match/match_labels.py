"""Pairs nearest the threshold as cards to label, where people and the column disagree, and the pairs as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from app import columns, gallery, state, widgets
from app.evaluate.run_files import table_csv
from app.judge import judge_choice
from app.language import _, n_, number
from app.match.match_words import column_name
from app.match.matching import COLUMNS, table
from app.text import plain
from eval.judging.rows import Judgment
from eval.matching import pairs

if TYPE_CHECKING:
    from app.match.match_view import Looked
    from eval.matching.pairs import Pairs

AT_ONCE = 6
LISTED = 200


def show(looked: Looked) -> None:
    """The cards, what was said so far, and the export."""
    st.caption(
        _("Pairs nearest to a cosine of {cosine}: what people say of them goes before the column in every number here, "
          "and is kept in the database at once.", cosine=number(looked.threshold, 3))
    )  # fmt: skip
    rater = judge_choice.rater()
    said = state.bench().said_of_pairs(*looked.sides)
    if not rater:
        widgets.message(_("Who judges?"), _("Write your name above: every judgment is kept with it."), icon="person")
    else:
        _undo(looked, rater, said)
        _cards(looked, rater, said)
    _disagreements(looked)
    _export(looked)


def _cards(looked: Looked, rater: str, said: list[Judgment]) -> None:
    ids = [side.ids for side in looked.sides]
    places = [{item: row for row, item in enumerate(some)} for some in ids]
    mine = _standing(said, rater)
    done = {(places[0][a], places[1][b]) for pair in mine for a, b in (pair, pair[::-1])
            if a in places[0] and b in places[1]}  # fmt: skip
    near = pairs.nearest(looked.matches.counted, looked.threshold, AT_ONCE, looked.rule, done)
    if not len(near):
        widgets.message(_("Nothing is left to judge here."), icon="task_alt")
    with st.grid(2, min_column_width=420):
        for number_, (i, j) in enumerate(zip(near.left.tolist(), near.right.tolist(), strict=True)):
            with st.container(border=True):
                _card(looked, (ids[0][i], ids[1][j]), float(near.cosine[number_]), rater)


def _card(looked: Looked, pair: tuple[str, str], cosine: float, rater: str) -> None:
    """Both pictures and three answers; the column's own answer is not shown, so that it sways nobody."""
    cards = [gallery.cards(side.catalogue, [item])[0] for side, item in zip(looked.sides, pair, strict=True)]
    key = f"match_{pair[0]}_{pair[1]}"
    gallery.gallery(cards, f"{key}_pictures", _("The two items"), wide=200)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_("cosine {cosine}", cosine=number(cosine, 3)))
        with st.container(horizontal=True, width="content"):
            for name, label, match in (("yes", _("Same"), True), ("no", _("Different"), False),
                                       ("unsure", _("Cannot tell"), None)):  # fmt: skip
                if st.button(label, key=f"{key}_{name}"):
                    _write(looked, pair, match, rater)


def _write(looked: Looked, pair: tuple[str, str], match: bool | None, rater: str, withdrawn: bool = False) -> None:
    with widgets.calmly():
        state.bench().label_pair(*looked.sides, pair, match, rater, looked.spec, withdrawn)
        st.rerun()


def _standing(said: list[Judgment], rater: str) -> dict[tuple[str, str], Judgment]:
    """The rater's own pairs as the log has them, oldest first, without those taken back."""
    found: dict[tuple[str, str], Judgment] = {}
    for one in said:
        if one.rater == rater:
            found.pop(one.pair, None)
            if one.kind != "withdrawn":
                found[one.pair] = one
    return found


def _undo(looked: Looked, rater: str, said: list[Judgment]) -> None:
    mine = _standing(said, rater)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(n_("{n} pair judged by you and saved", "{n} pairs judged by you and saved", len(mine)))
        if mine and st.button(_("Take the last one back"), icon=":material/undo:", key="match_undo"):
            last = list(mine)[-1]
            one, other = looked.sides
            straight = last[0] in set(one.ids) and last[1] in set(other.ids)
            _write(looked, last if straight else (last[1], last[0]), None, rater, withdrawn=True)


def _disagreements(looked: Looked) -> None:
    """Labelled pairs of which the column says something else."""
    counted = looked.matches.counted
    ids = [side.ids for side in looked.sides]
    rows = []
    for (i, j), match in counted.labels.items():
        a, b = looked.sides[0].keys[i], looked.sides[1].keys[j]
        if a and b and (a == b) != match:
            rows.append({"left": plain(ids[0][i]), "right": plain(ids[1][j]), "people": _("Same") if match else
                         _("Different"), "column": plain(a if a == b else f"{a} ≠ {b}")})  # fmt: skip
    if rows:
        st.header(_("Where people and the column disagree"), anchor=False)
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, alt=_("Where people and the column disagree"),
            column_config={"left": _("Item"), "right": _("Item of the other side"), "people": _("People"),
                           "column": column_name(looked.sides[0].key)},
        )  # fmt: skip


def _export(looked: Looked) -> None:
    st.header(_("The matches as a file"), anchor=False)
    with widgets.calmly():
        shown = pairs.reaching(looked.matches.counted, looked.threshold, looked.rule)
        st.caption(
            n_("{n} pair reaches the threshold", "{n} pairs reach the threshold", len(shown))
            + " · " + _("cells that a spreadsheet would run as formulas are guarded")
        )  # fmt: skip
        if len(shown):
            _listed(looked, shown)
            st.download_button(
                _("Matches as CSV"), _file(looked), "matches.csv", "text/csv", on_click="ignore", key="match_csv",
                icon=":material/download:",
            )  # fmt: skip


def _file(looked: Looked) -> Callable[[], bytes]:
    """What makes the file once somebody asks for it."""
    bench, matches, sides, threshold, rule = state.bench(), looked.matches, looked.sides, looked.threshold, looked.rule
    return lambda: table_csv(COLUMNS, bench.match_rows(matches, *sides, threshold, rule))


def _listed(looked: Looked, shown: Pairs) -> None:
    rows = table(shown.some(np.arange(min(LISTED, len(shown)))), looked.matches, *looked.sides)
    text = st.column_config.TextColumn
    titles: dict[str, Any] = {
        "left": text(_("Item")), "left_title": text(_("Title"), width="medium"),
        "right": text(_("Item of the other side")), "right_title": text(_("Its title"), width="medium"),
        "cosine": columns.numbers(_("Cosine"), 4), "match": _("Is it a match"), "said_by": _("Said by"),
    }  # fmt: skip
    answers = {"yes": _("Yes"), "no": _("No"), "": "—"}
    cells = [[answers[cell] if n == 5 else plain(cell) if isinstance(cell, str) else cell for n, cell in enumerate(row)]
             for row in rows]  # fmt: skip
    columns.table(pd.DataFrame(cells, columns=COLUMNS), titles, alt=_("The matches as a file"), height=300)
