"""Russian and English on the screen: which one, translated texts with plural forms, numbers and dates as written there.

After changing a text: `make messages`, then translate the new lines of the .po files.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

T = TypeVar("T")
LANGUAGES = ("ru", "en")
LOCALE = Path(__file__).resolve().parent / "locale"
_SPOKEN: ContextVar[str] = ContextVar("spoken", default="")


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say everything in that language meanwhile, whoever looks on; LookupError for one that is not spoken here."""
    if code not in LANGUAGES:
        raise LookupError(f"There is no language {code!r}; there are {', '.join(LANGUAGES)}")
    token = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def language() -> str:
    """The language of `speaking`, else the visitor's: chosen here, in the URL, the browser's; English otherwise."""
    if _SPOKEN.get():
        return _SPOKEN.get()
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    chosen = st.session_state.get("lang") or st.query_params.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    return "ru" if (st.context.locale or "").lower().startswith("ru") else "en"


def _(text: str, **values: object) -> str:
    """`text` in the visitor's language with `{name}` fields filled in."""
    said = _translations(language()).gettext(text)
    return said.format(**values) if values else said


def n_(one: str, many: str, count: int, **values: object) -> str:
    """The plural form for `count` ("{n} item", "{n} items"), with `{n}` written in the visitor's way."""
    said = _translations(language()).ngettext(one, many, count)
    return said.format(n=number(count), **values)


def N_(text: str) -> str:
    """Mark a text for translation where it stands; `_` translates it when it is shown."""
    return text


def named(options: Iterable[T], say: Callable[[T], str]) -> Callable[[T], str]:
    """A `format_func` that says the options in the language of this run, whoever calls it later."""
    said: dict[T, str] = {}
    taken: set[str] = set()
    for option in options:  # a widget tells its options apart by what they are called
        label = say(option)
        said[option] = label if label not in taken else f"{label} ({option})"
        taken.add(label)
    return lambda option: said.get(option, str(option))


@lru_cache(maxsize=len(LANGUAGES))
def _translations(code: str) -> gettext.NullTranslations:
    """The catalogue of `code`, compiled in memory from its .po file."""
    from babel.messages import mofile, pofile

    with (LOCALE / code / "LC_MESSAGES" / "uzor.po").open("rb") as source:
        catalogue = pofile.read_po(source, locale=code)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def number(value: float, digits: int = 0) -> str:
    """21126 → "21 126" or "21,126"; with `digits` decimals always shown; a dash for what is not a number."""
    from babel.numbers import format_decimal

    if value != value:
        return "—"
    return format_decimal(value, format="#,##0" + ("." + "0" * digits if digits else ""), locale=language())


def figure(value: float) -> str:
    """0.0003 → "0.0003" or "0,0003": all the decimals a number was given with, and no more."""
    from babel.numbers import format_decimal

    return format_decimal(value, format="#,##0.##########", locale=language())


def percent(value: float, digits: int = 0) -> str:
    """0.123 → "12 %" or "12%"; a dash for what is not a number."""
    from babel.numbers import format_percent

    if value != value:
        return "—"
    return format_percent(value, format="#,##0" + ("." + "0" * digits if digits else "") + "%", locale=language())


def when(made: str) -> str:
    """An ISO 8601 moment (UTC) → day and minute in the visitor's way; what is not a moment stays as it is."""
    from babel.dates import format_datetime

    try:
        moment = datetime.fromisoformat(made)
    except ValueError:
        return made
    return format_datetime(moment.astimezone(UTC), "d MMM y, HH:mm", locale=language()) + " UTC"


def seconds(value: float) -> str:
    """0.038 → "38 ms"; 2.4 → "2.4 s"; 190 → "3 min 10 s"."""
    if value < 1:
        return _("{n} ms", n=number(value * 1000))
    if value < 60:
        return _("{n} s", n=number(value, 1))
    minutes, rest = divmod(round(value), 60)
    return _("{m} min {s} s", m=number(minutes), s=rest)


def quoted(words: str) -> str:
    """The words between the quotation marks of the visitor's language."""
    return f"«{words}»" if language() == "ru" else f"“{words}”"
