"""The switch of the live search: rank by the plain cosine, or by a correction against hubs."""

from __future__ import annotations

import streamlit as st

from app import state
from app.language import _, named
from app.vocabulary import CORRECTIONS, word
from eval.contracts import KnownModel

PARAM, NONE = "correction", "none"


def choose(model: KnownModel | None) -> None:
    """Which correction ranks the results; only for a model with vectors, and where words are asked."""
    state.seed(PARAM, NONE, CORRECTIONS)
    state.publish(PARAM, NONE)
    if model is None or not state.bench().corrects(str(model.spec)) or _pictured():
        return
    st.segmented_control(
        _("Ranking"),
        list(CORRECTIONS),
        key=PARAM,
        required=True,
        persist_state="session",
        format_func=named(CORRECTIONS, lambda kind: word(CORRECTIONS, kind)),
        help=_(
            "Corrections take items back that are shown for everything; the page of failures says what they change. "
            "CSLS: from each picture's cosine half of its mean cosine to its 10 nearest captions is taken off. "
            "Centring: the mean picture is taken off every picture and the mean caption off every query. "
            "The first time up to 2,000 captions are read."
        ),
    )
    state.publish(PARAM, NONE)


def _pictured() -> bool:
    """True where a picture, or away from items, is asked: corrections are fitted for words."""
    return any(st.session_state.get(param) for param in ("like", "photo", "without"))


def chosen(spec: str) -> str:
    """The correction that ranks this model's results; a model without vectors has none."""
    return str(st.session_state[PARAM]) if state.bench().corrects(spec) and not _pictured() else NONE


def told(spec: str) -> None:
    """Say above the results that they are ranked with a correction; nothing when they are not."""
    if (kind := chosen(spec)) != NONE:
        name = word(CORRECTIONS, kind)
        said = _("Ranked with a correction: {name}. The scores are corrected ones, not cosines.", name=name)
        st.caption(":material/tune: " + said)
