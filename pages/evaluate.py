"""Evaluation: models on a query set, beside the chance level and the ceiling, down to each query's pictures."""

from collections.abc import Sequence

import streamlit as st

from app import card, charts, evaluating, exports, jobpanel, picker, runs, state, tables, widgets
from app.answers import Evaluation
from app.gallery import cards, gallery
from app.language import _, n_, named, number, when
from app.text import md, short
from app.vocabulary import FIELDS, POOLS, long_name, metric_says, word
from data.catalogue import Catalogue

PAGE = 20  # results of one query on the screen


def numbers(chosen: Evaluation) -> None:
    """The means of the chosen run as cards, each with its chance level, its ceiling and its definition."""
    with st.grid(4, min_column_width=220):
        for name in [m for m in chosen.metrics if not m.startswith("Judged")][:4]:
            low, high = chosen.chance.get(name), chosen.ceiling.get(name)
            st.metric(
                long_name(name),
                number(chosen.metrics[name], 3),
                border=True,
                help=metric_says(name),
                delta_color="off",
                delta=_(
                    "chance {low} · ceiling {high}",
                    low=number(low, 3) if low is not None else "—",
                    high=number(high, 3) if high is not None else "—",
                ),
                delta_arrow="off",
            )


def compared(group: Sequence[Evaluation], names: dict[str, str]) -> None:
    """The leaderboard and the same means as bars."""
    chance, ceiling = _("Chance level"), _("Ceiling")
    board = tables.leaderboard(group, names, chance, ceiling)
    bar = {
        m: st.column_config.ProgressColumn(m, help=metric_says(m), min_value=0.0, max_value=1.0, format="%.3f")
        for m in board.columns[1:]
    }
    st.subheader(_("Models"), anchor=False)
    st.dataframe(
        board,
        hide_index=True,
        alt=_("Means by model"),
        column_config={"name": st.column_config.TextColumn(_("Model"), pinned=True, width="medium"), **bar},
    )
    with st.expander(_("What the numbers mean"), icon=":material/menu_book:"):
        st.markdown("\n".join(f"- **{m}** ({long_name(m)}) — {md(metric_says(m))}" for m in board.columns[1:]))
        st.markdown(
            "- "
            + _(
                "**Chance level** is the expected value when the gallery is shuffled; "
                "**ceiling** is the value of the best possible order."
            )
        )
    st.echarts_chart(
        charts.means_spec(tables.means(group, names, chance, ceiling), chance, ceiling),
        height=300,
        alt=_("Means by model"),
        key="means",
    )


def counts(chosen: Evaluation) -> None:
    """What was counted, over which pool, and the two numbers about pairs under their own names."""
    run, said = chosen.run, []
    said.append(n_("{n} query", "{n} queries", int(chosen.counts.get("queries", len(chosen.per_query)))))
    said.append(_("gallery: {n}", n=number(int(chosen.counts.get("gallery", 0)))))
    said.append(_("pool: {pool}", pool=word(POOLS, run.settings.get("pool", "")).lower()))
    for column, values in (run.settings.get("where") or {}).items():
        said.append(md(f"{word(FIELDS, column).lower()}: {', '.join(values)}"))
    said += [run.settings.get("precision", ""), when(run.made)]
    st.caption(" · ".join(word_ for word_ in said if word_))
    runs.pairs(run)
    if absent := int(chosen.counts.get("absent", 0)):
        st.caption(
            ":material/info: "
            + n_(
                "{n} judgment is about an item outside this gallery and was left out.",
                "{n} judgments are about items outside this gallery and were left out.",
                absent,
            )
        )
    if left_out := len(chosen.counts.get("left_out", ())):
        st.caption(
            ":material/info: "
            + n_(
                "{n} query has no relevant item in this gallery and was left out.",
                "{n} queries have no relevant item in this gallery and were left out.",
                left_out,
            )
        )


def by_query(chosen: Evaluation, group: Sequence[Evaluation], names: dict[str, str]) -> None:
    """Query by query; a click on a line opens that query."""
    table = tables.by_query(chosen, [e for e in group if e.run.id != chosen.run.id], names).reset_index(names="query")
    st.subheader(_("Query by query"), anchor=False)
    bars = {
        c: st.column_config.ProgressColumn(
            c, help=metric_says(c.partition(" ")[0]), min_value=0.0, max_value=1.0, format="%.2f"
        )
        for c in table.columns
        if c not in ("query", "text", "relevant")
    }

    def opened() -> None:
        lines = st.session_state["per_query"]["selection"]["rows"]
        state.put("query", str(table["query"].iloc[lines[0]]) if lines else "")

    st.dataframe(
        table,
        hide_index=True,
        key="per_query",
        on_select=opened,
        selection_mode="single-row",
        height=390,
        column_order=["text", "relevant", *bars],
        alt=_("Query by query"),
        column_config={
            "text": st.column_config.TextColumn(_("Query"), pinned=True, width="medium"),
            "relevant": st.column_config.NumberColumn(_("Relevant"), format="%d", width="small"),
            **bars,
        },
    )
    with st.container(horizontal=True):
        stem = f"{chosen.run.catalogue}-{chosen.run.spec}".replace("/", "-").replace(":", "-")
        st.download_button(
            _("Queries as CSV"),
            lambda: exports.queries_csv(chosen),
            f"{stem}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="csv",
        )
        st.download_button(
            _("Rankings as a TREC run"),
            lambda: exports.trec_run(chosen.run),
            f"{stem}.run",
            "text/plain",
            on_click="ignore",
            icon=":material/download:",
            key="trec",
        )


def one_query(chosen: Evaluation, catalogue: Catalogue) -> str | None:
    """One query's pictures: what the model shows first, the relevant items it does not; returns the item clicked."""
    ranked = {r.query: r for r in chosen.run.rankings}
    texts = chosen.run.facts["texts"]
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
    known = set(catalogue.ids)
    ids = [i for i in ranking.items[:PAGE] if i in known]
    judged = runs.judgments_of(chosen.run, query)
    marks = tables.marks(judged, ids)
    line = chosen.per_query.loc[query] if query in chosen.per_query.index else {}
    st.caption(" · ".join(f"{m} {number(line[m], 2)}" for m in chosen.metrics if m in line))
    picked = gallery(
        cards(catalogue, ids, list(ranking.scores), marks, list(range(1, len(ids) + 1))),
        "ranking",
        _("Results"),
        st.session_state.get("item", ""),
    )
    late = [(i, rank) for i, rank in tables.missed(judged, ranking.items, PAGE) if i in known]
    if late:
        st.subheader(
            n_("{n} relevant item is not among them", "{n} relevant items are not among them", len(late)), anchor=False
        )
        shown = late[:PAGE]
        again = gallery(
            cards(catalogue, [i for i, _rank in shown], marks=["hit"] * len(shown), ranks=[rank for _i, rank in shown]),
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
    queries = widgets.choose_query_set(name) if name else ""
if not name:
    st.stop()
if not queries:
    runs.add_query_set(name, opened=True)
    st.stop()
catalogue = bench.catalogue(name)
summaries = bench.runs(name, queries)
evaluating.form(catalogue, queries, opened=not summaries)
runs.add_query_set(name, opened=False)
evaluating.publish()
ended = jobpanel.watch("evaluate")
if ended is not None and ended.status == "done":
    state.put("run", ended.result["runs"][0])
    summaries = bench.runs(name, queries)
if not summaries:
    widgets.message(_("No runs yet"), _("Choose models above and press “Evaluate”."), icon="leaderboard")
    st.stop()
picked = None
with widgets.calmly():
    names = picker.titles()
    chosen, group = runs.choose(summaries, int(st.session_state["k"]), names)
    numbers(chosen)
    counts(chosen)
    compared(group, names)
    by_query(chosen, group, names)
    picked = one_query(chosen, catalogue)
card.show(catalogue, picked, "evaluate")
