"""The doctor's look at named groups of items: every row against its digest, here and behind `$UZOR_DATABASE`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sql

from data.errors import Unavailable
from data.progress import Progress
from eval import database
from eval.findings import Finding
from eval.grouping.kept import Groups
from eval.store import Store

SHOWN = 20


def check_groups(home: Path, progress: Progress) -> Iterator[Finding]:
    """Rows that were changed; silent about a database that cannot be asked (`check_runs` is not)."""
    path, url = home / database.DATABASE, os.environ.get("UZOR_DATABASE", "")
    progress(0, 1, "check")
    if path.exists():
        yield from _rows(home, "", path.name, "restore uzor.db from a backup")
    if url:
        try:
            place = sql.make_url(url).render_as_string(hide_password=True)
        except sql.exc.ArgumentError:
            return
        yield from _rows(home, url, place, "restore it from a backup")


def _rows(home: Path, url: str, place: str, remedy: str) -> Iterator[Finding]:
    try:
        store = Store(home, url=url)
    except (ValueError, Unavailable):
        return
    try:
        groups = Groups(store)
        wrong, some = groups.damaged(), groups.any()
    except (ValueError, Unavailable):
        return
    finally:
        store.close()
    for sequence, why in list(wrong.items())[:SHOWN]:
        yield Finding(place, "groups", "damaged", f"group row {sequence} {why}; {remedy}")
    if some and not wrong:
        yield Finding(place, "groups", "ok")
