"""Comparing as the Bench offers it: stored runs by id or model, the report's figures, slices, and the gate of a CI."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.stored import Stored
from data import published, queries
from eval import runs_beside, slices
from eval.comparison import Comparison, compare
from eval.runs_beside import Gate

if TYPE_CHECKING:
    from eval.contracts import Run
    from eval.store import RunSummary

GOLDEN = "golden"  # the tag of a query that must keep a hit
SLICES = ("category", "kind", "source")


class Comparing(Stored):
    """The use cases of comparing stored runs; part of `app.bench.Bench`. None of them touches a model."""

    def compared(self, runs: Sequence[str], metric: str = "P@5") -> Comparison:
        """Stored runs (by id) on one metric: standings, verdicts, differences query by query; labels are the ids.

        ValueError when they were made under different conditions, LookupError for an unknown run or metric.
        """
        return runs_beside.of_runs([self.store.get(run) for run in runs], metric)

    def compared_published(self, metric: str = "P@5") -> Comparison:
        """The 2025 report's four models on its 24 queries, "P@5" or "R@5"; labels are the keys of `data.published`."""
        if metric not in ("P@5", "R@5"):
            raise LookupError(f"The report published P@5 and R@5 of each query, no {metric}")
        numbers = [str(query.number) for query in published.queries()]
        shown = {one.key: one.precision if metric == "P@5" else one.recall for one in published.models()}
        return compare({key: dict(zip(numbers, found, strict=True)) for key, found in shown.items()})

    def comparable(self, catalogue: str, query_set: str) -> list[list[RunSummary]]:
        """The stored runs of that query set in groups that can be compared, newest group and newest run first.

        Runs of a set with the same queries and judgments in other words (another language) belong to the group. Of
        runs that repeat each other only the newest is there.
        """
        groups: dict[tuple[str, ...], list[RunSummary]] = {}
        for run in self.runs(catalogue, limit=10_000):
            same = (run.settings["pool"], json.dumps(run.settings.get("where") or {}, sort_keys=True),
                    run.fingerprints["catalogue"], self._judged(run))  # fmt: skip
            group = groups.setdefault(same, [])
            if not any(_repeats(run, known) for known in group):
                group.append(run)
        return [group for group in groups.values() if any(run.query_set == query_set for run in group)]

    def _judged(self, run: RunSummary) -> str:
        """What tells judgments apart; the fingerprint itself when the query set is no longer here."""
        try:
            return judgments_key(self.home, run.query_set, run.fingerprints["query_set"])
        except (LookupError, ValueError):
            return run.fingerprints["query_set"]

    def named_runs(self, names: Sequence[str], catalogue: str | None = None, query_set: str | None = None) -> list[str]:
        """Run ids for names that are ids, beginnings of ids, or specs: of specs the newest runs that can be compared.

        LookupError for a name that fits no run, ValueError when no runs of these models share their conditions.
        """
        stored = self.runs(catalogue, query_set, limit=10_000)
        fitting = [_fitting(name, stored) for name in names]
        for first in fitting[0]:
            row = [next((run for run in there if _alike(run, first)), None) for there in fitting[1:]]
            if all(row):
                return [first.id, *(run.id for run in row if run)]
        if all(len(there) == 1 for there in fitting):
            return [there[0].id for there in fitting]
        raise ValueError(
            f"No runs of {', '.join(names)} share pool, filter, catalogue and query set; evaluate them under the same "
            "conditions, or name two runs by their ids (uzor runs)"
        )

    def gated(self, baseline: str, candidate: str = "", metric: str = "P@5", golden: Collection[str] = ()) -> Gate:
        """The gate of a shop's CI: the candidate (by default the newest run that can be compared) against a baseline.

        Golden queries are those named, else those tagged "golden" in the query set, else all. LookupError for runs
        that are not here, ValueError when there is no candidate.
        """
        stored = self.runs(limit=10_000)
        first = _fitting(baseline, stored)[0]
        if not candidate:
            later = [run for run in stored if run.sequence > first.sequence and _alike(run, first)]
            later = [run for run in later if _correction(run) == _correction(first)]
            if not later:
                raise ValueError(f"No run was stored after {first.id} under its conditions: evaluate a candidate first")
            candidate = later[0].id
        second = self.store.get(_fitting(candidate, stored)[0].id)
        kept = self.store.get(first.id)
        return runs_beside.gate(kept, second, metric, list(golden) or self._golden(kept))

    def _golden(self, run: Run) -> list[str] | None:
        try:
            asked = queries.load(self.home, run.query_set, run.fingerprints["query_set"])
        except LookupError:  # the set was taken away: then every query counts
            return None
        tagged = [query.id for query in asked.queries if GOLDEN in query.tags]
        return tagged or None

    def slices(self, run: str, by: str) -> dict[str, tuple[str, ...]]:
        """The run's queries in parts: by "category" (its first step) or "source" of the items, or by "kind".

        LookupError for another `by`, or when the query set is no longer here.
        """
        if by not in SLICES:
            raise LookupError(f"Queries cannot be sliced by {by!r}; there are {', '.join(SLICES)}")
        looked_at = self.store.get(run)
        if by == "kind":
            asked = queries.load(self.home, looked_at.query_set, looked_at.fingerprints["query_set"])
            return slices.by_kind(asked.queries)
        table = self.catalogue(looked_at.catalogue).table
        value_of = {item: _top(str(value)) for item, value in zip(table["id"], table[by], strict=True)}
        return slices.by_items(looked_at.facts["judgments"], value_of)


def _top(value: str) -> str:
    """The first step of a category that is written as a path: "Animals / Cats" → "Animals"."""
    return re.split(r"\s[/>|]\s", value)[0].strip()


@lru_cache(maxsize=256)
def judgments_key(home: Path, name: str, fingerprint: str) -> str:
    """SHA-256 of a stored query set's ids and judgments, whatever the words of its queries are."""
    asked = queries.load(home, name, fingerprint)
    judged = [(query.id, sorted(asked.judged(query.id).items())) for query in asked.queries]
    return hashlib.sha256(json.dumps(judged).encode()).hexdigest()


def _repeats(one: RunSummary, other: RunSummary) -> bool:
    """True when the same model answered the same query set in the same way."""
    same = all(one.settings.get(key) == other.settings.get(key) for key in ("precision", "index", "k"))
    same = same and _correction(one) == _correction(other)
    return same and (one.spec, one.query_set) == (other.spec, other.query_set)


def _correction(run: RunSummary) -> str:
    return str(run.settings.get("correction", "none"))


def _fitting(name: str, stored: Sequence[RunSummary]) -> list[RunSummary]:
    """The runs that `name` may mean, newest first; a model's name means its runs without a correction."""
    plain = [run for run in stored if run.spec == name and _correction(run) == "none"]
    found = [run for run in stored if run.id == name] or plain
    if not found and len(name) >= 6:
        found = [run for run in stored if run.id.startswith(name)]
        if len(found) > 1:
            raise LookupError(f"{name!r} begins the ids of {len(found)} runs; write more of it")
    if not found:
        known = ", ".join(dict.fromkeys(run.spec for run in stored)) or "none yet"
        raise LookupError(f"{name!r} is neither a stored run nor a model with one; models with runs are {known}")
    return found


def _alike(one: RunSummary, other: RunSummary) -> bool:
    """True when the two were made under the same conditions, as far as the list of runs can tell."""
    same: list[tuple[Mapping[str, object], Mapping[str, object], tuple[str, ...]]] = [
        (one.settings, other.settings, ("pool", "where")),
        (one.fingerprints, other.fingerprints, ("catalogue", "query_set")),
    ]
    return all((a.get(key) or None) == (b.get(key) or None) for a, b, keys in same for key in keys)
