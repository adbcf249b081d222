"""The query sets that ship: the 24, their variants and the harder ones, judged from what was drawn."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from data import queries
from data.demo import query_sets, vocabulary
from data.demo.gallery import gallery, pool
from data.demo.query_sets import judged, shipped
from data.demo.recipes import FRAMES
from data.demo.relevance import facts, terms
from data.judgments import TextQuery

SHARED = Path(__file__).parent.parent.parent / "shared" / "reference" / "embroidery-24"
SETS = {name: judged(name, gallery(), "embroidery") for name in shipped()}
RECIPES = {offer.id: offer.recipe for offer in gallery()}


def found(text: str) -> dict[str, int]:
    hard = SETS["embroidery-hard"]
    return hard.judged(next(query.id for query in hard.queries if query.text == text))


def test_five_sets_ship_and_are_kept_and_read_by_a_workspace(tmp_path):
    assert shipped() == (
        "embroidery-24", "embroidery-24-en", "embroidery-hard", "embroidery-hard-en", "embroidery-variants",
    )  # fmt: skip
    for name, query_set in SETS.items():
        queries.save(tmp_path, query_set)
        assert queries.load(tmp_path, name) == query_set
        assert query_set.version == "drawn 1"
    with pytest.raises(LookupError, match="No query set 'other' ships with Uzor; there are embroidery-24"):
        judged("other", gallery(), "embroidery")


def test_the_24_have_the_judged_pool_and_the_same_judgments_in_english():
    russian, english = SETS["embroidery-24"], SETS["embroidery-24-en"]
    assert len(russian) == 24 and russian.pool == {offer.id for offer in pool()}
    assert russian.judgments == english.judgments
    assert [query.id for query in russian.queries] == [query.id for query in english.queries]
    assert all(6 <= len(russian.relevant(query.id)) <= 18 for query in russian.queries)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the report's query set (../shared) is not on this machine")
def test_the_24_are_worded_as_in_the_report_and_have_as_many_relevant_items():
    reported = json.loads((SHARED / "semantic_test_queries.json").read_text("utf-8"))
    ours = SETS["embroidery-24"]
    assert [query.text for query in ours.queries] == list(reported)
    assert [len(ours.relevant(query.id)) for query in ours.queries] == [len(items) for items in reported.values()]


def test_at_least_24_harder_queries_of_every_kind_are_judged():
    hard = SETS["embroidery-hard"]
    kinds = Counter(query.kind for query in hard.queries)
    assert len(hard) >= 24 and kinds.keys() >= {"abstract", "homonym", "attribute", "negation", "style", "sense"}
    assert min(kinds.values()) >= 1 and "" not in kinds
    assert all(len(hard.relevant(query.id)) >= 2 for query in hard.queries)
    assert [query.id for query in hard.queries] == [query.id for query in SETS["embroidery-hard-en"].queries]


def test_the_rules_ask_for_facts_that_exist():
    known = set().union(*(facts(recipe) for recipe in RECIPES.values()))
    asked = {term for rule in vocabulary.table("rules.tsv") for cell in list(rule.values())[1:] for term in terms(cell)}
    assert asked <= known


def test_homonyms_mean_both_things_and_the_words_beside_them_only_one():
    senses = {RECIPES[item].motifs[0] for item in found("рак")}
    assert senses == {"crayfish", "zodiac-cancer"}
    river = found("речной рак")
    assert {RECIPES[item].motifs[0] for item, grade in river.items() if grade} == {"crayfish"}
    assert {RECIPES[item].motifs[0] for item, grade in river.items() if not grade} == {"zodiac-cancer"}
    assert {RECIPES[item].motifs[0] for item in found("лук")} == {"onion", "archery-bow"}
    assert {RECIPES[item].motifs[0] for item in found("коса")} == {"scythe", "girl-braid"}


def test_attributes_must_all_be_there_and_near_misses_are_told_apart():
    judged = found("рыжий котёнок в шляпе")
    for item, grade in judged.items():
        recipe = RECIPES[item]
        whole = recipe.palettes[0] in ("ginger", "fox") and "hat" in recipe.accessories
        assert recipe.theme == "kitten" and (grade == 2) == whole
    assert {0, 2} == set(judged.values())
    for item, grade in found("синие цветы в рамке").items():
        recipe = RECIPES[item]
        whole = (
            recipe.palettes[0] == "blue" and bool(set(recipe.accessories) & set(FRAMES)) and recipe.style != "outline"
        )
        assert recipe.theme == "flowers" and (grade == 2) == whole


def test_negations_are_judged_on_what_is_absent():
    for item, grade in found("новый год без надписи").items():
        assert RECIPES[item].theme == "newyear" and (grade == 2) == (not RECIPES[item].words)
    assert set(found("новый год без надписи").values()) == {0, 2}


def test_every_variant_leads_to_its_query_and_shares_its_judgments():
    variants, plain = SETS["embroidery-variants"], SETS["embroidery-24"]
    kinds = Counter(query.kind for query in variants.queries)
    assert kinds.keys() >= {"inflected", "typo", "layout", "transliterated", "yo"}
    assert all(kinds[kind] == 24 for kind in ("inflected", "typo", "layout", "transliterated"))
    for query in variants.queries:
        assert variants.judged(query.id) == plain.judged(query.variant_of)
        assert query.text != plain.query(query.variant_of).text


def test_the_wrong_keyboard_layout_is_the_right_one_typed_blind():
    latin, cyrillic = "qwertyuiop[]asdfghjkl;'zxcvbnm,.", "йцукенгшщзхъфывапролджэячсмитьбю"
    back = str.maketrans(latin, cyrillic)
    plain = SETS["embroidery-24"]
    for query in SETS["embroidery-variants"].queries:
        if query.kind == "layout":
            assert query.text.translate(back) == plain.query(query.variant_of).text


def test_a_typo_is_one_or_two_letters_away():
    def distance(one: str, other: str) -> int:
        row = list(range(len(other) + 1))
        for i, a in enumerate(one, 1):
            row, before = [i], row
            for j, b in enumerate(other, 1):
                row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
        return row[-1]

    plain = SETS["embroidery-24"]
    for query in SETS["embroidery-variants"].queries:
        if query.kind == "typo":
            assert 1 <= distance(query.text, plain.query(query.variant_of).text) <= 2, query


def test_kind_and_variant_are_read_from_the_tags_and_empty_without_them():
    query = TextQuery("1-typo", "катенок", ("дом", "kind:typo", "variant-of:1"))
    assert (query.kind, query.variant_of) == ("typo", "1")
    assert (TextQuery("1", "кот").kind, TextQuery("1", "кот").variant_of) == ("", "")


def test_shipped_files_are_in_the_form_that_the_readers_read(tmp_path):
    from data.query_export import write_qrels

    for name, query_set in SETS.items():
        write_qrels(query_set, tmp_path / "qrels.txt")
        read = queries.read_tsv(query_sets.FOLDER / f"{name}.tsv", tmp_path / "qrels.txt", name, "embroidery")
        assert read.fingerprint == query_set.fingerprint
