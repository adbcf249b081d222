"""Checking as the Bench offers it: the ledger of claimed numbers, and the doctor of the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.stored import Stored
from data import published_tables
from data.claims import read as read_claims
from data.progress import Progress, silent
from data.published_layouts import layout
from data.published_tables import PublishedTable
from eval import ledger
from eval.evidence import Evidence
from eval.ledger import Entry
from eval.workspace import Workspace


class Checking(Stored):
    """The use cases of checking what stands here; part of `app.bench.Bench`."""

    def ledger(
        self, claims: Path | None = None, progress: Progress = silent, networks: bool = False
    ) -> tuple[Entry, ...]:
        """Every number that is claimed (or that the file `claims` claims), with its state as of now.

        `networks` lets it build published architectures to count their parameters: seconds, no weights.
        """
        listed = read_claims(Path(claims)).claims if claims else None
        return ledger.ledger(Evidence(self.home, self.store, networks), listed, progress)

    def bring_published(self, file: Path, name: str = "") -> PublishedTable:
        """Take a document's table in, by its file's name or as the table `name`; RefusedRows leaves the old one."""
        return published_tables.bring(Path(file), layout(name or file.name), self.home)

    def doctor(self, progress: Progress = silent) -> list[Any]:
        """Check every file of the workspace against its checksum; rebuild what can be rebuilt, delete nothing else."""
        return Workspace(self.home).doctor(progress)
