"""How a judgment lies in the database: one row for each, never changed, each digest covering the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sql

METADATA = sql.MetaData()
JUDGMENTS = sql.Table(
    "judgments", METADATA,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("event", sql.String(64), nullable=False, unique=True),  # sent twice, kept once
    sql.Column("made", sql.String(40), nullable=False),
    sql.Column("query_set", sql.Text, nullable=False, index=True),
    sql.Column("query", sql.Text, nullable=False),
    sql.Column("item", sql.Text, nullable=False),
    sql.Column("kind", sql.String(16), nullable=False),
    sql.Column("grade", sql.Integer, nullable=True),
    sql.Column("rater", sql.Text, nullable=False),
    sql.Column("source", sql.Text, nullable=False),
    sql.Column("saw", sql.Text, nullable=False),  # JSON: [[spec, run, rank], …]
    sql.Column("comment", sql.Text, nullable=False),
    sql.Column("digest", sql.String(64), nullable=False),
    sql.Column("wording", sql.String(64), nullable=True),  # NULL: written before it was kept, or nobody knows
    sqlite_autoincrement=True,
)  # fmt: skip
GUIDELINES = sql.Table(
    "guidelines", METADATA,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("made", sql.String(40), nullable=False),
    sql.Column("query_set", sql.Text, nullable=False, index=True),
    sql.Column("rater", sql.Text, nullable=False),
    sql.Column("words", sql.Text, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip
MERGED = "judged"  # how the version of a query set begins whose grades were merged from a log
KINDS = ("grade", "unsure", "withdrawn")
HUMAN, IMPORTED = "rater", "imported"  # the two sources Uzor writes by itself; others are named at import
NO_ROW = "0" * 64  # what the first row's digest follows
_DIGESTED = ("event", "made", "query_set", "query", "item", "kind", "grade", "rater", "source", "saw", "comment")


def wording(text: str) -> str:
    """What a row keeps of the query's words: SHA-256 of the text in UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Seen(NamedTuple):
    """A ranking in which the item stood when it was judged: the model, the run's id, the rank from 1."""

    spec: str
    run: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Judgment:
    """What somebody said of one item for one query; `kind` is one of KINDS, `grade` None unless it is "grade".

    "unsure" is «cannot tell»; "withdrawn" takes the rater's newest judgment of the pair back, so that the one before it
    stands again. `saw` is empty where nobody knows which ranking proposed the item, `wording` (see the function) where
    nobody knows what the query's words were.
    """

    query_set: str
    query: str
    item: str
    grade: int | None = None
    kind: str = "grade"
    rater: str = ""
    source: str = HUMAN
    saw: tuple[Seen, ...] = ()
    comment: str = ""
    wording: str = ""
    event: str = ""
    made: str = ""  # UTC ISO 8601
    sequence: int = 0  # place in the log, 0 before it is there

    @property
    def pair(self) -> tuple[str, str]:
        """Query id and item id."""
        return self.query, self.item

    @property
    def who(self) -> str:
        """Whose opinion it is: the rater, or for judgments without one their source in brackets."""
        return self.rater or f"({self.source})"


def checked(judgment: Judgment) -> Judgment:
    """The judgment itself; ValueError for an unknown kind, a grade that does not fit it, or an empty name."""
    if judgment.kind not in KINDS:
        raise ValueError(f"There is no kind of judgment {judgment.kind!r}; there are {', '.join(KINDS)}")
    if (judgment.grade is None) == (judgment.kind == "grade"):
        raise ValueError(f"A judgment of kind {judgment.kind!r} came with grade {judgment.grade!r}")
    if judgment.source == HUMAN and not judgment.rater.strip():
        raise ValueError("A rater's judgment needs the rater's name")
    if not (judgment.query_set and judgment.query and judgment.item):
        raise ValueError("A judgment names a query set, a query and an item; one of them is empty")
    return judgment


def row(judgment: Judgment, before: str) -> dict[str, Any]:
    """The table row of a judgment that has its event and moment, following the row with digest `before`."""
    values = {name: getattr(judgment, name) for name in _DIGESTED}
    values["saw"] = json.dumps([list(one) for one in judgment.saw], ensure_ascii=True, separators=(",", ":"))
    values["wording"] = judgment.wording or None
    return {**values, "digest": digest(values, before)}


def digest(values: Mapping[str, Any], before: str) -> str:
    """SHA-256 over the row before and every field of this one; a row without a wording is digested as it always was."""
    fields = [values[name] for name in _DIGESTED] + ([values["wording"]] if values["wording"] else [])
    said = json.dumps([before, *fields], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def read(values: Mapping[str, Any]) -> Judgment:
    """The judgment a row holds."""
    plain = {name: values[name] for name in ("sequence", *_DIGESTED) if name != "saw"}
    plain["wording"] = values["wording"] or ""
    return Judgment(**plain, saw=tuple(Seen(*one) for one in json.loads(values["saw"])))


def broken(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Sequence → what is wrong, for rows in order that are not what was written or do not follow each other."""
    found, before = {}, NO_ROW
    for values in rows:
        if values["digest"] != digest(values, before):
            found[int(values["sequence"])] = "does not match its digest, or a row before it is gone"
        before = values["digest"]
    return found
