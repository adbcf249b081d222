"""The query sets that ship with the drawn catalogue, judged from what was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.demo import vocabulary
from data.demo.relevance import IN_PART, SUBJECT, facts, grades, holds
from data.demo.shops import Offer
from data.judgments import QuerySet, TextQuery

FOLDER = Path(__file__).resolve().parents[1] / "bundled" / "queries"
VERSION = "drawn 1"  # where the judgments come from: the recipes themselves
Judgments = dict[str, dict[str, int]]


def shipped() -> tuple[str, ...]:
    """The names of the sets: the 24 queries, their variants, the harder ones; `-en` in English."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.tsv")))


def queries(name: str) -> tuple[TextQuery, ...]:
    """The queries of a shipped set, `id<TAB>text[<TAB>tag|tag]` a line; LookupError naming the sets there are."""
    path = FOLDER / f"{name}.tsv"
    if not path.is_file():
        raise LookupError(f"No query set {name!r} ships with Uzor; there are {', '.join(shipped())}")
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return tuple(TextQuery(row[0], row[1], tuple(row[2].split("|")) if len(row) > 2 else ()) for row in rows)


def judged(name: str, offers: Sequence[Offer], catalogue: str) -> QuerySet:
    """A shipped set with judgments of the offers, for the catalogue that they became.

    Grades: 2 the query's subject, 1 shown in part, 0 not: of the 24 and their variants for every other offer that
    answers one of the 24 (the pool), of the harder queries for near misses worth telling apart. What is not listed was
    not drawn. LookupError for an unknown set.
    """
    found = queries(name)
    if any(query.variant_of for query in found):
        known = _of_the_24(offers)
        judgments = {query.id: known[query.variant_of] for query in found}
    else:
        judgments = _by_rules(offers) if "hard" in name else _of_the_24(offers)
    judgments = {query.id: judgments[query.id] for query in found}
    items = {item for judged in judgments.values() for item in judged}
    return QuerySet(
        name, VERSION, catalogue, found, judgments, pictures={i: f"pictures/{i}.jpg" for i in sorted(items)}
    )


def _of_the_24(offers: Sequence[Offer]) -> Judgments:
    judgments: Judgments = {theme.query: {} for theme in vocabulary.themes().values() if theme.query}
    for offer in offers:
        for query, grade in grades(offer.recipe).items():
            judgments[query][offer.id] = grade
    pool = sorted({item for judged in judgments.values() for item in judged})
    return {query: judged | {item: 0 for item in pool if item not in judged} for query, judged in judgments.items()}


def _by_rules(offers: Sequence[Offer]) -> Judgments:
    known = {offer.id: facts(offer.recipe) for offer in offers}
    judgments: Judgments = {}
    for rule in vocabulary.table("rules.tsv"):
        judgments[rule["query"]] = {
            item: grade for item, found in known.items() if (grade := _grade(rule, found)) is not None
        }
    return judgments


def _grade(rule: dict[str, str], found: frozenset[str]) -> int | None:
    for column, grade in (("full", SUBJECT), ("part", IN_PART), ("near", 0)):
        if holds(rule[column] or "", found):
            return grade
    return None
