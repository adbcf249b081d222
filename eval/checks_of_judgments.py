"""The doctor's look at judging: every row against its digest and the row before it; candidates against theirs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sql

from data.errors import Unavailable
from data.progress import Progress
from eval import database, workspace
from eval.findings import Finding, Report, read
from eval.judging import candidates
from eval.judging.log import JudgmentLog

SHOWN = 20
URL = "UZOR_DATABASE"


def check_judgments(home: Path, progress: Progress) -> Iterator[Finding]:
    """Rows that were changed or are gone, in the workspace's database and in the one behind `$UZOR_DATABASE`.

    Silent about a file that has none or cannot be read (`check_runs` is not).
    """
    path = home / database.DATABASE
    progress(0, 1, "check")
    if path.exists() and _kept(path):
        try:
            yield from _rows(home, "", path.name, "restore uzor.db from a backup")
        except ValueError:
            pass
    url = os.environ.get(URL, "")
    if url:
        progress(0, 1, "check")
        yield from _behind(home, url)


def _behind(home: Path, url: str) -> Iterator[Finding]:
    """The judgments in a database of a team; one that cannot be asked is told."""
    try:
        place = sql.make_url(url).render_as_string(hide_password=True)
        yield from _rows(home, url, place, "restore it from a backup")
    except sql.exc.ArgumentError as error:
        yield Finding(f"${URL}", "judgments", "damaged", f"is no database URL ({error})")
    except (Unavailable, ValueError) as error:
        yield Finding(place, "judgments", "missing", str(error))


def _rows(home: Path, url: str, place: str, remedy: str) -> Iterator[Finding]:
    log = JudgmentLog(home, url=url)
    try:
        wrong = log.damaged()
    finally:
        log.close()
    for sequence, why in list(wrong.items())[:SHOWN]:
        yield Finding(place, "judgments", "damaged", f"judgment {sequence} {why}; {remedy}")
    if not wrong:
        yield Finding(place, "judgments", "ok")


def _kept(path: Path) -> bool:
    """True when the file has a table of judgments."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
        try:
            asked = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'judgments'"
            return bool(connection.execute(asked).fetchone()[0])
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False


def check_candidates(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every list of proposed candidates; a bad one is set aside, for whoever wants them to find them again."""
    report = Report(home, "candidates")
    for path in sorted((home / candidates.FOLDER).glob("*/*.json")):
        progress(0, 1, "check")
        try:
            read(path)
            candidates.opened(path)
            yield report(path)
        except (OSError, ValueError) as error:
            where = workspace.set_aside(home, path).relative_to(home)
            yield report(path, "rebuilt", f"{error}; lies in {where} now: uzor judge candidates finds them again")
