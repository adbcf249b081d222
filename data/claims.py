"""Every number that the report's tables or Uzor's own pages claim, as records that can be checked one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "bundled" / "claims.json"
LANGUAGES = ("en", "ru")
Said = Mapping[str, str]  # language → text
_NEEDED = ("id", "table", "says", "source", "expected", "tolerance", "measure", "needs")


@dataclass(frozen=True)
class Claim:
    """One number: what is claimed, where, by which definition, and which measurement holds it to account.

    `relation` is "=" (within `tolerance`) or "≤" (at most `expected` + `tolerance`). `known` says why a difference is
    known and expected; without it a difference is an error. `quote` is the claim's words in the file `source`.
    """

    id: str
    table: str  # "report-results" | "report-counts" | … | "uzor-models" | …
    says: Said
    source: str  # key of `Claims.sources`
    expected: float | None  # None: a document's value that nobody brought
    tolerance: float
    measure: str  # name of a function in eval/claims_of_*.py
    of: Mapping[str, Any] = field(default_factory=dict)  # its arguments
    definition: str = ""  # key of `Claims.definitions`
    needs: tuple[str, ...] = ()  # keys of `Claims.needs`: data that the measurement takes
    relation: str = "="
    quote: str = ""
    known: Said = field(default_factory=dict)
    digits: int = 0  # decimals to show

    def holds(self, value: float) -> bool:
        """True when `value` is what was claimed, up to the tolerance; nothing holds a claim without a value."""
        if self.expected is None:
            return False
        if self.relation == "≤":
            return value <= self.expected + self.tolerance
        return abs(value - self.expected) <= self.tolerance


@dataclass(frozen=True)
class Claims:
    """A file of claims with the words they share: sources, definitions and needs, key → language → text."""

    claims: tuple[Claim, ...]
    sources: Mapping[str, Said]
    definitions: Mapping[str, Said]
    needs: Mapping[str, Said]


@lru_cache(maxsize=4)
def read(path: Path = FILE) -> Claims:
    """The claims of that file; ValueError naming file and claim for one that is not whole, OSError without the file."""
    try:
        raw = json.loads(Path(path).read_text(encoding="utf-8"))
        words = {name: dict(raw[name]) for name in ("sources", "definitions", "needs")}
        claims = tuple(_claim(row, words) for row in raw["claims"])
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no file of claims: {error}; data/bundled/claims.json shows the form") from error
    if twice := {claim.id for claim in claims if sum(claim.id == other.id for other in claims) > 1}:
        raise ValueError(f"{path} has these ids twice: {', '.join(sorted(twice))}")
    return Claims(claims, **words)


def _claim(row: Mapping[str, Any], words: Mapping[str, Mapping[str, Said]]) -> Claim:
    name = row.get("id", "a claim without id")
    if lacking := [key for key in _NEEDED if key not in row]:
        raise ValueError(f"Claim {name} lacks {', '.join(lacking)}")
    asked = {"sources": [row["source"]], "needs": row["needs"], "definitions": [row.get("definition", "")]}
    for table, keys in asked.items():
        if unknown := [key for key in keys if key and key not in words[table]]:
            raise ValueError(f"Claim {name} names {unknown[0]!r}, which is not among the {table} of its file")
    for said in (row["says"], row.get("known", {})):
        if said and any(not said.get(lang) for lang in LANGUAGES):
            raise ValueError(f"Claim {name} is not said in both languages, {' and '.join(LANGUAGES)}")
    if row.get("relation", "=") not in ("=", "≤"):
        raise ValueError(f"Claim {name} has the relation {row['relation']!r}; it can be = or ≤")
    numbers = {key: float(row[key]) for key in ("expected", "tolerance")}
    return Claim(**{**row, **numbers, "needs": tuple(row["needs"])})
