"""What people say of failures: another cause, a note, tags; rows that are only ever added, in the database of runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

from eval.corrections import NONE
from eval.database import explained
from eval.records import RUNS
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
    sql.Column("scope", sql.Text, nullable=False, server_default=""),  # older databases get it with their next note
    sqlite_autoincrement=True,
)  # fmt: skip
_ADD_SCOPE = f"ALTER TABLE {NOTES.name} ADD COLUMN scope TEXT NOT NULL DEFAULT ''"
SCOPE = ("correction", "k", "pool", "where")  # settings of a run that a note is said of
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
    scope: str = ""  # how the run was made, see `scope`; "" where an older Uzor kept the note

    def about(self, scope: str) -> bool:
        """True when it was said of runs made so; one that does not say counts for every run without a correction."""
        return self.scope == scope if self.scope else json.loads(scope)["correction"] == NONE


def scope(settings: Mapping[str, Any]) -> str:
    """What a note on a run of these settings is said of: correction, k, pool and filter, as JSON.

    Another run of the same model made so shares its notes, one made otherwise has its own.
    """
    said = {name: settings.get(name) or None for name in SCOPE} | {"correction": settings.get("correction") or NONE}
    return json.dumps(said, sort_keys=True, ensure_ascii=True)


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
            if not _scoped(connection):
                connection.execute(sql.text(_ADD_SCOPE))
            made = connection.execute(sql.insert(NOTES).values(row)).inserted_primary_key
        return _read({**row, "sequence": made[0] if made else 0})

    def history(
        self, query_set: str, spec: str | None = None, query: str | None = None, scope: str | None = None
    ) -> list[Note]:
        """Every note of a query set in the order of storing; only of that model, query and scope when given.

        A note of an older Uzor has the scope of the run that it names, while that is stored.
        """
        c = NOTES.c
        with explained(), self._engine.connect().execution_options(uzor_reading=True) as connection:
            if not sql.inspect(connection).has_table(NOTES.name):
                return []
            columns = [column for column in c if column.name != "scope" or _scoped(connection)]
            joined = NOTES.outerjoin(RUNS, RUNS.c.id == c.run)
            wanted = sql.select(*columns, RUNS.c.settings).select_from(joined).where(c.query_set == query_set)
            for column, value in ((c.spec, spec), (c.query, query)):
                wanted = wanted if value is None else wanted.where(column == value)
            found = [_read(row._asdict()) for row in connection.execute(wanted.order_by(c.sequence))]
        return found if scope is None else [note for note in found if note.about(scope)]


_COLUMNS = ("catalogue", "query_set", "spec", "query", "run", "cause", "note", "author", "scope")


def _scoped(connection: sql.Connection) -> bool:
    return any(column["name"] == "scope" for column in sql.inspect(connection).get_columns(NOTES.name))


def _read(row: dict[str, Any]) -> Note:
    settings = row.pop("settings", None)
    kept = row.pop("scope", "") or (scope(json.loads(settings)) if settings else "")
    return Note(**{**row, "tags": tuple(json.loads(row["tags"])), "scope": kept})
