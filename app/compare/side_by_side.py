"""One query under several runs: their first pictures side by side, what moved, entered and left, what was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from app import asked, definitions, state
from app.answers import Evaluation
from app.compare.compare_choice import Chosen
from app.evaluate import runs, tables
from app.gallery import Card, cards, gallery
from app.language import _, named, number
from app.text import md, short
from data.catalogue import Catalogue
from eval import ranking_changes
from eval.ranking_changes import Changes, Place

FIRST = (5, 10, 20)


def choose_query(chosen: Chosen, order: Sequence[str]) -> str:
    """Which query is looked at ("" for none): from the list, a click on the chart, or the link."""
    state.seed("query", "", {"", *order})
    state.publish("query", "")
    st.selectbox(
        _("Look at a query (or click a bar above)"), ["", *order], key="query", persist_state="session", width=420,
        format_func=named(["", *order], lambda q: short(chosen.texts.get(q, q)) or _("none")),
    )  # fmt: skip
    return str(st.session_state["query"])


def show(chosen: Chosen, query: str, reference: str, catalogue: Catalogue) -> str | None:
    """The query's rankings, the run `reference` first; returns the item clicked, None when none was."""
    asked.show(catalogue, chosen.pictures, query)
    state.seed("first_places", 10, FIRST)
    st.segmented_control(
        _("First places"), list(FIRST), key="first_places", required=True, persist_state="session",
        format_func=named(FIRST, str),
    )  # fmt: skip
    state.publish("first_places", 10)
    k = int(st.session_state["first_places"])
    order = sorted(chosen.evaluations, key=lambda e: e.run.id != reference)
    ranked = [_items(e, query) for e in order]
    changed = {e.run.id: ranking_changes.changes(ranked[0], items, k) for e, items in zip(order, ranked, strict=True)}
    picked = None
    for column, e in zip(st.columns(len(order), gap="small"), order, strict=True):
        with column:
            _title(chosen, e, query, changed[e.run.id], e is order[0])
    for column, e in zip(st.columns(len(order), gap="small"), order, strict=True):
        with column:
            shown = _cards(changed[e.run.id].places, catalogue, runs.judgments_of(e.run, query), e is order[0])
            picked = gallery(shown, f"beside_{e.run.id}", chosen.names[e.run.id], _opened(), 104) or picked
    if any(one.left for one in changed.values()):
        st.subheader(_("Left the first places"), anchor=False)
        for column, e in zip(st.columns(len(order), gap="small"), order, strict=True):
            with column:
                gone = _cards(changed[e.run.id].left, catalogue, runs.judgments_of(e.run, query), False)
                picked = gallery(gone, f"left_{e.run.id}", _("Left the first places"), _opened(), 104) or picked
    return picked


def _opened() -> str:
    return str(st.session_state.get("item", ""))


def _items(evaluation: Evaluation, query: str) -> tuple[str, ...]:
    return next((ranking.items for ranking in evaluation.run.rankings if ranking.query == query), ())


def _title(chosen: Chosen, evaluation: Evaluation, query: str, changed: Changes, first: bool) -> None:
    """Whose ranking it is, what it is worth on this query, and how much it shares with the first one."""
    run, metric = evaluation.run, chosen.metric
    st.markdown(f"**{md(chosen.names[run.id])}**")
    value = number(chosen.found.values[run.id].get(query, float("nan")), 2)
    text = run.facts["texts"].get(query, "")
    words = not chosen.pictures and text != chosen.texts.get(query)
    other = f" · «{md(short(text, 40))}»" if words else ""
    definitions.caption(f"{metric} {value}{other}", metric)
    if first:
        st.caption(_("The others are compared with this ranking."))
    else:
        said = _("only the first: {left} · both: {common} · only here: {here}", left=changed.only_reference,
                 common=changed.common, here=changed.only_this)  # fmt: skip
        st.caption(said)


def _cards(places: Sequence[Place], catalogue: Catalogue, judged: Mapping[str, int], first: bool) -> list[Card]:
    """The places as cards, with what the judgments say and, unless it is the reference, what became of each."""
    known = set(catalogue.ids)
    there = [place for place in places if place.item in known]
    ids = [place.item for place in there]
    drawn = cards(catalogue, ids, marks=tables.marks(judged, ids), ranks=[place.rank for place in there])
    if first:
        return drawn
    return [replace(card, change=_change(place), state=place.state) for card, place in zip(drawn, there, strict=True)]


def _change(place: Place) -> str:
    if place.state == "entered":
        return _("new")
    if place.state == "left":
        return _("was {rank}", rank=place.before)
    step = place.before - place.rank
    return f"{'↑' if step > 0 else '↓'} {abs(step)}" if step else "="
