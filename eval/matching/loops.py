"""Two ways to compare two shops that come to the same pairs: number by number, and as one product of matrices."""

from __future__ import annotations

import numpy as np

NEAR = 0.9


def by_elements(left: np.ndarray, right: np.ndarray) -> list[tuple[int, int]]:
    """The groceries document's way: a cosine for each pair of vectors (n, d) and (m, d), number by number."""
    first, second = left.tolist(), right.tolist()
    near = []
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            dot = norm_one = norm_other = 0.0
            for x, y in zip(one, other, strict=True):
                dot += x * y
                norm_one += x * x
                norm_other += y * y
            if dot / (norm_one**0.5 * norm_other**0.5) >= NEAR:
                near.append((i, j))
    return near


def by_matrix(left: np.ndarray, right: np.ndarray) -> list[tuple[int, int]]:
    """One product of two matrices of unit vectors, (n, d) and (m, d)."""
    rows, columns = np.nonzero(left @ right.T >= NEAR)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
