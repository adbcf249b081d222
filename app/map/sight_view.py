"""A query on the Map page: its marks and rays, the line of its similarities, and what a missed item stands behind."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import asked, gallery, picker, state
from app.evaluate import runs, tables
from app.language import N_, _, n_, named, number
from app.map import sight_charts, sight_pictures
from app.search import explain_view
from app.text import plain, short
from app.vocabulary import word
from data.catalogue import Catalogue
from eval.sights import Seen, Sight

FIRST = [5, 10, 20]
BEFORE = 8  # items shown before a missed one
ITEM = "sight_item"
PLACES = {"near": N_("Among its nearest pictures"), "joint": N_("At its true place")}


def words() -> dict[str, str]:
    """What the marks are called in the visitor's language."""
    return {
        "hits": _("Hits"),
        "missed": _("Missed"),
        "friends": _("False friends"),
        "others": _("All other items"),
        "score": _("score of the model (cosine)"),
    }


def together() -> bool:
    """Whether queries are laid out with the pictures, at their true places, rather than among their nearest ones."""
    state.seed("place", "near", PLACES)
    st.segmented_control(
        _("Where a query stands"),
        list(PLACES),
        format_func=named(PLACES, lambda code: word(PLACES, code)),
        key="place",
        required=True,
        persist_state="session",
        help=_(
            "Texts and pictures lie in different cones of the space. Among its pictures: the mean of the places of its "
            "20 nearest pictures, weighted 1/rank. At its true place: pictures and queries are laid out as one."
        ),
    )
    state.publish("place", "near")
    return bool(st.session_state["place"] == "joint")


def choose(spec: str, catalogue: str, queries: str) -> Sight | None:
    """Let the visitor choose a query of the set that lies on the map; None while none is chosen.

    The choice is the query's id, so it stays when the model changes; hits and misses are then the new model's.
    """
    if not queries:
        return None
    query_set = state.bench().query_set(queries)
    ids = ["", *(query.id for query in query_set.queries)]
    texts = asked.called(query_set)
    state.seed("query", "", ids)
    state.seed("sight_k", FIRST[0], FIRST)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("A query on the map"),
            ids,
            format_func=named(ids, lambda q: short(texts.get(q, q)) or _("none")),
            key="query",
            persist_state="session",
            width=320,
        )
        if st.session_state["query"]:
            st.segmented_control(
                _("First results"), FIRST, key="sight_k", required=True, persist_state="session",
                help=_("Relevant items among the first so many are hits, the other relevant ones are missed."),
            )  # fmt: skip
    state.publish("query", "")
    state.publish("sight_k", FIRST[0])
    if not st.session_state["query"]:
        return None
    return state.bench().sight(spec, catalogue, queries, st.session_state["query"], st.session_state["sight_k"])


def strip(seen: Sight, catalogue: Catalogue, joint: bool, queries: str) -> None:
    """The line of similarities: what the flat map may hide."""
    titles = {one.item: plain(catalogue.item(one.item)["title"]) for one in (*seen.relevant, *seen.friends)}
    st.markdown(
        "**" + _("The map may lie, this line does not") + "**",
        help=_(
            "Every item at its true score for the query: relevant items above the line, others below. The hill's "
            "height is the square root of the number of items."
        ),
    )
    st.echarts_chart(
        sight_charts.strip_spec(seen, titles, words(), st.context.theme.type == "dark"),
        height=230,
        key="strip",
        alt=_("Scores of relevant and other items"),
    )
    said = (
        _("On the map the query stands at its true place: pictures and queries were laid out as one.")
        if joint
        else _(
            "On the map the query stands at the mean of its 20 nearest pictures, weighted 1/rank: texts and pictures "
            "lie in different cones of the space, so that its true place would be beside the map."
        )
    )
    st.caption(sight_pictures.said(catalogue, seen, queries) or said)


def panel(seen: Sight, catalogue: Catalogue, queries: str) -> str | None:
    """Hits, missed and false friends as pictures; returns the item whose card is to open."""
    total = len(seen.relevant)
    sight_pictures.show(catalogue, seen, queries)
    st.header(
        _("{hits} of {total} relevant among the first {k}", hits=len(seen.hits), total=total, k=seen.k), anchor=False
    )
    known = {one.item for one in seen.relevant}
    chosen = state.seed(ITEM, "", {"", *known})
    state.publish(ITEM, "")
    with st.container(height="content" if chosen else 720, border=False):
        if chosen:
            return _missed(seen, catalogue, queries, chosen)
        judged = state.bench().query_set(queries).judged(seen.query)
        if picked := _grid(_("Missed"), seen.missed, catalogue, ["hit"] * len(seen.missed), "sight_missed"):
            state.put(ITEM, picked)
            st.rerun()
        marks = tables.marks(judged, [one.item for one in seen.friends])
        friend = _grid(_("False friends"), seen.friends, catalogue, marks, "sight_friends")
        return _grid(_("Hits"), seen.hits, catalogue, ["hit"] * len(seen.hits), "sight_hits") or friend


def _grid(title: str, seen: Sequence[Seen], catalogue: Catalogue, marks: Sequence[str], key: str) -> str | None:
    if not seen:
        return None
    st.markdown(f"**{title}** · {number(len(seen))}")
    shown = gallery.cards(catalogue, [one.item for one in seen], marks=marks, ranks=[one.rank for one in seen])
    return gallery.gallery(shown, key, title, st.session_state.get(ITEM, ""), 110)


def _missed(seen: Sight, catalogue: Catalogue, queries: str, item: str) -> str | None:
    """One relevant item: its rank under every model that was run, and what stands before it under this one."""
    one = next(s for s in seen.relevant if s.item == item)
    with st.container(horizontal=True):
        back = _("Back to the query")
        st.button(back, icon=":material/arrow_back:", key="sight_back", on_click=state.put, args=(ITEM, ""))
        explained = not sight_pictures.asking(queries)  # a picture has no words that could be left out one by one
        if explained and st.button(_("Why?"), icon=":material/help_center:", key="sight_why"):
            explain_view.open_for(catalogue.name, seen.spec, seen.text, item)
    if not explained:
        asked.not_explained()
    gallery.gallery(
        gallery.cards(catalogue, [item], marks=["hit"], ranks=[one.rank]), "sight_one", _("Missed"), "", 150
    )
    table = ranks(catalogue, queries, seen.query, item)
    if len(table):
        st.markdown("**" + _("Its rank under every model that was run") + "**")
        st.dataframe(
            table,
            hide_index=True,
            alt=_("Its rank under every model that was run"),
            column_config={"model": st.column_config.TextColumn(_("Model"), width="medium"), "rank": _("Rank")},
        )
    count = one.rank - 1 if one.rank else len(seen.order)
    st.markdown("**" + n_("{n} item stands before it", "{n} items stand before it", count) + "**")
    before = seen.before(item, BEFORE)
    judged = state.bench().query_set(queries).judged(seen.query)
    shown = gallery.cards(catalogue, before, marks=tables.marks(judged, before), ranks=list(range(1, len(before) + 1)))
    return gallery.gallery(shown, "sight_before", _("Before it"), "", 110) if before else None


def ranks(catalogue: Catalogue, queries: str, query: str, item: str) -> pd.DataFrame:
    """Columns "model" and "rank": where the item stands in the newest whole-catalogue run of each model, best first."""
    titles, found = picker.titles(), {}
    for e in runs.evaluations(state.bench().runs(catalogue.name, queries), 5):
        whole = e.run.settings["pool"] == "catalogue" and not e.run.settings.get("where")
        if whole and e.run.fingerprints["catalogue"] == catalogue.fingerprint and e.run.spec not in found:
            ranking = next((r.items for r in e.run.rankings if r.query == query), ())
            found[e.run.spec] = (ranking.index(item) + 1 if item in ranking else 0, len(ranking))
    lines = sorted(found.items(), key=lambda line: (line[1][0] == 0, line[1][0]))
    rows = [
        (plain(titles.get(spec, spec)), gallery.place(rank) if rank else _("below {n}", n=number(depth)))
        for spec, (rank, depth) in lines
    ]
    return pd.DataFrame(rows, columns=["model", "rank"])
