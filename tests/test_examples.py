"""What Search suggests: a query that the chosen model answers well in the language it reads, whatever the screen's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_pages import opened, sound, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from app.search import examples
from data import queries
from data.judgments import TextQuery

READS_BOTH, READS_RUSSIAN, BUNDLED = "ruclip:tiny", "ruclip:other", "ruclip:bundled/mini-ruclip"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Russian queries and the same in English; one model is better in English, the other in Russian."""
    folder = tmp_path_factory.mktemp("examples")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    for name, seed in (("tiny", 0), ("other", 1)):
        tiny_ruclip(bench.home / "models" / name, seed=seed)
    bench.import_catalogue(shop.csv, name="shop")
    russian = bench.add_query_set([shop.queries, shop.qrels], "shop", name="words")
    english = replace(
        russian, name="words-en", queries=tuple(TextQuery(q.id, f"thing number {q.id}") for q in russian.queries)
    )
    queries.save(bench.home, english)
    good, poor = bench.evaluate(["bm25", "chance"], "shop", "words")
    in_english = bench.evaluate(["chance"], "shop", "words-en")[0].run
    told = replace(in_english, rankings=good.run.rankings)
    for number, (spec, run) in enumerate(
        ((READS_BOTH, told), (READS_BOTH, poor.run), (READS_RUSSIAN, in_english), (READS_RUSSIAN, good.run))
    ):
        bench.store.add(replace(run, id=f"run-{number}", spec=spec))
    return bench.home


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


@pytest.mark.parametrize("screen", ["ru", "en"])
@pytest.mark.parametrize(("spec", "reads"), [(READS_BOTH, "en"), (READS_RUSSIAN, "ru"), (BUNDLED, "ru"),
                                             ("openclip:bundled/mini-clip", "en"), ("bm25", "ru")])  # fmt: skip
def test_the_example_is_in_the_language_that_the_model_reads(spec: str, reads: str, screen: str, here: Path) -> None:
    test = opened("search", screen, model=spec)
    suggested = test.text_input(key="q").placeholder
    assert examples.language_of([suggested.partition(":")[2]]) == reads
    asked = {"ru": {"ru": "по-русски", "en": "по-английски"}, "en": {"ru": "in Russian,", "en": "in English,"}}[screen]
    assert asked[reads] in words(test)
    sound(test.button(key="try").click().run()) if spec == "bm25" else None


def test_the_example_is_the_query_that_the_model_answers_best(here: Path) -> None:
    found = Bench(here).evaluation("run-3").per_query
    assert (
        opened("search", model=READS_RUSSIAN)
        .text_input(key="q")
        .placeholder.endswith(str(found["text"].iloc[int(found["AP"].argmax())]))
    )


def test_advice_names_only_what_is_really_so(here: Path) -> None:
    plain = words(opened("search", "en", q="круглая луна", model="bm25"))
    assert "Try other words." in plain and "filter" not in plain and "another language" not in plain
    filtered = words(opened("search", "en", q="круглая луна", model="bm25", only_source=["north"]))
    assert "take a filter off" in filtered
    english = words(opened("search", "en", q="kitten in a hat", model="bm25"))
    assert "reads Russian" in english and "filter" not in english


def test_words_in_another_language_than_the_models_are_told_beside_what_it_finds(here: Path) -> None:
    Bench(here).embed(READS_RUSSIAN, "shop")
    assert "reads Russian" in words(opened("search", "en", q="kitten in a hat", model=READS_RUSSIAN))
    assert "reads Russian" not in words(opened("search", "en", q="круг", model=READS_RUSSIAN))


@pytest.mark.parametrize(("texts", "code"), [(["котёнок", "cat"], "ru"), (["kitten"], "en"), (["42 🧵"], ""), ([], "")])
def test_the_language_of_texts_is_that_of_most_letters(texts: list[str], code: str) -> None:
    assert examples.language_of(texts) == code
