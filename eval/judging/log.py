"""The log of judgments in the database of runs: rows are appended in one transaction and never changed or removed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy import Connection

from data.judgments import QuerySet
from eval import workspace
from eval.database import DATABASE, engine_for, explained
from eval.judging import arriving, rows
from eval.judging.rows import GUIDELINES, JUDGMENTS, Judgment

AT_ONCE = 500  # events in one question: SQLite takes some thousand parameters


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class JudgmentLog:
    """Every judgment ever made in a workspace (or in the database `$UZOR_DATABASE`); safe to share between threads.

    What `append` has returned survives a kill and a power cut (SQLite, WAL, synchronous=FULL, as runs).
    """

    def __init__(self, home: Path, url: str | None = None) -> None:
        url = os.environ.get("UZOR_DATABASE", "") if url is None else url
        self._engine = engine_for(url, None if url else Path(home) / DATABASE)
        self._known: dict[str, list[Judgment]] = {}
        self._begun: dict[str, tuple[str, str, int]] = {}  # query set → what was taken in last
        self._lock = threading.Lock()
        with explained():
            _prepare(self._engine)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(), self._engine.connect().execution_options(uzor_reading=True) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that is alone in the log, so that each row knows the one before it."""
        with explained(), self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sql.text("LOCK TABLE judgments IN EXCLUSIVE MODE"))
            yield connection

    def append(self, judgments: Sequence[Judgment]) -> int:
        """Write the judgments, all or none, and return how many were new; one whose event is there is not written.

        When this returns they survive a crash. ValueError for one that is not sound (`rows.checked`).
        """
        made = _now()
        given = [
            replace(rows.checked(one), event=one.event or workspace.new_id(), made=one.made or made)
            for one in judgments
        ]
        with self._writing() as connection:
            return _written(connection, given)

    def begin(self, query_set: QuerySet, turn: int = 0) -> int:
        """Take in the judgments that came with the query set and are not in the log yet; returns how many were new.

        Their source is "imported". A version that was merged from this log brings nothing new to it
        (`arriving.came`). Who begins at once with another gives the same events, so that nothing is doubled. This log
        looks once at a set of that content and `turn`, which grows each time that the set becomes the current one:
        workspaces with unlike sets of one name over one database do not answer each other for ever.
        """
        state = (query_set.fingerprint, query_set.version, turn)
        if self._begun.get(query_set.name) == state:
            return 0
        new = arriving.came(query_set, self.rows(query_set.name))
        count = self.append(new) if new else 0
        self._begun[query_set.name] = state
        return count

    def of_events(self, events: Sequence[str]) -> dict[str, Judgment]:
        """Event → its row, of whatever query set, for those events that are in the log."""
        found: dict[str, Judgment] = {}
        with self._reading() as connection:
            for start in range(0, len(events), AT_ONCE):
                wanted = sql.select(JUDGMENTS).where(JUDGMENTS.c.event.in_(events[start : start + AT_ONCE]))
                found |= {row.event: rows.read(row._asdict()) for row in connection.execute(wanted)}
        return found

    def rows(self, query_set: str) -> tuple[Judgment, ...]:
        """Every row about that query set in the order of writing; only what is new since the last call is read."""
        with self._lock:
            known = self._known.setdefault(query_set, [])
            after = known[-1].sequence if known else 0
            c = JUDGMENTS.c
            wanted = sql.select(JUDGMENTS).where(c.query_set == query_set, c.sequence > after).order_by(c.sequence)
            with self._reading() as connection:
                known += [rows.read(row._asdict()) for row in connection.execute(wanted)]
            return tuple(known)

    def last(self, query_set: str) -> int:
        """The sequence of the newest row about that query set, 0 when there is none: it changes when anything did."""
        wanted = sql.select(sql.func.max(JUDGMENTS.c.sequence)).where(JUDGMENTS.c.query_set == query_set)
        with self._reading() as connection:
            return int(connection.scalar(wanted) or 0)

    def guidelines(self, query_set: str) -> str:
        """What raters are told to go by, "" when nobody wrote anything."""
        c = GUIDELINES.c
        wanted = sql.select(c.words).where(c.query_set == query_set).order_by(c.sequence.desc()).limit(1)
        with self._reading() as connection:
            return str(connection.scalar(wanted) or "")

    def guide(self, query_set: str, words: str, rater: str) -> None:
        """Write new guidelines; earlier ones stay in the table."""
        values = {"made": _now(), "query_set": query_set, "rater": rater, "words": words}
        with explained(), self._engine.begin() as connection:
            connection.execute(sql.insert(GUIDELINES).values(values))

    def damaged(self) -> dict[int, str]:
        """Sequence → what is wrong with that row; empty when every row is as it was written and none is missing."""
        with self._reading() as connection:
            found = rows.broken([r._asdict() for r in connection.execute(sql.select(JUDGMENTS).order_by("sequence"))])
            counter = "SELECT seq FROM sqlite_sequence WHERE name = 'judgments'"
            given = connection.scalar(sql.text(counter)) or 0 if connection.dialect.name == "sqlite" else 0
            newest = connection.scalar(sql.select(sql.func.max(JUDGMENTS.c.sequence))) or 0
        return found | ({int(given): "is gone"} if given > newest else {})

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _prepare(engine: sql.Engine) -> None:
    """Make the tables where they lack, and the column that a log of before does not have."""
    there = sql.inspect(engine)
    if set(rows.METADATA.tables) <= set(there.get_table_names()) and _worded(there):
        return
    with engine.begin() as connection:  # alone in the database: whoever comes second finds it done
        rows.METADATA.create_all(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(sql.text("LOCK TABLE judgments IN ACCESS EXCLUSIVE MODE"))
        if not _worded(sql.inspect(connection)):
            connection.execute(sql.text("ALTER TABLE judgments ADD COLUMN wording VARCHAR(64)"))


def _worded(there: sql.Inspector) -> bool:
    return any(column["name"] == "wording" for column in there.get_columns("judgments"))


def _written(connection: Connection, given: Sequence[Judgment]) -> int:
    c = JUDGMENTS.c
    events = list({one.event: one for one in given}.values())
    there: set[str] = set()
    for start in range(0, len(events), AT_ONCE):
        some = [one.event for one in events[start : start + AT_ONCE]]
        there |= set(connection.scalars(sql.select(c.event).where(c.event.in_(some))))
    before = connection.scalar(sql.select(c.digest).order_by(c.sequence.desc()).limit(1)) or rows.NO_ROW
    new = []
    for one in events:
        if one.event not in there:
            new.append(rows.row(one, before))
            before = new[-1]["digest"]
    if new:
        connection.execute(sql.insert(JUDGMENTS), new)
    return len(new)
