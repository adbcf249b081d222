"""Near-duplicates among results: of pictures that show nearly the same only the best is kept, with the count behind."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.answers import Answer
from data import likeness
from eval.copies import leaders, near, rare
from eval.corrections import CorrectedSearcher
from eval.search import VectorSearcher

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from eval.contracts import Searcher, Vectors

MORE = 3  # results asked for each one that shall remain
SAME = 0.95  # cosine of near-duplicates at least
REMEMBERED = 20_000  # pictures whose marks are kept: 32 bytes each


class Collapser:
    """Remembers the marks of the pictures it has looked at; safe to share between threads."""

    def __init__(self) -> None:
        self._marks: OrderedDict[str, np.ndarray] = OrderedDict()
        self._same: dict[str, float] = {}
        self._lock = threading.Lock()

    def first(self, k: int, find: Callable[[int], Answer], catalogue: Catalogue, searcher: Searcher) -> Answer:
        """What `find` finds with near-duplicates as one: `k` hits, fewer when `MORE` times as many hold no more."""
        plain = searcher.plain if isinstance(searcher, CorrectedSearcher) else searcher
        vectors = plain.vectors if isinstance(plain, VectorSearcher) else None
        return self.collapsed(find(k * MORE), catalogue, vectors, k)

    def collapsed(self, answer: Answer, catalogue: Catalogue, vectors: Vectors | None, k: int) -> Answer:
        """The first `k` hits that are no near-duplicate of a higher one; `copies` names those behind each.

        Nearly equal are pictures that look so, and those whose `vectors` are `SAME` or nearer (more in a narrow space).
        """
        if not answer.hits:
            return answer
        rows = vectors.matrix[[catalogue.row(hit.id) for hit in answer.hits]] if vectors else None
        same = self._rare(vectors) if vectors else SAME
        first = leaders(near(self._of(catalogue, answer), rows, same))
        kept = [hit for place, hit in enumerate(answer.hits) if first[place] == place][:k]
        behind: dict[str, list[str]] = {hit.id: [] for hit in kept}
        for place, hit in enumerate(answer.hits):
            leader = answer.hits[first[place]].id
            if first[place] != place and leader in behind:
                behind[leader].append(hit.id)
        return replace(answer, hits=tuple(kept), copies={key: tuple(ids) for key, ids in behind.items() if ids})

    def _rare(self, vectors: Vectors) -> float:
        if vectors.key not in self._same:
            self._same[vectors.key] = rare(vectors.matrix, SAME)
        return self._same[vectors.key]

    def _of(self, catalogue: Catalogue, answer: Answer) -> np.ndarray:
        with self._lock:
            new = {hit.sha256: hit.id for hit in answer.hits if hit.sha256 not in self._marks}
        looked = likeness.of_items(catalogue, list(new.values()))
        with self._lock:
            self._marks.update(zip(new, looked, strict=True))
            found = np.stack([self._marks[hit.sha256] for hit in answer.hits])
            while len(self._marks) > REMEMBERED:
                self._marks.popitem(last=False)
        return found
