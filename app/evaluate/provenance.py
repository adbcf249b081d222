"""Where the numbers of a run come from: settings, content hashes, library versions, what the model's loader noted."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.language import _, number
from app.text import md
from app.vocabulary import PROVENANCE, word
from eval.contracts import Run


def show(run: Run, name: str = "") -> None:
    """Everything one needs to make the run again, folded away below its numbers; `name` tells several runs apart."""
    title = _("Where these numbers come from") + (f": {md(name)}" if name else "")
    with st.expander(title, icon=":material/fingerprint:"):
        st.markdown(_("Run `{run}`, made in {seconds} s.", run=run.id, seconds=number(run.seconds, 1)))
        for note in run.facts.get("notes", ()):
            st.markdown("- " + md(str(note)))
        columns = st.columns(3)
        parts = (
            (_("Settings"), run.settings),
            (_("Content hashes"), {name: value[:16] for name, value in run.fingerprints.items()}),
            (_("Machine and versions"), run.environment),
        )
        for column, (title, facts) in zip(columns, parts, strict=True):
            with column:
                st.markdown(f"**{title}**")
                st.code(_lines(facts), language=None, wrap_lines=True)


def _lines(facts: Mapping[str, object]) -> str:
    return "\n".join(
        f"{word(PROVENANCE, name)}: {value}" for name, value in facts.items() if value not in (None, {}, [])
    )
