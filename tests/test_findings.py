"""First findings on the Overview: which pairs are told, and that they say what the stored runs say."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from test_pages import opened, words
from tiny_shop import tiny_shop

from app.bench import Bench
from app.compare import verdict_words
from data import queries
from data.judgments import TextQuery
from eval import stats

RU, EN = "words", "words-en"
RUCLIP, CLIP, TUNED = "ruclip:bundled/mini-ruclip", "openclip:bundled/mini-clip", "openclip:bundled/mini-clip+shop"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A workspace in which a Russian reader finds what BM25 finds, an English one nothing unless asked in English."""
    folder = tmp_path_factory.mktemp("findings")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    bench.import_catalogue(shop.csv, name="shop")
    russian = bench.add_query_set([shop.queries, shop.qrels], "shop", name=RU)
    asked = tuple(TextQuery(query.id, f"thing number {query.id}") for query in russian.queries)
    queries.save(bench.home, replace(russian, name=EN, queries=asked))
    found, lots = bench.evaluate(["bm25", "chance"], "shop", RU)
    english = bench.evaluate(["chance"], "shop", EN)[0].run
    runs = {"home": str(bench.home), "bm25": found.run.id}
    for name, like, spec in (("ruclip", found.run, RUCLIP), ("clip", lots.run, CLIP), ("tuned", lots.run, TUNED)):
        runs[name] = bench.store.add(replace(like, id=f"run-{name}", spec=spec))
    runs["english"] = bench.store.add(replace(english, id="run-english", spec=CLIP, rankings=found.run.rankings))
    return runs


@pytest.mark.parametrize("language", ["ru", "en"])
def test_families_tuning_and_language_are_told_with_p_corrected_for_the_pairs_told(
    language: str, told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", told["home"])
    page = words(opened("overview", language)).replace("\\", "")
    bench = Bench(Path(told["home"]))
    pairs = [("ruclip", "clip"), ("tuned", "clip"), ("ruclip", "bm25"), ("english", "clip")]
    verdicts = [bench.compared([told[a], told[b]]).between(told[a], told[b]) for a, b in pairs]
    family, tuning, held, gap = verdicts
    assert held.equal
    assert tuning.equal and family.difference == gap.difference > 0
    for p in {p for p in stats.holm([v.p for v in verdicts]) if p < 1}:
        shown = verdict_words.p(p).replace("\u00a0", " ")
        assert shown.replace(".", "," if language == "ru" else ".") in page
    for title in {"ru": ("Что дало дообучение", "язык"), "en": ("What fine-tuning brought", "language")}[language]:
        assert title in page


def test_the_best_model_is_held_against_word_search_in_every_pool_that_both_searched(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = shutil.copytree(told["home"], tmp_path / "home")
    monkeypatch.setenv("UZOR_HOME", str(home))
    assert words(opened("overview", "en")).count("Against search by words") == 1
    bench = Bench(home)
    lots = bench.evaluate(["chance", "bm25"], "shop", RU, pool="judged")[0].run
    bench.store.add(replace(lots, id="run-judged", spec=RUCLIP))
    bench.evaluate(["bm25"], "shop", RU, where={"source": ["north"]})
    page = words(opened("overview", "en"))
    assert "Against search by words (judged items only).** BM25 is better than mini-ruclip" in page
    assert page.count("Against search by words") == 2 and "(whole catalogue)" in page
    assert "sees nothing but the pictures" in page


def test_a_catalogue_with_one_model_has_no_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    shop, bench = tiny_shop(tmp_path / "shop"), Bench(tmp_path / "home")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name=RU)
    bench.evaluate(["bm25", "chance"], "shop", RU)
    assert "First findings" not in words(opened("overview", "en"))
