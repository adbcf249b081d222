"""Groups of items that somebody named: rows that are only ever added, in the database of runs."""

from __future__ import annotations

import hashlib
import json
import threading
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sql

from data.refusals import Refused
from eval.database import explained
from eval.grouping.naming import checked_name, checked_tags, said
from eval.records import StoreDamaged
from eval.store import Store

TABLES = sql.MetaData()  # apart from the tables of runs: a database of before gets it with its first group
GROUPS = sql.Table(
    "item_groups", TABLES,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("made", sql.String(40), nullable=False),
    sql.Column("catalogue", sql.Text, nullable=False),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("tags", sql.Text, nullable=False),  # JSON
    sql.Column("items", sql.LargeBinary, nullable=False),  # deflated JSON list of ids; none where the group was removed
    sql.Column("key", sql.String(64), nullable=False),
    sql.Column("digest", sql.String(64), nullable=False),  # of everything above
    sqlite_autoincrement=True,
)  # fmt: skip
AT_ONCE = 500  # rows of one question
KEY = 12  # characters of a group's key in its label


@dataclass(frozen=True)
class Group:
    """Items of a catalogue by their ids, under a name: it outlives maps, models and imports of that catalogue."""

    catalogue: str
    name: str
    items: tuple[str, ...]
    tags: tuple[str, ...] = ()
    made: str = ""  # UTC ISO 8601 of this version, set when it is stored
    sequence: int = 0  # the order of storing

    @cached_property
    def key(self) -> str:
        """What the items are, whatever they are called: equal for equal sets of ids."""
        listed = json.dumps(sorted(self.items)).encode()
        return hashlib.sha256(listed).hexdigest()[:KEY]

    @property
    def label(self) -> str:
        """What a run that left the group out calls it: name and content; another content is another label."""
        return f"{self.name}#{self.key}"

    def here(self, ids: Iterable[str]) -> tuple[list[str], list[str]]:
        """The group's items that are among `ids`, and those that are not (any more)."""
        there = set(ids)
        return [item for item in self.items if item in there], [item for item in self.items if item not in there]


class Groups:
    """The groups in a store's database, through its own connections; safe to share between threads.

    A row is never changed or removed: a later one of the same name takes its place, and what a run left out can be
    found for ever by its label.
    """

    def __init__(self, store: Store) -> None:
        self._engine = store.engine
        self._known: dict[str, dict[int, Group]] = {}  # by sequence
        self._lock = threading.Lock()

    def all(self, catalogue: str) -> list[Group]:
        """The groups of a catalogue that stand, by name."""
        newest = {group.name.casefold(): group for group in self.history(catalogue)}
        return sorted((group for group in newest.values() if group.items), key=lambda one: one.name.casefold())

    def get(self, catalogue: str, name: str) -> Group:
        """The group of that name, in capitals or not; LookupError naming those that are there."""
        found = {group.name.casefold(): group for group in self.all(catalogue)}
        wanted = said(name).casefold()
        if wanted not in found:
            known = ", ".join(group.name for group in found.values()) or "none yet"
            raise LookupError(f"Catalogue {catalogue} has no group {name[:80]!r}; there are: {known}")
        return found[wanted]

    def of_label(self, catalogue: str, label: str) -> Group:
        """The group as a run left it out, also when it was changed or removed since; LookupError when none was so."""
        name, _mark, key = label.rpartition("#")
        found = [group for group in self.history(catalogue) if group.key == key and group.items]
        if not found:
            raise LookupError(f"No group of {catalogue} ever was {label!r}: it was made in another workspace")
        return next((group for group in reversed(found) if group.name == name), replace(found[-1], name=name))

    def save(self, group: Group, new: bool = False) -> Group:
        """Store a group in one transaction and return it as stored; one of the same name is no longer shown.

        Refused for an empty, too long or unreadable name or tag, without items, or when a `new` one's name is taken.
        """
        name, items = checked_name(group.name), tuple(dict.fromkeys(group.items))
        if not items:
            raise Refused("group_empty", found=name)
        kept = replace(group, name=name, items=items, tags=checked_tags(group.tags))
        with explained(), self._engine.begin() as connection:
            connection.execute(sql.schema.CreateTable(GROUPS, if_not_exists=True))
            if new:
                _free(connection, group.catalogue, name)
            return _added(connection, kept)

    def rename(self, catalogue: str, name: str, to: str) -> Group:
        """Give a group another name; LookupError when it is not here, Refused when the name is taken or no name."""
        old, wanted = self.get(catalogue, name), checked_name(to)
        with explained(), self._engine.begin() as connection:
            if old.name.casefold() != wanted.casefold():
                _free(connection, catalogue, wanted)
                _added(connection, replace(old, items=()))
            return _added(connection, replace(old, name=wanted))

    def remove(self, catalogue: str, name: str) -> None:
        """Show the group no longer; runs that left it out keep it. LookupError when there is none of that name."""
        old = self.get(catalogue, name)
        with explained(), self._engine.begin() as connection:
            _added(connection, replace(old, items=()))

    def history(self, catalogue: str) -> list[Group]:
        """Every version of every group in the order of storing; a removed one ends without items.

        Only rows that were not seen before are read: rows never change. StoreDamaged for one that is not as it was
        stored.
        """
        with self._lock, explained(), self._engine.connect().execution_options(uzor_reading=True) as connection:
            known = self._known.setdefault(catalogue, {})
            for group in _rows(connection, catalogue, known):
                known[group.sequence] = group
            return [known[sequence] for sequence in sorted(known)]

    def any(self) -> bool:
        """True when a group was ever named here."""
        with explained(), self._engine.connect() as connection:
            return bool(sql.inspect(connection).has_table(GROUPS.name))

    def damaged(self) -> dict[int, str]:
        """Sequence → what is wrong with that row; empty when every row is as it was written."""
        with explained(), self._engine.connect().execution_options(uzor_reading=True) as connection:
            if not sql.inspect(connection).has_table(GROUPS.name):
                return {}
            rows = [row._asdict() for row in connection.execute(sql.select(GROUPS).order_by(GROUPS.c.sequence))]
        return {row["sequence"]: "is not as it was stored" for row in rows if row["digest"] != _digest(row)}


def _rows(connection: sql.Connection, catalogue: str, known: Collection[int] = ()) -> list[Group]:
    """The groups of a catalogue but for the `known` rows; a lower number can come later than a higher one."""
    if not sql.inspect(connection).has_table(GROUPS.name):
        return []
    ours = GROUPS.c.catalogue == catalogue
    numbers = connection.scalars(sql.select(GROUPS.c.sequence).where(ours).order_by(GROUPS.c.sequence))
    fresh = [number for number in numbers if number not in known]
    found: list[Group] = []
    for start in range(0, len(fresh), AT_ONCE):
        wanted = sql.select(GROUPS).where(GROUPS.c.sequence.in_(fresh[start : start + AT_ONCE]))
        rows = connection.execute(wanted.order_by(GROUPS.c.sequence))
        found += [_read(row._asdict()) for row in rows]
    return found


def _read(row: dict[str, Any]) -> Group:
    if row["digest"] != _digest(row):
        raise StoreDamaged(f"Row {row['sequence']} of the groups of {row['catalogue']} is not as it was stored.")
    items, tags = json.loads(zlib.decompress(row["items"])), json.loads(row["tags"])
    return Group(row["catalogue"], row["name"], tuple(items), tuple(tags), row["made"], row["sequence"])


def _free(connection: sql.Connection, catalogue: str, name: str) -> None:
    newest = {group.name.casefold(): group for group in _rows(connection, catalogue)}
    taken = newest.get(name.casefold())
    if taken is not None and taken.items:
        raise Refused("group_taken", found=taken.name)


def _added(connection: sql.Connection, group: Group) -> Group:
    kept = replace(group, made=datetime.now(UTC).isoformat(timespec="seconds"))
    row = {"made": kept.made, "catalogue": kept.catalogue, "name": kept.name, "key": kept.key,
           "tags": json.dumps(list(kept.tags), ensure_ascii=False),
           "items": zlib.compress(json.dumps(list(kept.items)).encode(), 6)}  # fmt: skip
    made = connection.execute(sql.insert(GROUPS).values(**row, digest=_digest(row))).inserted_primary_key
    return replace(kept, sequence=made[0] if made else 0)


def _digest(row: dict[str, Any]) -> str:
    parts = [row[name] for name in ("made", "catalogue", "name", "tags", "key")]
    return hashlib.sha256(json.dumps(parts).encode() + row["items"]).hexdigest()
