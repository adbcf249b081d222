"""What a model's vectors say of a scene: how scores lie, which pictures are copies, into which groups results fall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eval import spoken
from eval.copies import near, rare
from eval.failures.asking import PLAIN, SHORTEST
from eval.failures.observed import TOP, Group
from eval.failures.scene import Scene
from eval.lexicon import CYRILLIC

SAME = 0.97  # cosine of copies at least
FEWEST = 0.2  # share of the results that a group holds at least
OWN, OTHERS = 0.5, 0.2  # a group's word: at least this share of its items have it, at most that share of the others'
APART = 0.5  # different queries are nearly the same when they differ by less than this part of what captions do
FAMILIAR = 0.95  # quantile of text → text scores that the relevant items have to reach for a comparison to mean much


@dataclass(frozen=True, eq=False)
class Space:
    """Unit rows float32 of a scene's queries (q, size), pictures (n, size) and captions (n, size), or None without."""

    scene: Scene
    queries: dict[str, np.ndarray]
    pictures: np.ndarray
    captions: np.ndarray | None
    silent: np.ndarray  # bool (n,): items without a caption

    @cached_property
    def same(self) -> float:
        """The cosine from which two pictures count as copies: 0.97, more where the space is narrow."""
        return rare(self.pictures, SAME)

    @cached_property
    def told(self) -> float | None:
        """The mean cosine between captions that the model tells apart (a sample, seed 0); None without captions."""
        if self.captions is None:
            return None
        rows = np.unique(self.captions[~self.silent], axis=0)
        return spoken.likeness(rows[np.random.default_rng(0).permutation(len(rows))[: spoken.SAMPLE]])

    @cached_property
    def nearly(self) -> float:
        """The cosine from which two different queries are nearly the same: 0.9, more where all texts lie close."""
        return spoken.ALIKE if self.told is None else max(spoken.ALIKE, 1 - APART * (1 - self.told))

    def twins(self, query: str, kin: Container[str]) -> tuple[int, int]:
        """How many queries outside `kin` are nearly the same to the model, and how many of the first k these share."""
        others = [other for other in self.queries if other not in kin]
        same = [other for other in others if self.queries[other] @ self.queries[query] >= self.nearly]
        first = self.scene.first(query)
        shared = [int(np.isin(first, self.scene.first(other)).sum()) for other in same]
        return len(same), int(np.median(shared)) if shared else 0

    def scores(self, query: str) -> np.ndarray:
        """Cosines of the query to every picture of the gallery, float32 (n,)."""
        found: np.ndarray = self.pictures @ self.queries[query]
        return found

    def described(self, query: str) -> np.ndarray | None:
        """Cosines of the query to every caption, float32 (n,), −2 where there is none; None without captions."""
        if self.captions is None:
            return None
        return np.where(self.silent, np.float32(-2), self.captions @ self.queries[query])

    def standing(self, query: str) -> tuple[float, float]:
        """How far the best score stands out (in standard deviations), and how far the fiftieth lies below it."""
        return standing(self.scores(query))

    def groups(self, query: str) -> tuple[tuple[Group, ...], float | None]:
        """The first results in two groups (k-means), with each one's own words, and their silhouette (cosine).

        Nothing when they are too few or one group is too small.
        """
        from sklearn.cluster import KMeans
        from sklearn.metrics import silhouette_score

        places = self.scene.ranked[query][:TOP]
        rows = self.pictures[places]
        if len(np.unique(rows, axis=0)) < 8:
            return (), None
        sides = KMeans(2, n_init=4, random_state=0).fit_predict(rows)
        if min(np.bincount(sides, minlength=2)) < max(2, FEWEST * len(places)):
            return (), None
        apart = float(silhouette_score(rows, sides, metric="cosine"))
        parts = [places[sides == side] for side in (0, 1)]
        wrong, relevant = self.scene.wrong(query), self.scene.relevant[query]
        groups = [
            Group(self._own_words(query, part, other), len(part), int(np.isin(part, relevant).sum()),
                  int(np.isin(wrong, part).sum()))
            for part, other in (parts, parts[::-1])
        ]  # fmt: skip
        return tuple(sorted(groups, key=lambda group: -group.relevant)), apart

    def _own_words(self, query: str, part: np.ndarray, other: np.ndarray) -> tuple[str, ...]:
        """What the items of one part are called and those of the other are not, in the query's script."""
        script = bool(CYRILLIC.search(self.scene.texts[query].casefold()))
        mine, theirs = (
            Counter(word for p in places for word in self.scene.words(p) - self.scene.common)
            for places in (part, other)
        )
        share = {word: count / len(part) for word, count in mine.items() if _names(word, script)}
        own = [w for w, s in share.items() if s >= OWN and theirs[w] / len(other) <= OTHERS]
        return tuple(sorted(own, key=lambda word: (-share[word], word))[:3])

    def fitting(self, query: str, unjudged: np.ndarray) -> list[int]:
        """Of the unjudged places, those whose captions are as near to the query as the median relevant item's.

        Nothing when the model does not know the query's words: then the relevant captions are no nearer than others.
        """
        scores = self.described(query)
        if scores is None or not len(unjudged):
            return []
        relevant = float(np.median(scores[self.scene.relevant[query]]))
        if relevant < float(np.quantile(scores, FAMILIAR)):
            return []
        return [int(place) for place in unjudged if scores[place] >= relevant]


def standing(scores: np.ndarray) -> tuple[float, float]:
    """`Space.standing` of any scores, float32 (n,)."""
    best = np.sort(scores)[-min(TOP, len(scores)) :]
    spread = float(scores.std())
    return (float(best[-1] - scores.mean()) / spread if spread else 0.0), float(best[-1] - best[0])


def _names(word: str, script: bool) -> bool:
    return len(word) >= SHORTEST and word not in PLAIN and bool(CYRILLIC.search(word)) == script and not word.isdigit()


def copies(places: np.ndarray, bits: np.ndarray, rows: np.ndarray | None, same: float) -> np.ndarray:
    """The largest group among `places` of pictures that are nearly equal (`eval.copies.near`) to one of them.

    Empty when none is.
    """
    if len(places) < 2:
        return places[:0]
    alike = near(bits, rows, same)
    largest = alike[int(alike.sum(axis=1).argmax())]
    return places[largest] if largest.sum() > 1 else places[:0]
