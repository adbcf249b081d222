"""Pictures that are nearly equal: by the look of their thumbnails, or by the vectors of a model."""

from __future__ import annotations

import numpy as np

from data import likeness

PAIRS = 20_000  # sample of pairs that says what is rare in a space
RARE = 0.999  # quantile over pairs of different pictures that copies have to reach as well


def rare(matrix: np.ndarray, least: float) -> float:
    """The cosine from which two unit rows of float32 (n, size) count as copies: `least`, more in a narrow space."""
    pairs = np.random.default_rng(0).integers(0, len(matrix), (2, PAIRS))
    left, right = pairs[:, pairs[0] != pairs[1]]
    cosines = np.einsum("ij,ij->i", matrix[left], matrix[right])
    return float(max(least, np.quantile(cosines, RARE))) if len(cosines) else least


def near(bits: np.ndarray, rows: np.ndarray | None, same: float) -> np.ndarray:
    """Which of m pictures are nearly equal, bool (m, m); each is so to itself.

    Their difference hashes `bits` uint64 (m, 4) are at most `likeness.NEAR` apart (a plain ground, without any step, is
    like no other), or their unit `rows` (m, size) have a cosine of `same` or more.
    """
    apart = np.bitwise_count(bits[:, None] ^ bits[None]).sum(axis=2)
    telling = np.bitwise_count(bits).sum(axis=1) > 0
    found: np.ndarray = (apart <= likeness.NEAR) & telling[:, None] & telling[None]
    if rows is not None:
        found |= rows @ rows.T >= same
    np.fill_diagonal(found, True)
    return found


def leaders(found: np.ndarray) -> np.ndarray:
    """For each of m pictures the first one that it is nearly equal to, itself when none is: int64 (m,) of `near`.

    Only a picture that is no copy itself can lead, so nobody follows a chain of small steps to one that looks
    different.
    """
    first = np.arange(len(found))
    for row in range(1, len(found)):
        leading = np.flatnonzero(found[row, :row] & (first[:row] == np.arange(row)))
        if len(leading):
            first[row] = leading[0]
    return first
