"""A photo on the Classify page: which category it is taken for, and the nearest items within it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app import columns, definitions, gallery, state, widgets
from app.catalogue import uploads
from app.classify.probe_words import SCOPES
from app.language import _, n_, named, percent, seconds
from app.search.seeing import Look
from app.text import md, plain
from app.vocabulary import word
from data.catalogue import Catalogue
from data.kinds import PICTURE_EXTENSIONS
from data.refusals import Refused
from eval.probing.outcome import Probe

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from app.classify.classifying import Recognised
    from eval.probing.within import Gain

SHOWN = 12
PREVIEW = 400  # pixels of the longer side
KEPT = "class_photo_kept"  # which upload was kept where
BARS = 5  # classes whose probability is shown


def show(one: Probe, catalogue: Catalogue) -> str | None:
    """Upload a photo or choose a test item; returns the item clicked."""
    st.header(_("Photo → category → search within it"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        upload = st.file_uploader(
            _("A photo"), type=sorted(suffix.strip(".") for suffix in PICTURE_EXTENSIONS), key="class_photo", width=360
        )
        state.seed("class_item", "", {"", *one.test})
        titles = dict(zip(catalogue.ids, catalogue.table["title"], strict=True))
        st.selectbox(
            _("or an item of the test part"),
            ["", *one.test],
            format_func=named(["", *one.test], lambda i: plain(f"{titles.get(i, '')} · {i}") if i else _("none")),
            key="class_item",
            persist_state="session",
            width=360,
        )
        state.publish("class_item", "")
        st.number_input(_("Categories searched"), 1, len(one.classes), 1, key="class_scope", width=170)
    item = "" if upload else st.session_state["class_item"]
    picked = None
    if upload or item:
        with widgets.calmly(), st.spinner(_("Looking at the photo…"), show_time=True):
            picked = _answer(one, catalogue, upload, item)
    _gain(one, catalogue)
    return picked


def _answer(one: Probe, catalogue: Catalogue, upload: UploadedFile | None, item: str) -> str | None:
    look = Look(item=item) if upload is None else _brought(upload)
    if look is None:
        return None
    bench = state.bench()
    found = bench.recognised(one.key, catalogue.name, st.session_state["class_classifier"], look,
                             int(st.session_state["class_scope"]), SHOWN)  # fmt: skip
    state.settle(one.spec)
    left, right = st.columns([1, 3])
    with left:
        st.image(bench.preview(catalogue.name, look, PREVIEW), width=200, alt=_("A photo"))
        _bars(found)
    with right:
        st.caption(" · ".join((n_("of {n} item", "of {n} items", found.answer.gallery), seconds(found.answer.seconds))))
        hits = found.answer.hits
        grid = gallery.cards(catalogue, [hit.id for hit in hits], [hit.score for hit in hits])
        return gallery.gallery(grid, "within", _("Results"), st.session_state.get("item", ""), 120)


def _brought(upload: UploadedFile) -> Look | None:
    """The photo as it was kept when it came, opened in a process of its own once; None, and said why, for no picture.

    What a visitor brings may be anything, so that a refusal is no line of the log.
    """
    known, path = st.session_state.get(KEPT, ("", ""))
    if known != upload.file_id or not Path(path).is_file():
        bench = state.bench()
        try:
            path = str(bench.bring(uploads.keep(bench.home, upload)))
        except Refused as problem:
            widgets.message(_("This did not work"), widgets.said(problem), icon="error")
            return None
        st.session_state[KEPT] = upload.file_id, path
    return Look(path=Path(path))


def _bars(found: Recognised) -> None:
    for place, (name, sure) in enumerate(found.classes[:BARS]):
        searched = place < int(st.session_state["class_scope"])
        st.progress(min(1.0, sure), text=f"{'**' * searched}{md(name)}{'**' * searched} · {percent(sure)}")


def _gain(one: Probe, catalogue: Catalogue) -> None:
    """Whether searching within the category helps, on the test items that have a partner; measured when asked for."""
    asked = (one.key, st.session_state["class_classifier"])
    with st.expander(_("Does searching within the category help?"), icon=":material/query_stats:"):
        if st.button(_("Measure on the test part"), key="class_gain"):
            state.put("class_gain_of", asked)
        if st.session_state.get("class_gain_of") != asked:
            return
        with widgets.calmly():
            gain = state.bench().within_gain(one.key, catalogue.name, asked[1])
            state.settle(one.spec)
            _gained(gain)


def _gained(gain: Gain) -> None:
    if not gain.items:
        st.caption(_("No test item has another picture of the same design in this catalogue."))
        return
    rows = [{"scope": word(SCOPES, scope), **means} for scope, means in gain.means.items()]
    columns.table(
        pd.DataFrame(rows),
        {
            "scope": st.column_config.TextColumn(_("Searched"), pinned=True),
            "Kept": columns.numbers(_("Partner inside"), help=_("How often the design's other picture is there.")),
            **{name: columns.numbers(name, help=definitions.of(name)) for name in ("Hit@1", "Hit@5", "RR")},
        },
        alt=_("Does searching within the category help?"),
    )
    st.caption(
        n_(
            "{n} test item looks for its design's other pictures; itself is left out by its id.",
            "{n} test items look for their designs' other pictures; each is left out by its id.",
            gain.items,
        )
    )
