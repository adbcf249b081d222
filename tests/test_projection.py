"""Maps: every layout on every awkward input, trustworthiness held to scikit-learn, the cache, queries on the map."""

from __future__ import annotations

import numpy as np
import pytest

from data.errors import Cancelled
from eval import projection
from eval.layouts import LAYOUTS, neighbours
from eval.projection import cached, place, project, trustworthiness


def clusters(n: int, size: int = 32, groups: int = 6, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, size))
    rows = centres[np.arange(n) % groups] + 0.3 * rng.normal(size=(n, size))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_four_layouts_are_there():
    assert tuple(LAYOUTS) == ("umap", "pca", "tsne", "svd")


@pytest.mark.parametrize("method", LAYOUTS)
def test_a_seeded_map_is_the_same_twice_and_keeps_groups_together(method):
    rows = clusters(300)
    one, again = project(rows, method, seed=3), project(rows, method, seed=3)
    assert one.xy.dtype == np.float32 and one.xy.shape == (300, 2)
    assert np.array_equal(one.xy, again.xy)
    assert one.trustworthiness > 0.75 and one.judged_by == 15 and one.sampled == 300
    if method not in ("pca", "svd"):
        near = neighbours(one.xy, 6)[0][:, 1:]
        assert (near % 6 == np.arange(300)[:, None] % 6).mean() > 0.95
        assert not np.array_equal(project(rows, method, seed=4).xy, one.xy)


@pytest.mark.parametrize("method", LAYOUTS)
@pytest.mark.parametrize("n", [5, 6, 17])
def test_a_handful_of_pictures_makes_a_map(method, n):
    made = project(clusters(n), method)
    assert np.isfinite(made.xy).all() and 0 <= made.trustworthiness <= 1


@pytest.mark.parametrize("method", LAYOUTS)
@pytest.mark.parametrize("different", [1, 2, 7])
def test_pictures_that_repeat_make_a_map(method, different):
    made = project(clusters(different)[np.arange(40) % different], method)
    assert np.isfinite(made.xy).all() and np.isfinite(made.trustworthiness)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_fewer_than_five_pictures_are_told_not_drawn(n):
    with pytest.raises(ValueError, match=f"at least 5 pictures.*there are {n}"):
        project(np.ones((n, 8), np.float32))


@pytest.mark.parametrize(
    ("choice", "says"), [({"method": "lda"}, "umap, pca, tsne, svd"), ({"seed": -1}, "seed"), ({"seed": 2**32}, "seed")]
)
def test_an_impossible_choice_is_refused(choice, says):
    with pytest.raises(ValueError, match=says):
        project(clusters(20), **choice)


def test_rows_that_are_not_finite_are_left_out_and_counted(tmp_path):
    rows = clusters(60)
    rows[[3, 40]] = np.nan
    rows[7, 0] = np.inf
    made = project(rows, "pca", queries=clusters(2, seed=5), home=tmp_path)
    assert made.left_out == 3 and np.isnan(made.xy[[3, 7, 40]]).all()
    others = np.delete(np.arange(60), [3, 7, 40])
    assert np.array_equal(made.xy[others], project(rows[others], "pca").xy)
    assert np.isfinite(made.query_xy).all()
    assert np.array_equal(project(rows, "pca", home=tmp_path).xy, made.xy, equal_nan=True)


@pytest.mark.parametrize("n", [12, 31, 200, 900])
def test_trustworthiness_is_scikit_learns_when_every_row_is_measured(n):
    from sklearn.manifold import trustworthiness as theirs

    rng = np.random.default_rng(n)
    rows, xy = clusters(n, seed=n), rng.normal(size=(n, 2)).astype(np.float32)
    xy[: n // 2] = project(rows, "pca").xy[: n // 2]
    value, k, measured = trustworthiness(rows, xy)
    assert measured == n and k == min(15, (n - 1) // 2)
    assert value == pytest.approx(theirs(rows.astype(np.float64), xy, n_neighbors=k), abs=1e-9)


def test_a_sample_of_the_rows_comes_near_the_whole_and_is_the_same_each_time():
    rows = clusters(1500)
    xy = project(rows, "pca").xy
    whole, _, measured = trustworthiness(rows, xy, sample=1500)
    part, _, sampled = trustworthiness(rows, xy, sample=500)
    assert (measured, sampled) == (1500, 500)
    assert part == pytest.approx(whole, abs=0.02) and part == trustworthiness(rows, xy, sample=500)[0]


def test_the_neighbours_of_a_point_begin_with_itself_even_among_its_doubles():
    rows = np.repeat(clusters(3), 30, axis=0)
    near, distances = neighbours(rows, 15)
    assert np.array_equal(near[:, 0], np.arange(90)) and (distances[:, 0] == 0).all()
    assert all(len(set(line)) == 15 for line in near.tolist())


def test_a_query_stands_at_the_rank_weighted_mean_of_its_nearest_pictures():
    rows = clusters(100)
    xy = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    query = clusters(1, seed=9)
    order = sorted(range(100), key=lambda row: -float(rows[row] @ query[0]))[:20]
    weights = [1 / rank for rank in range(1, 21)]
    expected = sum(w * xy[row].astype(float) for w, row in zip(weights, order, strict=True)) / sum(weights)
    assert place(query, rows, xy)[0] == pytest.approx(expected, abs=1e-5)


def test_a_map_is_kept_and_found_again_by_what_it_was_made_of(tmp_path):
    rows = clusters(80)
    made = project(rows, "pca", seed=1, home=tmp_path)
    found = project(rows, "pca", seed=1, queries=clusters(3, seed=2), home=tmp_path)
    assert not made.cached and found.cached and np.array_equal(found.xy, made.xy)
    assert found.trustworthiness == made.trustworthiness and found.seconds == made.seconds
    assert found.query_xy.shape == (3, 2) and "1/rank" in found.query_method and made.query_method == ""
    assert cached(rows, "pca", 2, tmp_path) is None and cached(rows, "umap", 1, tmp_path) is None
    assert cached(rows[:79], "pca", 1, tmp_path) is None and cached(rows[::-1], "pca", 1, tmp_path) is None


@pytest.mark.parametrize("suffix", [".parquet", ".json"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "delete"])
def test_a_damaged_map_is_set_aside_and_made_again(tmp_path, suffix, damage):
    rows = clusters(50)
    made = project(rows, "pca", home=tmp_path)
    path = next((tmp_path / "projections").glob("*" + suffix))
    data = path.read_bytes()
    path.unlink()
    if damage != "delete":
        path.write_bytes(data[:-30] if damage == "truncate" else data[:60] + bytes([data[60] ^ 1]) + data[61:])
    assert cached(rows, "pca", 0, tmp_path) is None
    assert list((tmp_path / "damaged").iterdir())
    again = project(rows, "pca", home=tmp_path)
    assert np.array_equal(again.xy, made.xy) and cached(rows, "pca", 0, tmp_path) is not None


def test_progress_is_told_and_a_cancelled_map_leaves_nothing(tmp_path):
    told = []

    def stop(done, total, what):
        told.append((done, total, what))
        if what == "judge":
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        project(clusters(40), "pca", home=tmp_path, progress=stop)
    assert told == [(0, 3, "reduce"), (1, 3, "map"), (2, 3, "judge")]
    assert not list(tmp_path.rglob("*.*"))


def test_the_version_of_the_layouts_is_part_of_the_key(monkeypatch, tmp_path):
    rows = clusters(20)
    before = projection.key(rows, "pca", 0)
    monkeypatch.setattr(projection, "VERSION", 99)
    assert projection.key(rows, "pca", 0) != before


def test_truncated_svd_is_numpys_with_the_mean_left_in():
    rows = clusters(60)
    left, sizes, _right = np.linalg.svd(rows.astype(np.float64), full_matrices=False)
    made = project(rows, "svd").xy
    assert np.abs(made) == pytest.approx(np.abs(left[:, :2] * sizes[:2]), abs=1e-5)
    assert np.abs(made - project(rows, "pca").xy).max() > 0.05
