"""Runs on the disk: SQLite in the workspace by default, any SQLAlchemy URL (`UZOR_DATABASE`) for a team."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection, Engine, Row

from eval import records
from eval.contracts import Ranking, Run
from eval.database import DATABASE, check_schema, engine_for, explained
from eval.records import StoreDamaged

__all__ = ["RunSummary", "Store", "StoreDamaged"]


@dataclass(frozen=True)
class RunSummary:
    """A run without its rankings, for lists; `sequence` is the order in which runs were stored."""

    sequence: int
    id: str
    made: str
    task: str
    spec: str
    catalogue: str
    query_set: str
    settings: dict[str, Any]
    fingerprints: dict[str, str]
    seconds: float
    queries: int


class Store:
    """The runs of a workspace, or of the database at `url` (`$UZOR_DATABASE` when None); safe to share between threads.

    A run is stored whole or not at all, and never changed. ValueError (StoreDamaged) when the file in the workspace is
    not a database of Uzor's or a row does not match its digest.
    """

    def __init__(self, home: Path, url: str | None = None) -> None:
        url = os.environ.get("UZOR_DATABASE", "") if url is None else url
        self.path = None if url else Path(home) / DATABASE
        self._engine: Engine = engine_for(url, self.path)

    @property
    def engine(self) -> Engine:
        """The connections, for other tables of the same database: one engine a process and file."""
        return self._engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(), self._engine.connect().execution_options(uzor_reading=True) as connection:
            yield connection

    def add(self, run: Run) -> str:
        """Store `run` in one transaction and return its id; when this returns, the run survives a power cut.

        ValueError when a run of that id is stored already.
        """
        rows = records.rankings(run)
        with explained(), self._engine.begin() as connection:
            if connection.scalar(sql.select(records.RUNS.c.sequence).where(records.RUNS.c.id == run.id)) is not None:
                raise ValueError(f"Run {run.id} is stored already; evaluate again for a new one")
            made = connection.execute(sql.insert(records.RUNS).values(records.run(run, rows)))
            sequence = made.inserted_primary_key[0]  # type: ignore[index]
            if rows:
                connection.execute(sql.insert(records.RANKINGS), [{"run": sequence, **row} for row in rows])
        return run.id

    def runs(self, catalogue: str | None = None, query_set: str | None = None, limit: int = 100) -> list[RunSummary]:
        """The newest runs first, by the order of storing, at most `limit`; only of that catalogue and query set."""
        c = records.RUNS.c
        columns = [c.sequence, c.id, c.made, c.task, c.spec, c.catalogue, c.query_set, c.settings, c.fingerprints,
                   c.seconds, c.queries]  # fmt: skip
        wanted = sql.select(*columns).order_by(c.sequence.desc()).limit(limit)
        for column, value in ((c.catalogue, catalogue), (c.query_set, query_set)):
            wanted = wanted if value is None else wanted.where(column == value)
        with self._reading() as connection:
            return [RunSummary(**records.read_summary(row._asdict())) for row in connection.execute(wanted)]

    def get(self, run_id: str) -> Run:
        """The run of that id with its rankings; LookupError when it is not here, StoreDamaged when not intact."""
        with self._reading() as connection:
            row, rankings = self._rows(connection, run_id)
        return records.read(row._asdict(), [ranking._asdict() for ranking in rankings])

    def _rows(self, connection: Connection, run_id: str) -> tuple[Row[Any], list[Row[Any]]]:
        row = connection.execute(sql.select(records.RUNS).where(records.RUNS.c.id == run_id)).one_or_none()
        if row is None:
            newest = sql.select(records.RUNS.c.id).order_by(records.RUNS.c.sequence.desc()).limit(3)
            known = ", ".join(connection.scalars(newest)) or "none"
            raise LookupError(f"There is no run {run_id!r}; the newest are {known}")
        c = records.RANKINGS.c
        wanted = sql.select(records.RANKINGS).where(c.run == row.sequence).order_by(c.position)
        return row, list(connection.execute(wanted))

    def ranking(self, run_id: str, query: str) -> Ranking:
        """One ranking of a run, the others unread; LookupError when it is not here, StoreDamaged when not intact."""
        c = records.RANKINGS.c
        joined = sql.select(records.RANKINGS).join(records.RUNS, records.RUNS.c.sequence == c.run)
        with self._reading() as connection:
            row = connection.execute(joined.where(records.RUNS.c.id == run_id, c.query == query)).one_or_none()
        if row is None:
            raise LookupError(f"Run {run_id!r} has no ranking of query {query!r}")
        return records.ranking(run_id, row._asdict())

    def damaged(self) -> dict[str, str]:
        """Run id → what is wrong with it, for every run whose rows do not match their digests; reads everything."""
        check_schema(self._engine)
        with self._reading() as connection:
            ids = list(connection.scalars(sql.select(records.RUNS.c.id).order_by(records.RUNS.c.sequence)))
        found = {}
        for run_id in ids:
            try:
                self.get(run_id)
            except ValueError as error:
                found[run_id] = str(error)
        return found

    def lost(self) -> int:
        """How many runs were stored in this SQLite file and are not in it any more; runs are never removed."""
        with self._reading() as connection:
            stored = connection.scalar(sql.text("SELECT seq FROM sqlite_sequence WHERE name = 'runs'")) or 0
            there = connection.scalar(sql.select(sql.func.count()).select_from(records.RUNS)) or 0
        return int(stored) - there

    def close(self) -> None:
        """Close every connection; SQLite then folds its journal into the file."""
        self._engine.dispose()
