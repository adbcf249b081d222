"""Models at equal recall on the screen: precision with intervals where each just reaches it, and what is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app import columns, definitions, one_tower, state
from app.language import _, number, percent
from app.match.match_words import bounds
from app.text import md
from app.widgets import message
from eval.matching import equal_recall
from eval.matching.equal_recall import Difference, Standing
from eval.matching.sweep import NAN

if TYPE_CHECKING:
    from app.match.match_view import Looked

USUAL = 80  # per cent


def show(looked: Looked) -> None:
    """The recall to compare at, the standings, and a sentence a pair of models."""
    state.seed("match_recall", USUAL, range(1, 101))
    st.slider(_("Recall, %"), 1, 100, key="match_recall", persist_state="session", width=420,
              help=_("Each model gets the highest threshold that finds this share of the matches."))  # fmt: skip
    state.publish("match_recall", USUAL)
    found = equal_recall.compared(looked.tallies, st.session_state["match_recall"] / 100)
    columns.table(
        pd.DataFrame([_line(looked, standing) for standing in found.standings]),
        {
            "model": st.column_config.TextColumn(_("Model"), pinned=True, width="medium"),
            "precision": columns.bars(_("Precision of matches"), help=definitions.of("match precision")),
            "interval": st.column_config.TextColumn(_("Interval (95%)"), help=definitions.of("equal recall")),
            "threshold": columns.numbers(_("its threshold")),
            "fp_tp": columns.numbers("FP/TP", 2, help=definitions.of("match FP/TP")),
        },
        alt=_("Models at equal recall"),
    )
    if len(looked.tallies) < 2:
        message(_("One model only"), _("Match with other models, too, to compare them."), icon="balance")
    for difference in found.differences:
        st.markdown("- " + _sentence(looked, difference))
    if found.differences:
        st.caption(
            _("Intervals: bootstrap over groups of items, the same ones for all models; those of differences hold for "
              "all pairs of models at once.")
        )  # fmt: skip


def _line(looked: Looked, standing: Standing) -> dict[str, object]:
    point = standing.point
    if point is None:
        return {"model": looked.title(standing.label), "precision": NAN, "interval": _("never reaches it"),
                "threshold": NAN, "fp_tp": NAN}  # fmt: skip
    return {"model": looked.title(standing.label), "precision": point.precision,
            "interval": bounds(standing.low, standing.high), "threshold": point.threshold,
            "fp_tp": point.fp_tp}  # fmt: skip


def _sentence(looked: Looked, difference: Difference) -> str:
    titles = looked.title(difference.first), looked.title(difference.second)
    if difference.same:
        return one_tower.told(titles, _("Their numbers are equal."))
    names = {place: f"**{md(title)}**" for place, title in zip(("first", "second"), titles, strict=True)}
    about = {"gap": number(difference.mean, 3), "interval": bounds(difference.low, difference.high),
             "recall": percent(st.session_state["match_recall"] / 100), **names}  # fmt: skip
    if difference.proven:
        return _("At a recall of {recall} {first} is more precise than {second} by {gap} {interval}: proven.", **about)
    return _("At a recall of {recall} {first} is not proven more precise than {second}: {gap} {interval}.", **about)
