"""The words of matching: rules, columns and numbers in the visitor's language."""

from __future__ import annotations

import json
import math

from app import searched
from app.language import N_, number, percent
from app.text import md
from app.vocabulary import FIELDS, word
from eval.grouping.excluded import WITHOUT
from eval.tasks.matching import Matches

RULES = {"all": N_("Every pair"), "best": N_("Each item's nearest"), "mutual": N_("Nearest to each other")}
RULE_SAYS = {
    "all": N_("Every pair whose cosine reaches the threshold is shown: an item may get several partners."),
    "best": N_(
        "Each item of the first side is shown with its nearest one of the other, where that reaches the threshold."
    ),
    "mutual": N_(
        "A pair is shown where each is the other's nearest and the threshold is reached: at most one partner."
    ),
}
NUMBERS = {
    "recall": N_("Recall"),
    "precision": N_("Precision of matches"),
    "fpr": "FPR",
    "fp_tp": "FP/TP",
}
DEFINED = {name: f"match {short}" for name, short in
           (("recall", "recall"), ("precision", "precision"), ("fpr", "FPR"), ("fp_tp", "FP/TP"))}  # fmt: skip


def column_name(key: str) -> str:
    """A column's name on screen, escaped."""
    return md(word(FIELDS, key))


def ratio(value: float | None, digits: int = 3) -> str:
    """A ratio with its digits, a dash where there is none."""
    return "—" if value is None or math.isnan(value) else number(value, digits)


def rate(value: float) -> str:
    """A rate that may be very small: as a percentage with enough digits to show anything."""
    if math.isnan(value):
        return "—"
    return percent(value, 2 if value >= 0.001 else 4)


def bounds(low: float, high: float, digits: int = 3) -> str:
    """An interval in brackets; "" where there is none."""
    return "" if math.isnan(low) else f"[{number(low, digits)}; {number(high, digits)}]"


def sides_of(matches: Matches) -> str:
    """What was matched, escaped."""
    names = [
        f"{side['catalogue']} / {side['source']}" if side["source"] else side["catalogue"] for side in matches.sides
    ]
    out = dict.fromkeys(label for side in matches.sides for label in json.loads(side.get("without", "[]")))
    said = searched.parts({WITHOUT: list(out)} if out else None)
    return md(" · ".join([names[0] if matches.same else " × ".join(names), *said]))
