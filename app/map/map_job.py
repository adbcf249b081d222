"""A map that has not been drawn yet: who draws it, when it comes, and beginning it where that is quick."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import demo, jobpanel, jobs, preparing, state
from app.evaluate import runs
from app.language import _, n_
from app.widgets import message
from data.catalogue import Catalogue


def not_yet(spec: str, catalogue: Catalogue, **how: Any) -> None:
    """Say what becomes of a map that is not here; one that only has to be laid out is begun without being asked."""
    if (catalogue.name, how["method"]) == (demo.CATALOGUE, demo.METHOD) and _drawn(spec):
        comes()
        return
    asked = {"spec": spec, "catalogue": catalogue.name, **how}
    if jobpanel.busy("map"):
        st.caption(_("The pictures are being laid out, which is done once; the map opens here by itself."))
        return
    tried = any(job.arguments == asked for job in jobs.recent(state.bench().home, "map"))
    if not tried and state.bench().embedded(spec, catalogue.name):
        jobpanel.begin("map", **asked)
    message(
        _("This map has not been drawn yet"),
        n_(
            "{n} picture will be laid out once; then the map opens at once.",
            "{n} pictures will be laid out once; then the map opens at once.",
            len(catalogue),
        ),
        icon="scatter_plot",
    )
    if st.button(_("Draw the map"), type="primary", icon=":material/play_arrow:", key="draw"):
        jobpanel.begin("map", **asked)


def comes() -> None:
    """Show how far the demonstration is, and say that its map opens here by itself."""
    preparing.watch()
    message(
        _("The demonstration is being prepared"),
        _("Its map is drawn after the numbers and the causes of failures; it opens here by itself."),
        icon="hourglass_top",
    )


def _drawn(spec: str) -> bool:
    """True while the demonstration works and will draw that model's map."""
    return preparing.works() and spec == runs.best_encoder(demo.CATALOGUE)
