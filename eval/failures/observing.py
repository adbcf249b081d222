"""Every query of a scene observed once: what the ranking, words, pictures, vectors and other lists say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from data import likeness
from data.progress import Progress
from data.queries import TextQuery
from eval.contracts import Searcher
from eval.failures import asking, looks, pictured
from eval.failures.heard import Lists
from eval.failures.observed import Observed
from eval.failures.scene import Scene, found
from eval.failures.space import SAME, Space, copies


def of_words(
    scene: Scene, searcher: Searcher, space: Space | None, heard: Lists | None, home: Path, progress: Progress
) -> dict[str, Observed]:
    """Query → what is observed of it, with the model asked again without each of its words."""
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


def of_pictures(
    scene: Scene, searcher: Searcher, space: Space | None, heard: Lists | None, home: Path, progress: Progress
) -> dict[str, Observed]:
    """`of_words` where pictures ask: nothing is asked again, pictures are looked at instead of words."""
    depth = int(scene.run.settings["depth"])
    titled, polluted = pictured.by_titles(scene, depth), asking.polluted(scene, asking.related(scene))
    shown, own, of_kind = looks.looks(scene, progress), looks.asking(scene, home), pictured.kinds(scene)
    bits, seen = looks.hashes(shown), {}
    for number, query in enumerate(scene.queries):
        progress(number, len(scene.queries), "causes")
        hubs, unrelated = polluted[query]
        one = replace(scene.counted(query), hubs=hubs, unrelated=unrelated)
        one = replace(one, pictured=pictured.observed(scene, one, own.get(query), shown, space, of_kind))
        one = _copied(scene, one, bits, space)
        if query in titled:
            hits, rank, _near = found(titled[query], scene.relevant[query], scene.k)
            one = replace(one, lexical_hits=hits, lexical_first=rank)
        one = one if heard is None else _echoes(one, scene, heard)
        seen[query] = one if space is None else _standing(one, scene, space, depth)
    progress(len(scene.queries), len(scene.queries), "causes")
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
    query, wrong = one.query, scene.wrong(one.query)
    hits, rank, _near = found(lexical, scene.relevant[query], scene.k)
    unjudged = np.array([p for p in wrong.tolist() if scene.ids[p] not in scene.judgments[query]], np.int64)
    fitting = asking.telling(scene, query, unjudged)
    fitting += [] if space is None else [place for place in space.fitting(query, unjudged) if place not in fitting]
    one = replace(one, lexical_hits=hits, lexical_first=rank, fitting=tuple(scene.ids[place] for place in fitting))
    return _copied(scene, one, bits, space)


def _copied(scene: Scene, one: Observed, bits: Mapping[int, np.ndarray], space: Space | None) -> Observed:
    """Note the largest group of nearly equal pictures among the first k."""
    first, wrong = scene.first(one.query), scene.wrong(one.query)
    rows = space.pictures[first] if space is not None else None
    marks = np.stack([bits[int(place)] for place in first]) if len(first) else np.zeros((0, 4), np.uint64)
    alike = copies(first, marks, rows, space.same if space is not None else SAME)
    ids = tuple(scene.ids[place] for place in alike)
    return replace(one, copies=ids, wrong_copies=int(np.isin(alike, wrong).sum()))


def _echoes(one: Observed, scene: Scene, heard: Lists) -> Observed:
    """Note how often the wrong results turn up in lists that captions about something else ask for."""
    wrong = scene.wrong(one.query)
    counts, lists = heard.elsewhere(scene, one.query, wrong)
    pairs = [(scene.ids[place], count) for place, count in zip(wrong.tolist(), counts, strict=True) if count]
    return replace(one, echoes=tuple(sorted(pairs, key=lambda pair: -pair[1])), lists=lists)


def _by_vectors(one: Observed, scene: Scene, space: Space, depth: int, kin: set[str]) -> Observed:
    twins, shared = space.twins(one.query, kin)
    one = replace(one, twins=twins, shared=shared, nearly=space.nearly, told=space.told)
    one = _standing(one, scene, space, depth)
    if one.lost <= 0:
        return one
    groups, apart = space.groups(one.query)
    return replace(one, groups=groups, silhouette=apart)


def _standing(one: Observed, scene: Scene, space: Space, depth: int) -> Observed:
    """Note how the scores lie, and what captions would have found."""
    standout, fall = space.standing(one.query)
    one = replace(one, standout=standout, fall=fall)
    scores = space.described(one.query)
    if scores is None:
        return one
    order = np.argsort(-scores, kind="stable")[:depth]
    hits, rank, _near = found(order, scene.relevant[one.query], scene.k)
    return replace(one, described_hits=hits, described_first=rank)


def _usual(seen: dict[str, Observed]) -> dict[str, Observed]:
    """Put the medians over the run beside each query's own scores."""
    standing = [one.standout for one in seen.values() if one.standout is not None]
    falling = [one.fall for one in seen.values() if one.fall is not None]
    if not standing or not falling:
        return seen
    middle, fall = float(np.median(standing)), float(np.median(falling))
    return {query: replace(one, usual=middle, usual_fall=fall) for query, one in seen.items()}
