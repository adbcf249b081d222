"""Hubs and the dark catalogue on the screen: who is shown for everything, who never, and in which parts of the shop."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app import asked, state
from app.failures import failure_charts, failure_dark, failure_pollution
from app.gallery import Card, cards, gallery
from app.language import _, n_, named, number, percent
from data.catalogue import Catalogue
from eval import hubs
from eval.contracts import Run
from eval.failures.diagnosis import Diagnosis
from eval.failures.exposure import Shown
from eval.failures.heard import Polluted

SHOWN = 12  # pictures on the screen


def lists_of(diagnosis: Diagnosis | None) -> str:
    """Whose lists are counted: those asked by captions where there are any, or those of the query set."""
    options = ["captions", "queries"] if diagnosis is not None and diagnosis.remedies else ["queries"]
    state.seed("lists", options[0], options)
    pictured = diagnosis is not None and diagnosis.asks == "pictures"
    words = {
        "captions": _("Asked with pictures of the catalogue") if pictured else _("Asked with captions"),
        "queries": _("Asked with the query set"),
    }
    says = _(
        "Pictures of the catalogue stand for what people might ask: up to {n}, drawn with seed 0, ten places each, "
        "none with itself. The query set: its own queries, k places each.",
        n=number(2000),
    )
    if len(options) > 1:
        st.segmented_control(
            _("Lists"),
            options,
            key="lists",
            required=True,
            persist_state="session",
            format_func=named(options, lambda one: words[one]),
            help=says
            if pictured
            else _(
                "Captions of the catalogue stand for what people might ask: up to {n} different ones, drawn with "
                "seed 0, ten places each. The query set: its own queries, k places each.",
                n=number(2000),
            ),
        )
    state.publish("lists", options[0])
    return str(st.session_state["lists"])


def show(run: Run, catalogue: Catalogue, shown: Shown, polluted: Mapping[str, Polluted]) -> str | None:
    """Figures, distribution, hubs, never-found items and parts of the catalogue; returns the item clicked."""
    figures(shown)
    if shown.exposure.least_dark:
        e = shown.exposure
        st.caption(
            ":material/info: "
            + _(
                "{lists} lists of {k} places cannot show more than {most} of {items} items.",
                lists=number(e.lists),
                k=number(e.k),
                most=number(e.lists * e.k),
                items=number(e.items),
            )
        )
    left, right = st.columns([2, 3], gap="large")
    with left:
        _distribution(shown)
    with right:
        failure_dark.parts(catalogue, shown)
    _hubs(run, catalogue, shown, polluted)
    return failure_dark.dark(catalogue, shown)


def figures(shown: Shown) -> None:
    """The four numbers of exposure, each with its definition."""
    e = shown.exposure
    with st.grid(4, min_column_width=200):
        st.metric(
            _("Never shown"),
            percent(e.dark_share, 1),
            n_("{n} item", "{n} items", e.dark),
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=_(
                "Items that stand in none of the {lists} lists of {k} places. However evenly the places were shared "
                "out, {least} could not be shown.",
                lists=number(e.lists),
                k=number(e.k),
                least=number(e.least_dark),
            ),
        )
        st.metric(
            _("Gini of exposure"),
            number(e.gini, 3),
            border=True,
            help=_("0: every item is shown alike; near 1: a few have all the places. Σ(2i − n − 1)·N / (n·ΣN)."),
        )
        st.metric(
            _("Skewness"),
            number(e.skewness, 2),
            border=True,
            help=_(
                "Third standardised moment of how often an item is shown (Radovanović et al., JMLR 2010). About 0 "
                "where nobody is favoured; far above 0 where hubs are."
            ),
        )
        st.metric(
            _("Hubs"),
            number(e.hubs),
            _("the greatest: {n} of {lists} lists", n=number(e.most), lists=number(e.lists)),
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=_("Items shown more often than the mean plus three standard deviations."),
        )


def _distribution(shown: Shown) -> None:
    st.subheader(_("How often items are shown"), anchor=False)
    st.echarts_chart(
        failure_charts.histogram_spec(
            failure_charts.histogram(shown.counts.tolist()), _("Items"), st.context.theme.type == "dark"
        ),
        height=290,
        alt=_("How often items are shown"),
        key="exposure",
    )
    st.caption(_("Across: times an item was shown. Up: how many items."))


def _hubs(run: Run, catalogue: Catalogue, shown: Shown, polluted: Mapping[str, Polluted]) -> None:
    places = hubs.hubs(shown.counts)[:SHOWN]
    st.header(_("Hubs: shown for everything"), anchor=False)
    if not len(places):
        st.caption(_("No item is shown far more often than the others."))
        return
    ids = [shown.ids[place] for place in places]
    drawn = [
        _counted(card, n_("{n} list", "{n} lists", int(shown.counts[place])))
        for card, place in zip(cards(catalogue, ids), places, strict=True)
    ]
    chosen = str(state.seed("hub", ids[0], ids))
    again = gallery(drawn, "hubs", _("Hubs"), chosen, 116)
    if again in ids:
        state.put("hub", again)
        chosen = str(again)
    failure_pollution.wrongly(run, catalogue, chosen)
    if chosen in polluted:
        tell = failure_pollution.by_pictures if asked.of_run(run) else failure_pollution.by_captions
        tell(polluted[chosen], catalogue)


def _counted(card: Card, count: str) -> Card:
    return Card(card.id, card.title, card.picture, card.about, count)
