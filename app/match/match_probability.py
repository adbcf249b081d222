"""The probability of a match on the screen: by cosine with its band, how it was learnt, how far it can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app import columns, definitions
from app.language import N_, _, n_, number
from app.match import match_charts
from app.match.match_words import bounds, ratio
from app.text import md
from app.vocabulary import word
from eval.matching import calibration, sweep
from eval.matching.calibration import Calibrated
from eval.matching.tally import Tally

if TYPE_CHECKING:
    from app.match.match_view import Looked

METHODS = {"isotonic": N_("isotonic regression"), "platt": N_("Platt's logistic curve")}


def show(looked: Looked) -> None:
    """The curve, the probability at the threshold, both methods' held-out losses, and told against true shares."""
    told = _told(looked)
    at, low, high = told.at(looked.threshold)
    st.markdown(
        _("{model}: a pair with a cosine of {cosine} is a match with probability **{p}** {interval}.",
          model=f"**{md(looked.title(looked.spec))}**", cosine=number(looked.threshold, 3), p=ratio(at),
          interval=bounds(low, high))
    )  # fmt: skip
    words = {"probability": _("Probability"), "low": _("from"), "high": _("to")}
    _counted(looked, told)
    table = match_charts.probability_table(told, words)
    dark = st.context.theme.type == "dark"
    st.echarts_chart(
        match_charts.probability_spec(table, words, looked.threshold, dark), height=320, key="match_probability",
        alt=_("Probability of a match by cosine"),
    )  # fmt: skip
    definitions.caption(_losses(told), "match probability")
    _reliability(told)


def _counted(looked: Looked, told: Calibrated) -> None:
    """What was counted from that cosine up beside what the curve expects there: its band knows nothing of a bad fit."""
    point = sweep.at(looked.tally, looked.threshold)
    if not point.tp + point.fp:
        return
    low, high = sweep.intervals(looked.tally, point)["precision"]
    expected = told.above(looked.tally, looked.threshold)
    counted = n_(
        "Counted, not learnt: of {n} pair from that cosine up a share of {share} {interval} is a match.",
        "Counted, not learnt: of {n} pairs from that cosine up a share of {share} {interval} are matches.",
        point.tp + point.fp, share=ratio(point.precision), interval=bounds(low, high),
    )  # fmt: skip
    said = _("The curve expects {expected} of them.", expected=ratio(expected))
    if not low <= expected <= high:
        said += " " + _("The two disagree: its form does not fit here, believe the count.")
    st.caption(f"{counted} {said}")


def _told(looked: Looked) -> Calibrated:
    matches = looked.matches
    labels = tuple(sorted(matches.counted.labels.items()))
    with st.spinner(_("Learning the probability…")):
        return _calibrated(matches.fingerprints["left"] + matches.fingerprints["right"], repr(matches.sides), labels,
                           looked.rule, _tally=looked.tally)  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=16)
def _calibrated(vectors: str, sides: str, labels: tuple[object, ...], rule: str, _tally: Tally) -> Calibrated:
    return calibration.calibrate(_tally)


def _losses(told: Calibrated) -> str:
    """Which method was chosen and why, in a line."""
    losses = ", ".join(f"{word(METHODS, name)} {number(loss, 6)}" for name, loss in told.log_loss.items())
    return _(
        "Learnt by {method}, the better of two on items held out (log loss a pair: {losses}; knowing only how frequent "
        "matches are: {baseline}).", method=word(METHODS, told.method), losses=losses,
        baseline=number(told.baseline, 6),
    )  # fmt: skip


def _reliability(told: Calibrated) -> None:
    st.header(_("Told and true, on items held out"), anchor=False)
    rows = [{"told": mean, "true": share, "pairs": pairs} for mean, share, pairs in told.reliability]
    shown = {
        "told": columns.numbers(_("Probability told")),
        "true": columns.numbers(_("Share of matches")),
        "pairs": columns.numbers(_("Pairs"), 0),
    }
    columns.table(pd.DataFrame(rows), shown, alt=_("Told and true, on items held out"), width=560)
