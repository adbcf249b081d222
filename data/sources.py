"""Where an import comes from: a table, a folder, one file alone, or a ZIP of them unpacked aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data import archives, storage
from data.kinds import DESIGNS, PICTURE_EXTENSIONS, UNREAD_DESIGNS
from data.progress import Progress, silent
from data.refusals import Note, Refusal

_ALONE = frozenset((*PICTURE_EXTENSIONS, *DESIGNS, *UNREAD_DESIGNS))


UPLOADED = ["csv", "tsv", "txt", "zip", *(extension[1:] for extension in DESIGNS)]  # what may come through a browser


@dataclass(frozen=True)
class Source:
    """What is read: the `table`, if there is one, and the folder that its pictures count from.

    With `only`, no more than that file of the folder is taken.
    """

    root: Path
    table: Path | None = None
    only: str = ""
    refusals: Sequence[Refusal] = ()
    notes: Sequence[Note] = ()


def is_table(path: Path) -> bool:
    """Whether an import would read this path as a table, so that encoding, delimiter and columns can be chosen."""
    return path.is_file() and path.suffix.lower() not in _ALONE and not is_archive(path)


def is_archive(path: Path) -> bool:
    """Whether this is a file that calls itself a ZIP."""
    return path.is_file() and path.suffix.lower() == ".zip"


@contextmanager
def opened(path: Path, home: Path, progress: Progress = silent) -> Iterator[Source]:
    """The source at `path`; what a ZIP holds lies in the workspace until the block ends.

    A ZIP with one table in its top folders is read by it. Refused as `data.archives.unpack` says.
    """
    if path.is_dir():
        yield Source(path)
    elif is_archive(path):
        aside = storage.make_folder(home / "staging") / storage.temporary_name()
        try:
            refused, notes = archives.unpack(path, storage.make_folder(aside), progress=progress)
            table = _table(aside)
            yield Source(table.parent if table else aside, table, refusals=refused, notes=notes)
        finally:
            storage.remove(aside)
    elif path.is_file() and path.suffix.lower() in _ALONE:
        yield Source(path.parent, only=path.name)
    else:
        yield Source(path.parent, path)


def _table(root: Path) -> Path | None:
    """The one table among the files nearest to the top, None without one or with several there."""
    tables = [path for path in root.rglob("*") if path.suffix.lower() in (".csv", ".tsv") and path.is_file()]
    highest = min((len(path.parts) for path in tables), default=0)
    nearest = [path for path in tables if len(path.parts) == highest]
    return nearest[0] if len(nearest) == 1 else None
