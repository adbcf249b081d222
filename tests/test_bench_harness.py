"""Every question of `bench/` can still be asked: each runs on little and gives a table with all of its ways."""

import importlib

import pytest

from bench import timing
from bench.__main__ import QUESTIONS

LITTLE = {
    "matching": {"SMALL": 60, "LARGE": 300},
    "search": {"ROWS": 300, "SIZE": 16, "QUERIES": 3},
    "text_query": {},
    "embedding": {"PICTURES": 5, "REPEATS": 1},
    "finetuning": {"PAIRS": 60, "TEXTS": 40, "BATCH": 8, "WIDTHS": (16, 12), "SIZE": 8, "WHOLE_STEPS": 1},
    "drawing": {"DESIGNS": 6, "REPEATS": 1},
    "projection": {"ROWS": 200, "SIZE": 24, "CLUSTERS": 4},
    "verdict": {"MANY": 40, "DEPTH": 20, "REPEATS": 1},
    "page": {"ITEMS": 40, "RELEVANT": 3, "REPEATS": 1},
    "sessions": {"ITEMS": 40, "RELEVANT": 3, "SESSIONS": 3, "ASKED": 2, "PAUSE": 0.1},
    "failures": {"ITEMS": 60, "QUERIES": 6, "MODELS": 2, "PICTURES": 8},
}
WAYS = {
    "search": 8,
    "text_query": 3,
    "embedding": 4,
    "finetuning": 3,
    "drawing": 5,
    "projection": 2,
    "verdict": 5,
    "page": 5,
    "failures": 6,
    "sessions": 2,
    "matching": 10,
}


def test_the_table_compares_with_its_first_way() -> None:
    one, two = timing.Timing("slow", 0.4, 0.3, 0.5), timing.Timing("quick", 0.1, 0.1, 0.1)
    lines = timing.table("q", [one, two], units=4, unit="row").splitlines()
    assert lines[4] == "| slow | 100.00 | 75.00–125.00 | 10.0 | 1.00 |"
    assert lines[5] == "| quick | 25.00 | 25.00–25.00 | 40.0 | 4.00 |"


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_gives_its_table(question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"bench.{question}")
    monkeypatch.setattr("bench.vit.ARCHITECTURE", "ViT-S-32-alt")
    monkeypatch.setenv("UZOR_HOME", "")  # the page's question sets it; put back afterwards
    for name, value in LITTLE[question].items():
        monkeypatch.setattr(module, name, value)
    table = module.measure()
    rows = [line for line in table.splitlines() if line.startswith("| ") and "median" not in line]
    assert table.startswith("### ") and len(rows) >= WAYS[question], table
