"""Hubs and corrections: figures by hand, isotropic vectors, a planted hub, a corrected search and its run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import planted
import pytest

from data.queries import TextQuery
from eval import hubs
from eval.corrections import KINDS, CorrectedSearcher, Correction, density, fitted
from eval.tasks import retrieval


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def first(pictures: np.ndarray, texts: np.ndarray, k: int = 10) -> np.ndarray:
    return np.argsort(-(texts @ pictures.T), axis=1)[:, :k]


def test_exposure_by_hand() -> None:
    counts = hubs.occurrences([np.array([0, 1, 2]), np.array([0, 3, 2])], 5, 2)
    assert counts.tolist() == [2, 1, 0, 1, 0]
    assert hubs.gini(np.array([0, 0, 0, 4])) == pytest.approx(0.75)  # (n − 1) / n: one has all
    assert hubs.gini(np.array([2, 2, 2])) == 0.0 and hubs.gini(np.zeros(3)) == 0.0
    assert hubs.skewness(np.array([0, 0, 3])) == pytest.approx(2**-0.5)  # deviations −1, −1, 2: E = 2, σ = √2
    assert hubs.skewness(np.array([1, 1])) == 0.0
    exposure = hubs.Exposure.of(counts, 2, 2)
    assert (exposure.dark, exposure.dark_share, exposure.most, exposure.least_dark) == (2, 0.4, 2, 1)


def test_parts_of_a_catalogue_and_price_bands() -> None:
    parts = hubs.shares(np.array([3, 0, 1, 0]), ["a", "a", "b", "a"])
    assert [(part.value, part.items, part.dark, part.shown) for part in parts] == [("a", 3, 2, 3), ("b", 1, 0, 1)]
    assert hubs.bands(["100", "200 ₽", "", "300", "400,5"]) == ["100–200", "100–200", "", "200–300", "300–400.5"]
    assert hubs.bands(["", "?"]) == ["", ""] and hubs.bands(["5", "5"]) == ["5", "5"]


def test_isotropic_vectors_have_no_hubs_and_corrections_change_little() -> None:
    rng = np.random.default_rng(0)
    pictures, texts, references = (unit(rng.normal(size=(n, 8))) for n in (200, 6_000, 3_000))
    plain = hubs.Exposure.of(hubs.occurrences(first(pictures, texts), 200, 10), 10, len(texts))
    assert abs(plain.skewness) < 0.6 and plain.hubs <= 3 and plain.dark == 0
    for kind in KINDS:
        correction = Correction(kind, pictures, references)
        found = first(correction.pictures, correction.texts(texts))
        kept = np.mean([len(set(a) & set(b)) for a, b in zip(found, first(pictures, texts), strict=True)]) / 10
        assert kept > 0.8


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_hub_is_found_first_and_a_correction_takes_it_back(kind: str) -> None:
    rng = np.random.default_rng(1)
    own = unit(rng.normal(size=(200, 64)))
    own[:, 0] = 0
    cone = np.eye(64)[0]
    pictures = unit(0.3 * cone + 0.95 * unit(own))
    texts, references = (
        unit(0.85 * cone + 0.53 * unit(np.repeat(own, count, 0) + 0.03 * rng.normal(size=(200 * count, 64))))
        for count in (2, 5)
    )
    pictures[17] = cone  # it points where all texts point
    counts = hubs.occurrences(first(pictures, texts, 1), 200, 1)
    assert hubs.hubs(counts)[0] == 17 and counts[17] > 360
    correction = Correction(kind, pictures, references)
    after = hubs.occurrences(first(correction.pictures, correction.texts(texts), 1), 200, 1)
    assert after[17] < 40
    assert hubs.skewness(after) < hubs.skewness(counts) and hubs.gini(after) < hubs.gini(counts)


def test_csls_is_its_formula() -> None:
    rng = np.random.default_rng(2)
    pictures, texts, references = (unit(rng.normal(size=(n, 6))) for n in (9, 4, 30))
    correction = Correction("csls", pictures, references)
    nearest = np.sort(pictures.astype(float) @ references.T.astype(float), axis=1)[:, -10:].mean(axis=1)
    assert density(pictures, references) == pytest.approx(nearest, abs=1e-6)
    expected = texts.astype(float) @ pictures.T - nearest / 2  # half of 2·cos − r(x)
    assert correction.texts(texts) @ correction.pictures.T == pytest.approx(expected, abs=1e-6)
    with pytest.raises(ValueError, match="none, csls, centred"):
        Correction("inverted", pictures, references)


def test_a_corrected_search_says_so_in_its_run_and_filters_alike(tmp_path: Path) -> None:
    catalogue, asked, plain = planted.scene(tmp_path / "catalogue")
    searcher = CorrectedSearcher(plain, fitted("csls", plain, catalogue, tmp_path))
    run = retrieval.evaluate(catalogue, asked, searcher, k=5)
    assert run.settings["correction"] == "csls" and run.fingerprints["correction"] == searcher.correction.key
    assert run.fingerprints["searcher"] != plain.fingerprint
    rows = np.arange(0, len(catalogue), 3)
    whole, part = (searcher.search([TextQuery("1", "лиса")], len(catalogue), where)[0] for where in (None, rows))
    kept = {catalogue.ids[row] for row in rows}
    assert part.items == tuple(item for item in whole.items if item in kept)
    assert run.facts["pair_cosine"] == retrieval.evaluate(catalogue, asked, plain, k=5).facts["pair_cosine"]
