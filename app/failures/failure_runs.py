"""Which run the Failures page looks at, which others stand beside it, and starting the search for causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app import jobpanel, state, widgets
from app.evaluate import runs
from app.language import _, n_, named
from app.text import plain
from app.vocabulary import CORRECTIONS, word
from eval.contracts import Run
from eval.failures.diagnosis import Diagnosis
from eval.failures.kept import key
from eval.failures.losses import losses
from eval.store import RunSummary

JOB = "diagnose"


def groups(summaries: Sequence[RunSummary]) -> dict[runs.Conditions, list[RunSummary]]:
    """Comparable runs together, newest conditions first; of a model's repeated runs only the newest."""
    found: dict[runs.Conditions, list[RunSummary]] = {}
    for summary in summaries:
        group = found.setdefault(runs.conditions(summary), [])
        if not any(runs.variant(summary) == runs.variant(known) for known in group):
            group.append(summary)
    return found


def name_of(run: RunSummary, names: Mapping[str, str]) -> str:
    """The model's name, with the correction where there was one."""
    said = plain(names.get(run.spec, run.spec))
    kind = run.settings.get("correction", "none")
    return said if kind == "none" else f"{said} · {word(CORRECTIONS, kind)}"


def choose(summaries: Sequence[RunSummary], names: Mapping[str, str]) -> tuple[RunSummary, list[RunSummary]]:
    """Let the visitor choose conditions and a model; return that run and all that can be compared with it."""
    found = groups(summaries)
    of_run = {run.id: (conditions, run) for conditions, group in found.items() for run in group}
    wanted = state.seed("run", _opening(next(iter(found.values()))), of_run)
    keys = list(found)
    if len(keys) > 1:
        st.session_state["conditions"] = keys.index(of_run[wanted][0])
        st.selectbox(
            _("Conditions"),
            range(len(keys)),
            key="conditions",
            width=470,
            format_func=named(range(len(keys)), lambda i: runs.said(found[keys[i]][0])),
            on_change=lambda: state.put("run", found[keys[st.session_state["conditions"]]][0].id),
        )
    group = found[of_run[st.session_state["run"]][0]]
    st.selectbox(
        _("Model"),
        [run.id for run in group],
        key="run",
        width=300,
        persist_state="session",
        format_func=named(of_run, lambda run_id: name_of(of_run[run_id][1], names)),
    )
    state.publish("run", "")
    return of_run[st.session_state["run"]][1], group


def _opening(group: Sequence[RunSummary]) -> str:
    """The newest run of the group whose causes are known, else the newest of a model, which chance is none."""
    taught = [run for run in group if run.spec != "chance"] or group
    return next((run.id for run in taught if state.bench().diagnosis(run) is not None), taught[0].id)


@st.cache_resource(show_spinner=False, max_entries=16)
def stored(run_id: str, home: str) -> Run:
    """A stored run; runs never change, so it is read once."""
    return state.bench().store.get(run_id)


@st.cache_resource(show_spinner=False, max_entries=64)
def lost(run_id: str, metric: str, home: str) -> pd.DataFrame:
    """Its queries by falling loss."""
    return losses(stored(run_id, home), metric)


def diagnosis(run: RunSummary) -> Diagnosis | None:
    """The kept diagnosis of a run, read once; None while there is none."""
    home = str(state.bench().home)
    found = _read(home, key(run), run) if state.bench().diagnosed([run])[0] else None
    if found is None:
        _read.clear()  # a damaged one may have been made anew since
    return found


@st.cache_resource(show_spinner=False, max_entries=32)
def _read(home: str, named: str, _run: RunSummary) -> Diagnosis | None:
    return state.bench().diagnosis(_run)


def causes(run: RunSummary) -> dict[str, str] | None:
    """Query → the cause that counts, people's word before the machine's; None without a diagnosis."""
    found = diagnosis(run)
    return None if found is None else state.bench().overruled(found.named(), run.query_set, run)


def offer(missing: Sequence[RunSummary], names: Mapping[str, str]) -> None:
    """Say which runs nobody looked into yet, and the button that does; nothing when there is none."""
    if not missing or jobpanel.busy(JOB):
        return
    with st.container(border=True):
        said = ", ".join(name_of(run, names) for run in missing)
        st.markdown(
            ":material/troubleshoot: "
            + n_(
                "Causes have not been looked for yet in {n} run: {names}.",
                "Causes have not been looked for yet in {n} runs: {names}.",
                len(missing),
                names=widgets.md(said),
            )
        )
        st.caption(
            _(
                "The model is asked once more: by captions, without each word, and with corrections against hubs. "
                "What is found is kept; later this page opens without any model."
            )
            if "asks" not in missing[0].settings
            else _(
                "The model is asked once more: by captions where it reads them, with pictures of the catalogue and "
                "with corrections against hubs. What is found is kept; later this page opens without any model."
            )
        )
        if st.button(_("Find the causes"), type="primary", icon=":material/play_arrow:", key="diagnose"):
            jobpanel.begin(JOB, runs=[run.id for run in missing])
