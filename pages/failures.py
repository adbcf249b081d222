"""Failures: which queries lose most, what they missed and why, who is shown for everything and who never."""

import streamlit as st

from app import asked, card, jobpanel, picker, state, widgets
from app.evaluate import provenance, runs
from app.failures import (
    failure_card,
    failure_corrections,
    failure_hubs,
    failure_list,
    failure_missed,
    failure_runs,
    failure_sums,
)
from app.language import N_, _
from app.search import explain_view
from app.vocabulary import metric_says
from eval.failures import exposure
from eval.metrics import names as metric_names

VIEWS = {"queries": N_("Queries"), "causes": N_("Causes"), "hubs": N_("Hubs and the dark catalogue")}


def queries() -> str | None:
    """Queries by loss, and the one that is looked at; returns the item clicked."""
    table = failure_list.filtered(failure_runs.lost(chosen.id, metric, home), causes)
    failure_list.summary(table, metric, causes)
    said = bench.said_of(chosen, chosen.query_set)
    run = failure_runs.stored(chosen.id, home)
    pictures = asked.of_run(run)
    query = failure_list.table(table, metric, causes, {note.query for note in said}, catalogue, pictures)
    if not query:
        return None
    ranking = next(r for r in run.rankings if r.query == query)
    failure_list.heading(asked.names(run.facts["texts"], pictures)[query])
    asked.show(catalogue, pictures, query)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        picked = failure_missed.retrieved(catalogue, run, ranking, k)
        missed = failure_missed.missed(catalogue, run, ranking, k, failure_list.lost(table, query))
    with right:
        if diagnosis is not None and query in diagnosis.observed:
            automatic, found = diagnosis.named()[query], diagnosis.causes(query)
            mine = [note for note in said if note.query == query]
            failure_card.show(chosen, query, run.facts["texts"][query], found, automatic, mine, pictures.get(query, ""))
    if missed:
        failure_missed.under_models(catalogue, run, group, names, query, missed)
    return picked


def why(item: str) -> None:
    """Explain an item of the open query on the Search page, under this run's model and correction."""
    text = failure_runs.stored(chosen.id, home).facts["texts"][st.session_state["query"]]
    explain_view.open_for(name, chosen.spec, text, item, str(chosen.settings.get("correction", "none")))


def hubs() -> str | None:
    """Hubs, the dark catalogue and corrections; returns the item clicked."""
    run = failure_runs.stored(chosen.id, home)
    lists = failure_hubs.lists_of(diagnosis)
    plain = diagnosis.remedies[0] if diagnosis is not None and diagnosis.remedies else None
    shown = exposure.of_remedy(run, catalogue, plain, True) if plain and lists == "captions" else None
    polluted = diagnosis.pollutes if diagnosis is not None and shown is not None else {}
    picked = failure_hubs.show(run, catalogue, shown or exposure.asked(run, catalogue), polluted)
    if diagnosis is not None:
        failure_corrections.show(run, catalogue, diagnosis, metric)
    return picked


bench = state.bench()
home = str(bench.home)
widgets.head(_("Failures"), _("Which queries lose most, what they missed and why, and what helps."))
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = widgets.choose_catalogue(180)
    query_set = widgets.choose_query_set(name, width=190, pictures=True) if name else ""
    summaries = bench.runs(name, query_set, runs.LOOKED_AT) if query_set else []
    names = picker.titles()
    if summaries:
        chosen, group = failure_runs.choose(summaries, names)
if not name:
    st.stop()
if not summaries:
    widgets.message(_("No runs yet"), _("Failures are looked for in stored runs: evaluate a model first."))
    widgets.link("evaluate", _("Evaluation"), "leaderboard")
    st.stop()
catalogue, k = bench.catalogue(name), int(chosen.settings["k"])
metrics = [one for one in metric_names(k) if not one.startswith("Judged")]
state.seed("loss", metrics[0], metrics)
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    view = widgets.choose_view(_("View"), VIEWS, "failures_view")
    says = metric_says(st.session_state["loss"])
    st.selectbox(_("Loss in"), metrics, key="loss", width=140, persist_state="session", help=says)
state.publish("loss", metrics[0])
metric = st.session_state["loss"]
ended = [jobpanel.watch(job) for job in (failure_runs.JOB, "evaluate")]
if ended[1] is not None and ended[1].status == "done":
    state.later(run=ended[1].result["runs"][0])
    st.rerun()
picked = None
with widgets.calmly():
    diagnosis, causes = failure_runs.diagnosis(chosen), failure_runs.causes(chosen)
    looked = zip(group, bench.diagnosed(group), strict=True)
    missing = [run for run, done in looked if not done and (view == "causes" or run.id == chosen.id)]
    failure_runs.offer(missing, names)
    if view == "queries":
        picked = queries()
    elif view == "hubs":
        picked = hubs()
    else:
        run = failure_runs.stored(chosen.id, home)
        pictures = asked.of_run(run)
        failure_sums.show(chosen, group, names, asked.names(run.facts["texts"], pictures), catalogue, pictures)
    provenance.show(failure_runs.stored(chosen.id, home))
open_query = view == "queries" and st.session_state["query"]
explained = open_query and "asks" not in chosen.settings  # words are left out one by one: there are none in a picture
card.show(catalogue, picked, "failures", why if explained else None)
