"""Photo → category → search within it: the likeliest classes of a picture, the nearest items among them, the gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval import registry
from eval.contracts import Ranking
from eval.probing import choosing, classifiers, scoring
from eval.probing.cells import ByWords, Words
from eval.probing.choosing import Chosen
from eval.probing.outcome import Probe
from eval.probing.parts import Parts

SCOPES = ("everything", "first class", "three classes", "true class")
CUTS = (1, 5)


@dataclass(frozen=True)
class Gain:
    """What searching within the recognised category brings: scope → metric → mean over the test items that have a
    partner (another item of the same design) in the catalogue; `Kept` is the share whose partner is in the scope.
    """

    items: int
    means: dict[str, dict[str, float]]


def fitted(found: Probe, classifier: str, features: np.ndarray, parts: Parts, words: Words) -> Chosen:
    """The classifier as the probe ended with it, fitted anew on the same training rows, float32 (catalogue, size).

    LookupError when the probe has no such classifier, ValueError when the catalogue is parted otherwise by now.
    """
    if classifier not in found.cells:
        raise LookupError(f"This probe has no {classifier!r}; it has {', '.join(found.cells)}. Classify with it first")
    if found.fingerprints["parts"] != parts.fingerprint:
        raise ValueError(f"{found.catalogue} is parted otherwise than when it was probed; classify again")
    cell, one = found.cells[classifier], classifiers.named(classifier)
    if one.make is None:
        return Chosen(ByWords(words()), {}, (), cell.temperature)
    return choosing.again(one, cell.params, features, parts, int(found.settings["seed"]), cell.temperature)


def guesses(chosen: Chosen, vector: np.ndarray, parts: Parts) -> list[tuple[str, float]]:
    """Every class with its probability for one picture's unit row float32 (size,), the likeliest first."""
    spoken = chosen.logits(vector[None], len(parts.classes))
    order = scoring.ordered(spoken, _prior(parts))[0]
    sure = scoring.probabilities(spoken, chosen.temperature)[0]
    return [(parts.classes[place], float(sure[place])) for place in order]


def nearest(name: str, features: np.ndarray, ids: Sequence[str], vector: np.ndarray, rows: np.ndarray, k: int,
            without: str = "") -> Ranking:  # fmt: skip
    """The `k` items nearest to a picture's unit row among the catalogue `rows`, int64; the item `without` by its id."""
    kept = np.array([row for row in rows if ids[row] != without], np.int64)
    if not len(kept):
        return Ranking(name, (), ())
    index = registry.index("exact")
    index.add(np.ascontiguousarray(features[kept]))
    scores, places = index.search(np.ascontiguousarray(vector[None]), k)
    return Ranking(name, tuple(ids[kept[place]] for place in places[0]), tuple(map(float, scores[0])))


def gain(chosen: Chosen, features: np.ndarray, parts: Parts, labels: np.ndarray, design: np.ndarray) -> Gain:
    """Search with every test item for its design's other items, in everything and within its recognised category.

    `labels` (catalogue,) has each item's class as the catalogue says, `design` (catalogue,) what one design shares, ""
    where an item has none. Hit@k is 1 when a partner stands among the first k; RR is 1 / rank of the first, 0 when the
    scope has none. The item itself is left out by its row.
    """
    partners = {row: np.flatnonzero((design == design[row]) & (np.arange(len(design)) != row)) for row in parts.test}
    asked = [row for row in parts.test if design[row] and len(partners[row])]
    if not asked:
        return Gain(0, {})
    spoken = chosen.logits(features[asked], len(parts.classes))
    order = scoring.ordered(spoken, _prior(parts))
    names = np.asarray(parts.classes, dtype=object)
    found: dict[str, list[tuple[float, ...]]] = {scope: [] for scope in SCOPES}
    for place, row in enumerate(asked):
        cosines = features @ features[row]
        cosines[row] = -np.inf
        scopes = (None, names[order[place, :1]], names[order[place, :3]], [labels[row]])
        for scope, classes in zip(SCOPES, scopes, strict=True):
            inside = np.ones(len(labels), bool) if classes is None else np.isin(labels, classes)
            found[scope].append(_found(cosines, inside, partners[row]))
    columns = (*(f"Hit@{k}" for k in CUTS), "RR", "Kept")
    means = {
        scope: dict(zip(columns, np.mean(values, axis=0).tolist(), strict=True)) for scope, values in found.items()
    }
    return Gain(len(asked), means)


def _found(cosines: np.ndarray, inside: np.ndarray, partners: np.ndarray) -> tuple[float, ...]:
    """Hit@k for each cut, RR, and whether a partner is in the scope at all; ties stand in catalogue order."""
    there = partners[inside[partners]]
    if not len(there):
        return (*(0.0 for _ in CUTS), 0.0, 0.0)
    best = int(there[np.argmax(cosines[there])])
    ahead = inside & ((cosines > cosines[best]) | ((cosines == cosines[best]) & (np.arange(len(inside)) < best)))
    rank = 1 + int(ahead.sum())
    return (*(float(rank <= k) for k in CUTS), 1.0 / rank, 1.0)


def _prior(parts: Parts) -> np.ndarray:
    return np.bincount(parts.truth[parts.train], minlength=len(parts.classes)).astype(np.float64)
