"""Which groups a task leaves out: the same field in the forms of Evaluation, Matching and Classification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import state
from app.language import _, named
from app.text import plain
from eval.grouping import excluded


def seed(catalogue: str, param: str, newest: Mapping[str, Any] | None = None) -> None:
    """Put the choice of `param` into the session: at first what the `newest` run left out, as far as it still stands.

    Groups go by their names in the link; a run records what they held.
    """
    there = {group.label: group.name for group in state.bench().groups(catalogue)}
    _columns, labels = excluded.parted((newest or {}).get("where"))
    state.seed(param, [there[label] for label in labels if label in there], set(there.values()))


def leave_out(catalogue: str, param: str) -> None:
    """The field; nothing where the catalogue has no groups."""
    names = [group.name for group in state.bench().groups(catalogue)]
    if names:
        st.multiselect(
            _("Leave out groups"), names, key=param, format_func=named(names, plain), placeholder=_("none"), width=240,
            persist_state="session",
            help=_("Groups of items that were named on the Map: they are not searched, do not ask and count nowhere."),
        )  # fmt: skip


def labels(catalogue: str, param: str) -> list[str]:
    """The labels of the groups that were chosen: what they hold now, whatever becomes of them until the job runs."""
    there = {group.name: group.label for group in state.bench().groups(catalogue)}
    return [there[name] for name in st.session_state.get(param, []) if name in there]
