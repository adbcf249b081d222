"""The database behind the store: how SQLite is opened so that what was acknowledged survives a power cut."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Engine

from data import storage
from data.errors import Unavailable
from eval.records import METADATA, StoreDamaged
from eval.workspace import locked

DATABASE = "uzor.db"
MARKER = "uzor.json"  # says that a database was made here, so that its loss is noticed
APPLICATION = 0x557A6F72  # "Uzor" in SQLite's application_id
VERSION = 1  # of the tables, in SQLite's user_version
_HANDLES: dict[tuple[int, int], int] = {}  # device and inode of a database → a handle of it
MAGIC = b"SQLite format 3\0"
BUSY_MILLISECONDS = 10_000


def engine_for(url: str, path: Path | None) -> Engine:
    """An engine for a database URL, or for the SQLite file at `path`, created when it is not there.

    StoreDamaged when `path` holds something else; Unavailable when the URL's driver or server is missing.
    """
    if path is not None:
        with locked(path.parent, "database"):
            check_file(path) if path.exists() else _create(path)
            if not path.with_name(MARKER).exists():
                storage.write_json(path.with_name(MARKER), {"database": DATABASE})
        url = f"sqlite:///{path}"
    engine = _engine(url)
    if path is None:
        _reach(engine, url)
    check_schema(engine)
    return engine


def check_file(path: Path) -> None:
    """A file that is there must be Uzor's database: an empty or foreign one is never filled."""
    head = _head(path)
    if not head.startswith(MAGIC) or len(head) < 100:
        what = "is empty" if not head else "is not an SQLite database"
        raise StoreDamaged(f"{path} {what}.")
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        raise StoreDamaged(f"{path} is the database of another program.", "Move it away or choose another UZOR_HOME.")
    version = int.from_bytes(head[60:64], "big")
    if version != VERSION:
        raise StoreDamaged(
            f"{path} has tables of version {version}, this Uzor knows version {VERSION}.",
            "Install the Uzor that wrote it." if version > VERSION else "Run `uzor doctor`.",
        )


def _head(path: Path) -> bytes:
    """The first 100 bytes, read through a handle that stays open as long as the process lives.

    Closing any handle of a file gives up every POSIX lock that the process has on it, SQLite's among them; another
    process would then take the database for unused and remove the journal under our connections
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    state = path.stat()
    key = (state.st_dev, state.st_ino)
    if key not in _HANDLES:
        _HANDLES[key] = os.open(path, os.O_RDONLY)
    return os.pread(_HANDLES[key], 100, 0)


def _create(path: Path) -> None:
    """Make the database aside and name it when it is whole, so that a crash leaves none rather than half a one."""
    marker = path.with_name(MARKER)
    if marker.exists():
        raise StoreDamaged(
            f"{path} is gone.", f"Restore it from a backup, or remove {marker} to begin with an empty one."
        )
    aside = path.with_name(storage.temporary_name())
    try:
        engine = sql.create_engine(f"sqlite:///{aside}")
        METADATA.create_all(engine)
        engine.dispose()
        raw = sqlite3.connect(aside)
        raw.execute(f"PRAGMA application_id={APPLICATION}")
        raw.execute(f"PRAGMA user_version={VERSION}")
        raw.commit()
        raw.close()
        os.replace(aside, path)
        storage.sync_folder(path.parent)
    except (OSError, sql.exc.OperationalError) as error:
        aside.unlink(missing_ok=True)
        raise Unavailable(f"{path} cannot be made ({error}).", "Check permissions and free space.") from error


def _engine(url: str) -> Engine:
    try:
        engine = sql.create_engine(url)
    except sql.exc.ArgumentError as error:
        raise ValueError(f"UZOR_DATABASE is not a database URL ({error}); write e.g. postgresql+psycopg://…") from error
    except ImportError as error:
        raise Unavailable(f"The driver for {url.partition(':')[0]} is missing ({error}).", "pip install it.") from error
    if engine.dialect.name == "sqlite":
        sql.event.listen(engine, "connect", _prepare)
        sql.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    """WAL with full syncing; the driver's own transactions are off, `_begin` starts them."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sql.Connection) -> None:
    """A writer takes its lock at once, so that it waits for others instead of failing half-way; readers need none."""
    reading = connection.get_execution_options().get("uzor_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _reach(engine: Engine, url: str) -> None:
    """Create the tables behind a URL when they are missing."""
    try:
        METADATA.create_all(engine)
    except sql.exc.OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise Unavailable(f"{where} cannot be reached ({error.orig}).", "Check UZOR_DATABASE.") from error


def check_schema(engine: Engine) -> None:
    """StoreDamaged when the tables are not all there or SQLite finds its file malformed."""
    with explained():
        missing = sorted(set(METADATA.tables) - set(sql.inspect(engine).get_table_names()))
    if missing:
        raise StoreDamaged(f"The database lacks its tables {', '.join(missing)}.")


_REMEDIES = {
    "SQLITE_BUSY": "Another process keeps it locked; end it or wait.",
    "SQLITE_FULL": "[disk_full] Free some space and try again.",
    "SQLITE_READONLY": "[read_only] Check the folder's permissions.",
    "SQLITE_CANTOPEN": "[read_only] Check the folder's permissions.",
}


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the database's driver raises into Unavailable (busy, full, read-only, gone) or StoreDamaged."""
    try:
        yield
    except sql.exc.DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        remedy = next((words for start, words in _REMEDIES.items() if name.startswith(start)), "")
        if not remedy and error.connection_invalidated:
            remedy = "Check that the server of UZOR_DATABASE runs."
        if remedy:
            raise Unavailable(f"The database of runs does not answer ({error.orig}).", remedy) from error
        raise StoreDamaged(f"The database of runs cannot be read ({error.orig}).") from error


def quick_check(path: Path) -> str:
    """What SQLite's quick_check says of the file: "ok" or what is malformed."""
    try:
        connection = sqlite3.connect(path)
        try:
            return "; ".join(row[0] for row in connection.execute("PRAGMA quick_check(5)"))
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return str(error)
