"""Lists that stand for what anybody might ask: by the catalogue's captions, or by its pictures where pictures ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from eval import hubs
from eval.failures.scene import Scene
from eval.lexicon import words as forms

HUBS, SAMPLES = 12, 8  # hubs that are looked at, and askers named for each


@dataclass(frozen=True)
class Polluted:
    """A hub: the lists that hold it, how many of their askers are about something else, and some of these.

    Captions that share no telling word with it; or items of another category, by their ids, where pictures ask.
    """

    lists: int
    elsewhere: int
    captions: tuple[str, ...]


class Lists(Protocol):
    """Lists of places that were asked by something which stands for any query."""

    def elsewhere(self, scene: Scene, query: str, places: np.ndarray) -> tuple[list[int], int]:
        """In how many lists about something else than the query each place stands, and how many those are."""

    def polluted(self, scene: Scene, counts: np.ndarray) -> dict[str, Polluted]:
        """The greatest hubs by `counts` → who brings them up."""


@dataclass(frozen=True, eq=False)
class Heard:
    """Lists asked by the catalogue's captions, the stand-in for what people might ask: places int64 (m, SHOWN)."""

    captions: tuple[str, ...]
    words: tuple[frozenset[str], ...]  # their search forms
    lists: np.ndarray

    def elsewhere(self, scene: Scene, query: str, places: np.ndarray) -> tuple[list[int], int]:
        """In how many lists each place stands whose captions share no word with the query, and how many those are."""
        asked = frozenset(forms(scene.texts[query]))
        apart = self.lists[[not (asked & said) for said in self.words]]
        return counted(apart, places), len(apart)

    def polluted(self, scene: Scene, counts: np.ndarray) -> dict[str, Polluted]:
        """The greatest hubs → the captions about something else whose lists hold them, some of these by name."""
        found = {}
        for place in hubs.hubs(counts)[:HUBS].tolist():
            holding = np.flatnonzero((self.lists == place).any(axis=1))
            other = [
                self.captions[i] for i in holding.tolist() if not (self.words[i] - scene.common) & scene.words(place)
            ]
            found[scene.ids[place]] = some(holding, other)
        return found


def counted(lists: np.ndarray, places: np.ndarray) -> list[int]:
    """In how many of the lists each place stands."""
    return [int((lists == place).any(axis=1).sum()) for place in places]


def some(holding: np.ndarray, other: Sequence[str]) -> Polluted:
    """A hub in as many lists, and some of the askers about something else, spread over all of them."""
    step = max(1, len(other) // SAMPLES)
    return Polluted(len(holding), len(other), tuple(other[::step][:SAMPLES]))


@dataclass(frozen=True, eq=False)
class Askers:
    """Lists asked by pictures of the catalogue, each without itself: places int64 (m, SHOWN), −1 where one is shorter.

    Categories tell what is about something else; where there are none, only the relevant items are about the same.
    """

    items: tuple[str, ...]
    kinds: np.ndarray  # object (m,), "" where none is known
    of_place: np.ndarray  # object (n,): the category of every place of the gallery
    lists: np.ndarray

    def elsewhere(self, scene: Scene, query: str, places: np.ndarray) -> tuple[list[int], int]:
        """As `Heard.elsewhere`: lists of askers of no relevant category, neither relevant nor asking themselves."""
        relevant = scene.relevant[query]
        same = {scene.ids[place] for place in relevant.tolist()} | {scene.pictures.get(query, "")}
        kinds = set(self.of_place[relevant].tolist()) - {""}
        apart = np.array([item not in same for item in self.items]) & ~np.isin(self.kinds.astype(str), list(kinds))
        return counted(self.lists[apart], places), int(apart.sum())

    def polluted(self, scene: Scene, counts: np.ndarray) -> dict[str, Polluted]:
        """The greatest hubs → the askers of another category whose lists hold them, some of these by id."""
        found = {}
        for place in hubs.hubs(counts)[:HUBS].tolist():
            holding = np.flatnonzero((self.lists == place).any(axis=1))
            kind = self.of_place[place]
            other = [self.items[i] for i in holding.tolist() if not kind or self.kinds[i] != kind]
            found[scene.ids[place]] = some(holding, other)
        return found
