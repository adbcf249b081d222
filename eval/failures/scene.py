"""A run beside its catalogue: what was searched, what is relevant, what was found, as rows of arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from eval.failures.observed import NEAR, Observed
from eval.grouping import excluded
from eval.lexicon import words

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from eval.contracts import Run

SPOKEN = ("title", "category", "description", "tags")  # whose words count as an item's own
SAMPLE, COMMON = 2000, 0.1  # items looked at, and the share of them from which a word is common


class Scene:
    """A stored run over the catalogue it was made with; ValueError when that one was imported anew since."""

    def __init__(self, run: Run, catalogue: Catalogue) -> None:
        if run.fingerprints["catalogue"] != catalogue.fingerprint:
            raise ValueError(
                f"Catalogue {catalogue.name} was imported anew after run {run.id}; evaluate again to look for causes"
            )
        self.run, self.catalogue = run, catalogue
        self.k = int(run.settings["k"])
        self.judgments: dict[str, dict[str, int]] = run.facts["judgments"]
        self.texts: dict[str, str] = run.facts["texts"]
        self.pictures: dict[str, str] = run.facts.get("pictures") or {}  # query → the item or file that asks
        self.rows = gallery(run, catalogue)
        self._place = {catalogue.ids[row]: place for place, row in enumerate(self.rows.tolist())}
        self.queries = [r.query for r in run.rankings if any(g >= 1 for g in self.judgments[r.query].values())]
        self._own = lru_cache(maxsize=None)(self._words_at)

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the gallery's items; place i of every array here belongs to the i-th."""
        return [self.catalogue.ids[row] for row in self.rows.tolist()]

    @cached_property
    def ranked(self) -> dict[str, np.ndarray]:
        """Query → int64 places of its results, best first."""
        return {r.query: self.places(r.items) for r in self.run.rankings}

    @cached_property
    def relevant(self) -> dict[str, np.ndarray]:
        """Query → int64 places of its relevant items."""
        return {q: self.places([i for i, g in items.items() if g >= 1]) for q, items in self.judgments.items()}

    @cached_property
    def common(self) -> frozenset[str]:
        """Search forms that so many items have that they name none: those of a shop's set phrases."""
        places = np.random.default_rng(0).permutation(len(self.rows))[:SAMPLE]
        counts = Counter(word for place in places for word in self.words(place))
        return frozenset(word for word, count in counts.items() if count > COMMON * len(places))

    def places(self, items: Sequence[str]) -> np.ndarray:
        """Items → int64 places in the gallery; those that are not in it are left out."""
        return np.array([self._place[item] for item in items if item in self._place], np.int64)

    @property
    def asks(self) -> str:
        """What asked: "words" or "pictures"."""
        return "pictures" if self.pictures else "words"

    @cached_property
    def own(self) -> np.ndarray:
        """For each query the place of the item that asks with its picture, int64 (q,); −1 where none stands here."""
        return np.array([self._place.get(self.pictures.get(query, ""), -1) for query in self.queries], np.int64)

    def words(self, place: int) -> frozenset[str]:
        """The search forms of all words of an item."""
        return self._own(int(place))

    def _words_at(self, place: int) -> frozenset[str]:
        row = self.rows[place]
        return frozenset(words(" ".join(str(self.catalogue.table[name].iat[row]) for name in self.spoken)))

    @cached_property
    def spoken(self) -> list[str]:
        """The columns whose words count as an item's own; titles in other languages (`title_…`) among them."""
        return [name for name in self.catalogue.table.columns if name in SPOKEN or name.startswith("title_")]

    def first(self, query: str) -> np.ndarray:
        """The places of the first k results."""
        return self.ranked[query][: self.k]

    def wrong(self, query: str) -> np.ndarray:
        """The places of the first k results that are not relevant."""
        found = self.first(query)
        return found[~np.isin(found, self.relevant[query])]

    def counted(self, query: str) -> Observed:
        """What the ranking and the judgments say by themselves."""
        judged = self.judgments[query]
        hits, first, near = found(self.ranked[query], self.relevant[query], self.k)
        wrong = self.wrong(query)
        unjudged = sum(self.ids[place] not in judged for place in wrong)
        return Observed(query, self.k, len(self.relevant[query]), hits, first, near, len(wrong), unjudged,
                        len(self.rows))  # fmt: skip


def found(ranked: np.ndarray, relevant: np.ndarray, k: int) -> tuple[int, int, int]:
    """Relevant items among the first k, the rank of the first one (0: none), and how many stand at ranks k+1 … NEAR."""
    ranks = np.flatnonzero(np.isin(ranked, relevant)) + 1
    return int((ranks <= k).sum()), int(ranks[0]) if len(ranks) else 0, int(((ranks > k) & (ranks <= NEAR)).sum())


def gallery(run: Run, catalogue: Catalogue) -> np.ndarray:
    """The catalogue rows that the run searched, int64 ascending; groups that it left out are not among them."""
    where, _labels = excluded.parted(run.settings.get("where"))
    rows = catalogue.rows(where or None)
    if run.settings.get("pool") == "judged":
        judged = (*run.facts["judgments"].values(), *run.facts.get("unasked", {}).values())
        pool = {item for items in judged for item in items}
        rows = rows[[catalogue.ids[row] in pool for row in rows]]
    gone = set(run.facts.get("without", ()))
    return np.array([row for row in rows if catalogue.ids[row] not in gone], np.int64)
