"""Whom a way of ranking shows, from what is stored: the counts of every item beside the rows they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eval import hubs
from eval.contracts import Run
from eval.failures.observed import SHOWN
from eval.failures.remedies import Remedy
from eval.failures.scene import gallery

if TYPE_CHECKING:
    from data.catalogue import Catalogue


@dataclass(frozen=True, eq=False)
class Shown:
    """How often each item of a run's gallery was shown; `rows` are its catalogue rows, int64 ascending."""

    counts: np.ndarray  # int64 (n,)
    rows: np.ndarray
    ids: tuple[str, ...]
    exposure: hubs.Exposure


def asked(run: Run, catalogue: Catalogue) -> Shown:
    """By the queries of a stored run, their first k places; ValueError when the catalogue was imported anew since."""
    rows, k = _rows(run, catalogue), int(run.settings["k"])
    ids = tuple(catalogue.ids[row] for row in rows.tolist())
    place = {item: i for i, item in enumerate(ids)}
    found = [np.array([place[item] for item in r.items[:k] if item in place], np.int64) for r in run.rankings]
    counts = hubs.occurrences(found, len(ids), k)
    return Shown(counts, rows, ids, hubs.Exposure.of(counts, k, len(found)))


def of_remedy(run: Run, catalogue: Catalogue, remedy: Remedy, captions: bool) -> Shown:
    """By one way of ranking of the run's diagnosis: lists asked by captions, or by the query set."""
    rows = _rows(run, catalogue)
    counts = np.array(remedy.captioned if captions else remedy.asked, np.int64)
    k = SHOWN if captions else int(run.settings["k"])
    lists = remedy.captions if captions else len(run.rankings)
    ids = tuple(catalogue.ids[row] for row in rows.tolist())
    return Shown(counts, rows, ids, hubs.Exposure.of(counts, k, lists))


def _rows(run: Run, catalogue: Catalogue) -> np.ndarray:
    if run.fingerprints["catalogue"] != catalogue.fingerprint:
        raise ValueError(f"Catalogue {catalogue.name} was imported anew after run {run.id}; evaluate again")
    return gallery(run, catalogue)
