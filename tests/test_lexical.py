"""The two floors: BM25 over words in their dictionary form, and chance."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from tiny_worlds import catalogue

from data.judgments import TextQuery
from eval.contracts import ModelSpec
from eval.lexicon import words
from eval.search import searcher

TITLES = [
    "Котёнок в шляпе",
    "Два кота на окне",
    "Собака",
    "Flying kittens over roses",
    "Роза красная",
    "",
    "Собака",
    "СОБАКИ и кошки, кошки!",
]
DESCRIPTIONS = ["Вышивка крестом", "", "Большая собака лежит", "", "цветок; шляпа", "", "", ""]
TAGS = ["животное", "", "", "", "", "розы|цветок", "", ""]


@pytest.fixture
def shop(tmp_path):
    return catalogue(tmp_path, range(8), columns={"title": TITLES, "description": DESCRIPTIONS, "tags": TAGS})


def ask(shop, spec: str, text: str, k: int = 10, rows=None):
    return searcher(shop, ModelSpec.parse(spec), shop.root).search([TextQuery("q", text)], k, rows)[0]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("котята Котёнок КОТЁНКА котенку", ["котенок"] * 4),
        ("kittens, Kitten's", ["kitten", "kitten", "s"]),
        ("розы в 2-х шляпах", ["роза", "в", "2", "х", "шляпа"]),
        ("", []),
        ("!!! — «»", []),
        ("foo_bar", ["foo", "bar"]),
        ("\u0438\u0306од", ["йод"]),  # й of two characters
    ],
)
def test_words_are_reduced_to_what_they_are_searched_by(text, forms):
    assert words(text) == forms


def test_an_inflected_query_finds_every_form_in_titles_and_descriptions(shop):
    assert set(ask(shop, "bm25", "собаками").items) == {"i002", "i006", "i007"}
    assert ask(shop, "bm25", "котята").items == ("i000",)
    assert ask(shop, "bm25", "kitten").items == ("i003",)
    assert set(ask(shop, "bm25", "в шляпах").items) == {"i000", "i004"}


def test_only_the_named_fields_are_searched(shop):
    assert ask(shop, "bm25", "животные").items == ()
    assert ask(shop, "bm25:title,description,tags", "животные").items == ("i000",)
    assert ask(shop, "bm25:tags", "собака").items == ()
    assert set(ask(shop, "bm25:tags, title", "розы").items) == {"i004", "i005"}


def test_scores_are_lucenes_bm25_worked_out_by_its_formula(shop):
    found = ask(shop, "bm25", "собака")
    texts = [words(f"{title} {description}") for title, description in zip(TITLES, DESCRIPTIONS, strict=True)]
    mean = sum(map(len, texts)) / 8
    holders = [n for n, text in enumerate(texts) if "собака" in text]
    idf = math.log(1 + (8 - len(holders) + 0.5) / (len(holders) + 0.5))
    expected = {}
    for n in holders:
        times = texts[n].count("собака")
        expected[f"i{n:03d}"] = idf * times / (times + 1.5 * (1 - 0.75 + 0.75 * len(texts[n]) / mean))
    assert dict(zip(found.items, found.scores, strict=True)) == pytest.approx(expected, rel=1e-5)
    assert list(found.scores) == sorted(found.scores, reverse=True)


def test_items_of_equal_score_stand_in_catalogue_order_and_others_are_not_returned(tmp_path):
    items = catalogue(tmp_path, range(60), columns={"title": ["роза" if n % 2 else "лилия" for n in range(60)]})
    found = ask(items, "bm25", "розы", 100)
    assert found.items == tuple(f"i{n:03d}" for n in range(1, 60, 2)) and len(set(found.scores)) == 1
    assert ask(items, "bm25", "розы", 7).items == found.items[:7]


def test_a_filter_keeps_the_scores_of_the_whole_catalogue(shop):
    everything = dict(zip(*[ask(shop, "bm25", "собака").items, ask(shop, "bm25", "собака").scores], strict=True))
    some = ask(shop, "bm25", "собака", rows=np.array([0, 6, 7]))
    assert set(some.items) == {"i006", "i007"}
    assert all(everything[item] == score for item, score in zip(some.items, some.scores, strict=True))


@pytest.mark.parametrize("text", ["", "абракадабра", "!!!", "<script>", "' OR 1=1 --"])
def test_a_query_without_a_known_word_finds_nothing(shop, text):
    assert ask(shop, "bm25", text).items == ()


def test_a_catalogue_without_any_word_can_be_asked(tmp_path):
    items = catalogue(tmp_path, range(3), columns={"title": ["", "", ""]})
    assert ask(items, "bm25", "кот").items == ()


def test_a_column_that_is_not_there_is_refused_with_those_there_are(shop):
    with pytest.raises(LookupError, match=r"no column price_eur.*title"):
        searcher(shop, ModelSpec.parse("bm25:title,price_eur"), shop.root)


@pytest.mark.parametrize("spec", ["bm25", "chance", "chance:3"])
def test_a_lexical_searcher_answers_the_same_twice_alone_and_together_and_says_what_it_is(shop, spec):
    one = searcher(shop, ModelSpec.parse(spec), shop.root)
    other = searcher(shop, ModelSpec.parse(spec), shop.root)
    queries = [TextQuery("a", "собака"), TextQuery("b", "роза")]
    together = one.search(queries, 5)
    assert together == other.search(queries, 5) == [one.search([query], 5)[0] for query in queries]
    assert one.fingerprint == other.fingerprint and str(one.spec) == spec
    assert one.settings and one.facts(queries, {}) == {} and not one.truncated("x" * 1000)
    changed = dataclasses.replace(shop, fingerprint="0" * 64)
    assert searcher(changed, ModelSpec.parse(spec), shop.root).fingerprint != one.fingerprint
    with pytest.raises(ValueError, match="at least 1"):
        one.search(queries, 0)


def test_chance_depends_on_seed_query_and_catalogue_and_on_nothing_else(shop):
    def order(spec, query, text="x", items=shop):
        return searcher(items, ModelSpec.parse(spec), shop.root).search([TextQuery(query, text)], 8)[0].items

    base = order("chance", "q")
    assert sorted(base) == list(shop.ids) and order("chance:0", "q") == base
    others = [order("chance:1", "q"), order("chance", "r"), order("chance", "q", "y")]
    others.append(order("chance", "q", items=dataclasses.replace(shop, fingerprint="1" * 64)))
    assert all(other != base for other in others)


def test_chance_over_a_filter_keeps_the_order_of_the_whole(shop):
    whole = ask(shop, "chance", "x")
    some = ask(shop, "chance", "x", rows=np.array([1, 4, 6]))
    assert some.items == tuple(item for item in whole.items if item in ("i001", "i004", "i006"))
    assert ask(shop, "chance", "x", k=3).items == whole.items[:3]


def test_every_item_is_as_likely_as_another_to_come_first(tmp_path):
    items = catalogue(tmp_path, range(10))
    queries = [TextQuery(f"q{n}", "x") for n in range(5000)]
    first = [ranking.items[0] for ranking in searcher(items, ModelSpec("chance"), tmp_path).search(queries, 1)]
    counts = np.array([first.count(item) for item in items.ids])
    assert ((counts - 500) ** 2 / 500).sum() < 27.9  # chi-square, 9 degrees of freedom, p = 0.001


def test_a_seed_that_is_no_number_is_refused(shop):
    with pytest.raises(ValueError, match="chance:1"):
        searcher(shop, ModelSpec.parse("chance:abc"), shop.root)


def test_a_lexical_model_takes_no_head(shop):
    with pytest.raises(ValueError, match="takes no head"):
        searcher(shop, ModelSpec("bm25", "", "tuned"), shop.root)
