"""The truth: every row is compared, with one matrix product for many queries."""

from __future__ import annotations

import numpy as np

from eval.contracts import IndexInfo
from eval.indexes.settling import check_queries, check_rows, doubt, longest, settle

INDEX = IndexInfo("exact", "Compares every row with numpy; what the others are held to.")
BLOCK = 2**24  # scores in memory at a time: 64 MB


class ExactIndex:
    """Inner-product search by matrix product; see `eval.contracts.Index`."""

    def __init__(self) -> None:
        self._rows = np.empty((0, 0), np.float32)
        self._longest = 0.0

    def add(self, matrix: np.ndarray) -> None:
        """Take float32 (n, size); ValueError on a second call, a wrong shape or non-finite rows."""
        if len(self._rows):
            raise ValueError("This index has its rows already; make a new one for other rows")
        self._rows = check_rows(matrix)
        self._longest = longest(self._rows)

    @property
    def nbytes(self) -> int:
        """Bytes of the rows, which are searched where they lie."""
        return int(self._rows.nbytes)

    def search(self, matrix: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Queries (q, size) → scores float32 and rows int64, both (q, min(k, n)), best first, ties by smaller row."""
        if not len(self._rows):
            raise ValueError("This index has no rows yet; call add first")
        queries = check_queries(matrix, k, self._rows.shape[1])
        kept = min(k, len(self._rows))
        scores = np.empty((len(queries), kept), np.float32)
        rows = np.empty((len(queries), kept), np.int64)
        step = max(1, BLOCK // len(self._rows))
        for start in range(0, len(queries), step):
            block = queries[start : start + step]
            for offset, rough in enumerate(block @ self._rows.T):
                at = start + offset
                scores[at], rows[at] = self._best(queries[at], rough, kept)
        return scores, rows

    def _best(self, query: np.ndarray, rough: np.ndarray, kept: int) -> tuple[np.ndarray, np.ndarray]:
        cut = np.partition(rough, len(rough) - kept)[len(rough) - kept]
        candidates = np.flatnonzero(rough >= cut - doubt(query, self._longest))
        return settle(self._rows, query, candidates, kept)


def make() -> ExactIndex:
    """A new, empty index."""
    return ExactIndex()
