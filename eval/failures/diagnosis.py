"""The diagnosis of a run: every query observed once, with and without the model, and what corrections would change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import likeness
from data.progress import Progress, silent
from data.queries import TextQuery
from eval import spoken
from eval.contracts import Run, Searcher
from eval.failures import asking
from eval.failures.causes import DEFAULT, Cause, Limits, causes, named
from eval.failures.observed import Observed
from eval.failures.remedies import Heard, Polluted, Remedy, remedies
from eval.failures.scene import Scene, found
from eval.failures.space import SAME, Space, copies
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

    def causes(self, query: str) -> tuple[Cause, ...]:
        """Every cause that fits the query, the one that names its failure first."""
        return causes(self.observed[query], self.limits)

    def named(self) -> dict[str, str]:
        """Query → the code of its cause, `found` when nothing was lost, else `unexplained`."""
        return {query: named(seen, self.limits) for query, seen in self.observed.items()}


def diagnose(run: Run, catalogue: Catalogue, searcher: Searcher, home: Path, progress: Progress = silent) -> Diagnosis:
    """Look for the causes of every failed query of `run`, answered by `searcher`.

    ValueError when the catalogue or the model is not the run's any more; may raise Cancelled, which keeps the captions
    that were read.
    """
    started = time.perf_counter()
    if searcher.fingerprint != run.fingerprints["searcher"]:
        raise ValueError(f"{run.spec} is not what it was when run {run.id} was made; evaluate again to look for causes")
    scene = Scene(run, catalogue)
    plain = getattr(searcher, "plain", searcher)
    space, notes = (None, ["no_vectors"])
    if isinstance(plain, VectorSearcher):
        space, notes = _space(scene, plain, home, progress)
    tried, heard = remedies(scene, plain, home, progress) if isinstance(plain, VectorSearcher) else ((), None)
    seen = _observed(scene, searcher, space, heard, progress)
    same = space.same if space is not None else None
    facts = {"same": same, "near": likeness.NEAR, "queries": len(seen), "gallery": len(scene.rows)}
    hubs = heard.polluted(scene, np.array(tried[0].captioned, np.int64)) if heard is not None else {}
    return Diagnosis(run.id, run.spec, seen, DEFAULT, hubs, tried, tuple(notes), facts, time.perf_counter() - started)


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


def _observed(
    scene: Scene, searcher: Searcher, space: Space | None, heard: Heard | None, progress: Progress
) -> dict[str, Observed]:
    queries = [TextQuery(query, scene.texts[query]) for query in scene.queries]
    depth = int(scene.run.settings["depth"])
    lexical = asking.by_words(scene, queries, depth)
    failed = [query for query in queries if scene.counted(query.id).lost > 0]
    kin = asking.related(scene)
    unheard, polluted = asking.dropped(scene, searcher, failed), asking.polluted(scene, kin)
    bits = _bits(scene, progress)
    seen = {}
    for number, query in enumerate(scene.queries):
        progress(number, len(queries), "causes")
        one = _plain(scene, scene.counted(query), lexical[query], bits, space)
        hubs, unrelated = polluted[query]
        one = replace(one, hubs=hubs, unrelated=unrelated, dropped=unheard.get(query, ()))
        one = one if heard is None else _echoes(one, scene, heard)
        seen[query] = one if space is None else _by_vectors(one, scene, space, depth, kin[query])
    progress(len(queries), len(queries), "causes")
    return _usual(seen)


def _bits(scene: Scene, progress: Progress) -> dict[int, np.ndarray]:
    """The difference hash of every picture that stands among the first k of some query."""
    places = sorted({int(place) for query in scene.queries for place in scene.first(query)})
    found = {}
    for number, place in enumerate(places):
        progress(number, len(places), "likeness")
        found[place] = likeness.of_items(scene.catalogue, [scene.ids[place]])[0]
    return found


def _plain(
    scene: Scene, one: Observed, lexical: np.ndarray, bits: Mapping[int, np.ndarray], space: Space | None
) -> Observed:
    """What words and pictures tell without the model's text tower."""
    query, first, wrong = one.query, scene.first(one.query), scene.wrong(one.query)
    hits, rank, _near = found(lexical, scene.relevant[query], scene.k)
    rows = space.pictures[first] if space is not None else None
    marks = np.stack([bits[int(place)] for place in first]) if len(first) else np.zeros((0, 4), np.uint64)
    alike = copies(first, marks, rows, space.same if space is not None else SAME)
    unjudged = np.array([p for p in wrong.tolist() if scene.ids[p] not in scene.judgments[query]], np.int64)
    fitting = asking.telling(scene, query, unjudged)
    fitting += [] if space is None else [place for place in space.fitting(query, unjudged) if place not in fitting]
    return replace(
        one,
        lexical_hits=hits,
        lexical_first=rank,
        fitting=tuple(scene.ids[place] for place in fitting),
        copies=tuple(scene.ids[place] for place in alike),
        wrong_copies=int(np.isin(alike, wrong).sum()),
    )


def _echoes(one: Observed, scene: Scene, heard: Heard) -> Observed:
    """Note how often the wrong results turn up in lists that captions about something else ask for."""
    wrong = scene.wrong(one.query)
    counts, lists = heard.elsewhere(scene.texts[one.query], wrong)
    pairs = [(scene.ids[place], count) for place, count in zip(wrong.tolist(), counts, strict=True) if count]
    return replace(one, echoes=tuple(sorted(pairs, key=lambda pair: -pair[1])), lists=lists)


def _by_vectors(one: Observed, scene: Scene, space: Space, depth: int, kin: set[str]) -> Observed:
    standout, fall = space.standing(one.query)
    twins, shared = space.twins(one.query, kin)
    one = replace(one, standout=standout, fall=fall, twins=twins, shared=shared, nearly=space.nearly, told=space.told)
    scores = space.described(one.query)
    if scores is not None:
        order = np.argsort(-scores, kind="stable")[:depth]
        hits, rank, _near = found(order, scene.relevant[one.query], scene.k)
        one = replace(one, described_hits=hits, described_first=rank)
    if one.lost <= 0:
        return one
    groups, apart = space.groups(one.query)
    return replace(one, groups=groups, silhouette=apart)


def _usual(seen: dict[str, Observed]) -> dict[str, Observed]:
    """Put the medians over the run beside each query's own scores."""
    standing = [one.standout for one in seen.values() if one.standout is not None]
    falling = [one.fall for one in seen.values() if one.fall is not None]
    if not standing or not falling:
        return seen
    middle, fall = float(np.median(standing)), float(np.median(falling))
    return {query: replace(one, usual=middle, usual_fall=fall) for query, one in seen.items()}
