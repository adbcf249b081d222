"""What the Comparison page compares: up to four stored runs under equal conditions, or the report's own four models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from app import asked as asked_with
from app import definitions, preparing, searched, state, widgets
from app.answers import Evaluation
from app.compare import pairings
from app.evaluate import report_beside, run_names, runs
from app.language import N_, _, n_, named
from app.text import plain
from app.vocabulary import POOLS, long_name, word
from data import published
from data.catalogue import Catalogue
from eval import scoring
from eval.comparison import Comparison
from eval.store import RunSummary

OF = {"runs": N_("Runs stored here"), "report": N_("The 2025 report's own figures")}
MOST = 4  # runs side by side
UNTAUGHT = ("chance", "bm25")


@dataclass(frozen=True)
class Chosen:
    """A comparison with what its labels and queries are called; `evaluations` are empty for published figures."""

    found: Comparison
    metric: str
    names: dict[str, str]  # label → name on screen, unescaped
    texts: dict[str, str]  # query id → words
    asked_first: tuple[tuple[str, str], ...] = ()  # the pairs that matter most
    evaluations: tuple[Evaluation, ...] = ()
    catalogue: Catalogue | None = None
    pictures: dict[str, str] = field(default_factory=dict)  # query id → the item or file that asked, where no words did


def choose() -> Chosen | None:
    """Let the visitor choose; None when there is nothing to compare yet, which is told."""
    state.seed("of", "runs", OF)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            _("What is compared"), list(OF), format_func=named(OF, lambda of: word(OF, of)), key="of", required=True,
            persist_state="session",
        )  # fmt: skip
        state.publish("of", "runs")
        if st.session_state["of"] == "report":
            return _published()
        there = bool(state.bench().catalogues())
        name = str(widgets.choose_catalogue(220)) if there else ""
        queries = widgets.choose_query_set(name, width=240, pictures=True) if there else ""
    if not there:
        widgets.no_catalogue()
        return None
    if preparing.unfinished(name):
        preparing.watch()
        preparing.told()
        return None
    groups = state.bench().comparable(name, queries) if queries else []
    if not groups:
        widgets.message(
            _("No runs yet"),
            _("Add judged queries on the Evaluation page and run two models or more over them."),
            icon="leaderboard",
        )
        widgets.link("evaluate", _("Evaluation"), "leaderboard")
        return None
    return _runs(groups, name, queries)


def _published() -> Chosen:
    metric = _metric(("P@5", "R@5"))
    names = {model.key: name for model, name in report_beside.model_names().items()}
    texts = {str(query.number): query.text for query in published.queries()}
    found = _of_report(metric)
    return Chosen(found, metric, names, texts, tuple(pairings.of_report(found)))


def _runs(groups: Sequence[list[RunSummary]], catalogue: str, queries: str) -> Chosen | None:
    stored = {run.id: run for group in groups for run in group}
    asked = st.query_params.get_all("compared") if state.arrived() else []
    asked = asked or st.session_state.get("compared") or []
    several = next((i for i, group in enumerate(groups) if len(group) > 1), 0)  # the newest with something to compare
    at = next((i for i, group in enumerate(groups) if any(run.id in asked for run in group)), several)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(groups) > 1:
            st.session_state["compare_group"] = at
            st.selectbox(
                _("Conditions"), range(len(groups)), key="compare_group", width=420,
                format_func=named(range(len(groups)), lambda i: _conditions(groups[i][0])),
                on_change=lambda: state.put("compared", usual(groups[st.session_state["compare_group"]])),
            )  # fmt: skip
        group = groups[at]
        names = called(group, queries)
        kept = state.seed("compared", usual(group), {run.id for run in group})[:MOST]
        st.session_state["compared"] = kept or (usual(group) if asked else [])
        st.multiselect(
            _("Runs, four at most"), list(names), key="compared", max_selections=MOST, persist_state="session",
            format_func=named(names, lambda run: plain(names[run])),
        )  # fmt: skip
        metric = _metric(scoring.names(int(group[0].settings["k"]), group[0]))
    state.publish("compared", [])  # always in the link: what is usual changes with the next run
    chosen = [run for run in st.session_state["compared"] if run in names]
    if not chosen:
        widgets.message(_("Choose two runs or more"), icon="balance")
        return None
    here = tuple(runs.scored(run, int(stored[run].settings["k"]), str(state.bench().home)) for run in chosen)
    found = compared(tuple(chosen), metric, str(state.bench().home))
    pictures = asked_with.of_run(here[0].run)
    return Chosen(
        found, metric, {run: names[run] for run in chosen}, asked_with.names(here[0].run.facts["texts"], pictures),
        tuple(pairings.of_runs(found, [e.run for e in here])), here, state.bench().catalogue(catalogue), pictures,
    )  # fmt: skip


def usual(group: Sequence[RunSummary]) -> list[str]:
    """What is compared before anybody chose: of each family the newest tuned run and the newest of its base."""
    taught = [run for run in group if run.spec not in UNTAUGHT]
    kinds: dict[tuple[str, bool], str] = {}
    for run in taught:
        kinds.setdefault((run.spec.partition(":")[0], "+" in run.spec or "@" in run.spec), run.id)
    first = [*kinds.values(), *(run.id for run in taught), *(run.id for run in group)]
    return list(dict.fromkeys(first))[: max(2, min(MOST, len(kinds)))]


def called(group: Sequence[RunSummary], queries: str) -> dict[str, str]:
    """Run id → the model's name; with its query set when that is not `queries`, and with what else tells two apart."""
    return run_names.names(group, state.models(), queries)


def _conditions(run: RunSummary) -> str:
    size = n_("{n} item", "{n} items", int(run.settings.get("gallery", 0)))
    return plain(" · ".join([word(POOLS, run.settings["pool"]), size, *searched.parts(run.settings.get("where"))]))


def _metric(known: Sequence[str]) -> str:
    state.seed("metric", known[0], known)
    st.selectbox(
        _("Metric"), known, key="metric", width=190, persist_state="session", format_func=named(known, long_name),
        help=definitions.of(st.session_state["metric"]),
    )  # fmt: skip
    state.publish("metric", known[0])
    return str(st.session_state["metric"])


@st.cache_resource(show_spinner=False, max_entries=64)
def compared(chosen: tuple[str, ...], metric: str, home: str) -> Comparison:
    """Runs never change, so they are compared once."""
    return state.bench().compared(chosen, metric)


@st.cache_resource(show_spinner=False)
def _of_report(metric: str) -> Comparison:
    return state.bench().compared_published(metric)
