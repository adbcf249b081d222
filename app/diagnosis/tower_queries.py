"""Towers query by query: which ranking is best for each, and the first pictures of all four side by side."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app import asked, gallery, state
from app.evaluate import tables
from app.language import N_, _, n_, named
from app.text import plain, short
from data.catalogue import Catalogue
from eval.tower_verdicts import Verdict
from eval.towers import Towers

NAMES = {
    "words": N_("Words (BM25)"),
    "text": N_("Text → description"),
    "image": N_("Text → picture"),
    "rrf": N_("Fusion, equal weights"),
    "fused": N_("Fusion, tuned honestly"),
    "oracle": N_("Oracle"),
}
PICTURED = {  # what the rankings are called where items ask with their pictures
    "words": N_("Its words (BM25)"),
    "text": N_("Its words → description"),
    "image": N_("Picture → picture"),
}
PICTURED_SAYS = {
    "words": N_("Word search with the title and description of the item that asks, in those of the others."),
    "text": N_("The model's vector of the asking item's title and description against those of each item's."),
    "image": N_("The model's vector of the asking picture against its vectors of the pictures."),
}
SAYS = {
    "words": N_(
        "Word search in titles and descriptions: Russian words by their dictionary form, English by their stem."
    ),
    "text": N_("The model's vector of the query against its vectors of each item's title and description."),
    "image": N_("The model's vector of the query against its vectors of the pictures."),
    "rrf": N_("Reciprocal rank fusion of the three: the sum of 1 / (60 + rank), each with the same weight."),
    "fused": N_(
        "The same sum with weights in tenths; for each query they are those that are best on all the other queries."
    ),
    "oracle": N_("For each query the best of the three rankings: what a perfect choice between them would bring."),
}


def name_of(one: Towers, ranking: str) -> str:
    """What a ranking is called on the screen."""
    own = PICTURED if one.asks == "pictures" else NAMES
    return _(own.get(ranking, NAMES[ranking]))


def says_of(one: Towers, ranking: str) -> str:
    """What it is."""
    own = PICTURED_SAYS if one.asks == "pictures" else SAYS
    return _(own.get(ranking, SAYS[ranking]))


WIDTHS = {"words": 122, "text": 142, "image": 142, "rrf": 158, "fused": 180}  # pixels, so that all stand side by side


def _several(names: list[str]) -> str:
    """The first of those names and how many more there are."""
    return names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "") if names else "—"


def table(one: Towers, verdict: Verdict, catalogue: Catalogue, asking: Mapping[str, str]) -> int | None:
    """The table of queries with the winner of each; returns the place of the one that is opened."""
    names = {name: name_of(one, name) for name in ("words", "text", "image", "rrf", "fused")}
    winners = [_several([names[w] for w in verdict.winners(i)]) for i in range(len(one.queries))]
    shown = pd.DataFrame({"query": [plain(t) for t in one.texts], "relevant": one.relevant, "winner": winners})
    labels = asked.names(dict(zip(one.queries, one.texts, strict=True)), asking)
    shown["query"], shown["id"] = [plain(labels[query]) for query in one.queries], list(one.queries)
    seen = asked.beside(shown, catalogue, asking, "id")
    for name in names:
        shown[name] = verdict.values[name]

    def opened() -> None:
        lines = st.session_state["towers_table"]["selection"]["rows"]
        state.put("query", one.queries[lines[0]] if lines else "")

    st.header(_("Query by query"), anchor=False)
    st.dataframe(
        shown,
        hide_index=True,
        key="towers_table",
        on_select=opened,
        selection_mode="single-row",
        height=390,
        alt=_("Query by query"),
        column_order=[*seen, "query", "relevant", "winner", *names],
        column_config={
            **seen,
            "query": st.column_config.TextColumn(_("Query"), pinned=True, width=160),
            "relevant": st.column_config.NumberColumn(_("Relevant"), format="%d", width=100),
            "winner": st.column_config.TextColumn(_("Best"), help=_("The rankings with the highest value."), width=150),
            **{
                name: st.column_config.ProgressColumn(
                    label, help=says_of(one, name), min_value=0.0, max_value=1.0, format="localized", width=WIDTHS[name]
                )
                for name, label in names.items()
            },
        },
    )
    state.seed("query", "", {"", *one.queries})
    state.publish("query", "")
    st.selectbox(
        _("Look at a query (or click a line above)"),
        ["", *one.queries],
        key="query",
        format_func=named(["", *one.queries], lambda q: short(labels.get(q, q)) or _("none")),
        persist_state="session",
        width=420,
    )
    query = st.session_state["query"]
    return one.queries.index(query) if query else None


def pictures(one: Towers, place: int, catalogue: Catalogue, queries: str) -> str | None:
    """The first items of the four rankings of one query, with the marks of the judgments."""
    query_set = state.bench().query_set(queries)
    judged = query_set.judged(one.queries[place])
    asked.show(catalogue, asked.of_set(query_set), one.queries[place])
    picked = None
    for name, lists in one.first.items():
        ids = lists[place]
        marks = tables.marks(judged, ids)
        hits = n_("{n} relevant", "{n} relevant", marks.count("hit"))
        st.markdown(f"**{name_of(one, name)}** · {hits}", help=says_of(one, name))
        if not ids:
            st.caption(_("No item shares a word with this query."))
            continue
        grid = gallery.cards(catalogue, ids, marks=marks, ranks=list(range(1, len(ids) + 1)))
        picked = (
            gallery.gallery(grid, f"tower_{name}", name_of(one, name), st.session_state.get("item", ""), 110) or picked
        )
    return picked
