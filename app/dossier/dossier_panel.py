"""The printed report on the screen: one button that downloads it, in the language one chooses."""

from __future__ import annotations

import streamlit as st

from app import state
from app.compare.compare_choice import Chosen
from app.dossier import dossier_files
from app.language import LANGUAGES, _, language, named


def offer(chosen: Chosen) -> None:
    """A button that downloads the report of the runs that are compared; nothing for published figures."""
    if not chosen.evaluations:
        return
    runs, metric, bench = [e.run.id for e in chosen.evaluations], chosen.metric, state.bench()
    words = {"ru": "Русский", "en": "English"}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        about = _("For a meeting: verdicts, queries and the worst failures in pictures, with tables and TREC files.")
        st.caption(about, width="content")
        st.segmented_control(
            _("Language of the report"), LANGUAGES, default=language(), key="report_language", required=True,
            format_func=named(LANGUAGES, lambda code: words[code]), label_visibility="collapsed", width="content",
        )  # fmt: skip
        lang = str(st.session_state.get("report_language") or language())
        st.download_button(
            _("Report"), lambda: bench.report_zip(runs, metric, lang), dossier_files.archive(chosen.evaluations[0].run),
            "application/zip", on_click="ignore", icon=":material/summarize:", key="report_zip",
        )  # fmt: skip
