"""Judgments as files, out and in; and candidates by description, by words at once, by a sentence model on command."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from app.catalogue import uploads
from app.judge.judge_choice import Choice
from app.judge.judge_guide import damaged
from app.language import _, n_, named
from app.text import md, plain
from app.widgets import calmly
from data.catalogue import Catalogue
from eval.judging import candidates
from eval.judging.arriving import Taken

MIME = {
    "trec": ("text/plain", "qrels.txt"),
    "csv": ("text/csv", "judgments.csv"),
    "json": ("application/json", "judgments.json"),
}


def view(catalogue: Catalogue, query_set: str, choice: Choice) -> None:
    """Downloads, an upload, candidates."""
    _out(query_set, choice)
    _into(query_set, choice)
    _candidates(query_set)


def _out(query_set: str, choice: Choice) -> None:
    st.header(_("Take judgments out"), anchor=False)
    labels = {
        "trec": _("TREC qrels, merged by the rule"),
        "csv": _("CSV, every row with who and when"),
        "json": _("JSON, comes back without loss"),
    }
    with st.container(horizontal=True):
        for form, (mime, name) in MIME.items():
            st.download_button(
                labels[form],
                _exporter(query_set, form, choice.rule),
                f"{query_set}-{name}",
                mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"judge_{form}",
            )


def _exporter(query_set: str, form: str, rule: str) -> Callable[[], str]:
    """What is called when somebody downloads: the text as of then; Excel needs the mark to see UTF-8."""
    mark = "\ufeff" if form == "csv" else ""
    return lambda: mark + state.bench().export_judgments(query_set, form, rule)


def _into(query_set: str, choice: Choice) -> None:
    st.header(_("Bring judgments in"), anchor=False)
    st.caption(
        _(
            "TREC qrels (query 0 item grade), or a CSV or JSON as above. Rows that were exported here and come back "
            "are recognised; nothing is overwritten."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        file = st.file_uploader(_("File"), ["txt", "qrels", "csv", "tsv", "json"], key="judge_file", max_upload_size=50)
        who = st.text_input(
            _("Who judged"), key="judge_file_rater", width=200,
            help=_("For files that do not say it; empty: imported judgments without a rater."),
        )  # fmt: skip
        saw = st.multiselect(
            _("Proposed by"), list(choice.titles), format_func=named(choice.titles, lambda s: plain(choice.titles[s])),
            key="judge_file_saw", width=320, placeholder=_("not known"),
            help=_("Models whose rankings chose what was judged, for files that do not say it."),
        )  # fmt: skip
        if st.button(_("Bring in"), key="judge_import", type="primary", disabled=file is None) and file is not None:
            with calmly():
                path = uploads.keep(state.bench().home, file)
                _told(state.bench().import_judgments(path, query_set, who.strip(), saw=saw))


def _told(found: Taken) -> None:
    """What became of the file's rows and guidelines."""
    said = [n_("{n} new judgment", "{n} new judgments", found.new)]
    if found.known:
        said.append(n_("{n} was here already", "{n} were here already", found.known))
    if found.guidelines == "taken":
        said.append(_("its guidelines are taken over"))
    if found.guidelines == "kept":
        said.append(_("its guidelines differ from those here, which stay"))
    st.toast(" · ".join(said), icon=":material/check:")


def _candidates(query_set: str) -> None:
    st.header(_("Candidates by description"), anchor=False)
    st.caption(
        _(
            "Items whose title and description answer the query, to be judged beside what the models show: a pool made "
            "of the compared models alone finds nothing that all of them miss."
        )
    )
    bench = state.bench()
    damaged(query_set)
    kept = candidates.kept(bench.home, bench.query_set(query_set))
    for one in kept:
        count = sum(len(items) for items in one.items.values())
        st.markdown(f"- **{md(one.name)}**: " + n_("{n} candidate", "{n} candidates", count))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        depth = st.number_input(_("A query"), 1, 100, candidates.DEPTH, key="judge_candidates", width=120)
        if st.button(_("Find by words (BM25)"), icon=":material/search:", key="judge_propose"):
            with calmly(), st.spinner(_("Reading descriptions …")):
                found = bench.propose(query_set, "bm25", int(depth))
                st.toast(n_("{n} candidate", "{n} candidates", sum(map(len, found.items.values()))))
                st.rerun()
    models = candidates.known(bench.home)
    if models:
        st.caption(_("Sentence models here: {names}. They read every description, so they run on command:",
                     names=md(", ".join(models))))  # fmt: skip
        st.code(f"uzor judge candidates --queries {query_set} --by {candidates.SENTENCES}:{models[0]}", language=None)
    else:
        st.caption(
            _(
                "By sentence vectors (the 2025 report used sbert_large_mt_nlu_ru): put such a model's folder into "
                "{folder} and install sentence-transformers; nothing is downloaded.",
                folder=f"`{bench.home / 'models'}`",
            )
        )  # fmt: skip
