"""Search: words that the model reads, or a picture of the catalogue, against one model or two side by side."""

from collections.abc import Mapping

import streamlit as st

from app import card, correcting, examples, explain_view, filters, jobpanel, picker, runs, state, tables, widgets
from app.answers import Answer
from app.gallery import cards, gallery
from app.language import _, n_, number, seconds
from app.text import md
from app.vocabulary import BUNDLED, NOTES, word
from data.catalogue import Catalogue
from data.queries import QuerySet

SHOWN = [10, 20, 50, 100]


def answered(spec: str, catalogue: str, where: Mapping[str, list[str]]) -> Answer | None:
    """What the model found; None after saying calmly why it found nothing."""
    bench = state.bench()
    with widgets.calmly(), st.spinner(_("Searching…"), show_time=True):
        if not bench.embedded(spec, catalogue):
            state.settle(spec)
            _offer_vectors(spec, catalogue)
            return None
        like, words, count, collapse = (st.session_state[param] for param in ("like", "q", "n", "collapse"))
        answer = (
            bench.similar(spec, like, catalogue, count, where or None, collapse)
            if like
            else bench.ask(spec, words, catalogue, count, where or None, collapse, correction=correcting.chosen(spec))
        )
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


def said(answer: Answer) -> str:
    """The line above the results: how many of how many, how fast."""
    of = n_("of {n} item", "of {n} items", answer.gallery)
    behind = sum(map(len, answer.copies.values()))
    copies = [n_("{n} near-duplicate behind them", "{n} near-duplicates behind them", behind)] if behind else []
    return " · ".join((_("First {n}", n=number(len(answer.hits))), of, *copies, seconds(answer.seconds)))


def results(
    answer: Answer, catalogue: Catalogue, key: str, wide: int, both: set[str], where: Mapping[str, list[str]]
) -> str | None:
    """The answer's grid with the marks of the judgments, when the words are a judged query."""
    query_set, query = (None, "") if st.session_state["like"] else _judged(answer.text)
    ids = [hit.id for hit in answer.hits]
    marks = tables.marks(query_set.judgments.get(query, {}), ids) if query_set else None
    st.caption(said(answer) + (" · " + _("in both: {n}", n=number(len(both))) if both else ""))
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
    for note in (code for code in answer.notes if code in NOTES):
        st.caption(":material/info: " + word(NOTES, note))
    if not ids:
        nothing(answer, where)
        return None
    if language := _other(answer):
        st.caption(":material/translate: " + word(examples.OTHER, language))
    scores, ranks = [hit.score for hit in answer.hits], [hit.rank for hit in answer.hits]
    shown = cards(catalogue, ids, scores, marks, ranks, copies=answer.copies)
    return gallery(shown, key, _("Results"), st.session_state.get("item", ""), wide)


def _judged(words: str) -> tuple[QuerySet | None, str]:
    for query_set in query_sets:
        if query := tables.asked(query_set, words):
            return query_set, query
    return None, ""


def nothing(answer: Answer, where: Mapping[str, list[str]]) -> None:
    """Say that nothing was found, and what may help: only what is really so."""
    language = _other(answer)
    advice = [word(examples.OTHER, language) if language else "", _("Try other words.")]
    advice += [_("Or take a filter off.")] if where else []
    widgets.message(_("Nothing was found"), " ".join(part for part in advice if part), icon="search_off")


def _other(answer: Answer) -> str:
    """The language that the model reads, when the words that were asked are in another one; else ""."""
    model = next((m for m in state.models() if str(m.spec) == answer.spec), None)
    reading = examples.reads(model, catalogue) if model and not st.session_state["like"] else ""
    return reading if examples.language_of([answer.text]) not in ("", reading) else ""


widgets.head(_("Search"))
name = widgets.choose_catalogue() if len(state.bench().catalogues()) != 1 else state.bench().catalogues()[0]
if not name:
    st.stop()
catalogue = state.bench().catalogue(name)
query_sets = widgets.query_sets(name)
state.seed("q", "")
state.seed("like", "", {"", *catalogue.ids})
state.seed("n", 20, SHOWN)
above = st.container(horizontal=True, vertical_alignment="bottom")  # the words suggested there depend on the model
first = picker.choose_model("model", default=runs.best_encoder(name))
suggested = examples.words(first, catalogue, query_sets)
with above:
    st.text_input(
        _("What to look for"),
        key="q",
        type="search",
        icon=":material/search:",
        width="stretch",
        placeholder=_("For example: {words}", words=suggested),
        on_change=state.put,
        args=("like", ""),
        persist_state="session",
    )
    st.segmented_control(_("Show"), SHOWN, key="n", required=True, persist_state="session")
    where = filters.choose(catalogue)
with st.container(horizontal=True, vertical_alignment="bottom"):
    correcting.choose(first)
    widgets.switch("two", _("Two models side by side"))
    widgets.switch(
        "collapse",
        _("Near-duplicates as one"),
        _("Of pictures that show nearly the same only the first is shown, with the number of those behind it. Compared "
          "are steps of light and dark (difference hash, at most 14 of 256 apart) and the model's vectors (cosine 0.95 "
          "or more)."),
    )  # fmt: skip
second = picker.choose_model("model2", default="bm25") if st.session_state["two"] else None
for param, default in (("q", ""), ("like", ""), ("n", 20), ("two", ""), ("collapse", "")):
    state.publish(param, default)

jobpanel.watch("embed")
models = [first, second] if st.session_state["two"] else [first]
ready = [model for model in models if picker.usable(model)]
if st.session_state["like"]:
    liked = catalogue.item(st.session_state["like"])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(str(catalogue.thumbnail(liked["id"])), width=64, alt=liked["title"])
        st.markdown(_("Items like “{title}”", title=md(liked["title"])))
        st.button(_("Back to words"), icon=":material/close:", on_click=state.put, args=("like", ""), key="unlike")
elif not st.session_state["q"].strip():
    widgets.message(
        _("Write what you are looking for"),
        word(examples.ASK, examples.reads(first, catalogue) if first else ""),
        icon="search",
    )
    st.button(
        _("Try “{words}”", words=md(suggested)),
        icon=":material/bolt:",
        key="try",
        disabled=not suggested,
        on_click=state.put,
        args=("q", suggested),
    )
    ready = []
explain_view.show(catalogue, [model for model in ready if model])
answers = [(model, answered(str(model.spec), name, where)) for model in ready if model]
found = [{hit.id for hit in answer.hits} for _model, answer in answers if answer]
both = found[0] & found[1] if len(found) == 2 else set()
picked = None
for column, (model, answer) in zip(st.columns(len(answers)) if answers else [], answers, strict=True):
    with column:
        if len(answers) > 1:
            st.header(md(picker.title_of(model)), anchor=False)
        if answer:
            clicked = results(
                answer, catalogue, f"results_{model.spec}", 150 if len(answers) == 1 else 120, both, where
            )
            picked = clicked or picked
asked = bool(st.session_state["q"].strip()) and not st.session_state["like"]
card.show(catalogue, picked, "search", explain_view.open_here if asked else None)
