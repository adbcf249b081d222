"""One query from several: a picture and words by their shares, and what must not be found taken off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

AWAY = 0.5  # how much of what is unwanted is taken off


def mixed(wanted: Sequence[tuple[np.ndarray, float]], unwanted: Sequence[np.ndarray] = ()) -> np.ndarray:
    """The unit row of Σ share · row − AWAY · mean(unwanted): float32 (size,), from unit rows (size,) and shares ≥ 0.

    Moving a query towards what is wanted and away from what is not is Rocchio's (1971). ValueError when nothing is
    wanted or nothing is left.
    """
    if not any(share > 0 for _row, share in wanted) or any(share < 0 for _row, share in wanted):
        raise ValueError("Nothing is asked: give words, a picture or an item, with shares that are not all 0")
    query = np.sum([share * np.asarray(row, np.float64) for row, share in wanted], axis=0) / sum(s for _r, s in wanted)
    if len(unwanted):
        query = query - AWAY * np.mean(np.asarray(unwanted, np.float64), axis=0)
    length = float(np.linalg.norm(query))
    if length < 1e-9:
        raise ValueError("What is wanted and what is not are the same; nothing is left to search for")
    return np.asarray(query / length, np.float32)
