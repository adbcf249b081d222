"""The scale on which cosines are counted: bins of a thousandth, whose lower ends are the thresholds there are."""

from __future__ import annotations

import numpy as np

STEP = 1000  # thresholds to one unit of cosine
FIRST = STEP + 1  # the bin of cosine −1; bin 0 holds pairs that are not compared
BINS = 2 * STEP + 3
SLACK = 1e-6  # a cosine this little below a threshold reaches it: float32 products differ by as much


def bins(cosines: np.ndarray) -> np.ndarray:
    """The bin of each cosine: thresholds are multiples of 1 / STEP, and a bin holds what reaches its own."""
    return np.floor((cosines + np.float32(SLACK)) * np.float32(STEP) + np.float32(FIRST)).astype(np.int64)


def threshold(places: np.ndarray | int) -> np.ndarray:
    """The cosine that a pair of that bin reaches."""
    return (np.asarray(places) - FIRST) / STEP


def place(cosine: float) -> int:
    """The first bin whose pairs reach that threshold."""
    return int(np.clip(np.ceil((cosine - SLACK) * STEP + FIRST), 1, BINS))
