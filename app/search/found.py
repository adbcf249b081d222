"""What a search found, on the screen: its line, its pictures with the marks of judgments, what to do without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app import jobpanel, state, widgets
from app.answers import Answer
from app.evaluate import tables
from app.gallery import cards, gallery
from app.language import _, n_, number, seconds
from app.search import correcting, examples, photo
from app.text import md
from app.vocabulary import BUNDLED, NOTES, word
from data.catalogue import Catalogue
from data.queries import QuerySet
from eval.contracts import KnownModel


def answered(model: KnownModel, catalogue: str, where: Mapping[str, list[str]]) -> Answer | None:
    """What the model found; None after saying calmly why it found nothing."""
    bench, spec = state.bench(), str(model.spec)
    with widgets.calmly(), st.spinner(_("Searching…"), show_time=True):
        if not bench.embedded(spec, catalogue):
            state.settle(spec)
            _offer_vectors(spec, catalogue)
            return None
        look, words, count, collapse = (photo.look(model), *(st.session_state[p] for p in ("q", "n", "collapse")))
        if look:
            answer = bench.look(spec, look, catalogue, count, where or None, collapse)
        else:
            corrected = correcting.chosen(spec)
            answer = bench.ask(spec, words, catalogue, count, where or None, collapse, correction=corrected)
        state.settle(spec)
        return answer
    return None


def _offer_vectors(spec: str, catalogue: str) -> None:
    if jobpanel.busy("embed"):
        return
    items = len(state.bench().catalogue(catalogue))
    widgets.message(
        _("This model has not seen the catalogue yet"),
        n_(
            "{n} picture has to be turned into a vector once; then every search is instant.",
            "{n} pictures have to be turned into vectors once; then every search is instant.",
            items,
        ),
        icon="hourglass_empty",
    )
    if st.button(_("Compute the vectors"), type="primary", key=f"embed_{spec}", icon=":material/play_arrow:"):
        jobpanel.begin("embed", spec=spec, catalogue=catalogue)


def _said(answer: Answer) -> str:
    """The line above the results: how many of how many, how fast."""
    of = n_("of {n} item", "of {n} items", answer.gallery)
    behind = sum(map(len, answer.copies.values()))
    copies = [n_("{n} near-duplicate behind them", "{n} near-duplicates behind them", behind)] if behind else []
    return " · ".join((_("First {n}", n=number(len(answer.hits))), of, *copies, seconds(answer.seconds)))


def results(
    answer: Answer,
    catalogue: Catalogue,
    query_sets: Sequence[QuerySet],
    wide: int,
    both: set[str],
    where: Mapping[str, list[str]],
) -> str | None:
    """The answer's grid with the marks of the judgments, when the words are a judged query; the item clicked."""
    query_set, query = (None, "") if photo.there() else _judged(answer.text, query_sets)
    ids = [hit.id for hit in answer.hits]
    marks = tables.marks(query_set.judgments.get(query, {}), ids) if query_set else None
    st.caption(_said(answer) + (" · " + _("in both: {n}", n=number(len(both))) if both else ""))
    if marks:
        hits = marks.count("hit")
        st.caption(
            _(
                "Judged in the set {name}: {hits} relevant of {n} shown, {unjudged} not judged.",
                name=md(query_set.name) if query_set else "",
                hits=number(hits),
                n=number(len(ids)),
                unjudged=number(marks.count("unjudged")),
            )
        )
    if bundled := next((m for m in state.models() if m.bundled and str(m.spec) == answer.spec), None):
        st.caption(":material/info: " + word(BUNDLED, bundled.spec.family))
    correcting.told(answer.spec)
    photo.told(answer.spec)
    for note in (code for code in answer.notes if code in NOTES):
        st.caption(":material/info: " + word(NOTES, note))
    if not ids:
        _nothing(answer, catalogue, where)
        return None
    if language := _other(answer, catalogue):
        st.caption(":material/translate: " + word(examples.OTHER, language))
    scores, ranks = [hit.score for hit in answer.hits], [hit.rank for hit in answer.hits]
    shown = cards(catalogue, ids, scores, marks, ranks, copies=answer.copies)
    return gallery(shown, f"results_{answer.spec}", _("Results"), st.session_state.get("item", ""), wide)


def _judged(words: str, query_sets: Sequence[QuerySet]) -> tuple[QuerySet | None, str]:
    for query_set in query_sets:
        if query := tables.asked(query_set, words):
            return query_set, query
    return None, ""


def _nothing(answer: Answer, catalogue: Catalogue, where: Mapping[str, list[str]]) -> None:
    """Say that nothing was found, and what may help: only what is really so."""
    language = _other(answer, catalogue)
    advice = [word(examples.OTHER, language) if language else "", _("Try other words.")]
    advice += [_("Or take a filter off.")] if where else []
    widgets.message(_("Nothing was found"), " ".join(part for part in advice if part), icon="search_off")


def _other(answer: Answer, catalogue: Catalogue) -> str:
    """The language that the model reads, when the words that were asked are in another one; else ""."""
    model = next((m for m in state.models() if str(m.spec) == answer.spec), None)
    reading = examples.reads(model, catalogue) if model and not photo.there() else ""
    return reading if examples.language_of([answer.text]) not in ("", reading) else ""
