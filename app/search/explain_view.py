"""«Why was it found?» on the Search page: what each word and each part of the picture adds, and what else would do."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import columns, jobpanel, picker, state, widgets
from app.gallery import place
from app.language import _, number, seconds
from app.search import correcting, explain_charts, explain_words
from app.text import md, short
from app.titles import telling
from data.catalogue import Catalogue
from data.progress import Progress
from eval.contracts import KnownModel
from eval.explanations import Explanation, Variant

PARAM, JOB = "why", "explain"
ASKED = "why_asked"  # somebody has just pressed the button: start without another click


def open_for(catalogue: str, spec: str, text: str, item: str, correction: str = correcting.NONE) -> None:
    """Open the Search page with this item explained under this query, model and correction."""
    state.put(ASKED, True)
    state.go(
        "search", catalogue=catalogue, model=spec, q=text, like="", two="", why=item, item="", correction=correction
    )


def open_here(item: str) -> None:
    """Explain this item on the Search page that is open."""
    state.put(ASKED, True)
    state.put(PARAM, item)
    st.rerun()


def show(catalogue: Catalogue, models: Sequence[KnownModel]) -> None:
    """The panel of the item that is explained, a column a model; nothing when none is."""
    item = state.seed(PARAM, "", {"", *catalogue.ids})
    state.publish(PARAM, "")
    text = st.session_state["q"].strip()
    if not item or not text or st.session_state.get("like") or st.session_state.get("photo") or not models:
        return
    ended = jobpanel.watch(JOB)
    if ended is not None and ended.status == "done":
        st.session_state.pop(ASKED, None)
    with st.container(border=True, key="why_panel"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            title = md(short(telling(catalogue, catalogue.item(item)["title"]) or item, 40))
            st.header(_("Why “{title}” for “{words}”?", title=title, words=md(short(text, 40))), anchor=False)
            st.button(_("Close"), icon=":material/close:", key="why_close", on_click=_close)
        for column, model in zip(st.columns(len(models)), models, strict=True):
            with column, widgets.calmly():
                if len(models) > 1:
                    st.markdown(f"**{md(picker.title_of(model))}**")
                found = _found(catalogue, model, text, item)
                if found is not None:
                    _draw(catalogue, found, wide=len(models) == 1)
    st.session_state.pop(ASKED, None)


def _close() -> None:
    state.put(PARAM, "")


def _found(catalogue: Catalogue, model: KnownModel, text: str, item: str) -> Explanation | None:
    """The explanation: kept, made now where that is a moment's work, else by a job that a button starts."""
    bench, spec = state.bench(), str(model.spec)
    kind = correcting.chosen(spec)
    known = bench.explained(spec, text, item, catalogue.name, correction=kind)
    if known is None and _quick(model) and bench.embedded(spec, catalogue.name):
        with st.empty():
            known = bench.explain(spec, text, item, catalogue.name, progress=_bar(), correction=kind)
            st.write("")
        state.settle(spec)
    if known is not None:
        return Explanation.read(known)
    if not jobpanel.busy(JOB):
        pressed = st.button(_("Explain"), key=f"explain_{spec}", type="primary", icon=":material/play_arrow:")
        if pressed or st.session_state.pop(ASKED, False):
            jobpanel.begin(JOB, spec=spec, text=text, item=item, catalogue=catalogue.name, correction=kind)
        st.caption(_("The picture is seen 65 times: with a large model on a processor that takes a while."))
    return None


def _quick(model: KnownModel) -> bool:
    """True for word search and the small bundled models, whose answer takes less than starting a job."""
    return model.spec.family in ("bm25", "chance") or model.spec.checkpoint.startswith("bundled/")


def _bar() -> Progress:
    bar = st.progress(0.0)

    def told(done: int, total: int, what: str) -> None:
        bar.progress(min(done / total, 1.0) if total else 1.0)  # any click on the page stops the work here

    return told


def _draw(catalogue: Catalogue, found: Explanation, wide: bool) -> None:
    explain_words.said(found)
    parts = st.columns([2, 3]) if wide and found.heat else [st.container(), st.container()]
    with parts[0]:
        _picture(catalogue, found)
    with parts[1]:
        _words(found)
    st.caption(
        " · ".join(
            (md(found.spec), f"{found.fingerprints['searcher'][:8]}", seconds(found.seconds)),
        )
    )


def _picture(catalogue: Catalogue, found: Explanation) -> None:
    """The picture under its heat map, or why there is none."""
    if not found.heat:
        reasons = {
            "words": _("This model compares words and sees no picture."),
            "ready": _("These vectors came ready-made; there is no model here to look at the picture."),
        }
        st.caption(":material/info: " + reasons.get(found.no_heat, ""))
        return
    title = catalogue.item(found.item)["title"] or found.item
    shown = explain_charts.overlaid(catalogue.picture(found.item), found.heat)
    st.image(shown, width=340, alt=_("Heat map over “{title}”", title=title))
    values = [value for line in found.heat for value in line]
    st.caption(
        _(
            "Green squares speak for the query, red ones against it; the strongest changes the score by {most}.",
            most=number(max(map(abs, values)), 3),
        ),
        help=_(
            "Each of the 8 × 8 squares is made grey in turn and the picture seen again; what the score loses is the "
            "square's part (occlusion, Zeiler and Fergus 2014). Works without looking into the model."
        ),
    )


def _words(found: Explanation) -> None:
    """What each word adds, as bars, and each word by itself as a table."""
    if not found.dropped:
        st.caption(_("The query is one word; there is nothing to leave out."))
        return
    shown = [*found.dropped, *found.phrases]
    table = pd.DataFrame({"words": _apart(shown), "change": [found.change(one) for one in shown],
                          "rank": [place(one.rank) for one in shown]})  # fmt: skip
    st.markdown(
        "**" + _("What each word adds to the score") + "**",
        help=_(
            "The query is asked without the word (and without each pair of neighbours); the bar is the score with it "
            "minus the score without it."
        ),
    )
    st.echarts_chart(
        explain_charts.words_spec(table, _("helps"), _("hinders")),
        height=60 + 28 * len(shown),
        key=f"why_words_{found.spec}",
        alt=_("What each word adds to the score"),
    )
    alone = pd.DataFrame(
        {
            "words": [one.words for one in (*found.dropped, *found.alone)],
            "how": [_("without it")] * len(found.dropped) + [_("alone")] * len(found.alone),
            "score": [one.score for one in (*found.dropped, *found.alone)],
            "rank": [place(one.rank) for one in (*found.dropped, *found.alone)],
        }
    )
    with st.expander(_("Every variant that was asked"), icon=":material/list:"):
        columns.table(
            alone,
            alt=_("Every variant that was asked"),
            columns={
                "words": _("Word"),
                "how": _("Asked"),
                "score": columns.numbers(_("Score")),
                "rank": _("Rank"),
            },
        )


def _apart(variants: Sequence[Variant]) -> list[str]:
    """Labels of the bars; a word that the query says twice is numbered, for the axis tells bars apart by their name."""
    seen: dict[str, int] = {}
    labels = []
    for one in variants:
        seen[one.words] = seen.get(one.words, 0) + 1
        labels.append(one.words if seen[one.words] == 1 else f"{one.words} ({seen[one.words]})")
    return labels
