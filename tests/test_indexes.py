"""Every index back end is held to one contract, and to brute force in float64."""

from __future__ import annotations

import numpy as np
import pytest

from eval import registry

KINDS = sorted(registry.indexes())


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered(n: int, size: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(n // 50, 1), size))
    return unit(centres[rng.integers(len(centres), size=n)] + 0.05 * rng.normal(size=(n, size)))


def truth(matrix: np.ndarray, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Python's own sort over float64 products rounded to float32: higher score first, then the smaller row."""
    scores, rows = [], []
    for query in queries.astype(np.float64):
        found = [(np.float32((row * query).sum()), at) for at, row in enumerate(matrix.astype(np.float64))]
        found.sort(key=lambda pair: (-pair[0], pair[1]))
        scores.append([score for score, _ in found[:k]])
        rows.append([at for _, at in found[:k]])
    return np.array(scores, np.float32), np.array(rows, np.int64)


def made(kind: str, matrix: np.ndarray):
    index = registry.index(kind)
    index.add(matrix)
    return index


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "size", "k"), [(1, 4, 1), (3, 5, 10), (257, 33, 7), (1000, 64, 40), (503, 127, 503)])
def test_every_index_answers_what_brute_force_does(kind, n, size, k):
    matrix, queries = clustered(n, size), clustered(9, size, seed=1)
    scores, rows = made(kind, matrix).search(queries, k)
    true_scores, true_rows = truth(matrix, queries, k)
    assert rows.dtype == np.int64 and scores.dtype == np.float32
    assert rows.shape == scores.shape == (9, min(n, k))
    assert np.array_equal(rows, true_rows)
    assert np.abs(scores - true_scores).max() <= 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_equal_rows_stand_in_the_order_of_their_rows_even_where_the_cut_falls_among_them(kind):
    one = clustered(300, 61)
    matrix = np.concatenate([one[:7], np.repeat(one[7:8], 130, axis=0), one[8:], np.repeat(one[7:8], 70, axis=0)])
    same = [*range(7, 137), *range(429, 499)]
    for k in (1, 5, 60, 150, 200):
        _, rows = made(kind, matrix).search(matrix[7:8], k)
        assert rows[0].tolist() == same[:k]


@pytest.mark.parametrize("kind", KINDS)
def test_a_catalogue_of_one_picture_repeated_is_answered_in_catalogue_order(kind):
    matrix = np.repeat(clustered(1, 16), 1003, axis=0)
    scores, rows = made(kind, matrix).search(matrix[:2], 1000)
    assert rows.tolist() == [list(range(1000))] * 2
    assert np.unique(scores).size == 1


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_results_are_the_beginning_of_more_results(kind):
    index, queries = made(kind, clustered(700, 48)), clustered(5, 48, seed=3)
    many = index.search(queries, 60)
    for k in (1, 2, 17, 59):
        few = index.search(queries, k)
        assert np.array_equal(few[0], many[0][:, :k]) and np.array_equal(few[1], many[1][:, :k])


@pytest.mark.parametrize("kind", KINDS)
def test_a_query_alone_gets_what_it_gets_among_others(kind):
    index, queries = made(kind, clustered(900, 40)), clustered(70, 40, seed=4)
    together = index.search(queries, 12)
    for at in (0, 33, 69):
        alone = index.search(queries[at : at + 1], 12)
        assert np.array_equal(alone[0][0], together[0][at]) and np.array_equal(alone[1][0], together[1][at])


@pytest.mark.parametrize("kind", KINDS)
def test_no_queries_get_no_rows(kind):
    scores, rows = made(kind, clustered(10, 8)).search(np.zeros((0, 8), np.float32), 3)
    assert scores.shape == rows.shape == (0, 3)


NAN = np.array([[np.nan, 0, 0, 0]], np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("queries", "k", "says"),
    [
        (clustered(1, 5), 3, "4 numbers.*same encoder"),
        (clustered(1, 4), 0, "at least 1"),
        (NAN, 3, "not finite"),
        (np.zeros(4, np.float32), 3, "4 numbers"),
    ],
)
def test_a_query_that_does_not_fit_is_refused_in_words(kind, queries, k, says):
    with pytest.raises(ValueError, match=says):
        made(kind, clustered(6, 4)).search(queries, k)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("matrix", [np.zeros((0, 4)), np.zeros(4), np.full((2, 2), np.inf), np.full((2, 2), np.nan)])
def test_rows_that_cannot_be_searched_are_refused(kind, matrix):
    with pytest.raises(ValueError, match=r"matrix \(n, size\)|not finite"):
        registry.index(kind).add(matrix)


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_is_filled_once_and_not_asked_before(kind):
    index = registry.index(kind)
    with pytest.raises(ValueError, match="no rows yet"):
        index.search(clustered(1, 4), 1)
    index.add(clustered(6, 4))
    with pytest.raises(ValueError, match="its rows already"):
        index.add(clustered(6, 4))
