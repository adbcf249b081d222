"""Curves over growing galleries, towers with honest fusion, a query's hits and misses, and why an item was found."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tiny_worlds import PixelEncoder, catalogue

from data.catalogue import Catalogue
from data.errors import Cancelled
from data.queries import QuerySet, TextQuery
from eval import (
    diagnoses,
    doctor,
    explaining,
    fusion,
    gallery_sizes,
    joint_projection,
    projection,
    sights,
    size_curves,
    towers,
    workspace,
)
from eval.contracts import ModelSpec, Ranking, Vectors
from eval.corrections import KINDS, CorrectedSearcher, Correction
from eval.explanations import Explanation
from eval.models import bm25, chance
from eval.search import VectorSearcher
from eval.size_curves import OUTSIDE, Curve, Point
from eval.tasks import retrieval
from eval.tower_verdicts import TOWERS, verdict
from eval.towers import Towers
from eval.vectors import vectors

THINGS = ("rose", "cat", "train", "apple", "moon", "fish", "house", "drum", "lamp", "crown")


class WordsEncoder:
    """Texts by their words, pictures by nothing: what an encoder with a broken image side is like."""

    spec = ModelSpec("words", "tiny")
    precision = "fp32"
    reads_text = True
    size = 64

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.fingerprint = hashlib.sha256(f"words {seed}".encode()).hexdigest()

    def texts(self, words: Sequence[str]) -> np.ndarray:
        rows = np.stack([sum(map(self._word, text.split()), np.zeros(self.size)) for text in words])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def _word(self, word: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(f"{self.seed} {word}".encode()).digest()[:8], "big")
        return np.random.default_rng(seed).normal(size=self.size)

    def truncated(self, text: str) -> bool:
        return False


def world(folder: Path, each: int = 4) -> tuple[Catalogue, QuerySet]:
    """Ten things, `each` items of each and as many strangers; a query a thing in two wordings, its items relevant."""
    titles = [f"{thing} {place}" for thing in THINGS for place in range(each)]
    titles += [f"nothing{place} stranger" for place in range(len(titles))]
    shop = catalogue(folder, range(len(titles)), columns={"title": titles})
    asked, judged = [], {}
    for number, thing in enumerate(THINGS):
        for wording, text in (("a", thing), ("b", f"the {thing}")):
            asked.append(TextQuery(f"{number}{wording}", text))
            judged[f"{number}{wording}"] = {shop.ids[number * each + place]: 1 for place in range(each)}
    return shop, QuerySet("asked", "1", shop.name, tuple(asked), judged)


def random_pictures(shop: Catalogue, encoder: WordsEncoder, seed: int = 7) -> VectorSearcher:
    """The encoder's searcher over pictures whose vectors say nothing."""
    rows = np.random.default_rng(seed).normal(size=(len(shop), encoder.size))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return VectorSearcher(encoder, Vectors(rows, shop.ids, "random", encoder.fingerprint, shop.fingerprint))


def bm25_over(shop: Catalogue) -> bm25.BM25Searcher:
    return bm25.lexical(ModelSpec("bm25"), shop)


# the size of the gallery


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Catalogue, QuerySet]:
    return world(tmp_path / "world")


@pytest.mark.parametrize("kind", ["pixels", "bm25", "chance"])
def test_the_ends_of_a_curve_are_the_plain_metrics_of_pool_and_catalogue(kind: str, asked, tmp_path: Path) -> None:
    shop, queries = asked
    encoder = PixelEncoder()
    searcher = {
        "pixels": lambda: VectorSearcher(encoder, vectors(shop, encoder, tmp_path / "home")),
        "bm25": lambda: bm25_over(shop),
        "chance": lambda: chance.lexical(ModelSpec("chance"), shop),
    }[kind]()
    found = gallery_sizes.curve(shop, queries, searcher, k=3, draws=3)
    assert found.sizes[0] == found.pool == 40 and found.sizes[-1] == 80
    for place, pool in ((0, "judged"), (-1, "catalogue")):
        run = retrieval.evaluate(shop, queries, searcher, pool=pool, k=3)
        plain = retrieval.scores(run)
        for name in gallery_sizes.names(3):
            point = found.metrics[name][place]
            assert point.median == pytest.approx(plain.mean[name], abs=1e-12)
            assert point.low == pytest.approx(point.high)  # one gallery only: no draw differs
            assert found.chance[name][place] == pytest.approx(plain.chance[name])
    assert found.metrics[OUTSIDE][0].median == 0


def test_a_curve_never_rises_as_distractors_come(asked, tmp_path: Path) -> None:
    shop, queries = asked
    encoder = PixelEncoder(seed=3)
    found = gallery_sizes.curve(shop, queries, VectorSearcher(encoder, vectors(shop, encoder, tmp_path)), k=3, draws=9)
    assert len(found.sizes) > 2
    for name in ("P@3", "R@3", "Hit@3", "RR", "AP", "nDCG@3"):
        for part in ("median", "low", "high"):
            values = [getattr(point, part) for point in found.metrics[name]]
            assert all(later <= earlier + 1e-12 for earlier, later in pairwise(values)), (name, part)


def test_known_ranks_fall_as_counted_by_hand(tmp_path: Path) -> None:
    """One relevant item, 19 distractors, of which 4 stand before it: among m drawn ones none does with
    C(15, m) / C(19, m), which is the share of draws that still have it first."""
    shop = catalogue(tmp_path, range(20))
    queries = QuerySet("one", "1", shop.name, (TextQuery("q", "q"),), {"q": {"i004": 1}})

    class InOrder:
        spec, fingerprint = ModelSpec("order"), "order"

        def search(self, asked: Sequence[TextQuery], k: int, rows: object = None) -> list[Ranking]:
            return [Ranking(one.id, shop.ids, tuple(float(20 - i) for i in range(20))) for one in asked]

    draws = 4000
    entered = gallery_sizes._entered(np.array([item == "i004" for item in shop.ids]), draws, seed=0)
    for others in (1, 3, 6):
        first = np.mean([not (line[:4] <= others + 1).any() for line in entered])
        assert first == pytest.approx(math.comb(15, others) / math.comb(19, others), abs=0.03)
    found = gallery_sizes.curve(shop, queries, InOrder(), k=1, draws=20)  # type: ignore[arg-type]
    assert [found.metrics["P@1"][i].median for i in (0, -1)] == [1.0, 0.0]
    assert found.metrics["RR"][-1].median == 1 / 5


def test_the_sizes_go_from_the_pool_to_the_catalogue_in_round_steps() -> None:
    assert gallery_sizes.sizes(328, 21_126) == (
        328, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000, 15_000, 21_126,
    )  # fmt: skip
    assert gallery_sizes.sizes(24, 24) == (24,)


def curve_of(spec: str, *values: float, spread: float = 0.01, chance: float = 0.0, queries: int = 12) -> Curve:
    points = tuple(Point(size, v, v, v) for size, v in zip((100, 1000, 10_000), values, strict=True))
    noise = np.random.default_rng(len(spec) + ord(spec[0])).normal(size=queries)
    noise = spread * (noise - noise.mean())
    each = tuple(tuple(v + noise) for v in values)
    return Curve(spec, 5, 1, 0, 100, queries, {"P@5": points}, {"P@5": (chance,) * 3}, {}, {"P@5": each})


def test_two_models_change_places_where_their_lines_meet() -> None:
    one, other = curve_of("a", 0.8, 0.6, 0.2), curve_of("b", 0.5, 0.5, 0.4)
    (found,) = size_curves.crossings([one, other], "P@5")
    assert (found.first, found.second) == ("a", "b")
    assert found.size == pytest.approx(1000 * 10 ** (1 / 3)) and found.value == pytest.approx(0.6 - 0.4 / 3)
    assert size_curves.crossings([one, curve_of("c", 0.1, 0.1, 0.1)], "P@5") == () and found.means == "overtakes"


def test_a_crossing_is_claimed_only_where_both_sides_are_proven_and_above_chance() -> None:
    def means(spread: float = 0.01, chance: float = 0.0, last: float = 0.4) -> str:
        lines = curve_of("a", 0.8, 0.6, 0.2, spread=spread, chance=chance), curve_of("b", 0.5, 0.5, last, chance=chance)
        return size_curves.crossings(lines, "P@5")[0].means

    assert means() == "overtakes"
    assert means(spread=1.5) == "nothing"  # ± 0.4 a query: neither side is proven
    assert means(last=0.201) == "nothing"  # ahead in the whole catalogue by less than the interval
    assert means(chance=0.45) == "nothing"  # who is ahead at last is not above chance
    assert means(chance=0.9) == "chance"
    bare = [
        Curve(**{**vars(one), "values": {}}) for one in (curve_of("a", 0.8, 0.6, 0.2), curve_of("b", 0.5, 0.5, 0.4))
    ]
    assert size_curves.crossings(bare, "P@5")[0].means == "nothing"  # nobody knows how sure it is


def test_a_curve_keeps_what_every_query_got_at_both_ends(asked) -> None:
    shop, queries = asked
    found = gallery_sizes.curve(shop, queries, bm25_over(shop), k=3, draws=4)
    for place, pool in ((0, "judged"), (-1, "catalogue")):
        plain = retrieval.scores(retrieval.evaluate(shop, queries, bm25_over(shop), pool=pool, k=3)).per_query
        for name in ("P@3", "AP"):
            assert found.values[name][place] == pytest.approx(list(plain[name]), abs=1e-6)
    kept = json.loads(json.dumps(found.record()))
    assert Curve.read(kept) == found
    del kept["values"]  # as it was kept before
    assert Curve.read(kept).values == {} and Curve.read(kept).metrics == found.metrics


def test_a_curve_says_what_it_needs_and_can_be_cancelled(asked) -> None:
    shop, queries = asked
    nobody = QuerySet("x", "1", shop.name, (TextQuery("q", "q"),), {"q": {"elsewhere": 1}})
    with pytest.raises(ValueError, match="relevant"):
        gallery_sizes.curve(shop, nobody, bm25_over(shop))

    def stop(done: int, total: int, what: str) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        gallery_sizes.curve(shop, queries, bm25_over(shop), progress=stop)


# fusion


def test_all_weight_on_one_ranking_is_that_ranking_and_equal_weights_are_plain_fusion() -> None:
    ranks = np.array([[1.0, np.inf, 2.0, np.inf], [4.0, 1.0, 3.0, 2.0]])
    assert fusion.fused(ranks, (1, 0), 10).tolist() == [0, 2]
    assert fusion.fused(ranks, (0, 1), 10).tolist() == [1, 3, 2, 0]
    scores = [1 / 61 + 1 / 64, 1 / 61, 1 / 62 + 1 / 63, 1 / 62]
    by_hand = sorted(range(4), key=lambda row: -scores[row])
    assert fusion.fused(ranks, fusion.equal(2), 10).tolist() == by_hand == [0, 2, 1, 3]
    assert fusion.fused(ranks, fusion.equal(2), 1).tolist() == [0]


def test_the_grid_shares_one_and_begins_with_the_most_even() -> None:
    tried = fusion.grid(3)
    assert len(tried) == len(set(tried)) == 66 and all(sum(w) == pytest.approx(1) for w in tried)
    assert sorted(tried[0]) == [0.3, 0.3, 0.4]
    assert {(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)} <= set(tried)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_tuned_without_the_query_never_beats_what_is_tuned_on_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tried = fusion.grid(3)
    values = np.round(rng.random((len(tried), int(rng.integers(2, 30)))), 1)
    found = fusion.tuned(values, tried)
    assert found.mean <= found.in_sample + 1e-9
    assert found.in_sample == pytest.approx(values.mean(axis=1).max())
    for place, weights in enumerate(found.held_out_weights):  # independently: drop the column, take the best row
        others = np.delete(values, place, axis=1).mean(axis=1)
        assert others[tried.index(weights)] == pytest.approx(others.max())
        assert found.held_out[place] == values[tried.index(weights), place]


def test_one_query_alone_cannot_be_tuned_without_itself() -> None:
    with pytest.raises(ValueError, match="at least two"):
        fusion.tuned(np.ones((3, 1)), ((1.0,),) * 3)


# towers


@pytest.fixture
def diagnosed(asked) -> Towers:
    shop, queries = asked
    return towers.towers(shop, queries, random_pictures(shop, WordsEncoder()), bm25_over(shop), k=3)


def test_with_a_random_picture_side_the_advice_is_text(diagnosed: Towers) -> None:
    for one in diagnosed.verdicts.values():
        assert one.advice == "text" and one.sides.proven and one.sides.high < 0
        assert one.mean("image") < one.mean(one.best_text)


def test_single_towers_score_what_the_plain_evaluation_says(diagnosed: Towers, asked) -> None:
    shop, queries = asked
    pictures = random_pictures(shop, WordsEncoder())
    for name, searcher in (("words", bm25_over(shop)), ("image", pictures)):
        plain = retrieval.scores(retrieval.evaluate(shop, queries, searcher, k=3))
        for metric, one in diagnosed.verdicts.items():
            assert list(one.values[name]) == pytest.approx(plain.per_query[metric].tolist())
            low, high = one.intervals[name]
            assert low <= one.mean(name) <= high


def test_fusion_is_honest_and_the_oracle_is_above_every_tower(diagnosed: Towers) -> None:
    for one in diagnosed.verdicts.values():
        assert one.mean("fused") <= one.in_sample + 1e-9
        oracle = np.array(one.values["oracle"])
        assert (oracle == np.max([one.values[name] for name in TOWERS], axis=0)).all() and one.left >= 0
        best = one.winners(0)
        assert all(one.values[name][0] == oracle[0] for name in best) and (best or oracle[0] == 0)
    assert {name: len(lists) for name, lists in diagnosed.first.items()} == dict.fromkeys((*TOWERS, "rrf"), 20)


def test_a_fusion_that_is_better_than_both_sides_is_advised() -> None:
    tried, n = fusion.grid(3), 24
    half = np.arange(n) % 2 == 0
    values = np.array([[1.0] * n if w[2] and (w[0] or w[1]) else half if w[2] else ~half for w in [*tried, (1, 1, 1)]])
    found = verdict("P@5", values.astype(float), tried)
    assert found.advice == "fuse" and found.mean("fused") == 1 and found.left == pytest.approx(0.5)
    assert verdict("P@5", np.full((67, n), 0.5), tried).advice == "undecided"
    only = np.array([[float(w[2] == 1)] * n for w in tried] + [[0.0] * n])
    assert verdict("P@5", only, tried).advice == "image"


def test_a_diagnosis_survives_being_written_down(diagnosed: Towers, tmp_path: Path) -> None:
    kept = diagnoses.save(tmp_path, "towers", "abc", diagnosed.record())
    assert Towers.read(json.loads(json.dumps(kept))) == diagnosed
    assert (
        Towers.read(diagnoses.stored(tmp_path, "towers", catalogue=diagnosed.fingerprints["catalogue"])[0]) == diagnosed
    )
    assert diagnoses.stored(tmp_path, "towers", catalogue="another") == []


def test_the_judged_pool_alone_can_be_searched(asked) -> None:
    shop, queries = asked
    found = towers.towers(shop, queries, random_pictures(shop, WordsEncoder()), bm25_over(shop), pool="judged", k=3)
    assert found.gallery == 40
    with pytest.raises(ValueError, match="no pool"):
        towers.towers(shop, queries, random_pictures(shop, WordsEncoder()), bm25_over(shop), pool="all")


# records


def test_a_damaged_record_is_set_aside_and_told_by_the_doctor(tmp_path: Path) -> None:
    home = workspace.Workspace(tmp_path).open().home
    for key in ("one", "two"):
        diagnoses.save(home, "curve", key, {"spec": "a", "fingerprints": {}})
    place = diagnoses.path(home, "curve", "one")
    place.write_bytes(place.read_bytes().replace(b'"a"', b'"b"'))
    states = {f.path: f.state for f in doctor.examine(home) if f.kind == "diagnosis"}
    assert states == {"diagnoses/curve-one.json": "rebuilt", "diagnoses/curve-two.json": "ok"}
    place = diagnoses.path(home, "curve", "two")
    place.write_bytes(place.read_bytes()[:-3])
    assert diagnoses.load(home, "curve", "two") is None and list((home / "damaged").glob("*curve-two.json"))
    with pytest.raises(ValueError, match="no diagnosis"):
        diagnoses.path(home, "guess", "x")


# a query's hits and misses


@pytest.mark.parametrize("k", [1, 3, 7])
def test_every_relevant_item_is_shown_exactly_once_as_hit_or_miss(k: int, asked, tmp_path: Path) -> None:
    shop, queries = asked
    encoder = PixelEncoder()
    for searcher in (VectorSearcher(encoder, vectors(shop, encoder, tmp_path)), bm25_over(shop)):
        for query in queries.queries:
            seen = sights.sight(shop, queries, searcher, query.id, k)
            shown = [one.item for one in seen.relevant]
            assert sorted(shown) == sorted(queries.relevant(query.id)) and len(set(shown)) == len(shown)
            first = list(seen.order[:k])
            assert {one.item for one in (*seen.hits, *seen.friends)} == set(first)
            for one in (*seen.relevant, *seen.friends):
                assert one.rank == (seen.order.index(one.item) + 1 if one.item in seen.order else 0)
                assert np.isnan(one.score) == (one.rank == 0)


def test_what_stands_before_a_missed_item_is_what_is_ranked_above_it(asked, tmp_path: Path) -> None:
    shop, queries = asked
    encoder = PixelEncoder()
    seen = sights.sight(shop, queries, VectorSearcher(encoder, vectors(shop, encoder, tmp_path)), "0a", 3)
    last = seen.missed[-1]
    assert seen.before(last.item, 5) == seen.order[: min(5, last.rank - 1)]
    assert last.item not in seen.before(last.item, 1000) and len(seen.before(last.item, 1000)) == last.rank - 1


# why an item was found


class OverlapEncoder:
    """A text is the sum of the unit vectors of its words, so that its score is how many of them an item has / √2."""

    spec = ModelSpec("overlap")
    precision, reads_text, fingerprint = "fp32", True, "overlap"
    vocabulary = ("red", "blue", "cat", "dog", "hat", "moon")
    size = len(vocabulary)

    def texts(self, words: Sequence[str]) -> np.ndarray:
        return np.array([[text.split().count(w) for w in self.vocabulary] for text in words], np.float32)

    def prepare(self, picture: Image.Image) -> np.ndarray:
        return np.asarray(picture, np.float32).transpose(2, 0, 1)

    def encode(self, prepared: np.ndarray) -> np.ndarray:
        """Redness of the picture on the axis of "red", the rest on that of "moon"."""
        red = (prepared[:, 0] - prepared[:, 1] > 100).mean(axis=(1, 2))
        rows = np.zeros((len(prepared), self.size), np.float32)
        rows[:, 0], rows[:, 5] = red, 1 - red
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def truncated(self, text: str) -> bool:
        return False


@pytest.fixture
def overlap(tmp_path: Path) -> tuple[Catalogue, VectorSearcher]:
    """Items of two words each; the row of an item is 1/√2 on each of them."""
    titles = ["red cat", "blue cat", "red dog", "blue dog", "cat hat", "dog hat", "moon hat"]
    shop, encoder = catalogue(tmp_path, range(len(titles)), columns={"title": titles}), OverlapEncoder()
    rows = (encoder.texts(titles) / np.sqrt(2)).astype(np.float32)
    return shop, VectorSearcher(encoder, Vectors(rows, shop.ids, "overlap", "overlap", shop.fingerprint))


def test_the_bars_are_the_known_parts_of_a_score_that_is_word_overlap(overlap) -> None:
    shop, searcher = overlap
    found = explaining.explain(shop, searcher, "red cat moon", "i000", k=3)
    part = 1 / math.sqrt(2)
    assert found.score == pytest.approx(2 * part) and found.rank == 1 and found.gallery == 7
    assert {one.words: pytest.approx(found.change(one)) for one in found.dropped} == {
        "red": part,
        "cat": part,
        "moon": 0,
    }
    assert [found.change(one) for one in found.phrases] == pytest.approx([2 * part, part])
    assert [one.score for one in found.alone] == pytest.approx([part, part, 0])
    assert [one.asked for one in found.dropped] == ["cat moon", "red moon", "red cat"]
    assert found.added == () and found.needed is None and found.hindering is None  # equal scores: it stays the first
    last = explaining.explain(shop, searcher, "moon hat", "i006", k=3)
    assert last.rank == 1 and (last.needed.words, last.needed.rank) == ("moon", 3)


def test_an_item_that_is_not_found_learns_which_word_would_bring_it(overlap) -> None:
    shop, searcher = overlap
    found = explaining.explain(shop, searcher, "red dog", "i004", k=1)
    assert found.rank > 1 and {one.words for one in found.added} == {"cat", "hat"}
    # "red dog cat" gives i004 one word of three, i000 two: no word alone brings it to the top
    assert found.lacking is None
    near = explaining.explain(shop, searcher, "hat", "i006", k=1)
    assert near.rank == 3 and near.dropped == () and near.alone == ()
    assert (near.lacking.words, near.lacking.rank) == ("moon", 1)


def test_ranks_of_variants_are_those_of_asking_them(overlap) -> None:
    shop, searcher = overlap
    found = explaining.explain(shop, searcher, "blue dog hat", "i005", k=2)
    for one in (*found.dropped, *found.phrases, *found.alone, *found.added):
        ranking = searcher.search([TextQuery("x", one.asked)], len(shop))[0]
        assert one.rank == ranking.items.index("i005") + 1
        assert one.score == pytest.approx(ranking.scores[one.rank - 1])
    worst = max(found.dropped, key=lambda one: one.rank)
    assert found.needed is None or found.needed.rank == worst.rank > found.rank


@pytest.mark.parametrize("kind", KINDS)
def test_a_corrected_ranking_is_explained_by_its_own_scores(kind: str, overlap) -> None:
    shop, plain = overlap
    references = plain.texts(["red", "blue cat", "dog hat moon", "cat"])
    references = references / np.linalg.norm(references, axis=1, keepdims=True)
    corrected = CorrectedSearcher(plain, Correction(kind, plain.vectors.matrix, references))
    found = explaining.explain(shop, corrected, "red cat moon", "i000", k=3)
    for one in (found, *found.dropped, *found.alone):
        asked = one.text if one is found else one.asked
        (ranking,) = corrected.search([TextQuery("q", asked)], len(shop))
        assert one.rank == ranking.items.index("i000") + 1
        assert one.score == pytest.approx(ranking.scores[one.rank - 1])
    picture = plain.encoder.encode(plain.encoder.prepare(shop.picture("i000"))[None])
    query = corrected.correction.texts(plain.texts(["red cat moon"]))
    assert found.correction == kind and len(found.heat) == 8
    assert found.whole == pytest.approx(float(corrected.correction.seen(picture)[0] @ query[0]))
    assert found.whole != pytest.approx(float(picture[0] @ plain.texts(["red cat moon"])[0]))
    uncorrected = explaining.explain(shop, plain, "red cat moon", "i000", k=3)
    assert uncorrected.correction == "none" and uncorrected.score != pytest.approx(found.score)
    keys = {explaining.key("m", shop, "red", "i000", 5, one) for one in ("none", *KINDS)}
    assert len(keys) == 3 and explaining.key("m", shop, "red", "i000", 5) in keys


@pytest.mark.parametrize("cell", [(0, 0), (2, 5), (7, 7)])
def test_the_heat_map_peaks_on_the_planted_patch(cell: tuple[int, int]) -> None:
    picture = Image.new("RGB", (128, 128), "white")
    top, left = cell[0] * 16, cell[1] * 16
    ImageDraw.Draw(picture).rectangle((left, top, left + 15, top + 15), fill=(220, 20, 20))
    encoder = OverlapEncoder()
    whole, heat = explaining.occlusion(encoder, picture, encoder.texts(["red"])[0])  # type: ignore[arg-type]
    assert heat.shape == (8, 8) and np.unravel_index(heat.argmax(), heat.shape) == cell
    assert heat[cell] == pytest.approx(whole)  # nothing red is left
    others = np.delete(heat.ravel(), cell[0] * 8 + cell[1])
    assert np.abs(others).max() < 1e-6


def test_word_search_is_explained_without_a_heat_map_and_its_zeros_are_no_rank(overlap) -> None:
    shop, _searcher = overlap
    found = explaining.explain(shop, bm25_over(shop), "red moon", "i000")
    assert found.heat == () and found.no_heat == "words" and found.rank
    without = {one.words: one for one in found.dropped}
    assert without["red"].rank == 0 and without["red"].score == 0 and found.needed.words == "red"
    assert found.change(without["red"]) == pytest.approx(found.score)


def test_an_explanation_is_written_down_cancelled_and_refused(overlap) -> None:
    shop, searcher = overlap
    found = explaining.explain(shop, searcher, "red cat", "i000")
    assert Explanation.read(json.loads(json.dumps(found.record()))) == found
    with pytest.raises(LookupError, match="no item"):
        explaining.explain(shop, searcher, "red", "nobody")
    with pytest.raises(ValueError, match="empty"):
        explaining.explain(shop, searcher, "  ", "i000")

    def stop(done: int, total: int, what: str) -> None:
        if what == "squares":
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        explaining.explain(shop, searcher, "red cat", "i000", progress=stop)


def test_own_words_leave_out_what_the_query_says_in_another_form(tmp_path: Path) -> None:
    columns = {"title": ["котята в шляпах"], "description": ["Котёнок, 25 мм, шляпа и ромашка"]}
    shop = catalogue(tmp_path, [1], columns=columns)
    assert explaining.own_words(shop, "i000", "котёнок") == ("шляпах", "ромашка")


def test_a_joint_map_lays_queries_out_with_the_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(30, 8)).astype(np.float32)
    pictures, texts = rows[:24], rows[24:] + 5  # a cone of their own
    assert not joint_projection.cached(pictures, texts, "pca", 0, tmp_path)
    found = joint_projection.project(pictures, texts, "pca", 0, tmp_path)
    whole = projection.project(np.vstack([pictures, texts]), "pca")
    assert np.array_equal(found.xy, whole.xy[:24]) and np.array_equal(found.query_xy, whole.xy[24:])
    assert joint_projection.cached(pictures, texts, "pca", 0, tmp_path)
    near = projection.project(pictures, "pca", 0, texts)
    width = np.ptp(found.xy, axis=0).max()
    apart = np.linalg.norm(found.query_xy.mean(axis=0) - found.xy.mean(axis=0))
    inside = np.linalg.norm(near.query_xy.mean(axis=0) - near.xy.mean(axis=0))
    assert apart > width and inside < width  # truly beside the map; among its nearest pictures within it
