"""The gallery, its judged pool and the training set: counts, grades, nothing shared, two shops, near-duplicates."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from data.demo import naming, recipes, vocabulary
from data.demo.gallery import GALLERY, TRAINING, gallery, pool, training
from data.demo.relevance import facts, grades, holds, terms
from data.demo.shops import SHOPS, offered

# Relevant items of each query, 1 to 24, as the 2025 report's notebooks print them.
REPORTED = [16, 16, 14, 14, 15, 15, 7, 16, 18, 14, 9, 16, 15, 11, 6, 15, 16, 16, 15, 15, 15, 18, 12, 11]


def relevant(offers):
    return Counter(query for offer in offers for query in grades(offer.recipe))


def test_the_pool_answers_each_query_as_often_as_the_report_did():
    assert [relevant(pool())[str(number)] for number in range(1, 25)] == REPORTED
    assert abs(len(pool()) - 328) <= 10 and len({offer.id for offer in pool()}) == len(pool())
    assert all(grades(offer.recipe) for offer in pool())


def test_what_answers_a_query_is_drawn_in_at_least_four_ways():
    for number in map(str, range(1, 25)):
        answers = [offer.recipe for offer in pool() if number in grades(offer.recipe)]
        assert len({recipe.motifs or recipe.words for recipe in answers}) >= 4, number


def test_nothing_outside_the_pool_answers_any_of_the_24_queries():
    outside = {offer.id for offer in gallery()} - {offer.id for offer in pool()}
    assert len(gallery()) == GALLERY and len(outside) == GALLERY - len(pool())
    assert relevant(gallery()) == relevant(pool())
    asked = {motif.slug for motif in vocabulary.motifs().values() if vocabulary.themes()[motif.theme].query}
    for offer in gallery():
        if offer.id in outside:
            assert not asked & set(offer.recipe.motifs) and not offer.recipe.words


def test_a_design_about_a_query_has_grade_2_and_one_that_shows_it_in_part_grade_1():
    plain = recipes.drawn_from(7, vocabulary.motifs()["kitten-sits"])
    alone = replace(plain, motifs=("kitten-sits",), arrangement="single", words="")
    assert grades(alone) == {"1": 2}
    assert grades(replace(alone, words="привет")) == {"1": 2, "12": 1}
    assert grades(replace(alone, motifs=("kitten-sits", "butterfly-front"))) == {"1": 2, "16": 1}
    assert grades(replace(alone, theme="space", motifs=("satellite",))) == {"9": 2, "11": 1}
    assert grades(recipes.lettering(3, "лето")) == {"12": 2}
    assert grades(replace(alone, theme="fruit", motifs=("apple",))) == {}
    assert {grade for offer in pool() for grade in grades(offer.recipe).values()} == {1, 2}


def test_training_shares_no_seed_and_no_motif_in_the_same_colours_and_arrangement_with_the_gallery():
    assert len(training()) == TRAINING >= 6000
    assert not {o.recipe.seed for o in training()} & {o.recipe.seed for o in gallery()}
    assert not {o.recipe.combination for o in training()} & {o.recipe.combination for o in gallery()}
    assert not {o.id for o in training()} & {o.id for o in gallery()}
    assert not {o.line for o in training()} & {o.line for o in gallery()}


def test_training_knows_every_motif():
    assert {slug for offer in training() for slug in offer.recipe.motifs} == set(vocabulary.motifs())
    assert all(relevant(training())[str(number)] >= 50 for number in range(1, 25))


def test_some_designs_are_sold_by_both_shops_and_are_the_same_recipe():
    by_design: dict[str, list] = {}
    for offer in gallery():
        by_design.setdefault(offer.design, []).append(offer)
    both = [offers for offers in by_design.values() if len(offers) > 1]
    assert len(both) >= 200
    for offers in both:
        assert sorted(offer.shop for offer in offers) == sorted(SHOPS)
        assert offers[0].recipe == offers[1].recipe


def test_some_designs_come_in_other_colours_and_differ_in_nothing_else():
    by_line: dict[str, dict] = {}
    for offer in gallery():
        by_line.setdefault(offer.line, {})[offer.design] = offer.recipe
    lines = [list(designs.values()) for designs in by_line.values() if len(designs) > 1]
    assert len(lines) >= 20
    for one, other in lines:
        assert one.palettes[0] != other.palettes[0]
        assert replace(other, palettes=one.palettes) == one


def test_the_sets_are_the_same_in_another_process_with_another_hash_seed():
    code = (
        "from data.demo.gallery import gallery; import hashlib; "
        "print(hashlib.sha256(repr(gallery()).encode()).hexdigest())"
    )
    root = Path(__file__).parent.parent
    digests = {
        subprocess.run([sys.executable, "-c", code], cwd=root, env={"PYTHONHASHSEED": seed, "PATH": ""},
                       capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


def test_a_gallery_that_cannot_hold_the_pool_is_refused():
    with pytest.raises(ValueError, match="A gallery of 100 cannot hold the judged pool"):
        gallery(100)


def test_names_say_only_what_is_drawn():
    worn = {"в шляпе": {"hat"}, "в короне": {"crown"}, "с бантиком": {"bow"}, "в рамке": set(recipes.FRAMES)}
    for offer in (*gallery(), *training()[::5]):
        recipe = offer.recipe
        said = " ".join(naming.russian(recipe, random.Random(offer.id)))
        own = " ".join(noun.text for slug in recipe.motifs for noun in vocabulary.motifs()[slug].nouns)
        own += " " + " ".join(vocabulary.motifs()[slug].many for slug in recipe.motifs)
        for words, parts in worn.items():
            if words in said and words not in own:
                assert parts & set(recipe.accessories), (said, recipe)
        for colour, forms in vocabulary.colours().items():
            if any(re.search(rf"\b{forms[gender]}\b", said) for gender in "mfnp"):
                assert f"colour:{colour}" in facts(recipe), (said, recipe)
        assert ("бордюр" in said) == (recipe.arrangement == "row")
        assert ("венок" in said) == (recipe.arrangement == "wreath")
        assert ("в чашке" in said) == (recipe.arrangement == "cup")
        assert ("крестом" in said) <= (recipe.style == "cross")
        assert not recipe.words or recipe.words in said


def test_adjectives_agree_with_the_noun_that_was_chosen():
    recipe = recipes.drawn_from(1, vocabulary.motifs()["kitten-sits"])
    recipe = replace(
        recipe, palettes=("ginger",), style="satin", arrangement="single", accessories=("hat",), motifs=("kitten-sits",)
    )
    said = {naming.russian(recipe, random.Random(seed))[0] for seed in range(40)}
    assert {"рыжий котёнок в шляпе", "рыжая кошечка в шляпе", "котик в шляпе"} <= said
    assert not any("рыжая котёнок" in name or "рыжий кошечка" in name for name in said)
    pair = replace(recipe, arrangement="pair", accessories=())
    assert {naming.russian(pair, random.Random(seed))[0] for seed in range(40)} == {"котята", "рыжие котята"}
    assert "ginger kitten in a hat" in {naming.english(recipe, random.Random(seed)) for seed in range(40)}


def test_the_main_thread_stands_out_from_the_fabric():
    from data.fabrics import FABRICS

    assert {fabric for habits in SHOPS.values() for fabric in habits.fabrics} <= set(FABRICS) == set(naming.FABRICS)
    for offer in gallery()[::7]:
        if offer.recipe.motifs and offer.recipe.style == "satin":
            family = vocabulary.motifs()[offer.recipe.motifs[0]].colours
            thread = vocabulary.palette(family, offer.recipe.palettes[0])["main"]
            ground = FABRICS[offer.fabric][1]
            assert sum((a - b) ** 2 for a, b in zip(ground, thread.rgb, strict=True)) ** 0.5 >= 60, offer


def test_rules_over_facts_know_and_or_and_not():
    known = frozenset({"theme:kitten", "colour:ginger", "lettered"})
    assert holds("theme:kitten colour:ginger", known) and not holds("theme:kitten colour:grey", known)
    assert holds("colour:grey|ginger", known) and not holds("theme:kitten !lettered", known)
    assert holds("!framed", known) and not holds("", known)
    assert terms("theme:a|b !framed") == {"theme:a", "theme:b", "framed"}


def test_offers_of_a_shop_use_its_own_fabrics_and_looks():
    recipe = recipes.drawn_from(1, vocabulary.motifs()["apple"])
    for shop, habits in SHOPS.items():
        offers = [offered(recipe, shop, number, "d", "d") for number in range(40)]
        assert {offer.fabric for offer in offers} <= set(habits.fabrics) and {o.look for o in offers} <= set(
            habits.looks
        )
        assert len({offer.id for offer in offers}) == 40 and all(o.id.startswith(habits.prefix) for o in offers)
