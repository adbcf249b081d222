"""Evaluation: models on a query set, beside the chance level and the ceiling, down to each query's pictures."""

from collections.abc import Sequence

import streamlit as st

from app import asked, card, columns, definitions, jobpanel, published_beside, state, widgets
from app.answers import Evaluation
from app.evaluate import evaluating, picture_sets, provenance, report_beside, run_files, runs, scoreboard, tables
from app.gallery import cards, gallery
from app.language import _, n_, named, number
from app.text import short
from app.vocabulary import metric_name
from data.catalogue import Catalogue

PAGE = 20  # results of one query on the screen


def by_query(chosen: Evaluation, group: Sequence[Evaluation], names: dict[str, str]) -> None:
    """Query by query; a click on a line opens that query."""
    table = tables.by_query(chosen, [e for e in group if e.run.id != chosen.run.id], names).reset_index(names="query")
    st.header(_("Query by query"), anchor=False)
    pictures = asked.of_run(chosen.run)
    table["text"] = list(asked.names(dict(zip(table["query"], table["text"], strict=True)), pictures).values())
    seen = asked.beside(table, bench.catalogue(chosen.run.catalogue), pictures)
    bars = {
        c: columns.bars(metric_name(c), 2, help=definitions.of(c.partition(" ")[0]))
        for c in table.columns
        if c not in ("query", "text", "relevant", *seen)
    }

    def opened() -> None:
        lines = st.session_state["per_query"]["selection"]["rows"]
        state.put("query", str(table["query"].iloc[lines[0]]) if lines else "")

    columns.table(
        table,
        key="per_query",
        on_select=opened,
        selection_mode="single-row",
        height=390,
        column_order=[*seen, "text", "relevant", *bars],
        alt=_("Query by query"),
        columns={
            **seen,
            "text": st.column_config.TextColumn(_("Query"), pinned=True, width="medium"),
            "relevant": columns.numbers(_("Relevant"), 0, width=110),
            **bars,
        },
    )
    with st.container(horizontal=True):
        stem = f"{chosen.run.catalogue}-{chosen.run.spec}".replace("/", "-").replace(":", "-")
        st.download_button(
            _("Queries as CSV"),
            lambda: run_files.queries_csv(chosen),
            f"{stem}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="csv",
        )
        st.download_button(
            _("Rankings as a TREC run"),
            lambda: run_files.trec_run(chosen.run),
            f"{stem}.run",
            "text/plain",
            on_click="ignore",
            icon=":material/download:",
            key="trec",
        )


def one_query(chosen: Evaluation, catalogue: Catalogue) -> str | None:
    """One query's pictures: what the model shows first, the relevant items it does not; returns the item clicked."""
    ranked = {r.query: r for r in chosen.run.rankings}
    pictures = asked.of_run(chosen.run)
    texts = asked.names(chosen.run.facts["texts"], pictures)
    state.seed("query", "", {"", *ranked})
    state.publish("query", "")
    st.selectbox(
        _("Look at a query (or click a line above)"),
        ["", *ranked],
        key="query",
        format_func=named(["", *ranked], lambda q: short(texts.get(q, q)) or _("none")),
        persist_state="session",
        width=420,
    )
    query = st.session_state["query"]
    if not query:
        return None
    ranking = ranked[query]
    asked.show(catalogue, pictures, query)
    known = set(catalogue.ids)
    shown = [(i, s, n) for n, (i, s) in enumerate(zip(ranking.items, ranking.scores, strict=True), 1) if i in known]
    ids, scores, ranks = [list(column) for column in zip(*shown[:PAGE], strict=True)] or ([], [], [])
    judged = runs.judgments_of(chosen.run, query)
    marks = tables.marks(judged, ids)
    line = chosen.per_query.loc[query] if query in chosen.per_query.index else {}
    st.caption(" · ".join(f"{m} {number(line[m], 2)}" for m in chosen.metrics if m in line))
    report_beside.one_query(chosen.run, query)
    picked = gallery(
        cards(catalogue, ids, scores, marks, ranks),
        "ranking",
        _("Results"),
        st.session_state.get("item", ""),
    )
    if chosen.run.fingerprints["catalogue"] != catalogue.fingerprint:
        st.caption(
            ":material/info: " + _("The catalogue was imported anew after this run; items that are gone are left out.")
        )
    late = [(i, rank) for i, rank in tables.missed(judged, ranking.items, PAGE) if i in known]
    if late:
        st.header(
            n_("{n} relevant item is not among them", "{n} relevant items are not among them", len(late)), anchor=False
        )
        late = late[:PAGE]
        again = gallery(
            cards(catalogue, [i for i, _rank in late], marks=["hit"] * len(late), ranks=[rank for _i, rank in late]),
            "missed",
            _("Missed"),
            st.session_state.get("item", ""),
            120,
        )
        picked = again or picked
    return picked


bench = state.bench()
widgets.head(_("Evaluation"), _("How well a model finds what people judged relevant, query by query."))
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = widgets.choose_catalogue()
    queries = widgets.choose_query_set(name, pictures=True) if name else ""
if not name:
    st.stop()
if not queries:
    runs.add_query_set(name, opened=True)
    picture_sets.form(bench.catalogue(name))
    st.stop()
catalogue = bench.catalogue(name)
summaries = bench.runs(name, queries)
evaluating.form(catalogue, queries, summaries)
runs.add_query_set(name, opened=False)
picture_sets.form(catalogue)
evaluating.publish()
ended = jobpanel.watch("evaluate")
if ended is not None and ended.status == "done":
    state.put("run", ended.result["runs"][0])
    summaries = bench.runs(name, queries)
if not summaries and bench.runs(name, queries, unjudged=True):
    evaluating.to_judge(name, queries)
    st.stop()
if not summaries:
    widgets.message(_("No runs yet"), _("Choose models above and press “Evaluate”."), icon="leaderboard")
    st.stop()
picked = None
with widgets.calmly():
    chosen, group, names = runs.choose(summaries, int(st.session_state["k"]))
    scoreboard.numbers(chosen)
    scoreboard.counts(chosen)
    provenance.show(chosen.run)
    scoreboard.compared(group, names)
    if len(group) > 1:
        widgets.link("compare", _("Which differences are proven"), "balance")
    report_beside.section(chosen.run, [e.run.spec for e in group])
    if "asks" in chosen.run.settings:
        published_beside.show("electrical-goods-items", "sneakers-items", "vova")
    by_query(chosen, group, names)
    picked = one_query(chosen, catalogue)
card.show(catalogue, picked, "evaluate")
