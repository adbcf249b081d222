"""Definitions on the screen: every metric and every number of a verdict has one, equal rows in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import definitions
from eval import metrics

VERDICT = (
    "interval",
    "rank",
    "difference",
    "p",
    "corrected",
    "wins",
    "ties",
    "losses",
    "effect",
    "detectable",
    "needed",
)


def test_the_two_languages_have_the_same_rows_columns_and_rules() -> None:
    english, russian = definitions.tables("en"), definitions.tables("ru")
    assert list(english) == list(russian)
    assert [len(row) for row in english.values()] == [len(row) for row in russian.values()]
    assert list(definitions.rules("en")) == list(definitions.rules("ru")) == list(definitions.RULES)


def test_formulas_are_the_same_in_both_languages() -> None:
    def signs(text: str) -> list[str]:
        return re.findall(r"[Σ√·≤/()+−]", text)

    for name, row in definitions.tables("en").items():
        other = next(iter(definitions.tables("ru")[name].values()))
        if name in ("P@k", "R@k", "AP", "nDCG", "detectable", "needed"):
            assert signs(next(iter(row.values()))) == signs(other), name


@pytest.mark.parametrize("name", metrics.names(5))
def test_every_metric_opens_formula_denominator_ties_and_the_rule_of_the_unjudged(name: str) -> None:
    said = definitions.of(name)
    assert said.startswith("**")
    assert "value: " in said
    assert "chance level: " in said
    assert "**Ties.**" in said
    assert "**Unjudged items** count as not relevant" in said
    if name.partition("@")[0] not in ("Hit", "RR"):  # these two have none
        assert "denominator: " in said


@pytest.mark.parametrize("name", VERDICT)
def test_every_number_of_a_verdict_has_its_formula_and_its_meaning(name: str) -> None:
    said = definitions.of(name)
    assert "value: " in said
    assert "meaning: " in said


def test_what_has_no_definition_has_no_help() -> None:
    assert definitions.of("nothing") == ""


def test_underscores_of_a_formula_stay_underscores() -> None:
    assert r"Σ\_{r≤k} rel(r) / k" in definitions.of("P@5")


def test_the_screen_reads_the_document_itself() -> None:
    assert definitions.SOURCES["en"] == Path(__file__).resolve().parents[1] / "docs" / "metrics.md"
