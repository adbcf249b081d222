"""Near-duplicates among results are shown as one, with nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_shop import tiny_shop

from app.bench import Bench
from data import likeness
from eval.copies import leaders, near, rare

PLAIN = np.zeros(4, np.uint64)


def marks(*set_bits: range) -> np.ndarray:
    """uint64 (n, 4) with those bits set in the first word of each row."""
    first = [sum(1 << bit for bit in bits) for bits in set_bits]
    return np.array([[one, 0, 0, 0] for one in first], np.uint64)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("collapsing")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    bench.import_catalogue(shop.csv, name="shop")
    return bench


def firsts(bits: np.ndarray, rows: np.ndarray | None = None, same: float = 0.95) -> list[int]:
    return leaders(near(bits, rows, same)).tolist()


def test_the_first_of_nearly_equal_pictures_leads_and_others_stay_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    bits = marks(range(20), range(40, 60), range(24), range(40, 55))
    for most, led in ((5, [0, 1, 0, 1]), (4, [0, 1, 0, 3]), (3, [0, 1, 2, 3])):
        monkeypatch.setattr(likeness, "NEAR", most)
        assert firsts(bits) == led


def test_small_steps_do_not_chain_two_different_pictures_together() -> None:
    step = likeness.NEAR
    assert firsts(marks(range(20), range(20 + step), range(20 + 2 * step))) == [0, 0, 2]


def test_plain_grounds_are_like_no_other() -> None:
    assert firsts(np.stack([PLAIN, PLAIN, *marks(range(2))])) == [0, 1, 2]


def test_vectors_join_what_looks_different_from_the_given_cosine_on() -> None:
    bits = marks(range(20), range(20, 40), range(40, 60))
    rows = np.array([[1, 0], [0.96, 0.28], [0.6, 0.8]], np.float32)
    assert firsts(bits, rows, 0.95) == [0, 0, 2] and firsts(bits, rows, 0.97) == [0, 1, 2]


def test_in_a_narrow_space_copies_have_to_be_nearer_than_the_least() -> None:
    spread = np.linalg.qr(np.random.default_rng(1).normal(size=(64, 64)))[0].astype(np.float32)
    narrow = spread * 0.1 + np.float32(1)
    narrow /= np.linalg.norm(narrow, axis=1, keepdims=True)
    assert rare(spread, 0.95) == 0.95 < rare(narrow, 0.95) <= 1


def test_colours_of_one_shape_become_one_hit_that_names_those_behind_it(bench: Bench) -> None:
    plain = bench.ask("bm25", "круг", "shop", 24)
    found = bench.ask("bm25", "круг", "shop", 24, collapse=True)
    assert len(plain.hits) == 8 and [hit.id for hit in found.hits] == [plain.hits[0].id]
    assert [plain.hits[0].id, *found.copies[plain.hits[0].id]] == [hit.id for hit in plain.hits]


def test_ranks_stay_those_of_the_whole_ranking_and_enough_results_remain(bench: Bench) -> None:
    plain = {hit.id: hit.rank for hit in bench.ask("bm25", "красный", "shop", 24).hits}
    found = bench.ask("bm25", "красный", "shop", 3, collapse=True)
    assert [hit.rank for hit in found.hits] == [plain[hit.id] for hit in found.hits]
    assert len(found.hits) == 3, "a circle, a square and a triangle, though each stands there twice"
    assert len({hit.category for hit in found.hits}) == 3


def test_nothing_found_stays_nothing(bench: Bench) -> None:
    assert bench.ask("bm25", "самолёт", "shop", 5, collapse=True).hits == ()
