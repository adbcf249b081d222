"""The views of the Judging page beside the desk itself, and what it says while there is nothing to judge."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from app.evaluate import runs
from app.judge import judge_files, judge_raters, judge_scores, judge_sources, judge_waiting
from app.judge.judge_choice import Choice
from app.language import _
from app.widgets import message
from data.catalogue import Catalogue

VIEWS: dict[str, Callable[[Catalogue, str, Choice], None]] = {
    "scores": judge_scores.view,
    "raters": judge_raters.view,
    "sources": judge_sources.view,
    "files": judge_files.view,
}


def no_queries(catalogue: str) -> None:
    """There are no queries to judge results of."""
    judge_waiting.waiting("", "")
    runs.add_query_set(catalogue, opened=True)


def no_runs(catalogue: str, query_set: str) -> None:
    """There are queries but nothing that answered them."""
    judge_waiting.waiting("", "")
    words = query_set in state.bench().query_sets(catalogue, pictures=False)
    spec = "bm25" if words else "classical:hog"  # word search cannot be asked with a picture
    message(
        _("No model has answered these queries yet"),
        _("What is judged are results: run the queries through a model first."),
        f"uzor evaluate {spec} --catalogue {catalogue} --queries {query_set}",
        "gavel",
    )
    if st.button(_("Evaluate models"), icon=":material/leaderboard:", type="primary", key="to_evaluate"):
        state.go("evaluate", catalogue=catalogue, queries=query_set)
