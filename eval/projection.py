"""The map of a catalogue: two columns for its vectors, how far they can be trusted, and where queries stand on it."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from data import storage
from data.progress import Progress, silent
from eval import workspace
from eval.layouts import LAYOUTS, SEEDS, WHOLE, reduce

FEWEST = 5  # rows that make a map
JUDGED_BY = 15  # neighbours that trustworthiness looks at
SAMPLE = 1000  # rows it is measured on when there are more; which ones is fixed by the seed 0
QUERY_NEIGHBOURS = 20
BLOCK = 250  # rows whose distances to all others are in memory at a time
VERSION = 1  # goes up when the same vectors would be laid out differently


@dataclass(frozen=True)
class Projection:
    """A map. Rows that were left out because they are not finite have NaN coordinates."""

    xy: np.ndarray  # float32 (n, 2)
    method: str
    seed: int
    trustworthiness: float  # in [0, 1], of `judged_by` neighbours; 1: no point has a false neighbour
    judged_by: int
    sampled: int  # rows it was measured on
    explained: float  # share of variance in the first two principal components
    left_out: int  # rows that are not finite
    seconds: float  # of the computation, also when it was cached
    query_xy: np.ndarray = field(default_factory=lambda: np.empty((0, 2), np.float32))
    query_method: str = ""
    cached: bool = False


def project(
    matrix: np.ndarray,
    method: str = "umap",
    seed: int = 0,
    queries: np.ndarray | None = None,
    home: Path | None = None,
    progress: Progress = silent,
) -> Projection:
    """Lay unit rows (n, size) out in two columns; the same rows, method and seed are computed once in `home`.

    `queries` (q, size) are placed by `place`. ValueError for an unknown method, a seed outside 0 … 2³²−1 or fewer than
    five finite rows; may raise Cancelled between its stages.
    """
    if method not in LAYOUTS:
        raise ValueError(f"There is no map {method!r}; there are {', '.join(LAYOUTS)}")
    if not 0 <= seed < SEEDS:
        raise ValueError(f"A seed is a whole number from 0 to {SEEDS - 1}; {seed} came")
    finite = _finite(matrix)
    found = cached(matrix, method, seed, home) if home else None
    if found is None:
        found = _computed(matrix, finite, method, seed, progress)
        if home:
            _write(home, key(matrix, method, seed), found)
    if queries is None:
        return found
    how = f"mean of the places of the {QUERY_NEIGHBOURS} nearest pictures, weighted 1/rank"
    return replace(found, query_xy=place(queries, matrix, found.xy), query_method=how)


def _finite(matrix: np.ndarray) -> np.ndarray:
    if matrix.ndim != 2:
        raise ValueError(f"A map is made of a matrix (n, size); this has shape {matrix.shape}")
    finite: np.ndarray = np.isfinite(matrix).all(axis=1)
    if finite.sum() < FEWEST:
        raise ValueError(f"A map needs at least {FEWEST} pictures with usable vectors; there are {finite.sum()}")
    return finite


def _computed(matrix: np.ndarray, finite: np.ndarray, method: str, seed: int, progress: Progress) -> Projection:
    started = time.perf_counter()
    rows = np.asarray(matrix[finite], np.float32)
    progress(0, 3, "reduce")
    points, explained = reduce(rows, seed)
    progress(1, 3, "map")
    laid = LAYOUTS[method](rows if method in WHOLE else points, seed)
    progress(2, 3, "judge")
    trust, neighbours, sampled = trustworthiness(rows, laid)
    progress(3, 3, "judge")
    xy = np.full((len(matrix), 2), np.nan, np.float32)
    xy[finite] = laid
    seconds = time.perf_counter() - started
    return Projection(xy, method, seed, trust, neighbours, sampled, explained, int((~finite).sum()), seconds)


def trustworthiness(rows: np.ndarray, xy: np.ndarray, sample: int = SAMPLE) -> tuple[float, int, int]:
    """How far neighbours on the map are neighbours indeed (Venna and Kaski 2001): (value, neighbours k, rows measured).

    1 − 2 / (m k (2n − 3k − 1)) Σ (rank of a false neighbour among the true ones − k), over m rows: all, or a `sample`
    drawn with seed 0 when there are more. Equals sklearn.manifold.trustworthiness when all are measured.
    """
    from scipy.spatial import cKDTree

    n = len(rows)
    k = min(JUDGED_BY, (n - 1) // 2)
    chosen = np.arange(n) if n <= sample else np.sort(np.random.default_rng(0).choice(n, sample, replace=False))
    _, near = cKDTree(xy).query(xy[chosen], k + 1)
    shown = np.array([[other for other in found if other != row][:k] for row, found in zip(chosen, near, strict=True)])
    wide = rows.astype(np.float64)
    lengths = np.einsum("ij,ij->i", wide, wide)
    false = 0
    for start in range(0, len(chosen), BLOCK):
        part = slice(start, start + BLOCK)
        squared = lengths - 2 * (wide[chosen[part]] @ wide.T)
        squared[np.arange(len(squared)), chosen[part]] = np.inf
        for column in shown[part].T:
            own = squared[np.arange(len(squared)), column]
            nearer = (squared < own[:, None]).sum(axis=1)
            false += int(np.maximum(nearer + 1 - k, 0).sum())
    return 1 - false * 2 / (len(chosen) * k * (2 * n - 3 * k - 1)), k, len(chosen)


def place(queries: np.ndarray, matrix: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Where queries (q, size) stand: float32 (q, 2), mean of the places of their 20 nearest pictures, weighted 1/rank.

    Texts and pictures lie in different cones of the space, so that a map of both would only part the two.
    """
    finite = np.flatnonzero(np.isfinite(xy).all(axis=1))
    near = np.argsort(-(queries @ matrix[finite].T), axis=1, kind="stable")[:, :QUERY_NEIGHBOURS]
    weights = 1 / np.arange(1, near.shape[1] + 1)
    placed: np.ndarray = np.einsum("k,qkd->qd", weights / weights.sum(), xy[finite][near].astype(np.float64))
    return placed.astype(np.float32)


def key(matrix: np.ndarray, method: str, seed: int) -> str:
    """The content key of a map."""
    content = np.ascontiguousarray(matrix, np.float32).tobytes()
    return workspace.key("projection", VERSION, method, seed, list(matrix.shape), content)


def cached(matrix: np.ndarray, method: str, seed: int, home: Path) -> Projection | None:
    """The map if it was computed before and is intact, else None; a damaged one is set aside."""
    table, record = paths(home, key(matrix, method, seed))
    if not table.exists() and not record.exists():
        return None
    if wrong(table, record):
        for path in (table, record):
            if path.exists():
                workspace.set_aside(home, path)
        return None
    import pandas as pd

    known = storage.read_json(record)
    xy = pd.read_parquet(table).to_numpy(np.float32)
    return Projection(xy=xy, cached=True, **{name: known[name] for name in _FACTS})


_FACTS = ("method", "seed", "trustworthiness", "judged_by", "sampled", "explained", "left_out", "seconds")


def paths(home: Path, named: str) -> tuple[Path, Path]:
    """Where a map's coordinates and its record lie."""
    return home / "projections" / f"{named}.parquet", home / "projections" / f"{named}.json"


def wrong(table: Path, record: Path) -> str:
    """What is wrong with a stored map, or nothing; the record holds the digest of the table and its own."""
    try:
        known: Mapping[str, Any] = storage.read_json(record)
        plain = {name: value for name, value in known.items() if name != "digest"}
        if known["digest"] != workspace.key(plain):
            return f"{record.name} does not match its digest"
        return "" if storage.sha256_file(table) == known["sha256"] else f"{table.name} does not match its checksum"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return str(error)


def _write(home: Path, named: str, made: Projection) -> None:
    import pandas as pd

    table, record = paths(home, named)
    storage.make_folder(table.parent)
    file = io.BytesIO()
    pd.DataFrame(made.xy, columns=["x", "y"]).to_parquet(file, index=False)
    storage.write_bytes(table, file.getvalue())
    plain = {name: getattr(made, name) for name in _FACTS} | {"sha256": storage.sha256_bytes(file.getvalue())}
    storage.write_json(record, {**plain, "digest": workspace.key(plain)})
