"""What one hub does on the screen: the queries that get it wrongly, and who else brings it up."""

from __future__ import annotations

import streamlit as st

from app import asked
from app.evaluate import tables
from app.gallery import Card, cards, gallery
from app.language import _, n_, number
from app.text import md, short
from data.catalogue import Catalogue
from eval.contracts import Run
from eval.failures.heard import Polluted

SHOWN = 12  # pictures on the screen


def wrongly(run: Run, catalogue: Catalogue, item: str) -> None:
    """The queries of the set that get this hub although it is not relevant to them."""
    pictures = asked.of_run(run)
    texts = asked.names(run.facts["texts"], pictures)
    k = int(run.settings["k"])
    wrong = [
        r.query
        for r in run.rankings
        if item in r.items[:k] and tables.marks(run.facts["judgments"].get(r.query, {}), [item]) != ["hit"]
    ]
    title = md(short(catalogue.item(item)["title"] or item, 60))
    if not wrong:
        st.markdown(
            _("No query of the set gets “{title}” wrongly among its first {k}.", title=title, k=number(k))
        )  # fmt: skip
        return
    said = n_(
        "“{title}” stands among the first {k} of {n} query it is not relevant to",
        "“{title}” stands among the first {k} of {n} queries it is not relevant to",
        len(wrong), title=title, k=number(k),
    )  # fmt: skip
    if not pictures:
        st.markdown(said + ": " + ", ".join(f"«{md(short(texts[query], 40))}»" for query in wrong[:20]))
        return
    st.markdown(said + ":")
    found = asked.urls(catalogue, {query: pictures[query] for query in wrong[:SHOWN]})
    gallery([Card(query, texts[query], url) for query, url in found.items()], "hub_wrong", _("Queries"), "", 80)


def by_pictures(one: Polluted, catalogue: Catalogue) -> None:
    """The items of other categories whose pictures bring the hub up."""
    st.markdown(
        n_(
            "It is in {n} list asked with a picture of the catalogue; {other} of these are of another category",
            "It is in {n} lists asked with pictures of the catalogue; {other} of these are of another category",
            one.lists,
            other=number(one.elsewhere),
        )
        + (_(", for example:") if one.captions else ".")
    )
    there = set(catalogue.ids)
    shown = [item for item in one.captions if item in there]
    if shown:
        gallery(cards(catalogue, shown), "hub_askers", _("Who brings it up"), "", 80)


def by_captions(one: Polluted, catalogue: Catalogue) -> None:
    """The captions about something else that bring the hub up."""
    if not one.elsewhere:
        st.markdown(
            n_(
                "It is in {n} list asked with a caption, which has a telling word in common with it.",
                "It is in {n} lists asked with captions; all of these have a telling word in common with it.",
                one.lists,
            )
        )
        return
    said = n_(
        "It is in {n} list asked with a caption; {other} of these captions have no telling word in common with it",
        "It is in {n} lists asked with captions; {other} of these captions have no telling word in common with it",
        one.lists,
        other=number(one.elsewhere),
    )
    some = ", ".join(f"«{md(short(text, 60))}»" for text in one.captions)
    st.markdown(said + (_(", for example:") + " " + some if some else "."))
