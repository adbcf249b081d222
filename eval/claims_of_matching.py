"""The values a document on matching published, where somebody copied its table here, as claims of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data import published_matching
from data.claims import Claim
from data.published_matching import NUMBERS, PublishedPoint
from eval.evidence import Evidence, Undecided, measure

TABLE, SOURCE, NEEDS = "document-matching", "groceries", "groceries"  # keys of words in data/bundled/claims.json
NAMES = {"recall": ("recall", "полнота"), "precision": ("precision", "точность"), "fpr": ("FPR", "FPR"),
         "fp_tp": ("FP/TP", "FP/TP")}  # fmt: skip
DIGITS = 4


def published(home: Path) -> tuple[Claim, ...]:
    """A claim for every number of the table in the workspace; none where there is no table or it cannot be read."""
    file = home / published_matching.FILE
    try:
        points = published_matching.read(file) if file.is_file() else ()
    except ValueError:  # the page Matching says what is wrong with it
        return ()
    claims = [_claim(point, name) for point in points for name in NUMBERS if getattr(point, name) is not None]
    return tuple({claim.id: claim for claim in claims}.values())


def _claim(point: PublishedPoint, name: str) -> Claim:
    value = getattr(point, name)
    english, russian = NAMES[name]
    return Claim(
        id=f"groceries {point.model} {point.threshold:g} {name}",
        table=TABLE,
        says={"en": f"{point.model}, cosine from {point.threshold:g}: {english} {value:g}",
              "ru": f"{point.model}, косинус от {point.threshold:g}: {russian} {value:g}"},
        source=SOURCE,
        expected=value,
        tolerance=0.005,
        measure="published matching",
        of={"number": name, "fp_tp": point.fp_tp},
        definition=f"match {english}",
        needs=(NEEDS,),
        digits=DIGITS,
    )  # fmt: skip


@measure("published matching")
def published_matching_number(evidence: Evidence, of: Mapping[str, Any]) -> float:
    """A published precision, computed again from the FP/TP beside it: 1 / (1 + FP/TP); nothing else can be here."""
    if of["number"] == "precision" and of["fp_tp"] is not None:
        return float(1 / (1 + of["fp_tp"]))
    raise Undecided("incomparable", "other_shops")
