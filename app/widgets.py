"""What every page draws the same way: its head, calm messages, the pickers of catalogue and query set."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from app import nav, saved, state
from app.language import LANGUAGES, _, language, named
from app.text import md, plain
from app.vocabulary import word
from data.errors import Cancelled, Unavailable
from data.queries import QuerySet
from data.refusals import Refused

log = logging.getLogger("uzor")
IMPORT_COMMAND = "uzor import products.csv --name shop"


def head(title: str, says: str = "") -> None:
    """The page's title with the language switch at its right, and a line about what the page is for."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            saved.menu()
            _language_switch()
    if says:
        st.caption(says)


def _language_switch() -> None:
    browser = "ru" if (st.context.locale or "").lower().startswith("ru") else "en"
    if st.session_state.get("lang") not in LANGUAGES:
        st.session_state["lang"] = language()
    st.segmented_control(
        _("Language"),
        LANGUAGES,
        format_func=str.upper,
        key="lang",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    state.publish("lang", browser)


def message(title: str, body: str = "", code: str = "", icon: str = "info") -> None:
    """A calm message: what is so, what to do about it, and the command that does it."""
    with st.container(border=True):
        st.markdown(f":material/{icon}: **{md(title)}**")
        if body:
            st.markdown(body)
        if code:
            st.code(code, language=None, wrap_lines=True)


@contextmanager
def calmly() -> Iterator[None]:
    """Show what goes wrong inside as a calm message instead of an error page."""
    try:
        yield
    except Unavailable as problem:
        message(_("Something is not on this machine"), md(problem.what), problem.remedy, "download")
    except Cancelled:
        message(_("Cancelled"), _("What was finished is kept; starting again goes on from there."), icon="cancel")
    except (LookupError, ValueError, OSError) as problem:
        ours = not isinstance(problem, Refused)  # a refused file is no fault of the program
        log.warning("Told on the page: %s", problem, exc_info=problem if ours else None)
        message(_("This did not work"), said(problem), icon="error")


def said(problem: BaseException) -> str:
    """What an error says in the visitor's language where it can, escaped for Markdown; several problems as a list."""
    several = getattr(problem, "problems", None)
    if several:
        return "\n".join(f"- {md(p.message(language()))}" for p in several[:20])
    own = getattr(problem, "message", None)
    return md(own(language()) if callable(own) else problem.args[0] if problem.args else problem)


def choose_catalogue(width: int = 320) -> str | None:
    """Which catalogue; when there is none yet, say how to get one and return None."""
    names = state.bench().catalogues()
    if not names:
        no_catalogue()
        return None
    state.seed("catalogue", names[0], names)
    st.selectbox(_("Catalogue"), names, format_func=plain, key="catalogue", persist_state="session", width=width)
    state.publish("catalogue", "")  # always in the link: which one is the first changes with the next import
    return str(st.session_state["catalogue"])


def catalogue_or_stop() -> str:
    """Which catalogue; where there is none yet, that is said and the page ends there."""
    name = choose_catalogue()
    if not name:
        st.stop()
    return str(name)


def no_catalogue() -> None:
    """Say that there is no catalogue yet and how to get one; while the demonstration comes in, that."""
    from app import preparing  # it draws with these widgets

    if preparing.watch():
        return
    message(
        _("There is no catalogue yet"),
        _("Import a CSV file with pictures beside it, or a folder of pictures: on the import page or by the command"),
        IMPORT_COMMAND,
        "photo_library",
    )
    if st.button(_("Import a catalogue"), icon=":material/upload:", type="primary", key="to_import"):
        state.go("catalogue", view="import")


def choose_query_set(
    catalogue: str, optional: bool = False, label: str = "", param: str = "queries", width: int = 320,
    pictures: bool = False,
) -> str:  # fmt: skip
    """Which query set of that catalogue; "" when there is none, or none is wanted and `optional`.

    Sets that ask with pictures are offered only where the page can do something with them (`pictures`).
    """
    names = [*([""] if optional else []), *state.bench().query_sets(catalogue, pictures)]
    if not names:
        return ""
    state.seed(param, names[0], names)
    st.selectbox(
        label or _("Query set"),
        names,
        format_func=named(names, lambda name: plain(name) or _("none")),
        key=param,
        persist_state="session",
        width=width,
    )
    state.publish(param, "")
    return str(st.session_state[param])


def choose_view(label: str, views: Mapping[str, str], param: str) -> str:
    """Which of a page's views, each with its untranslated name; a row of buttons, kept in the URL."""
    first = next(iter(views))
    state.seed(param, first, views)
    st.segmented_control(
        label,
        list(views),
        format_func=named(views, lambda view: word(views, view)),
        key=param,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    state.publish(param, first)
    return str(st.session_state[param])


def query_sets(catalogue: str, pictures: bool = False) -> list[QuerySet]:
    """The catalogue's query sets in words that can be read; one that cannot is told calmly and the page goes on.

    With `pictures` those that ask with pictures as well.
    """
    found = []
    for name in state.bench().query_sets(catalogue, pictures):
        with calmly():
            found.append(state.bench().query_set(name))
    return found


def pager(param: str, pages: int, page: int) -> None:
    """Page buttons under a grid; the page is the state `param`."""
    if pages > 1:
        key = f"{param}_at_{page}"
        turned = lambda: state.put(param, st.session_state[key])  # noqa: E731 - a callback of one word
        st.pagination(pages, default=page, key=key, max_visible_pages=7, on_change=turned)


def link(slug: str, label: str, icon: str = "arrow_forward") -> None:
    """A link to another page."""
    st.page_link(nav.page(slug), label=label, icon=f":material/{icon}:")


def switch(param: str, label: str, says: str | None = None) -> None:
    """A toggle whose state is kept in the URL as "yes" or nothing."""
    state.seed(param, "", {"", "yes"})
    key = f"{param}_on"
    st.toggle(
        label,
        value=st.session_state[param] == "yes",
        key=key,
        help=says,
        on_change=lambda: state.put(param, "yes" if st.session_state[key] else ""),
    )
