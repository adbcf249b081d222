"""Matching: which items of two shops are the same article; thresholds, prices, probability, and pairs to label."""

import streamlit as st

from app import jobpanel, state, widgets
from app.language import _
from app.match import match_form, match_view

widgets.head(
    _("Matching"), _("Which items of two shops are the same article, and how near two pictures must be to believe it.")
)
ended = jobpanel.watch(match_form.JOB)
if ended is not None and ended.status == "done" and ended.result["made"]:
    state.later(match_model=ended.result["made"][0])
    st.rerun()
with widgets.calmly():
    if sides := match_form.choose():
        found = state.bench().matched(*sides)
        match_form.start(sides, folded=bool(found))
        if found:
            match_view.show(found, sides)
        else:
            says = _("Choose models above and press “Match”: every picture of one side is compared with every one of "
                     "the other.")  # fmt: skip
            jobpanel.nothing_yet(match_form.JOB, _("Nothing has been matched yet"), says, "join_inner")
