"""Failures where pictures ask: rules at their limits, the asking item out of everything, corrections on pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from test_failures import seen
from tiny_worlds import PixelEncoder, catalogue

from data import picture_queries
from data.judgments import PictureQuery, QuerySet
from eval import corrections, gallery_sizes, towers
from eval.contracts import Run
from eval.failures import causes, kept, looks, picture_causes
from eval.failures.causes import RULES_OF
from eval.failures.diagnosis import Diagnosis, diagnose
from eval.failures.observed import Dropped, Pictured
from eval.models import bm25
from eval.search import VectorSearcher
from eval.tasks import retrieval
from eval.vectors import vectors

SEEDS = [*range(14), *range(12)]  # every design of the first shop but two in the second as well


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    """Two shops; their pictures of one article are different, but every fourth is the same file."""
    seeds = [seed if place < 14 or seed % 4 == 0 else 100 + seed for place, seed in enumerate(SEEDS)]
    columns = {
        "sku": [f"s{seed}" for seed in SEEDS],
        "source": ["a"] * 14 + ["b"] * 12,
        "title": [f"артикул {seed}" for seed in SEEDS],
        "category": ["круг" if seed % 2 else "квадрат" for seed in SEEDS],
    }
    return catalogue(tmp_path_factory.mktemp("world") / "c", seeds, columns=columns)


@pytest.fixture(scope="module")
def looked(world, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Diagnosis, VectorSearcher, QuerySet, Path]:
    """The run of a random encoder in which every item asks for the other shop's, and its diagnosis."""
    home = tmp_path_factory.mktemp("home")
    asked = picture_queries.from_column(world, "sku")
    searcher = VectorSearcher(PixelEncoder(), vectors(world, PixelEncoder(), home))
    run = retrieval.evaluate(world, asked, searcher, k=3)
    return run, diagnose(run, world, searcher, home), searcher, asked, home


def pictured(lost: dict[str, object] | None = None, **facts: object) -> causes.Observed:
    """A picture's query with 10 relevant items of which none stands among the first 5."""
    return seen(**(lost or {}), pictured=Pictured(**{"missed": 5, **facts}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "fits", "does_not"),
    [
        ("copy_gap", {"gaps": ("a", "b", "c")}, {"gaps": ("a", "b")}),
        ("bare", {"bare": ("",)}, {"bare": ("a", "b")}),
        ("bare", {"bare": ("a", "b", "c")}, {}),
        ("lookalike", {"lookalikes": ("a", "b", "c")}, {"lookalikes": ("a", "b")}),
        ("framing", {"filled": 0.2, "filled_missed": 0.4, "filled_alike": 3},
         {"filled": 0.21, "filled_missed": 0.4, "filled_alike": 3}),
        ("framing", {"filled": 0.2, "filled_missed": 0.4, "filled_alike": 3},
         {"filled": 0.2, "filled_missed": 0.4, "filled_alike": 2}),
        ("ground", {"ground_alike": 3, "ground_missed": 1}, {"ground_alike": 3, "ground_missed": 2}),
        ("ground", {"ground_alike": 3, "ground_missed": 0}, {"ground_alike": 2, "ground_missed": 0}),
        ("ground", {"ground_alike": 3, "ground_missed": 0}, {"ground_alike": 3}),  # no calm ground to speak of
        ("unlike", {"ahead": 100, "lost": {"gallery": 1000}}, {"ahead": 99, "lost": {"gallery": 1000}}),
        ("kind", {"kind": "x", "kindred": 4, "common": 0.5}, {"kind": "x", "kindred": 3, "common": 0.5}),
        ("kind", {"kind": "x", "kindred": 4, "common": 0.5}, {"kind": "x", "kindred": 4, "common": 0.51}),
        ("titles", {"lost": {"lexical_hits": 3, "hits": 1}}, {"lost": {"lexical_hits": 3, "hits": 2}}),
        ("titles", {"lost": {"described_hits": 3}}, {"lost": {"described_hits": 2}}),
        ("faint", {"lost": {"standout": 2.7, "usual": 3.0, "fall": 0.15, "usual_fall": 0.2}},
         {"lost": {"standout": 2.8, "usual": 3.0, "fall": 0.15, "usual_fall": 0.2}}),
    ],
)  # fmt: skip
def test_a_rule_of_pictures_fits_up_to_its_limit(
    code: str, fits: dict[str, object], does_not: dict[str, object]
) -> None:
    assert code in [cause.code for cause in causes.causes(pictured(**fits))]
    assert code not in [cause.code for cause in causes.causes(pictured(**does_not))]


def test_causes_that_lie_in_words_never_fit_a_picture() -> None:
    facts = {"twins": 9, "nearly": 0.9, "dropped": (Dropped("w", 5, 5, 5),), "lexical_hits": 5, "described_hits": 0}
    assert {"unread", "attribute", "text"} <= {cause.code for cause in causes.causes(seen(**facts))}
    assert [cause.code for cause in causes.causes(pictured(facts))] == ["titles"]
    assert not {*picture_causes.IN_WORDS} & set(RULES_OF["pictures"]) and {*picture_causes.IN_WORDS} < set(
        RULES_OF["words"]
    )


def test_the_asking_item_is_in_nothing_that_is_found_out(looked) -> None:
    _run, found, _searcher, asked, _home = looked
    for query in asked.queries:
        one = found.observed[query.id]
        mine = {query.item}
        shown = {
            *one.copies,
            *one.pictured.lookalikes,
            *one.pictured.gaps,
            *(item for item, _n in one.hubs + one.echoes),
        }
        assert not shown & mine
    assert found.asks == "pictures" and len(found.observed) == 24
    assert set(found.named().values()) <= {*RULES_OF["pictures"], "found", "unexplained"}


def test_plain_remedy_is_the_run_itself_and_a_correction_is_what_the_search_then_does(world, looked) -> None:
    run, found, searcher, asked, home = looked
    scored = retrieval.scores(run, chosen=["P@3", "RR"])
    assert [remedy.kind for remedy in found.remedies] == ["none", *corrections.KINDS]
    plain = found.remedies[0]
    assert [plain.values["P@3"], plain.values["RR"]] == pytest.approx([scored.mean["P@3"], scored.mean["RR"]])
    shown = np.zeros(len(world), int)
    for ranking in run.rankings:
        shown[[world.row(item) for item in ranking.items[:3]]] += 1
    assert plain.asked == tuple(shown.tolist())
    assert sum(plain.captioned) == 26 * 10 and plain.captions == 26  # ten places a picture of the catalogue
    for remedy in found.remedies[1:]:
        fitted = corrections.fitted(remedy.kind, searcher, world, home, asks="pictures")
        corrected = corrections.CorrectedSearcher(searcher, fitted)
        again = retrieval.evaluate(world, asked, corrected, k=3)
        assert all(r.query not in r.items for r in again.rankings)
        value = retrieval.scores(again, chosen=["P@3", "RR"]).mean
        assert [remedy.values["P@3"], remedy.values["RR"]] == pytest.approx([value["P@3"], value["RR"]])
        assert again.settings["correction"] == remedy.kind and again.settings["references"] == 26
        with pytest.raises(LookupError, match="fitted for pictures"):
            corrected.search(picture_to_words(asked), 3)


def picture_to_words(asked: QuerySet):
    from data.judgments import TextQuery

    return [TextQuery(query.id, query.text) for query in asked.queries[:1]]


def test_no_picture_is_its_own_neighbour_in_csls() -> None:
    rows = np.random.default_rng(3).normal(size=(40, 6)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    chosen = np.array([0, 3, 5, 17, 29, 31, 39])
    by_hand = []
    for place, row in enumerate(rows):
        cosines = sorted((float(row @ rows[other]) for other in chosen if other != place), reverse=True)
        by_hand.append(np.mean(cosines[:4]))
    assert corrections.density(rows, rows[chosen], 4, chosen) == pytest.approx(by_hand, abs=1e-6)
    with pytest.raises(ValueError, match="needs neighbours"):
        corrections.density(rows[:1], rows[:1], 4, np.array([0]))


def test_a_diagnosis_of_pictures_is_read_back_as_it_was(looked) -> None:
    run, found, _searcher, _asked, home = looked
    kept.save(home, run, found)
    assert kept.load(home, run) == found


def test_looks_tell_copies_grounds_frames_and_bare_pictures() -> None:
    def drawn(ground: str, half: int, fill: str = "#2c5aa0") -> looks.Look:
        image = Image.new("RGB", (160, 160), ground)
        ImageDraw.Draw(image).ellipse((80 - half, 80 - half, 80 + half, 80 + half), fill=fill)
        return looks.look(image)

    small, large, dark = drawn("white", 20), drawn("white", 60), drawn("#202020", 60)
    assert large.near(drawn("white", 60)) and not large.near(small)
    assert large.stands_on(small) and not large.stands_on(dark)
    assert large.framed_like(drawn("#202020", 62)) and not large.framed_like(small)
    assert large.filled == pytest.approx((120 / 160) ** 2, abs=0.12)  # a box around it, with its margin
    plain = looks.look(Image.new("RGB", (160, 160), "white"))
    assert plain.bare and not plain.near(plain) and not large.bare


def test_a_photo_of_a_set_that_is_gone_leaves_the_other_causes(world, looked) -> None:
    """The file of a photo was taken away after the run: what rankings and vectors say is still found out."""
    run, _found, _searcher, _asked, home = looked
    gone = {query: f"pictures/ab/{'ab' * 32}.png" for query in run.facts["pictures"]}
    scene = looks.Scene(replace(run, facts={**run.facts, "pictures": gone}), world)
    assert looks.asking(scene, home) == {} and set(scene.own.tolist()) == {-1}


def test_the_curve_ends_where_evaluations_stand(world, looked) -> None:
    _run, _found, searcher, asked, _home = looked
    curve = gallery_sizes.curve(world, asked, searcher, k=3, draws=3)
    whole, pool = (
        retrieval.scores(retrieval.evaluate(world, asked, searcher, pool=pool, k=3), chosen=["P@3", "RR"])
        for pool in ("catalogue", "judged")
    )
    for name in ("P@3", "RR"):
        assert curve.metrics[name][-1].median == pytest.approx(whole.mean[name])
        assert curve.metrics[name][0].median == pytest.approx(pool.mean[name])
        assert curve.chance[name][-1] == pytest.approx(whole.chance[name])
        assert curve.chance[name][0] == pytest.approx(pool.chance[name])


def test_towers_of_asking_items_leave_the_item_out_and_photos_are_told_to_have_no_words(world, looked) -> None:
    _run, _found, searcher, asked, _home = looked
    words = bm25.lexical(searcher.spec.parse("bm25"), world)
    found = towers.towers(world, asked, searcher, words, k=3)
    assert found.asks == "pictures" and towers.Towers.read(found.record()) == found
    for lists in found.first.values():
        assert all(query not in items for query, items in zip(found.queries, lists, strict=True))
    assert found.verdicts["P@3"].mean("words") == pytest.approx(1 / 3)  # the titles are the same in both shops
    old = {name: value for name, value in found.record().items() if name != "asks"}
    assert towers.Towers.read(old).asks == "words"
    photo = QuerySet("p", "1", "tiny", (PictureQuery("a", "a", image="x"), PictureQuery("b", "b", image="y")),
                     {"a": {"i000": 1}, "b": {"i001": 1}})  # fmt: skip
    with pytest.raises(ValueError, match="Photos ask in p"):
        towers.towers(world, photo, searcher, words, k=3)
