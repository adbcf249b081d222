"""Stored runs on the screen: which ones can be compared, which one is looked at, and adding the queries they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from app import searched as searched_in
from app import state
from app.answers import Evaluation
from app.catalogue import uploads
from app.evaluate import run_names
from app.language import _, language, n_, named, when
from app.text import md, plain
from app.vocabulary import POOLS, word
from app.widgets import calmly, message
from data.places import expanded
from eval.contracts import Run
from eval.store import RunSummary

LOOKED_AT = 40  # newest runs that are scored for one screen
QUERY_FILES = ["tsv", "txt", "csv", "json"]
Conditions = tuple[str, str, str, str]


@st.cache_resource(show_spinner=False, max_entries=128)
def scored(run_id: str, k: int, home: str) -> Evaluation:
    """A stored run scored at `k`; runs never change, so it is scored once."""
    return state.bench().evaluation(run_id, k)


def evaluations(summaries: Sequence[RunSummary], k: int, limit: int = LOOKED_AT) -> list[Evaluation]:
    """The newest runs, scored, newest first."""
    return [scored(summary.id, k, str(state.bench().home)) for summary in summaries[:limit]]


def conditions(run: Run | RunSummary) -> Conditions:
    """What must be equal for two runs to be compared: pool, filter, catalogue and query set as they were."""
    where = run.settings.get("where") or {}
    kept = "; ".join(f"{column}: {', '.join(values)}" for column, values in sorted(where.items()))
    return run.settings["pool"], kept, run.fingerprints["catalogue"], run.fingerprints["query_set"]


def grouped(found: Sequence[Evaluation]) -> dict[Conditions, list[Evaluation]]:
    """Comparable runs together, newest conditions first; of a model's repeated runs only the newest."""
    groups: dict[Conditions, list[Evaluation]] = {}
    for e in found:
        group = groups.setdefault(conditions(e.run), [])
        if not any(variant(e.run) == variant(known.run) for known in group):
            group.append(e)
    return groups


def best_first(group: Sequence[Evaluation]) -> list[Evaluation]:
    """The runs by falling first metric."""
    return sorted(group, key=lambda e: -next(iter(e.metrics.values())))


def best_encoder(catalogue: str) -> str:
    """The spec of the encoder that stands first among the newest comparable runs of a catalogue, "" without one.

    Only encoders that are on this machine count; word search sees no picture. Runs over a part of the catalogue count
    where there are no others.
    """
    here = {str(model.spec) for model in state.models() if model.here and model.reads_text and model.group != "other"}
    asked = [run for run in state.bench().runs(catalogue, limit=LOOKED_AT) if "asks" not in run.settings]  # in words
    whole = [run for run in asked if not run.settings.get("where")]
    for group in (*grouped(evaluations(whole, 5)).values(), *grouped(evaluations(asked, 5)).values()):
        if seeing := [e for e in best_first(group) if e.run.spec in here]:
            return seeing[0].run.spec
    return ""


def variant(run: Run | RunSummary) -> tuple[str, str, str, str]:
    """Which model answered and how: spec, precision, index, correction."""
    precision, index, correction = (str(run.settings.get(name, "")) for name in ("precision", "index", "correction"))
    return run.spec, precision, index, correction


def choose(summaries: Sequence[RunSummary], k: int) -> tuple[Evaluation, list[Evaluation], dict[str, str]]:
    """Let the visitor choose conditions and a model; return that run and all that can be compared with it, best first.

    The third is what these runs are called, by their ids.

    Without a choice: the best run under the newest conditions.
    """
    groups = {key: best_first(group) for key, group in grouped(evaluations(summaries, k)).items()}
    runs = {e.run.id: (key, e) for key, group in groups.items() for e in group}
    first = next(iter(runs))
    wanted = state.seed("run", first, runs)
    keys = list(groups)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(keys) > 1:
            st.session_state["conditions"] = keys.index(runs[wanted][0])
            st.selectbox(
                _("Conditions"),
                range(len(keys)),
                key="conditions",
                width=520,
                format_func=named(range(len(keys)), lambda i: said(groups[keys[i]][0].run)),
                on_change=lambda: state.put("run", groups[keys[st.session_state["conditions"]]][0].run.id),
            )
        group = groups[runs[st.session_state["run"]][0]]
        names = run_names.names([e.run for e in group], state.models())
        if len(group) > 1:
            st.selectbox(
                _("Look at the run of"),
                [e.run.id for e in group],
                key="run",
                width=420,
                persist_state="session",
                format_func=named(names, lambda run_id: names[run_id]),
            )
    state.publish("run", first)
    return runs[st.session_state["run"]][1], group, names


def searched(run: Run) -> str:
    """Where the run searched: its pool, its filter and the groups left out, as plain text."""
    return plain(" · ".join([word(POOLS, run.settings["pool"]), *searched_in.parts(run.settings.get("where"))]))


def said(run: Run | RunSummary) -> str:
    """The conditions of a run in one line: where it searched, how many items, when."""
    pool, kept = word(POOLS, run.settings["pool"]), searched_in.parts(run.settings.get("where"))
    size = n_("{n} item", "{n} items", int(run.settings.get("gallery", 0)))
    return plain(" · ".join([pool, size, *kept, when(run.made)]))


def judgments_of(run: Run, query: str) -> Mapping[str, int]:
    """The judgments the run was scored with, for one query: item → grade."""
    found: Mapping[str, int] = run.facts["judgments"].get(query, {})
    return found


def add_query_set(catalogue: str, opened: bool) -> None:
    """A form that takes a query set: queries with TREC judgments, a CSV or the JSON of the 2025 report."""
    if opened:
        message(
            _("There is no query set for this catalogue yet"),
            _("A query set says which items are right for each query. Add one below, or use the command line:"),
            f"uzor evaluate bm25 --catalogue {catalogue} --queries queries.tsv --qrels qrels.txt",
            "fact_check",
        )
    with st.expander(_("Add a query set"), expanded=opened, icon=":material/playlist_add:"):
        st.caption(
            _(
                "queries.tsv (id, text) with qrels.txt (TREC: query 0 item grade) · or a CSV with the columns "
                "query, item, grade · or the JSON of the 2025 report."
            )
        )
        files = st.file_uploader(
            _("Files"),
            QUERY_FILES,
            accept_multiple_files=True,
            key="query_files",
            max_upload_size=20,
        )
        places = st.text_input(
            _("Or paths on the server, separated by commas"),
            key="query_paths",
            placeholder="queries.tsv, qrels.txt",
        )
        name = st.text_input(_("Name"), key="query_name", placeholder=_("made from the file's name"))
        if st.button(_("Add"), key="add_queries", type="primary", disabled=not (files or places.strip())):
            with calmly():
                _add(
                    [*(uploads.keep(state.bench().home, f) for f in files), *_paths(places)],
                    catalogue,
                    name or _stem(files),
                )


def _paths(places: str) -> list[Path]:
    return [expanded(place.strip()) for place in places.split(",") if place.strip()]


def _stem(files: Sequence[uploads.Uploaded]) -> str | None:
    return uploads.plain_name(files[0].name) if files else None


def _add(paths: Sequence[Path], catalogue: str, name: str | None) -> None:
    added = state.bench().add_query_set(paths, catalogue, name=name)
    state.later(queries=added.name)
    st.toast(n_("{n} query added", "{n} queries added", len(added.queries)), icon=":material/check:")
    for note in added.notes:
        st.toast(md(note.message(language())), icon=":material/info:")
    coverage = added.against(state.bench().catalogue(catalogue).ids)
    if not coverage.known:
        message(
            _("None of the judged items is in this catalogue"),
            _("Check that the judgments use the ids of {name}.", name=md(catalogue)),
            icon="warning",
        )
        return
    st.rerun()
