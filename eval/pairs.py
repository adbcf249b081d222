"""How near the correct pairs are: their mean cosine, and apart from it the softmax match probability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

LOGIT_SCALE = 100.0  # CLIP's largest, used where an encoder does not say its own (arXiv:2103.00020, section 2.5)
BLOCK = 4096


def facts(
    texts: np.ndarray, pictures: np.ndarray, rows: Sequence[Sequence[int]], scale: float | None
) -> dict[str, Any]:
    """Over all pairs (query, relevant picture): unit rows `texts` (q, size), `pictures` (n, size), `rows` a query.

    - `pair_cosine`: the mean inner product of the pairs.
    - `match_probability`: the mean diagonal of softmax(scale · I · Tᵀ), softmax over the texts of all pairs, where row
      i of I and T is pair i. The report of 2025 printed this as «Cosine Sim». It falls when more pairs stand in the
      batch and is no cosine. A query with several relevant pictures stands in T as often.
    """
    counts = np.array([len(found) for found in rows])
    owner = np.repeat(np.arange(len(rows)), counts)
    flat = np.concatenate([np.asarray(found, np.int64) for found in rows])
    factor = LOGIT_SCALE if scale is None else float(scale)
    cosines, probabilities = np.empty(len(flat)), np.empty(len(flat))
    for start in range(0, len(flat), BLOCK):
        part = slice(start, start + BLOCK)
        near = pictures[flat[part]].astype(np.float64) @ texts.astype(np.float64).T
        own = near[np.arange(len(near)), owner[part]]
        others = (np.exp(factor * (near - near.max(axis=1, keepdims=True))) * counts).sum(axis=1)
        cosines[part] = own
        probabilities[part] = np.exp(factor * (own - near.max(axis=1))) / others
    return {
        "pairs": len(flat),
        "pair_cosine": float(cosines.mean()),
        "match_probability": float(probabilities.mean()),
        "logit_scale": factor,
        "logit_scale_is": "the encoder's own" if scale is not None else "assumed",
    }
