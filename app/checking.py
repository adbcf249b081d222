"""Checking as the Bench offers it: the ledger of claimed numbers, and the doctor of the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data.claims import read as read_claims
from data.progress import Progress, silent
from eval import ledger
from eval.evidence import Evidence
from eval.ledger import Entry
from eval.workspace import Workspace

if TYPE_CHECKING:
    pass


class Checking(Stored):
    """The use cases of checking what stands here; part of `app.bench.Bench`."""

    def ledger(self, claims: Path | None = None, progress: Progress = silent) -> tuple[Entry, ...]:
        """Every number that the shipped file (or the file `claims`) claims, with its state as of now."""
        listed = read_claims(Path(claims)).claims if claims else None
        return ledger.ledger(Evidence(self.home, self.store), listed, progress)

    def doctor(self, progress: Progress = silent) -> list[Any]:
        """Check every file of the workspace against its checksum; rebuild what can be rebuilt, delete nothing else."""
        return Workspace(self.home).doctor(progress)
