"""One failure's cause with its evidence and remedy, and the form in which a person says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import nav, state
from app.failures import failure_advice
from app.failures.failure_words import CAUSES, evidence, title
from app.language import _, named, quoted, when
from app.text import md
from data.picture_files import filed
from eval.failures.causes import FOUND, RULES_OF, UNEXPLAINED, Cause
from eval.failures.picture_causes import IN_WORDS
from eval.notes import LONGEST, Note, scope
from eval.store import RunSummary

TAG = 40  # characters of a tag


def show(
    run: RunSummary, query: str, text: str, found: Sequence[Cause], automatic: str, notes: Sequence[Note],
    picture: str = "",
) -> None:  # fmt: skip
    """The cause that counts, what shows it, what helps; below, what people said and a form to say more.

    `picture` is the item or file that asks where no words do.
    """
    said = notes[-1] if notes and notes[-1].cause else None  # the newest decides, as in `Bench.overruled`
    code = said.cause if said is not None and automatic != FOUND else automatic
    with st.container(border=True):
        _cause(code, next((c for c in found if c.code == code), None), said if code != automatic else None)
        _remedy(code, run, query, text, picture)
        others = [cause for cause in found if cause.code != code]
        if others:
            st.caption(_("Fits as well:"))
            for cause in others:
                st.caption(f":material/{CAUSES[cause.code].icon}: **{md(title(cause.code))}** — {evidence(cause)}")
        if picture:
            _not_asked()
    _history(notes)
    if automatic != FOUND:
        _form(run, query, code, automatic, asks="pictures" if picture else "words")


def _not_asked() -> None:
    """Say which causes were not looked for because they lie in words."""
    words = ", ".join(quoted(md(title(code))) for code in IN_WORDS)
    st.caption(
        ":material/info: " + _("A picture asked: causes that lie in words do not apply ({causes}).", causes=words)
    )


def _cause(code: str, found: Cause | None, overruled: Note | None) -> None:
    about = CAUSES.get(code, CAUSES[UNEXPLAINED])
    st.markdown(f"#### :material/{about.icon}: {md(title(code))}")
    st.markdown(_(about.means))
    if found is not None:
        st.markdown(f":material/search_insights: {evidence(found)}")
    if overruled is not None:
        by = md(overruled.author) or _("somebody")
        st.caption(":material/edit: " + _("Named by {who}, {when}.", who=by, when=when(overruled.made)))


def _remedy(code: str, run: RunSummary, query: str, text: str, picture: str = "") -> None:
    about = CAUSES.get(code, CAUSES[UNEXPLAINED])
    st.markdown(":material/healing: **" + _("What helps") + f"** — {failure_advice.helps(code, run.spec)}")
    if about.page == "hubs":
        st.button(
            _("Hubs and corrections"),
            icon=":material/hub:",
            key="to_hubs",
            on_click=state.put,
            args=("failures_view", "hubs"),
        )
    elif about.page in nav.slugs() and st.button(
        _("Open “{page}”", page=nav.page(about.page).title), icon=":material/arrow_forward:", key="to_remedy"
    ):
        like = "" if filed(picture) else picture
        words = "" if like else text
        asked = {"q": words, "like": like, "photo": "", "model": run.spec} if about.page == "search" else {}
        state.go(about.page, catalogue=run.catalogue, queries=run.query_set, query=query, run=run.id, **asked)


def _history(notes: Sequence[Note]) -> None:
    for note in list(reversed(notes))[:3]:
        tags = " ".join(f":gray-badge[{md(tag)}]" for tag in note.tags)
        if note.note or note.tags:
            who = " · ".join(part for part in (md(note.author), when(note.made)) if part)
            st.markdown(f":material/sticky_note_2: {md(note.note)} {tags}")
            st.caption(who)


def _form(run: RunSummary, query: str, code: str, automatic: str, asks: str) -> None:
    codes = [one for one in CAUSES if one in RULES_OF[asks] or one == UNEXPLAINED]
    key = f"{run.spec}_{query}"
    with st.expander(_("Say otherwise, add a note"), icon=":material/edit_note:"), st.form(f"note_{key}", border=False):
        cause = st.selectbox(
            _("Cause"),
            codes,
            index=codes.index(code) if code in codes else 0,
            key=f"note_cause_{key}",
            format_func=named(codes, lambda c: title(c) + (" " + _("(automatic)") if c == automatic else "")),
        )
        words = st.text_area(_("Note"), key=f"note_words_{key}", max_chars=LONGEST, height=80)
        tags = st.text_input(_("Tags, separated by commas"), key=f"note_tags_{key}", max_chars=200)
        author = st.text_input(_("Your name"), key="note_author", max_chars=80, persist_state="session")
        sent = st.form_submit_button(_("Keep"), type="primary", icon=":material/save:", key=f"note_keep_{key}")
    if sent:
        kept = tuple(dict.fromkeys(tag.strip()[:TAG] for tag in tags.split(",") if tag.strip()))
        named_otherwise = "" if cause == automatic else cause
        note = Note(
            run.catalogue, run.query_set, run.spec, query, run.id, named_otherwise, words.strip(), kept, author.strip(),
            scope=scope(run.settings),
        )  # fmt: skip
        state.bench().note_failure(note)
        st.toast(_("Kept."), icon=":material/check:")
        st.rerun()
