"""Vectors to two columns: PCA, truncated SVD, UMAP and t-SNE, the last two after a PCA to fifty columns."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

COLUMNS = 50  # that are left before UMAP and t-SNE; more cost time and carry little of a picture map
NEIGHBOURS = 15  # of UMAP
MANY, EPOCHS = 10_000, 120  # beyond so many points UMAP takes 120 rounds, not its usual 200: as trustworthy, sooner
PERPLEXITY = 30.0  # of t-SNE, less for few points
SPREAD = 10.0  # half the width of UMAP's starting layout
SEEDS = 2**32  # what the libraries accept as a seed

Layout = Callable[[np.ndarray, int], np.ndarray]


def reduce(matrix: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """The first principal components float32 (n, ≤ 50), with fixed signs, and the share of variance in two."""
    from sklearn.decomposition import PCA

    columns = min(COLUMNS, *matrix.shape)
    solver = "covariance_eigh" if matrix.shape[0] > matrix.shape[1] else "full"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 0/0 for pictures that are all the same
        pca = PCA(columns, svd_solver=solver, random_state=seed)
        reduced = pca.fit_transform(np.asarray(matrix, np.float64))
    explained = float(np.nan_to_num(pca.explained_variance_ratio_[:2]).sum())
    return reduced.astype(np.float32), explained


def neighbours(points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest points of each, itself first: rows int64 (n, k) and Euclidean distances float32 (n, k); exact."""
    import faiss

    index = faiss.IndexFlatL2(points.shape[1])
    index.add(np.ascontiguousarray(points))
    squared, rows = index.search(np.ascontiguousarray(points), k)
    own = np.arange(len(points))
    for row in np.flatnonzero(rows[:, 0] != own):  # a point with a double may find the double first
        place = np.flatnonzero(rows[row] == row)
        at = place[0] if len(place) else k - 1
        rows[row, 1 : at + 1], squared[row, 1 : at + 1] = rows[row, :at].copy(), squared[row, :at].copy()
        rows[row, 0], squared[row, 0] = row, 0
    return rows, np.sqrt(np.maximum(squared, 0))


def pca(points: np.ndarray, seed: int) -> np.ndarray:
    """The first two principal components: straight, quick, blind to what is curled up."""
    flat = np.zeros((len(points), 2), np.float32)
    flat[:, : min(2, points.shape[1])] = points[:, :2]
    return flat


def umap(points: np.ndarray, seed: int) -> np.ndarray:
    """UMAP (arXiv:1802.03426) from exact neighbours, started from the principal components, seeded."""
    from umap import UMAP

    k = min(NEIGHBOURS, len(points) - 1)
    rows, distances = neighbours(points, k)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on one thread because of the seed; no transform because of our neighbours
        made = UMAP(
            n_neighbors=k,
            n_epochs=EPOCHS if len(points) > MANY else None,
            precomputed_knn=(rows, distances),
            init=start(points, seed),
            random_state=seed,
            n_jobs=1,
        )
        laid = made.fit_transform(points)
    return np.asarray(laid, np.float32)


def start(points: np.ndarray, seed: int) -> np.ndarray:
    """A starting layout: the first two components scaled to ±10, with a little seeded noise to part equal points."""
    flat = pca(points, seed).astype(np.float64)
    widest = np.abs(flat).max()
    scaled = flat * (SPREAD / widest) if widest > 0 else flat
    noise = np.random.default_rng(seed).normal(scale=1e-4 * SPREAD, size=scaled.shape)
    return (scaled + noise).astype(np.float32)


def tsne(points: np.ndarray, seed: int) -> np.ndarray:
    """t-SNE (van der Maaten and Hinton 2008; Barnes-Hut), started from the principal components, seeded.

    On one thread: the sum over threads has no fixed order, and a seeded map must not depend on it.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    begun = start(points, seed) * (1e-4 / SPREAD)
    perplexity = min(PERPLEXITY, (len(points) - 1) / 3)
    made = TSNE(perplexity=perplexity, init=begun, random_state=seed, n_jobs=1)
    with threadpool_limits(1, user_api="openmp"):
        return np.asarray(made.fit_transform(points), np.float32)


def svd(rows: np.ndarray, seed: int) -> np.ndarray:
    """The first two right singular vectors' columns, the mean left in, with fixed signs (truncated SVD, as in LSA)."""
    from sklearn.decomposition import TruncatedSVD

    made = TruncatedSVD(2, algorithm="arpack" if min(rows.shape) > 2 else "randomized", random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # 0/0 for pictures that are all the same
        return np.asarray(made.fit_transform(np.asarray(rows, np.float64)), np.float32)


LAYOUTS: dict[str, Layout] = {"umap": umap, "pca": pca, "tsne": tsne, "svd": svd}
WHOLE = {"svd"}  # layouts of the rows as they are; the others take their principal components
