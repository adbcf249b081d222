"""FAISS's flat inner-product index: the same answers as `exact`, from the library that shops use."""

from __future__ import annotations

from typing import Any

import numpy as np

from eval.contracts import IndexInfo
from eval.indexes.settling import check_queries, check_rows, doubt, longest, settle

INDEX = IndexInfo("faiss", "FAISS IndexFlatIP: inner products of unit rows, all compared.")
SPARE = 16  # rows asked for beyond k, so that ties at the cut are usually seen at once


class FaissIndex:
    """Inner-product search by `faiss.IndexFlatIP`; see `eval.contracts.Index`."""

    def __init__(self) -> None:
        self._index: Any = None
        self._rows = np.empty((0, 0), np.float32)
        self._longest = 0.0

    def add(self, matrix: np.ndarray) -> None:
        """Take float32 (n, size); ValueError on a second call, a wrong shape or non-finite rows."""
        import faiss

        if self._index is not None:
            raise ValueError("This index has its rows already; make a new one for other rows")
        self._rows = check_rows(matrix)
        self._longest = longest(self._rows)
        index = faiss.IndexFlatIP(self._rows.shape[1])
        index.add(self._rows)
        self._index = index

    @property
    def nbytes(self) -> int:
        """Bytes of the rows twice: FAISS keeps a copy, and close calls are settled on the rows themselves."""
        return 2 * int(self._rows.nbytes)

    def search(self, matrix: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Queries (q, size) → scores float32 and rows int64, both (q, min(k, n)), best first, ties by smaller row."""
        if self._index is None:
            raise ValueError("This index has no rows yet; call add first")
        queries = check_queries(matrix, k, self._rows.shape[1])
        kept = min(k, len(self._rows))
        scores = np.empty((len(queries), kept), np.float32)
        rows = np.empty((len(queries), kept), np.int64)
        if not len(queries):
            return scores, rows
        rough, found = self._index.search(queries, min(kept + SPARE, len(self._rows)))
        for at, query in enumerate(queries):
            candidates = self._candidates(query, rough[at], found[at], kept)
            scores[at], rows[at] = settle(self._rows, query, candidates, kept)
        return scores, rows

    def _candidates(self, query: np.ndarray, rough: np.ndarray, found: np.ndarray, kept: int) -> np.ndarray:
        """The rows that may be among the best `kept`; faiss fills missing places with -1, which is no row."""
        floor = float(rough[kept - 1]) - doubt(query, self._longest)
        if len(found) == len(self._rows) or rough[-1] < floor:
            return np.sort(found[(found >= 0) & (rough >= floor)])
        _, _, near = self._index.range_search(query[None], floor)  # more ties at the cut than were asked for
        return np.sort(near)


def make() -> FaissIndex:
    """A new, empty index."""
    return FaissIndex()
