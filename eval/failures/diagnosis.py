"""The diagnosis of a run: every query observed once, with and without the model, and what corrections would change."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import likeness
from data.progress import Progress, silent
from eval import spoken
from eval.contracts import Run, Searcher
from eval.failures import observing, pictured, pictured_remedies
from eval.failures.causes import DEFAULT, Cause, Limits, causes, named
from eval.failures.heard import Lists, Polluted
from eval.failures.observed import Observed
from eval.failures.remedies import Remedy, remedies
from eval.failures.scene import Scene
from eval.failures.space import Space
from eval.search import VectorSearcher

if TYPE_CHECKING:
    from data.catalogue import Catalogue


@dataclass(frozen=True)
class Diagnosis:
    """What was found out about a run; everything the Failures page needs beside the run itself."""

    run: str
    spec: str
    observed: dict[str, Observed]  # query → facts, in the run's order
    limits: Limits = DEFAULT
    pollutes: dict[str, Polluted] = field(default_factory=dict)  # the greatest hubs of lists asked by captions
    remedies: tuple[Remedy, ...] = ()  # the plain ranking first, then each correction; empty for a lexical model
    notes: tuple[str, ...] = ()  # codes: "no_vectors", "no_captions"
    facts: dict[str, Any] = field(default_factory=dict)  # how it was made
    seconds: float = 0.0

    @property
    def asks(self) -> str:
        """What asked: "words" or "pictures"."""
        return str(self.facts.get("asks", "words"))

    def causes(self, query: str) -> tuple[Cause, ...]:
        """Every cause that fits the query, the one that names its failure first."""
        return causes(self.observed[query], self.limits)

    def named(self) -> dict[str, str]:
        """Query → the code of its cause, `found` when nothing was lost, else `unexplained`."""
        return {query: named(seen, self.limits) for query, seen in self.observed.items()}


def diagnose(run: Run, catalogue: Catalogue, searcher: Searcher, home: Path, progress: Progress = silent) -> Diagnosis:
    """Look for the causes of every failed query of `run`, answered by `searcher`.

    ValueError when the catalogue or the model is not the run's any more, or nobody had judged; may raise Cancelled,
    which keeps the captions that were read.
    """
    started = time.perf_counter()
    if searcher.fingerprint != run.fingerprints["searcher"]:
        raise ValueError(f"{run.spec} is not what it was when run {run.id} was made; evaluate again to look for causes")
    scene = Scene(run, catalogue)
    if not scene.queries:
        raise ValueError(f"Nobody had judged {run.query_set} when run {run.id} was made; judge it and evaluate again")
    plain = getattr(searcher, "plain", searcher)
    seen_by: tuple[Any, ...] = (None, ["no_vectors"], (), None)
    if isinstance(plain, VectorSearcher):
        seen_by = _vectors(scene, plain, home, progress)
    space, notes, tried, heard = seen_by
    watch = observing.of_pictures if scene.pictures else observing.of_words
    seen = watch(scene, searcher, space, heard, home, progress)
    same = space.same if space is not None else None
    facts = {"same": same, "near": likeness.NEAR, "queries": len(seen), "gallery": len(scene.rows),
             "asks": scene.asks}  # fmt: skip
    hubs = heard.polluted(scene, np.array(tried[0].captioned, np.int64)) if heard is not None else {}
    return Diagnosis(run.id, run.spec, seen, DEFAULT, hubs, tried, tuple(notes), facts, time.perf_counter() - started)


def _vectors(
    scene: Scene, plain: VectorSearcher, home: Path, progress: Progress
) -> tuple[Space, list[str], tuple[Remedy, ...], Lists | None]:
    """The space of vectors with what is lacking in it, the corrections tried, and lists that stand for any query."""
    if not scene.pictures:
        return (*_space(scene, plain, home, progress), *remedies(scene, plain, home, progress))
    space, notes = pictured.space(scene, plain, home, progress)
    asked = np.stack([space.queries[query] for query in scene.queries])
    return space, notes, *pictured_remedies.remedies(scene, plain, asked, progress)


def _space(scene: Scene, plain: VectorSearcher, home: Path, progress: Progress) -> tuple[Space, list[str]]:
    """The vectors of queries, pictures and captions; captions may be missing, which is noted."""
    texts = [scene.texts[query] for query in scene.queries]
    queries = dict(zip(scene.queries, plain.texts(texts), strict=True))
    pictures = np.asarray(plain.vectors.matrix[scene.rows])
    try:
        captions, _source = spoken.captions(scene.catalogue, plain.encoder)
        said = [captions[row] for row in scene.rows.tolist()]
        read = spoken.vectors(said, plain.encoder, home, progress)
        return Space(scene, queries, pictures, read, np.array([not text for text in said])), []
    except LookupError:
        return Space(scene, queries, pictures, None, np.ones(len(pictures), bool)), ["no_captions"]
