"""The doctor's look at judgments: every row against its digest and the row before it; nothing can be computed again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from data.progress import Progress
from eval import database
from eval.findings import Finding, Report
from eval.judging.log import JudgmentLog

SHOWN = 20


def check_judgments(home: Path, progress: Progress) -> Iterator[Finding]:
    """Rows that were changed or are gone; silent about a database that has none or cannot be read (`check_runs` is)."""
    path, report = home / database.DATABASE, Report(home, "judgments")
    progress(0, 1, "check")
    if not path.exists() or not _kept(path):
        return
    try:
        log = JudgmentLog(home, url="")
        try:
            wrong = log.damaged()
        finally:
            log.close()
    except ValueError:
        return
    for sequence, why in list(wrong.items())[:SHOWN]:
        yield report(path, "damaged", f"judgment {sequence} {why}; restore uzor.db from a backup")
    if not wrong:
        yield report(path)


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
