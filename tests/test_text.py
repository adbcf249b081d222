"""What people and catalogues wrote is shown as it is, never interpreted."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.text import md, plain, short

NASTY = (
    "![x](http://evil.example/t.png)",
    "[click](javascript:alert(1))",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    ":red[danger] :material/delete: :smile:",
    "$E=mc^2$ `code` **bold** _it_ ~~no~~",
    "# heading\n\n- list\n1. one",
    "| a | b |\n|---|---|",
    "&lt;b&gt; \\* \\[x\\]",
)


@pytest.mark.parametrize("words", NASTY)
def test_every_character_that_markdown_reads_is_escaped(words: str) -> None:
    import re

    bare = re.sub(r"\\.", "", md(words))
    assert not set(bare) & set("`*_{}[]()<>#+-.!|~:$@^=&\"'/\\")


@pytest.mark.parametrize("words", NASTY)
def test_unescaping_gives_the_words_back_on_one_line(words: str) -> None:
    import re

    assert re.sub(r"\\(.)", r"\1", md(words)) == " ".join(words.split())


def test_letters_digits_and_spaces_stay_as_they_are() -> None:
    assert md("Роза 12 ёлок") == "Роза 12 ёлок" and md(7) == "7"


def test_marks_that_turn_the_direction_of_text_are_shown() -> None:
    assert "U+202E" in plain("кот\u202egnp.exe") and "\u202e" not in md("кот\u202egnp.exe")


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert short("котёнок в шляпе", 8) == "котёнок…" and short("кот", 8) == "кот"
    assert len(short("а" * 500, 40)) == 40


def test_an_escaped_title_is_one_plain_paragraph_to_streamlit() -> None:
    test = AppTest.from_string(
        "import streamlit as st\nfrom app.text import md\nst.markdown(md('**x** ![y](z)'))"
    ).run()
    assert test.markdown[0].value == r"\*\*x\*\* \!\[y\]\(z\)"
