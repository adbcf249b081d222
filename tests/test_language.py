"""The two languages: everything translated, plural forms and fields sound, numbers and dates as written there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages import Catalog, extract, pofile
from streamlit.testing.v1 import AppTest

from app import language, vocabulary
from eval import metrics

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = {"_": None, "N_": None, "n_": (1, 2)}


def in_sources() -> dict[str, str | tuple[str, ...]]:
    """Every text that app/ and pages/ say, by its first form."""
    found = {}
    for room in ("app", "pages"):
        for _file, _line, said, _notes, _context in extract.extract_from_dir(
            ROOT / room, [("**.py", "python")], keywords=KEYWORDS
        ):
            found[said if isinstance(said, str) else said[0]] = said
    return found


def translated(code: str) -> Catalog:
    with (ROOT / "app/locale" / code / "LC_MESSAGES/uzor.po").open("rb") as file:
        return pofile.read_po(file, locale=code)


def fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", ["ru", "en"])
def test_the_catalogue_of_texts_is_up_to_date_with_the_sources(code: str) -> None:
    kept = {m.id if isinstance(m.id, str) else m.id[0] for m in translated(code) if m.id}
    sources = set(in_sources())
    assert sources - kept == set(), "new texts: run the commands in app/language.py"
    assert kept - sources == set(), "texts nobody says any more: run the commands in app/language.py"


def test_everything_is_translated_into_russian_and_nothing_is_a_guess() -> None:
    for message in translated("ru"):
        if message.id:
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(forms), message.id
            assert not message.fuzzy, message.id
            assert len(forms) == (3 if message.pluralizable else 1), message.id


@pytest.mark.parametrize("code", ["ru", "en"])
def test_plural_forms_and_formats_pass_babels_own_checks(code: str) -> None:
    assert [error for message, errors in translated(code).check() for error in errors] == []


def test_translations_fill_in_the_same_fields() -> None:
    for message in translated("ru"):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set().union(*map(fields, ids))
        for form in forms:
            assert fields(form) == wanted, (message.id, form)


def test_russian_texts_are_russian_but_for_names() -> None:
    names = {"CLIP", "ruCLIP", "UMAP", "t-SNE", "PCA", "SVD", "CSLS", "Id", "k"}
    for message in translated("ru"):
        if message.id and message.id not in names:
            said = message.string if isinstance(message.string, str) else " ".join(message.string)
            assert re.search("[а-яё]", said, re.IGNORECASE), message.id


def test_every_metric_of_the_engine_is_explained_in_both_languages() -> None:
    russian = translated("ru")
    for name in metrics.names(5):
        family = name.partition("@")[0]
        assert vocabulary.METRICS[family] == metrics.metric(name).says
        assert russian.get(vocabulary.METRICS[family]).string


def said(body: str, locale: str) -> str:
    head = "import streamlit as st\nfrom app.language import *\nfrom app.language import _, n_\n"
    test = AppTest.from_string(head + body)
    test.context = {"locale": locale}
    test.run()
    assert not test.exception, test.exception
    return str(test.text[0].value)


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [(1, "1 позиция", "1 item"), (3, "3 позиции", "3 items"), (11, "11 позиций", "11 items"),
     (21, "21 позиция", "21 items"), (21126, "21 126 позиций", "21,126 items")],
)  # fmt: skip
def test_counts_take_the_right_form(count: int, russian: str, english: str) -> None:
    body = f"st.text(n_('{{n}} item', '{{n}} items', {count}))"
    assert said(body, "ru-RU").replace("\xa0", " ") == russian
    assert said(body, "en-GB") == english


@pytest.mark.parametrize(
    ("body", "russian", "english"),
    [("number(0.4567, 2)", "0,46", "0.46"), ("number(float('nan'))", "—", "—"), ("percent(0.123)", "12%", "12%"),
     ("seconds(0.038)", "38 мс", "38 ms"), ("seconds(2.44)", "2,4 с", "2.4 s"),
     ("seconds(190)", "3 мин 10 с", "3 min 10 s"),
     ("when('not a moment')", "not a moment", "not a moment")],
)  # fmt: skip
def test_numbers_and_times_are_written_as_there(body: str, russian: str, english: str) -> None:
    for locale, wanted in (("ru", russian), ("en-US", english)):
        assert re.sub(r"\s", " ", said(f"st.text({body})", locale)).replace(" %", "%") == wanted


@pytest.mark.parametrize(
    ("locale", "wanted"), [("ru-RU", "ru"), ("ru", "ru"), ("en-US", "en"), ("de-DE", "en"), ("", "en")]
)
def test_the_browser_decides_until_somebody_chooses(locale: str, wanted: str) -> None:
    assert said("st.text(language())", locale) == wanted
    assert said("st.session_state['lang'] = 'ru'; st.text(language())", locale) == "ru"
    assert said("st.session_state['lang'] = 'xx'; st.text(language())", locale) == wanted


def test_outside_a_page_texts_are_english() -> None:
    assert language.language() == "en" and language._("Search") == "Search"
