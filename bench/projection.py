"""How long does a UMAP of 20,000 × 512 take, against umap-learn's default on the whole vectors?"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from bench import timing

ROWS, SIZE, CLUSTERS = 20_000, 512, 40


def clustered(seed: int = 0) -> np.ndarray:
    """Unit rows float32 (ROWS, SIZE) around CLUSTERS centres, as a catalogue's vectors lie."""
    drawn = np.random.default_rng(seed)
    centres = drawn.standard_normal((CLUSTERS, SIZE), dtype=np.float32)
    rows = centres[drawn.integers(0, CLUSTERS, ROWS)] + 0.7 * drawn.standard_normal((ROWS, SIZE), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def measure() -> str:
    """One run each: a map is computed once and kept."""
    import umap

    from eval import projection

    matrix = clustered()
    with tempfile.TemporaryDirectory() as name:
        numbers = iter(range(100))

        def ours() -> None:
            projection.project(matrix, "umap", seed=0, home=Path(name) / str(next(numbers)))

        ways = {
            "umap-learn's default on all 512 columns, seeded": lambda: umap.UMAP(
                random_state=0, metric="cosine"
            ).fit_transform(matrix),
            "Uzor: PCA to 50 first, seeded, with trustworthiness": ours,
        }
        return timing.table(f"UMAP of {ROWS:,} × {SIZE}", timing.side_by_side(ways, 1))
