"""Matching: which items of two shops are the same article; thresholds, prices, probability, and pairs to label."""

import streamlit as st

from app import jobpanel, match_form, match_view, state, widgets
from app.language import _

widgets.head(_("Matching"), _("Which items of two shops are the same article, and from which cosine on to believe it."))
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
        elif not jobpanel.busy(match_form.JOB):
            widgets.message(
                _("Nothing has been matched yet"),
                _("Choose models above and press “Match”: every picture of one side is compared with every one of the "
                  "other."),
                icon="join_inner",
            )  # fmt: skip
