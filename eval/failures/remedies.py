"""What a correction of similarity would change: the same queries ranked plainly and by each of them, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.progress import Progress, silent
from eval import hubs, metrics, registry, spoken, stats
from eval.contracts import Ranking
from eval.corrections import KINDS, NONE, Correction
from eval.failures.observed import SHOWN
from eval.failures.scene import Scene
from eval.lexicon import words as forms
from eval.search import VectorSearcher

HUBS, SAMPLES = 12, 8  # hubs that are looked at, and captions named for each
STEP = 256  # rankings asked for between two looks at whether the user cancelled


@dataclass(frozen=True)
class Polluted:
    """A hub: the lists that hold it, how many captions of them share no telling word with it, and some of these."""

    lists: int
    elsewhere: int
    captions: tuple[str, ...]


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


@dataclass(frozen=True, eq=False)
class Heard:
    """Lists asked by the catalogue's captions, the stand-in for what people might ask: places int64 (m, SHOWN)."""

    captions: tuple[str, ...]
    words: tuple[frozenset[str], ...]  # their search forms
    lists: np.ndarray

    def elsewhere(self, text: str, places: np.ndarray) -> tuple[list[int], int]:
        """In how many lists each place stands whose captions share no word with `text`, and how many those are."""
        asked = frozenset(forms(text))
        apart = self.lists[[not (asked & said) for said in self.words]]
        return [int((apart == place).any(axis=1).sum()) for place in places], len(apart)

    def polluted(self, scene: Scene, counts: np.ndarray) -> dict[str, Polluted]:
        """The greatest hubs → the captions about something else whose lists hold them, some of these by name."""
        found = {}
        for place in hubs.hubs(counts)[:HUBS].tolist():
            holding = np.flatnonzero((self.lists == place).any(axis=1))
            other = [
                self.captions[i] for i in holding.tolist() if not (self.words[i] - scene.common) & scene.words(place)
            ]
            step = max(1, len(other) // SAMPLES)
            found[scene.ids[place]] = Polluted(len(holding), len(other), tuple(other[::step][:SAMPLES]))
        return found


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
    tried, scores, lists = [], [], []
    for kind in (NONE, *KINDS):
        correction = Correction(kind, matrix, said) if kind != NONE else None
        pictures = matrix if correction is None else correction.pictures
        ways = (asked, said) if correction is None else (correction.texts(asked), correction.texts(said))
        found, shown = _ranked(pictures[scene.rows], ways, scene, progress)
        scores.append(_scored(scene, found))
        lists.append(shown)
        tried.append(_remedy(kind, scene, found, shown, scores))
    return tuple(tried), Heard(tuple(captions), tuple(frozenset(forms(c)) for c in captions), lists[0])


def _ranked(
    pictures: np.ndarray, ways: tuple[np.ndarray, np.ndarray], scene: Scene, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    index = registry.index("exact")
    index.add(pictures)
    found = []
    for rows, depth in zip(ways, (int(scene.run.settings["depth"]), SHOWN), strict=True):
        parts = []
        for start in range(0, len(rows), STEP):
            progress(start, len(rows), "corrections")
            parts.append(index.search(rows[start : start + STEP], depth)[1])
        found.append(np.concatenate(parts))
    return found[0], found[1]


def _scored(scene: Scene, found: np.ndarray) -> Mapping[str, np.ndarray]:
    """Metric → its value for every query."""
    rankings = [
        Ranking(query, tuple(scene.ids[place] for place in line), ())
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
        tuple(hubs.occurrences(found, n, scene.k).tolist()),
        tuple(hubs.occurrences(shown, n, SHOWN).tolist()),
        len(shown),
    )


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
