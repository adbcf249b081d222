"""What a correction of similarity would change: the same queries ranked plainly and by each of them, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.progress import Progress, silent
from eval import hubs, metrics, registry, spoken, stats
from eval.contracts import Ranking
from eval.corrections import KINDS, NONE, Correction
from eval.failures.heard import Heard
from eval.failures.observed import SHOWN
from eval.failures.scene import Scene
from eval.lexicon import words as forms
from eval.search import VectorSearcher

STEP = 256  # rankings asked for between two looks at whether the user cancelled


@dataclass(frozen=True)
class Change:
    """How a metric's mean moves from the plain ranking: difference, 95 % interval over queries, p of no difference."""

    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Remedy:
    """One way to rank: its metrics, how they move, and whom it shows; `kind` is "none" for the plain ranking."""

    kind: str
    values: dict[str, float]  # metric → mean
    changes: dict[str, Change]  # metric → against the plain ranking; empty for that one
    asked: tuple[int, ...]  # how often each item of the gallery stands among the first k of the query set
    captioned: tuple[int, ...]  # and among the first SHOWN of lists asked by the catalogue's captions
    captions: int

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Remedy:
        """What `record` wrote."""
        changes = {name: Change(**change) for name, change in record["changes"].items()}
        counts = {name: tuple(record[name]) for name in ("asked", "captioned")}
        return cls(**{**record, "changes": changes, **counts})


def remedies(
    scene: Scene, plain: VectorSearcher, home: Path, progress: Progress = silent
) -> tuple[tuple[Remedy, ...], Heard | None]:
    """The plain ranking and every correction over the scene's gallery, and the plain lists asked by captions.

    Nothing when the catalogue has no captions or the encoder cannot read them.
    """
    try:
        captions = spoken.references(scene.catalogue, plain.encoder)
        said = spoken.vectors(captions, plain.encoder, home, progress)
    except LookupError:
        return (), None
    asked = plain.texts([scene.texts[query] for query in scene.queries])
    matrix = np.asarray(plain.vectors.matrix)
    corrections = [Correction(kind, matrix, said) for kind in KINDS]
    nobody = (np.full(len(asked), -1), np.full(len(said), -1))
    tried, lists = compared(scene, matrix, (asked, said), corrections, nobody, progress)
    return tried, Heard(tuple(captions), tuple(frozenset(forms(c)) for c in captions), lists)


def compared(
    scene: Scene, matrix: np.ndarray, ways: tuple[np.ndarray, np.ndarray], corrections: Sequence[Correction],
    own: tuple[np.ndarray, np.ndarray], progress: Progress = silent,
) -> tuple[tuple[Remedy, ...], np.ndarray]:  # fmt: skip
    """The plain ranking and each correction's, over the rows of the query set and over those that stand for any query.

    `own` says which place each row of both `ways` must not get (−1: none): an item that asks with its picture. The
    plain lists of the second way come as well: places int64 (m, SHOWN), −1 where a list is shorter.
    """
    tried, scores, lists = [], [], []
    for correction in (None, *corrections):
        pictures = matrix if correction is None else correction.pictures
        asked = ways if correction is None else (correction.texts(ways[0]), correction.texts(ways[1]))
        found, shown = _ranked(pictures[scene.rows], asked, own, scene, progress)
        scores.append(_scored(scene, found))
        lists.append(shown)
        tried.append(_remedy(NONE if correction is None else correction.kind, scene, found, shown, scores))
    return tuple(tried), lists[0]


def _ranked(
    pictures: np.ndarray, ways: tuple[np.ndarray, np.ndarray], own: tuple[np.ndarray, np.ndarray], scene: Scene,
    progress: Progress,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    index = registry.index("exact")
    index.add(pictures)
    found = []
    for rows, mine, depth in zip(ways, own, (int(scene.run.settings["depth"]), SHOWN), strict=True):
        parts = []
        for start in range(0, len(rows), STEP):
            progress(start, len(rows), "corrections")
            part = slice(start, start + STEP)
            parts.append(_without(index.search(rows[part], depth + 1)[1], mine[part], depth))
        found.append(np.concatenate(parts))
    return found[0], found[1]


def _without(found: np.ndarray, own: np.ndarray, depth: int) -> np.ndarray:
    """The first `depth` places of each line once its own is left out; −1 where a line ends before that."""
    order = np.argsort(found == own[:, None], axis=1, kind="stable")
    moved = np.take_along_axis(found, order, axis=1)
    moved[(moved == own[:, None])] = -1
    kept = moved[:, :depth]
    return np.pad(kept, ((0, 0), (0, max(0, depth - kept.shape[1]))), constant_values=-1)


def _scored(scene: Scene, found: np.ndarray) -> Mapping[str, np.ndarray]:
    """Metric → its value for every query."""
    rankings = [
        Ranking(query, tuple(scene.ids[place] for place in line if place >= 0), ())
        for query, line in zip(scene.queries, found.tolist(), strict=True)
    ]
    names = [name for name in metrics.names(scene.k) if not name.startswith("Judged")]
    judged = {query: scene.judgments[query] for query in scene.queries}
    table = metrics.score(rankings, judged, names)
    return {name: table[name].to_numpy() for name in names}


def _remedy(
    kind: str, scene: Scene, found: np.ndarray, shown: np.ndarray, scores: list[Mapping[str, np.ndarray]]
) -> Remedy:
    values, before = scores[-1], scores[0]
    changes = {} if kind == NONE else {name: change(values[name] - before[name]) for name in values}
    n = len(scene.rows)
    return Remedy(
        kind,
        {name: float(value.mean()) for name, value in values.items()},
        changes,
        tuple(_occurrences(found, n, scene.k).tolist()),
        tuple(_occurrences(shown, n, SHOWN).tolist()),
        len(shown),
    )


def _occurrences(found: np.ndarray, items: int, k: int) -> np.ndarray:
    return hubs.occurrences((line[line >= 0] for line in found), items, k)


def change(differences: np.ndarray) -> Change:
    """Mean paired difference with its interval and the p of the paired randomisation test."""
    mean = float(differences.mean())
    if len(differences) < 2 or not np.ptp(differences):
        return Change(mean, mean, mean, stats.randomisation_p(differences.tolist()))
    low, high = stats.interval(differences.tolist())
    return Change(mean, low, high, stats.randomisation_p(differences.tolist()))


def exposure(remedy: Remedy, k: int, queries: int, captions: bool) -> hubs.Exposure:
    """Whom that way of ranking shows: over the query set, or over the lists asked by captions."""
    counts = np.array(remedy.captioned if captions else remedy.asked, np.int64)
    return hubs.Exposure.of(counts, SHOWN if captions else k, remedy.captions if captions else queries)


def without_counts(remedy: Remedy) -> Remedy:
    """The same without the long lists."""
    return replace(remedy, asked=(), captioned=())
