"""Queries made safe to search with, tables made safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.cleaning import LONGEST_QUERY, csv_safe, normalise, visible_bidi, write_csv


@pytest.mark.parametrize(
    "text, clean, notes",
    [
        ("котёнок", "котёнок", ()),
        ("  кот\n", "кот", ("trimmed",)),
        ("и\u0306", "й", ("composed",)),
        ("a\0b\ud800", "a\ufffdb\ufffd", ("replaced",)),
        ("x" * 501, "x" * 500, ("cut",)),
        ("x" * 499 + " y", "x" * 499, ("cut",)),
        (" \t ", "", ("trimmed",)),
        ("<b>&'\"; DROP TABLE", "<b>&'\"; DROP TABLE", ()),
    ],
)
def test_a_query_is_normalised_and_says_what_was_done(text, clean, notes):
    assert (normalise(text).text, normalise(text).notes) == (clean, notes)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=600))
def test_a_normalised_query_can_be_stored_anywhere_and_normalises_to_itself(text):
    clean = normalise(text).text
    clean.encode("utf-8")
    assert "\0" not in clean and len(clean) <= LONGEST_QUERY and normalise(clean).text == clean


FORMULAS = ["=HYPERLINK(1)", "@SUM(A1)", "+1", "-1", "\t=1", " =1", "\n=1", "\xa0=1", "\ufeff=cmd", "'=1", "=", "+7+7",
            "-2+3+cmd|' /C calc'!A0", "＝1", "+79991234567"]  # fmt: skip


@pytest.mark.parametrize("value", FORMULAS)
def test_what_a_spreadsheet_would_execute_is_guarded(value):
    assert csv_safe(value) == "'" + value


@pytest.mark.parametrize(
    "value", ["кот", "a=b", "1-2", "", "#1", "+7 999 123-45-67", "+7 (999) 123 45 67", "'quoted'", "7", "e-mail"]
)
def test_what_no_spreadsheet_executes_stays_as_it_is(value):
    assert csv_safe(value) == value


def test_a_table_is_written_guarded_with_a_mark_for_excel_or_raw_for_machines(tmp_path):
    rows = [("=1", -0.5, "a;b"), ("x", 2, 'say "hi"\nthere')]
    write_csv(tmp_path / "safe.csv", ("t", "n", "s"), rows)
    write_csv(tmp_path / "raw.csv", ("t", "n", "s"), rows, raw=True)
    safe = list(csv.reader(io.StringIO((tmp_path / "safe.csv").read_bytes().decode("utf-8-sig"), newline="")))
    raw = list(csv.reader(io.StringIO((tmp_path / "raw.csv").read_bytes().decode("utf-8"), newline="")))
    assert safe[1:] == [["'=1", "-0.5", "a;b"], ["x", "2", 'say "hi"\nthere']]
    assert raw[1:] == [["=1", "-0.5", "a;b"], ["x", "2", 'say "hi"\nthere']]
    assert (tmp_path / "safe.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_marks_that_turn_the_direction_of_text_can_be_shown():
    assert visible_bidi("a\u202eb\u200fc") == "a⟦U+202E⟧b⟦U+200F⟧c"
