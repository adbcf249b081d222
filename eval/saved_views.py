"""Views of the app that somebody named to come back to: a page with its choices; rows that are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sql

from eval.database import explained
from eval.store import Store

TABLES = sql.MetaData()  # apart from the tables of runs: a database made before there were views gets it when one comes
VIEWS = sql.Table(
    "saved_views", TABLES,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("made", sql.String(40), nullable=False),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("page", sql.Text, nullable=False),  # "" where the view was removed
    sql.Column("choices", sql.Text, nullable=False),  # JSON
    sqlite_autoincrement=True,
)  # fmt: skip
LONGEST_NAME, LONGEST_CHOICES = 80, 20_000  # characters; a URL is far shorter

Choices = Mapping[str, Sequence[str]]  # parameter → values, as in the URL


@dataclass(frozen=True)
class SavedView:
    """A page by its slug, with what is chosen on it."""

    name: str
    page: str
    choices: Choices


class SavedViews:
    """The views in a store's database, through its own connections; safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    def save(self, view: SavedView) -> None:
        """Store a view in one transaction; one of the same name is no longer shown.

        ValueError for an empty name, one longer than 80 characters, no page, or choices beyond 20,000 characters.
        """
        name, choices = view.name.strip(), json.dumps({key: list(of) for key, of in view.choices.items()})
        if not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(f"A view's name has 1 to {LONGEST_NAME} characters; {len(name)} came")
        if not view.page or len(choices) > LONGEST_CHOICES:
            raise ValueError(f"A view is a page with choices of at most {LONGEST_CHOICES} characters")
        self._add(name, view.page, choices)

    def remove(self, name: str) -> None:
        """Show the view no longer; LookupError when there is none of that name."""
        if name not in {view.name for view in self.all()}:
            raise LookupError(f"There is no view {name!r}")
        self._add(name, "", "{}")

    def all(self) -> list[SavedView]:
        """The views that stand, by name."""
        with explained(), self._engine.connect().execution_options(uzor_reading=True) as connection:
            if not sql.inspect(connection).has_table(VIEWS.name):
                return []
            rows = connection.execute(sql.select(VIEWS).order_by(VIEWS.c.sequence)).all()
        newest = {row.name: SavedView(row.name, row.page, json.loads(row.choices)) for row in rows}
        return sorted((view for view in newest.values() if view.page), key=lambda view: view.name.casefold())

    def _add(self, name: str, page: str, choices: str) -> None:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        with explained(), self._engine.begin() as connection:
            connection.execute(sql.schema.CreateTable(VIEWS, if_not_exists=True))
            connection.execute(sql.insert(VIEWS).values(made=made, name=name, page=page, choices=choices))
