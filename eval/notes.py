"""What people say of failures: another cause, a note, tags; rows that are only ever added, in the database of runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

from eval.database import explained
from eval.store import Store

TABLES = sql.MetaData()  # apart from the tables of runs: a database made before there were notes gets it when one comes
NOTES = sql.Table(
    "failure_notes", TABLES,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("made", sql.String(40), nullable=False),
    sql.Column("catalogue", sql.Text, nullable=False),
    sql.Column("query_set", sql.Text, nullable=False),
    sql.Column("spec", sql.Text, nullable=False),
    sql.Column("query", sql.Text, nullable=False),
    sql.Column("run", sql.String(64), nullable=False),
    sql.Column("cause", sql.String(40), nullable=False),
    sql.Column("note", sql.Text, nullable=False),
    sql.Column("tags", sql.Text, nullable=False),  # JSON
    sql.Column("author", sql.Text, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip
LONGEST = 4000  # characters of a note


@dataclass(frozen=True)
class Note:
    """What somebody says of a query's failure under a model; `cause` is "" where the automatic one is left alone."""

    catalogue: str
    query_set: str
    spec: str
    query: str
    run: str  # the run that was looked at
    cause: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    made: str = ""  # UTC ISO 8601, set when it is stored
    sequence: int = 0  # the order of storing


class Notes:
    """The notes in a store's database, through its own connections; safe to share between threads.

    A note is stored whole or not at all and never changed: a later one takes its place, the earlier one stays.
    """

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    def add(self, note: Note) -> Note:
        """Store a note in one transaction; when this returns, it survives a kill and a power cut.

        ValueError when it is longer than 4,000 characters.
        """
        if len(note.note) > LONGEST:
            raise ValueError(f"A note has at most {LONGEST} characters; {len(note.note)} came")
        row = {name: getattr(note, name) for name in _COLUMNS} | {
            "tags": json.dumps(list(note.tags), ensure_ascii=False),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with explained(), self._engine.begin() as connection:
            connection.execute(sql.schema.CreateTable(NOTES, if_not_exists=True))
            made = connection.execute(sql.insert(NOTES).values(row)).inserted_primary_key
        return _read({**row, "sequence": made[0] if made else 0})

    def latest(self, query_set: str, spec: str | None = None) -> dict[tuple[str, str], Note]:
        """(Spec, query) → the newest note of it; of one model only when `spec` is given."""
        return {(note.spec, note.query): note for note in self.history(query_set, spec)}

    def history(self, query_set: str, spec: str | None = None, query: str | None = None) -> list[Note]:
        """Every note of a query set in the order of storing; only of that model and query when given."""
        c = NOTES.c
        wanted = sql.select(NOTES).where(c.query_set == query_set).order_by(c.sequence)
        for column, value in ((c.spec, spec), (c.query, query)):
            wanted = wanted if value is None else wanted.where(column == value)
        with explained(), self._engine.connect().execution_options(uzor_reading=True) as connection:
            if not sql.inspect(connection).has_table(NOTES.name):
                return []
            return [_read(row._asdict()) for row in connection.execute(wanted)]


_COLUMNS = ("catalogue", "query_set", "spec", "query", "run", "cause", "note", "author")


def _read(row: dict[str, Any]) -> Note:
    return Note(**{**row, "tags": tuple(json.loads(row["tags"]))})
