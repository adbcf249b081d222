"""Search: words that the model reads, a picture or a part of it, or both, against one model or two side by side."""

import streamlit as st

from app import card, jobpanel, picker, state, widgets
from app.catalogue import filters
from app.evaluate import runs
from app.language import _
from app.search import correcting, examples, explain_view, found, photo
from app.text import md
from app.vocabulary import word

SHOWN = [10, 20, 50, 100]

widgets.head(_("Search"))
name = widgets.choose_catalogue() if len(state.bench().catalogues()) != 1 else state.bench().catalogues()[0]
if not name:
    st.stop()
catalogue = state.bench().catalogue(name)
query_sets = widgets.query_sets(name)
state.seed("q", "")
state.seed("like", "", {"", *catalogue.ids})
state.seed("n", 20, SHOWN)
photo.seed(catalogue)
above = st.container(horizontal=True, vertical_alignment="bottom")  # the words suggested there depend on the model
pictured = st.container()
first = picker.choose_model("model", default=runs.best_encoder(name), pictures=photo.there())
suggested = examples.words(first, catalogue, query_sets)
with above:
    st.text_input(
        _("What to look for"),
        key="q",
        type="search",
        icon=":material/search:",
        width="stretch",
        placeholder=_("For example: {words}", words=suggested),
        persist_state="session",
    )
    st.segmented_control(_("Show"), SHOWN, key="n", required=True, persist_state="session")
    where = filters.choose(catalogue)
with pictured:
    photo.panel(catalogue)
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
other = "classical:hog" if photo.there() else "bm25"
second = picker.choose_model("model2", default=other, pictures=photo.there()) if st.session_state["two"] else None
for param, default in (("q", ""), ("like", ""), ("n", 20), ("two", ""), ("collapse", "")):
    state.publish(param, default)
photo.publish()

jobpanel.watch("embed")
models = [first, second] if st.session_state["two"] else [first]
ready = [model for model in models if picker.usable(model)]
if not photo.there() and not st.session_state["q"].strip():
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
answers = [(model, found.answered(model, name, where)) for model in ready if model]
items = [{hit.id for hit in answer.hits} for _model, answer in answers if answer]
both = items[0] & items[1] if len(items) == 2 else set()
picked = None
for column, (model, answer) in zip(st.columns(len(answers)) if answers else [], answers, strict=True):
    with column:
        if len(answers) > 1:
            st.header(md(picker.title_of(model)), anchor=False)
        if answer:
            wide = 150 if len(answers) == 1 else 120
            clicked = found.results(answer, catalogue, query_sets, wide, both, where)
            picked = clicked or picked
asked = bool(st.session_state["q"].strip()) and not photo.there()
card.show(catalogue, picked, "search", explain_view.open_here if asked else None, photo.avoid)
