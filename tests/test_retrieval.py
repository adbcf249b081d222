"""The retrieval task by hand: galleries, counts, chance and ceiling, the cosine of pairs; and the 2025 report."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from tiny_worlds import PixelEncoder, catalogue

from data.errors import Cancelled
from data.judgments import QuerySet, TextQuery
from eval import floors, metrics, pairs
from eval.contracts import ModelSpec, Ranking
from eval.search import VectorSearcher, searcher, similar
from eval.store import Store
from eval.tasks import retrieval
from eval.vectors import vectors

REPORT = Path(__file__).resolve().parents[2] / "shared" / "reference" / "embroidery-24"


class Known:
    """A searcher whose order is written down: query id → items, best first; it keeps to the rows it is given."""

    spec = ModelSpec("known")
    fingerprint = "f" * 64
    settings = {"index": "by hand"}  # noqa: RUF012
    fingerprints = {"encoder": "e"}  # noqa: RUF012

    def __init__(self, items, orders):
        self.items, self.orders = items, orders

    def search(self, queries, k, rows=None):
        allowed = set(self.items.ids if rows is None else [self.items.ids[row] for row in rows])
        found = [[item for item in self.orders[query.id] if item in allowed][:k] for query in queries]
        return [
            Ranking(query.id, tuple(items), tuple(-float(n) for n in range(len(items))))
            for query, items in zip(queries, found, strict=True)
        ]

    def truncated(self, text):
        return "long" in text

    def facts(self, queries, relevant):
        return {"asked": {query: list(items) for query, items in relevant.items()}}


@pytest.fixture
def world(tmp_path):
    """Ten items, five a source; q1 and q2 have relevant items, q3 an irrelevant one, q4 one that is not here."""
    items = catalogue(tmp_path, range(10), columns={"source": ["a"] * 5 + ["b"] * 5})
    judgments = {
        "q1": {"i000": 2, "i001": 1, "i005": 1, "i002": 0},
        "q2": {"i007": 1, "gone": 1},
        "q3": {"i003": 0},
        "q4": {"gone": 3},
    }
    asked = tuple(
        TextQuery(q, text) for q, text in (("q1", "one"), ("q2", "two"), ("q3", "a long one"), ("q4", "four"))
    )
    orders = {
        "q1": ["i009", "i000", "i002", "i005", "i003"],
        "q2": ["i007", "i000"],
        "q3": ["i003"],
        "q4": [],
    }
    return items, QuerySet("asked", "1", "tiny", asked, judgments), Known(items, orders)


def test_over_the_whole_catalogue_the_numbers_are_those_worked_by_hand(world):
    items, asked, known = world
    run = retrieval.evaluate(items, asked, known, k=3)
    scores = retrieval.scores(run, asked, ["P@3", "R@3", "RR", "AP", "Judged@3"])
    assert run.settings["pool"] == "catalogue" and run.settings["gallery"] == run.settings["catalogue_size"] == 10
    assert scores.mean == pytest.approx(
        {
            "P@3": (1 / 3 + 1 / 3) / 2,
            "R@3": (1 / 3 + 1) / 2,  # q2's missing item is not in the denominator: it is not in the gallery
            "RR": (1 / 2 + 1) / 2,
            "AP": ((1 / 2 + 2 / 4) / 3 + 1) / 2,
            "Judged@3": (2 / 3 + 1 / 2) / 2,
        }
    )
    assert scores.chance["P@3"] == pytest.approx((3 / 10 + 1 / 10) / 2)
    assert scores.ceiling["P@3"] == pytest.approx((1 + 1 / 3) / 2)
    assert scores.ceiling["R@3"] == 1
    assert list(scores.per_query.index) == ["q1", "q2"]
    assert list(scores.per_query.columns) == ["text", "relevant", "P@3", "R@3", "RR", "AP", "Judged@3"]
    assert scores.per_query.loc["q1", "text"] == "one" and scores.per_query.loc["q1", "relevant"] == 3


def test_what_is_not_scored_is_named_and_counted(world):
    items, asked, known = world
    counts = retrieval.scores(retrieval.evaluate(items, asked, known)).counts
    assert counts["queries"] == 2 and counts["left_out"] == ["q3", "q4"]
    assert counts["absent"] == 2 and counts["absent_items"] == 1 and counts["judgments"] == 6
    assert counts["truncated"] == 1 and counts["unanswered"] == ["q4"]


def test_the_judged_pool_searches_only_items_that_some_query_has_a_judgment_for(world):
    items, asked, known = world
    run = retrieval.evaluate(items, asked, known, pool="judged", k=3)
    assert run.settings["gallery"] == 6  # i000 i001 i002 i003 i005 i007
    assert run.rankings[0].items == ("i000", "i002", "i005", "i003")  # i009 has no judgment
    scores = retrieval.scores(run, asked, ["P@3", "Judged@3"])
    assert scores.mean["P@3"] == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert scores.chance["P@3"] == pytest.approx((3 / 6 + 1 / 6) / 2)


@pytest.mark.parametrize("pool", ["catalogue", "judged"])
def test_a_filter_narrows_the_gallery_and_what_can_be_found(world, pool):
    items, asked, known = world
    run = retrieval.evaluate(items, asked, known, pool=pool, where={"source": "a"}, k=3)
    scores = retrieval.scores(run, asked, ["R@3"])
    assert run.settings["where"] == {"source": ["a"]}
    assert run.settings["gallery"] == (5 if pool == "catalogue" else 4)
    assert scores.counts["left_out"] == ["q2", "q3", "q4"] and scores.counts["absent"] == 4
    assert scores.mean["R@3"] == 1 / 2  # of i000 and i001; i005 is of the other source


def test_a_run_says_what_it_came_from_and_is_scored_without_anything_else(world, tmp_path):
    items, asked, known = world
    run = retrieval.evaluate(items, asked, known, k=3, precision="fp32", seed=7)
    assert run.spec == "known" and run.task == "retrieval" and run.catalogue == "tiny" and run.query_set == "asked"
    assert run.settings["index"] == "by hand" and run.settings["precision"] == "fp32" and run.settings["seed"] == 7
    assert run.fingerprints == {
        "catalogue": items.fingerprint, "query_set": asked.fingerprint, "searcher": "f" * 64, "encoder": "e"
    }  # fmt: skip
    assert run.environment["python"] and run.environment["numpy"] and run.seconds > 0
    assert run.facts["asked"] == {"q1": ["i000", "i001", "i005"], "q2": ["i007"]}
    store = Store(tmp_path / "home")
    store.add(run)
    again = retrieval.scores(store.get(run.id))
    first = retrieval.scores(run, asked)
    assert again.mean == first.mean and again.counts == first.counts and again.per_query.equals(first.per_query)
    assert set(again.mean) == set(metrics.names(3))


def test_a_run_is_not_scored_with_other_judgments_than_its_own(world):
    items, asked, known = world
    run = retrieval.evaluate(items, asked, known)
    changed = dataclasses.replace(asked, judgments={**asked.judgments, "q3": {"i003": 1}})
    with pytest.raises(ValueError, match="another version of asked"):
        retrieval.scores(run, changed)


def test_rankings_are_kept_to_the_depth_and_never_less_than_k(world):
    items, asked, known = world
    assert len(retrieval.evaluate(items, asked, known, depth=2, k=1).rankings[0].items) == 2
    assert len(retrieval.evaluate(items, asked, known, depth=1, k=4).rankings[0].items) == 4


@pytest.mark.parametrize(
    ("choice", "says"),
    [({"pool": "all"}, "catalogue and judged"), ({"k": 0}, "at least 1"), ({"where": {"source": "z"}}, "'z'")],
)
def test_an_impossible_choice_is_refused_in_words(world, choice, says):
    items, asked, known = world
    with pytest.raises(ValueError, match=says):
        retrieval.evaluate(items, asked, known, **choice)


def test_judgments_of_another_catalogue_are_refused_not_scored_as_zero(world):
    items, asked, known = world
    foreign = dataclasses.replace(asked, judgments={"q1": {"x": 1}})
    with pytest.raises(ValueError, match="No query of asked has a relevant item among the 10"):
        retrieval.evaluate(items, foreign, known)


def test_an_evaluation_can_be_cancelled_between_queries(world):
    items, asked, known = world

    def stop(done, total, what):
        assert (total, what) == (4, "evaluate")
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        retrieval.evaluate(items, asked, known, progress=stop)


def test_a_dense_evaluation_gives_the_cosine_of_pairs_and_the_match_probability_by_their_names(world, tmp_path):
    items, asked, _ = world
    encoder = PixelEncoder()
    encoder.logit_scale = 3.0
    found = vectors(items, encoder, tmp_path / "home")
    run = retrieval.evaluate(items, asked, VectorSearcher(encoder, found, "faiss"))
    rows = [("one", 0), ("one", 1), ("one", 5), ("two", 7)]
    texts = np.stack([encoder.texts([text])[0] for text, _ in rows]).astype(float)
    pictures = np.stack([found.matrix[row] for _, row in rows]).astype(float)
    logits = 3.0 * pictures @ texts.T
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert run.facts["pairs"] == 4 and run.facts["logit_scale"] == 3.0
    assert run.facts["pair_cosine"] == pytest.approx((texts * pictures).sum(axis=1).mean())
    assert run.facts["match_probability"] == pytest.approx(np.diag(softmax).mean())
    assert run.settings["index"] == "faiss" and run.settings["precision"] == "fp32"
    assert run.fingerprints["vectors"] == found.key and run.fingerprints["encoder"] == encoder.fingerprint


def test_the_match_probability_falls_with_the_number_of_pairs_while_the_cosine_stays():
    rng = np.random.default_rng(0)
    texts = rng.normal(size=(200, 32))
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    few = pairs.facts(texts[:10], texts[:10], [[n] for n in range(10)], 1.0)
    many = pairs.facts(texts, texts, [[n] for n in range(200)], 1.0)
    assert few["pair_cosine"] == pytest.approx(1) and many["pair_cosine"] == pytest.approx(1)
    assert many["match_probability"] < few["match_probability"] / 10
    assert pairs.facts(texts[:2], texts[:2], [[0], [1]], None)["logit_scale_is"] == "assumed"


def test_exact_and_faiss_give_the_same_evaluation(world, tmp_path):
    items, asked, _ = world
    encoder = PixelEncoder()
    found = vectors(items, encoder, tmp_path / "home")
    exact, faiss = (
        retrieval.evaluate(items, asked, VectorSearcher(encoder, found, index), where={"source": ["b"]})
        for index in ("exact", "faiss")
    )
    assert exact.rankings == faiss.rankings


def test_chance_by_the_formula_is_what_chance_the_model_gets(tmp_path):
    items = catalogue(tmp_path, range(40))
    queries = tuple(TextQuery(f"q{n}", f"query {n}") for n in range(400))
    judgments = {query.id: {f"i{(n * 7 + d) % 40:03d}": 1 for d in range(4)} for n, query in enumerate(queries)}
    asked = QuerySet("many", "1", "tiny", queries, judgments)
    run = retrieval.evaluate(items, asked, searcher(items, ModelSpec("chance", "5"), tmp_path))
    scores = retrieval.scores(run)
    for name, expected in scores.chance.items():
        spread = scores.per_query[name].std() / math.sqrt(400)
        assert abs(scores.mean[name] - expected) <= 4 * spread + 1e-9, name


def test_more_like_this_leaves_the_item_itself_out_by_its_id_even_among_its_doubles(tmp_path):
    items = catalogue(tmp_path / "p", [3, 1, 3, 2, 3])
    encoder = PixelEncoder()
    dense = VectorSearcher(encoder, vectors(items, encoder, tmp_path / "home"))
    found = similar(dense, items, "i002", 2)
    assert found.items == ("i000", "i004") and found.scores == pytest.approx((1, 1))
    assert similar(dense, items, "i002", 9, np.array([1, 3])).items in (("i001", "i003"), ("i003", "i001"))
    with pytest.raises(LookupError, match="nothing"):
        similar(dense, items, "nothing", 2)
    with pytest.raises(LookupError, match="compares words"):
        similar(searcher(items, ModelSpec("chance"), tmp_path), items, "i001", 2)


def test_a_searcher_refuses_vectors_of_another_encoder(tmp_path):
    items = catalogue(tmp_path / "p", range(6))
    found = vectors(items, PixelEncoder(), tmp_path / "home")
    with pytest.raises(ValueError, match="another encoder"):
        VectorSearcher(PixelEncoder(seed=1), found)


def test_a_query_asked_again_is_not_encoded_again(tmp_path):
    items = catalogue(tmp_path / "p", range(6))
    encoder, asked = PixelEncoder(), []
    dense = VectorSearcher(encoder, vectors(items, encoder, tmp_path / "home"))
    plain = encoder.texts
    encoder.texts = lambda words: asked.extend(words) or plain(words)
    first = dense.search([TextQuery("a", "кот"), TextQuery("b", "пёс"), TextQuery("c", "кот")], 3)
    again = dense.search([TextQuery("d", "кот")], 3, np.array([1, 2, 5]))
    assert asked == ["кот", "пёс"]
    assert first[0].items == first[2].items and set(again[0].items) == {"i001", "i002", "i005"}
    assert dense.search([TextQuery("e", "кот")], 3, np.array([], np.int64))[0].items == ()


needs_report = pytest.mark.skipif(not REPORT.exists(), reason="the 2025 report's figures (../shared) are not here")
PUBLISHED = {
    "clip-pretrained": (0.083333, 10, 0.028176),
    "clip-finetuned": (0.183333, 22, 0.061486),
    "ruclip-pretrained": (0.816667, 98, 0.315400),
    "ruclip-finetuned": (0.833333, 100, 0.322485),
}


@needs_report
@pytest.mark.parametrize("model", list(PUBLISHED))
def test_our_metrics_give_the_reports_means_from_rankings_with_its_hits(model):
    with (REPORT / "published.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    judgments = {row["query_id"]: {f"{row['query_id']}-{n}": 1 for n in range(int(row["relevant"]))} for row in rows}
    rankings = []
    for row in rows:
        hits = round(float(row[f"{model} P@5"]) * 5)
        found = [f"{row['query_id']}-{n}" for n in range(hits)] + [f"other-{n}" for n in range(5 - hits)]
        rankings.append(Ranking(row["query_id"], tuple(found), tuple(range(5, 0, -1))))
    table = metrics.score(rankings, judgments, ["P@5", "R@5"])
    precision, hits, recall = PUBLISHED[model]
    assert len(table) == 24 and round(table["P@5"].sum() * 5) == hits
    assert table["P@5"].mean() == pytest.approx(precision, abs=1e-6)
    assert table["R@5"].mean() == pytest.approx(recall, abs=1e-6)
    for row in rows:
        assert table.loc[row["query_id"], "R@5"] == pytest.approx(float(row[f"{model} R@5"]), abs=0.0051)


@needs_report
def test_the_reports_test_set_has_the_ceiling_and_chance_level_that_follow_from_its_counts():
    sets = json.loads((REPORT / "semantic_test_queries.json").read_text(encoding="utf-8"))
    relevant = {query: {str(item["id"]): 1 for item in items} for query, items in sets.items()}
    gallery = {item for items in relevant.values() for item in items}
    assert len(relevant) == 24 and len(gallery) == 328 and sum(map(len, relevant.values())) == 335
    recall, precision = metrics.metric("R@5"), metrics.metric("P@5")
    ceiling = np.mean([floors.ceiling(recall, items, 328, 328) for items in relevant.values()])
    chance = np.mean([floors.chance(precision, items, 328, 328) for items in relevant.values()])
    assert ceiling == pytest.approx(0.386, abs=5e-4) and chance == pytest.approx(0.043, abs=5e-4)
