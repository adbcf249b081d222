"""What a visitor has chosen, kept in the URL on language-neutral ids, and the one Bench that all sessions share."""

from __future__ import annotations

import gc
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app import nav
from app.answers import Map
from app.bench import Bench
from app.language import _
from app.text import md
from eval.contracts import KnownModel
from eval.workspace import home_from_environment

LOOK_AGAIN_SECONDS = 3
_PAGE, _ARRIVED, _LATER = "_page", "_arrived", "_later"
VISITORS = ("lang", "tour")  # parameters that are the visitor's own, whatever is looked at
_PARAMS, _LINKED = "_params", "_linked"  # every parameter of a URL so far; a link was opened


def bench() -> Bench:
    """The Bench over this process's workspace; opened once, shared by every session."""
    return _bench(str(home_from_environment()))


@st.cache_resource(show_spinner=False)
def _bench(home: str) -> Bench:
    return Bench(Path(home))


def models() -> list[KnownModel]:
    """Every model one can choose; looked for again after a few seconds, so that a new file is soon seen."""
    return _models(str(bench().home))


def look_again() -> None:
    """Let the next `models` look at once: something has just been made."""
    _models.clear()


@st.cache_resource(show_spinner=False, ttl=LOOK_AGAIN_SECONDS)
def _models(home: str) -> list[KnownModel]:
    return bench().models()


@st.cache_resource(show_spinner=False)
def settle(spec: str) -> bool:
    """Move what loading `spec` left in memory out of the garbage collector's way, once for each model.

    Streamlit collects garbage after every script run; with torch's half a million objects that is 0.3–0.5 s a click.
    """
    gc.collect()
    gc.freeze()
    return True


def laid_out(
    spec: str, catalogue: str, method: str, query_set: str, seed: int = 0, joint: bool = False
) -> Map | None:  # fmt: skip
    """The map when it has been computed already, kept in memory; None while it has not.

    `joint`: of pictures and queries together.
    """
    asked = bench().query_set(query_set).fingerprint if query_set else ""
    try:
        return _laid_out(str(bench().home), bench().catalogue(catalogue).fingerprint, bench().fingerprint(spec), asked,
                         spec, catalogue, method, query_set, seed, joint)  # fmt: skip
    except _NotYet:
        return None


class _NotYet(Exception):
    """The map has to be computed first; unlike None this is never cached."""


@st.cache_resource(show_spinner=False, max_entries=8)
def _laid_out(
    home: str, pictures: str, encoder: str, asked: str, spec: str, catalogue: str, method: str, query_set: str,
    seed: int, joint: bool,
) -> Map:  # fmt: skip
    if joint:
        found = bench().joint_map_cached(spec, catalogue, query_set, method, seed)
    else:
        found = bench().map_cached(spec, catalogue, method, seed, query_set or None)
    if found is None:
        raise _NotYet
    return found


def arrive(page: str) -> None:
    """Note which page this run draws; on the first run of a page its URL wins over what the session remembers."""
    if st.session_state.pop(_LINKED, False):
        for param in st.session_state.get(_PARAMS, set()) - set(VISITORS):
            st.session_state.pop(param, None)
        st.session_state[_PAGE] = None
    for param, value in st.session_state.pop(_LATER, {}).items():
        st.session_state[param] = value
    st.session_state[_ARRIVED] = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page


def arrived() -> bool:
    """True on the first run of a page that was just opened."""
    return bool(st.session_state.get(_ARRIVED))


def seed(param: str, default: Any, allowed: Container[Any] | None = None) -> Any:
    """Put the value of `param` into the session before its widget is drawn, and return it.

    The URL's value on arrival, else the remembered one, else `default`; a value that is not `allowed` never gets in.
    A list `default` reads and keeps several values; an int `default` reads whole numbers.
    """
    value = st.session_state.get(param, default)
    if param in st.query_params and (st.session_state.get(_ARRIVED) or param not in st.session_state):
        value = _read(param, default)
        _told(value, allowed)
    if isinstance(default, list):
        value = [v for v in value if allowed is None or v in allowed] if isinstance(value, list) else list(default)
    elif value is None or (allowed is not None and value not in allowed):
        value = default
    if param not in st.session_state or st.session_state[param] != value:
        st.session_state[param] = value
    return value


def _told(value: Any, allowed: Container[Any] | None) -> None:
    """Say so when the link asks for something that is not here."""
    for one in value if isinstance(value, list) else [value]:
        if allowed is not None and one not in allowed:
            name = md(str(one)[:80])
            st.toast(_("The link asks for “{name}”, which is not here.", name=name), icon=":material/link_off:")


def _read(param: str, default: Any) -> Any:
    if isinstance(default, list):
        return st.query_params.get_all(param)
    raw = st.query_params[param]
    if isinstance(default, bool) or not isinstance(default, int):
        return raw
    return int(raw) if raw.lstrip("-").isdecimal() and len(raw) < 10 else default


def publish(param: str, default: Any) -> None:
    """Write the value of `param` into the URL; the default and nothing leave no trace there."""
    st.session_state.setdefault(_PARAMS, set()).add(param)
    value = st.session_state.get(param)
    if value == default or value is None or value == "" or value == []:
        st.query_params.pop(param, None)
        return
    text = [str(v) for v in value] if isinstance(value, list) else str(value)
    shown = st.query_params.get_all(param)
    if shown != (text if isinstance(text, list) else [text]):
        st.query_params[param] = text


def put(param: str, value: Any) -> None:
    """Remember a choice that is no widget (an item that was clicked, a job that was started)."""
    st.session_state[param] = value


def later(**choices: Any) -> None:
    """Make these choices at the start of the next run: a widget that is drawn takes no other value in this one."""
    st.session_state[_LATER] = {**st.session_state.get(_LATER, {}), **choices}


def go(page: str, **choices: Any) -> None:
    """Open a page with these choices made; what it does not know stays remembered."""
    later(**choices)
    st.switch_page(nav.page(page))


def open_link(page: str, choices: Mapping[str, Sequence[str]]) -> None:
    """Open a page as a link with these parameters does in a fresh tab: what it does not name is as by default."""
    st.session_state[_LINKED] = True
    st.switch_page(nav.page(page), query_params=choices)
