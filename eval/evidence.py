"""What a claim is held against: the runs, query sets and catalogues of a workspace, and how a measurement says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from data import queries
from data.queries import QuerySet
from eval.contracts import Run
from eval.grouping import excluded
from eval.store import RunSummary, Store
from eval.tasks import retrieval

LOOKED_THROUGH = 400  # newest runs among which a claim finds its own
KEPT_OPEN = 8
PLAIN = {"correction": "none", "precision": "fp32"}  # of a run that was made in no way of its own
OFTEN = ("P@1", "P@5", "RR")  # metrics that are computed together, for most of it is reading the run
PLAINLY: Mapping[str, Any] = {}
Measured = Callable[["Evidence", Mapping[str, Any]], float]
MEASURES: dict[str, Measured] = {}


class Undecided(Exception):
    """A claim that is not settled by a number: `state` "incomparable", "absent" or "differs", why as a code, values."""

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
class _Scored:
    queries: int  # with a relevant item
    numbers: Mapping[str, tuple[float, float]]  # metric → its mean and its chance level


_SCORED: dict[tuple[Path, str], _Scored] = {}


def _scored(run: Run, metric: str) -> _Scored:
    answerable = sum(any(grade >= 1 for grade in items.values()) for items in run.facts["judgments"].values())
    scores = retrieval.scores(run, chosen=list(dict.fromkeys([*OFTEN, metric])))
    return _Scored(answerable, {name: (scores.mean[name], scores.chance[name]) for name in scores.mean})


def _made_so(settings: Mapping[str, Any], how: Mapping[str, Any]) -> bool:
    """Whether a run was made plainly, but for what `how` asks for."""
    alike = all(settings.get(name, usual) == how.get(name, usual) for name, usual in PLAIN.items())
    _columns, groups = excluded.parted(settings.get("where"))
    return alike and sorted(groups) == sorted(how.get("without", ()))


@dataclass(frozen=True)
class Evidence:
    """A workspace and its runs."""

    home: Path
    store: Store
    networks: bool = False  # whether a claim may build an architecture, which takes seconds and much of a library

    opened: dict[str, Run] = field(default_factory=dict, compare=False, repr=False)

    def run(
        self,
        specs: Sequence[str],
        fits: Callable[[Run], bool],
        likely: Callable[[RunSummary], bool] = lambda summary: True,
    ) -> Run | None:
        """The newest plain run of a model among `specs` (with * for anything) that fits, None when there is none.

        Only runs whose summary is `likely` are opened, which takes a second for thousands of queries.
        """
        return next((run for run in map(self._opened, self._ids(specs, likely)) if fits(run)), None)

    def _ids(
        self, specs: Sequence[str], likely: Callable[[RunSummary], bool], how: Mapping[str, Any] = PLAINLY
    ) -> list[str]:
        summaries = (one for one in self.store.runs(limit=LOOKED_THROUGH) if _made_so(one.settings, how))
        scored = (one for one in summaries if not one.settings.get("unjudged"))
        named = (one for one in scored if any(fnmatchcase(one.spec, spec) for spec in specs))
        return [one.id for one in named if likely(one)]

    def scored(
        self, spec: str, gallery: int, queries: int, metric: str, how: Mapping[str, Any] = PLAINLY
    ) -> tuple[float, float] | None:  # fmt: skip
        """A metric and its chance level in the newest run of a model over so many items and answerable queries.

        A run with a correction, in another precision than fp32 or without a group of items counts only where `how` asks
        for that "correction", "precision" or "without" (names of groups), and then no other does.
        Runs never change, so each is opened and scored once in a process.
        """
        for run_id in self._ids([spec], lambda summary: summary.settings.get("gallery") == gallery, how):
            known = _SCORED.get((self.home, run_id))
            if known is None or metric not in known.numbers:
                known = _SCORED[self.home, run_id] = _scored(self._opened(run_id), metric)
            if known.queries == queries:
                return known.numbers[metric]
        return None

    def _opened(self, run_id: str) -> Run:
        """The run, from memory when it was opened for one of the last claims."""
        run = self.opened.pop(run_id, None) or self.store.get(run_id)
        self.opened[run_id] = run
        if len(self.opened) > KEPT_OPEN:
            del self.opened[next(iter(self.opened))]
        return run

    def query_sets(self) -> list[QuerySet]:
        """Every query set of the workspace that can be read."""
        found = []
        for name in queries.names(self.home, None):
            try:
                found.append(queries.load(self.home, name))
            except (ValueError, LookupError):
                continue  # a damaged one is told where it is used; it is no evidence
        return found
