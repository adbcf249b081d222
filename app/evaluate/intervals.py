"""The 95 % interval of a stored run's mean, computed once and kept in memory: runs never change."""

from __future__ import annotations

import streamlit as st

from app import state
from app.answers import Evaluation
from app.compare.verdict_words import interval
from eval import stats


def of(evaluation: Evaluation, metric: str) -> tuple[float, float]:
    """Where the mean of that metric may lie; not a number for a single query."""
    return _interval(evaluation.run.id, metric, str(state.bench().home), evaluation)


def written(evaluation: Evaluation, metric: str) -> str:
    """The interval as it stands in a table: "[0.442; 0.717]"."""
    return interval(*of(evaluation, metric))


@st.cache_resource(show_spinner=False, max_entries=2048)
def _interval(run: str, metric: str, home: str, _evaluation: Evaluation) -> tuple[float, float]:
    return stats.interval(_evaluation.per_query[metric].tolist())
