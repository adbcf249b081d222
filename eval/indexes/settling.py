"""The rule of order that every index keeps: which rows are best does not hang on how a machine sums products.

A float32 sum depends on the order of its terms, so equal rows may get scores that differ in the last digit, and two
back ends may disagree. Candidates within that doubt are scored again in float64, rounded to float32, and ordered:
higher score first, of equal scores the smaller row first.
"""

from __future__ import annotations

import numpy as np

EPSILON = float(np.finfo(np.float32).eps)


def check_rows(matrix: np.ndarray) -> np.ndarray:
    """`matrix` as C-ordered float32 (n ≥ 1, size ≥ 1); ValueError for another shape, no rows, or non-finite rows."""
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"An index takes a matrix (n, size) with at least one row; this one has shape {matrix.shape}")
    rows = np.ascontiguousarray(matrix, dtype=np.float32)
    if not np.isfinite(rows).all():
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        raise ValueError(f"{len(bad)} rows are not finite, the first is row {bad[0]}; compute the vectors again")
    return rows


def check_queries(queries: np.ndarray, k: int, size: int) -> np.ndarray:
    """`queries` as C-ordered float32 (q, size); ValueError for another size, k < 1 or a query that is not finite."""
    if queries.ndim != 2 or queries.shape[1] != size:
        raise ValueError(
            f"The index holds vectors of {size} numbers, the queries have shape {queries.shape}: "
            "catalogue and queries must be seen by the same encoder"
        )
    if k < 1:
        raise ValueError(f"k must be at least 1; {k} came")
    rows = np.ascontiguousarray(queries, dtype=np.float32)
    if not np.isfinite(rows).all():
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        raise ValueError(f"Query {bad[0]} is not finite (NaN or infinity); the encoder's answer is unusable")
    return rows


def longest(matrix: np.ndarray) -> float:
    """Length of the longest row."""
    return float(np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64).max()))


def doubt(query: np.ndarray, length: float) -> float:
    """How far apart two float32 scores of `query` with rows up to `length` may stand and still be the same number.

    Twice the bound size · u · |q| · |x| of a float32 inner product, u half the machine epsilon (Higham, Accuracy and
    Stability of Numerical Algorithms, 3.1).
    """
    return len(query) * EPSILON * float(np.linalg.norm(query.astype(np.float64))) * length


def settle(matrix: np.ndarray, query: np.ndarray, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best `k` of the candidate `rows` of `matrix` for `query` (size,): float32 scores and int64 rows, in order."""
    scores = (matrix[rows].astype(np.float64) @ query.astype(np.float64)).astype(np.float32)
    order = np.lexsort((rows, -scores))[:k]
    return scores[order], rows[order].astype(np.int64)
