"""One map of pictures and texts together: where the queries truly lie, mostly in a cone of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from data.progress import Progress, silent
from eval import projection
from eval.projection import Projection

METHOD = "laid out together with the pictures"


def project(
    matrix: np.ndarray,
    queries: np.ndarray,
    method: str = "umap",
    seed: int = 0,
    home: Path | None = None,
    progress: Progress = silent,
) -> Projection:
    """Lay pictures (n, size) and queries (q, size) out as one set of rows; trustworthiness is of all n + q.

    Computed once in `home` for these pictures and these queries. Raises what `eval.projection.project` raises.
    """
    whole = projection.project(np.vstack([matrix, queries]), method, seed, None, home, progress)
    return replace(whole, xy=whole.xy[: len(matrix)], query_xy=whole.xy[len(matrix) :], query_method=METHOD)


def cached(matrix: np.ndarray, queries: np.ndarray, method: str, seed: int, home: Path) -> bool:
    """True when that map has been computed already."""
    return projection.cached(np.vstack([matrix, queries]), method, seed, home) is not None
