"""What an import of the 2025 project's files made of them, what it left out and why, and what can follow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app import jobpanel, state
from app.language import _, language, n_, number
from app.text import md, plain
from app.widgets import calmly

JOB = "import-report"
MOST_LISTED = 50


def show(result: Mapping[str, Any]) -> None:
    """What an import made of the files, what it left out and why, and the evaluation that can follow."""
    catalogues: Mapping[str, Mapping[str, Any]] = result["catalogues"]
    if not (catalogues or result["models"] or result["weights"]):
        st.error(_("Nothing could be taken from these files."), icon=":material/error:")
    for name, report in catalogues.items():
        says = n_("{n} item is in the catalogue {name}.", "{n} items are in the catalogue {name}.", report["ready"],
                  name=md(name))  # fmt: skip
        st.success(says, icon=":material/check_circle:")
    for name in list(catalogues)[:1]:
        _notes(name)
    rows = [[_("Query set"), plain(name), plain(of)] for name, of in result["query_sets"].items()]
    rows += [[_("Ready vectors"), plain(spec), plain(of)] for spec, of in result["models"].items()]
    rows += [[_("Weights"), plain(f"models/{name}"), ""] for name in result["weights"]]
    rows += [[_("Rows refused"), number(one["refused"]), plain(name)] for name, one in catalogues.items()
             if one["refused"]]  # fmt: skip
    if rows:
        st.header(_("What was taken"), anchor=False)
        st.dataframe(
            pd.DataFrame(rows, columns=[_("What"), _("Name"), _("Catalogue")]),
            hide_index=True,
            alt=_("What was taken"),
        )
    _left_out(result["problems"])
    _next(result)


def _left_out(problems: Mapping[str, str]) -> None:
    if not problems:
        return
    st.header(n_("{n} file was left out", "{n} files were left out", len(problems)), anchor=False)
    listed = list(problems.items())[:MOST_LISTED]
    st.markdown("\n".join(f"- **{md(_name(file))}** — {md(why.replace(_folder(file), ''))}" for file, why in listed))
    if len(problems) > MOST_LISTED:
        st.caption(_("and {n} more", n=number(len(problems) - MOST_LISTED)))


def _folder(file: str) -> str:
    return f"{Path(file).parent}/" if file.startswith("/") else "\0"


def _name(file: str) -> str:
    return Path(file).name if file.startswith("/") else file


def _notes(catalogue: str) -> None:
    """What the import noticed of the rows it took, such as pictures that are not there."""
    with calmly():
        for note in state.bench().import_report(catalogue).notes:
            st.caption(":material/info: " + md(note.message(language())))


def evaluations(result: Mapping[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Catalogue → its query set and the ready models that cover it, those with both alone, most models first."""
    found = {}
    for queries, catalogue in result["query_sets"].items():
        covering = [spec for spec, of in result["models"].items() if catalogue in of.split(", ")]
        if covering and catalogue not in found:
            found[catalogue] = (queries, covering)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1][1])))


def _next(result: Mapping[str, Any]) -> None:
    """Buttons for what can follow: evaluating what came ready-made, else looking through what came in."""
    st.header(_("What to do next"), anchor=False)
    possible = evaluations(result)
    for place, (catalogue, (queries, models)) in enumerate(possible.items()):
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            says = n_(
                "{n} ready model can be evaluated on {name}.",
                "{n} ready models can be evaluated on {name}.",
                len(models),
                name=md(catalogue),
            )
            st.markdown(says, width="content")
            if st.button(_("Evaluate"), key=f"project_evaluate_{place}", icon=":material/leaderboard:", type="primary"):
                state.go("evaluate", catalogue=catalogue, queries=queries, models=models, pool="judged")
    if not possible:
        st.caption(
            _(
                "To have the report's table computed again, bring the vectors (embeddings*.pkl) of models and the "
                "queries (semantic_test_queries.json) together."
            )
        )
    with st.container(horizontal=True):
        if names := list(result["catalogues"]):
            if st.button(_("Look through"), key="project_browse", icon=":material/photo_library:"):
                jobpanel.forget(JOB)
                state.go("catalogue", view="browse", catalogue=names[0])
        if st.button(_("Another import"), key="project_more", icon=":material/upload:"):
            jobpanel.forget(JOB)
            state.put("project_folder", "")
            st.rerun()
