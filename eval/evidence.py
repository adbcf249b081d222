"""What a claim is held against: the runs, query sets and catalogues of a workspace, and how a measurement says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from data import queries
from data.queries import QuerySet
from eval.contracts import Run
from eval.store import Store

LOOKED_THROUGH = 400  # newest runs among which a claim finds its own
Measured = Callable[["Evidence", Mapping[str, Any]], float]
MEASURES: dict[str, Measured] = {}


class Undecided(Exception):
    """A claim that cannot be decided here: `state` "incomparable" or "absent", and why as a code with its values."""

    def __init__(self, state: str, why: str, value: float | None = None, **values: Any) -> None:
        super().__init__(f"{state}: {why}")
        self.state, self.why, self.value, self.values = state, why, value, values


def measure(name: str) -> Callable[[Measured], Measured]:
    """Register a measurement: (evidence, the claim's `of`) → the number as it is; raises `Undecided` without one."""

    def register(function: Measured) -> Measured:
        MEASURES[name] = function
        return function

    return register


@dataclass(frozen=True)
class Evidence:
    """A workspace and its runs."""

    home: Path
    store: Store

    def run(self, specs: Sequence[str], fits: Callable[[Run], bool]) -> Run | None:
        """The newest stored run of a model among `specs` (with * for anything) that fits, None when there is none."""
        for summary in self.store.runs(limit=LOOKED_THROUGH):
            if any(fnmatchcase(summary.spec, spec) for spec in specs) and not summary.settings.get("unjudged"):
                found = self.store.get(summary.id)
                if fits(found):
                    return found
        return None

    def query_sets(self) -> list[QuerySet]:
        """Every query set of the workspace that can be read."""
        found = []
        for name in queries.names(self.home, None):
            try:
                found.append(queries.load(self.home, name))
            except (ValueError, LookupError):
                continue  # a damaged one is told where it is used; it is no evidence
        return found
