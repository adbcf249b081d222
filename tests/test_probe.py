"""Category from features: parts that keep designs together, metrics against scikit-learn, search within a category."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from app.cli import main
from app.search.seeing import Look
from data.catalogue import Catalogue
from data.errors import Cancelled, Unavailable
from eval import diagnoses
from eval.probing import cells, choosing, classifiers, scoring, within
from eval.probing.parts import Parts, parts
from eval.tasks import probe

TINY = "ruclip:tiny"
CORE = ("title", "image", "sha256", "description", "source", "price", "url")


def shelf(labels: list[str], designs: list[str]) -> Catalogue:
    """A catalogue of so many items without pictures, with a category and a sku each."""
    columns = {name: [""] * len(labels) for name in CORE}
    table = pd.DataFrame({"id": [f"i{n}" for n in range(len(labels))], **columns, "category": labels, "sku": designs})
    return Catalogue("shelf", Path("nowhere"), table, "f" * 64)


def blobs(classes: int = 4, each: int = 30, size: int = 8, seed: int = 0) -> tuple[np.ndarray, Parts]:
    """Unit rows around one direction a class, parted 60/20/20 with every item a group of its own."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, size))
    truth = np.repeat(np.arange(classes), each)
    rows = centres[truth] + 0.5 * rng.normal(size=(classes * each, size))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    labels = [f"class {n}" for n in truth]
    items = shelf(labels, [""] * len(labels))
    return rows, parts(items, "category", np.arange(len(items)), ("sku",))


# the parts


def test_parts_are_60_20_20_and_one_design_stands_on_one_side() -> None:
    designs = [f"d{n // 2}" for n in range(600)]
    labels = [f"c{(n // 2) % 3}" for n in range(600)]
    items = shelf(labels, designs)
    found = parts(items, "category", np.arange(600), ("sku",), seed=3)
    assert [len(part) for part in (found.train, found.validation, found.test)] == [360, 120, 120]
    sides = [{designs[row] for row in part} for part in (found.train, found.validation, found.test)]
    assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
    for part in (found.train, found.validation, found.test):  # stratified: a third of each class
        assert max(np.bincount(found.truth[part])) - min(np.bincount(found.truth[part])) <= 2
    assert sorted(np.concatenate((found.train, found.validation, found.test))) == list(range(600))
    again = parts(items, "category", np.arange(600), ("sku",), seed=3)
    assert again.fingerprint == found.fingerprint
    assert parts(items, "category", np.arange(600), ("sku",), seed=4).fingerprint != found.fingerprint


def test_small_classes_and_items_without_a_class_are_left_out_and_counted() -> None:
    labels = ["a"] * 30 + ["b"] * 30 + ["rare"] * 4 + [""] * 3
    found = parts(shelf(labels, [""] * 67), "category", np.arange(67))
    assert found.classes == ("a", "b") and found.left_out == {"rare": 4}
    assert found.counts == {"train": 36, "validation": 12, "test": 12, "groups": 60, "unlabelled": 7}


def test_what_cannot_be_parted_is_refused_with_the_reason() -> None:
    same = shelf(["a"] * 40, [""] * 40)
    with pytest.raises(ValueError, match="1 classes"):
        parts(same, "category", np.arange(40))
    with pytest.raises(LookupError, match="no column 'colour'"):
        parts(same, "colour", np.arange(40))
    two = shelf(["a"] * 20 + ["b"] * 20, ["one"] * 20 + [f"d{n}" for n in range(20)])
    with pytest.raises(ValueError, match="1 classes with at least 5 different designs"):  # a is a single design
        parts(two, "category", np.arange(40), ("sku",))
    for wrong in ({"template": "photo"}, {"least": 1}, {"seed": -1}):
        with pytest.raises(ValueError):
            probe.Question(**wrong)


# the metrics, against scikit-learn


def test_metrics_equal_scikit_learns() -> None:
    from sklearn import metrics

    rng = np.random.default_rng(1)
    for classes in (2, 3, 7):
        logits = rng.normal(size=(200, classes))
        truth = rng.integers(0, classes, 200)
        order = scoring.ordered(logits, np.ones(classes))
        rank, said = scoring.ranks(order, truth), order[:, 0]
        found = scoring.scored(truth, rank, scoring.losses(logits, truth, 1.7), said, np.arange(200), classes)
        sure = scoring.probabilities(logits, 1.7)
        labels = np.arange(classes)
        assert found["Top-1"][0] == pytest.approx(metrics.accuracy_score(truth, logits.argmax(1)))
        assert found["F1 macro"][0] == pytest.approx(metrics.f1_score(truth, said, average="macro"))
        assert found["F1 weighted"][0] == pytest.approx(metrics.f1_score(truth, said, average="weighted"))
        assert found["Cross-entropy"][0] == pytest.approx(metrics.log_loss(truth, sure, labels=labels))
        if classes > 3:
            top = metrics.top_k_accuracy_score(truth, logits, k=3, labels=labels)
            assert found["Top-3"][0] == pytest.approx(top)


def test_f1_by_hand_counts_only_classes_that_are_there() -> None:
    # truth a a b, said a b b: F1(a) = 2·1/(2+1) = 2/3, F1(b) = 2/3; class c is neither
    macro, weighted = scoring.f1(np.array([0, 0, 1]), np.array([0, 1, 1]), np.ones((1, 3)), 3)
    assert macro[0] == pytest.approx(2 / 3) and weighted[0] == pytest.approx(2 / 3)
    # said c for one a: F1(a) = 2/3, F1(b) = 0; c has no row of its own and takes no part in the mean
    macro, weighted = scoring.f1(np.array([0, 0, 1]), np.array([0, 2, 0]), np.ones((1, 3)), 3)
    assert macro[0] == pytest.approx((2 * 1 / 4) / 2) and weighted[0] == pytest.approx(0.5 * 2 / 3)


def test_equal_classes_stand_by_their_frequency_in_training() -> None:
    order = scoring.ordered(np.zeros((1, 3)), np.array([5.0, 9.0, 5.0]))
    assert order.tolist() == [[1, 0, 2]]
    assert scoring.ranks(order, np.array([2])).tolist() == [2]


def test_the_temperature_has_the_least_cross_entropy_and_changes_no_order() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 4, 300)
    logits = 20 * (np.eye(4)[truth] + 0.8 * rng.normal(size=(300, 4)))  # far too sure
    at = scoring.temperature(logits, truth)
    tried = [scoring.losses(logits, truth, t).mean() for t in np.geomspace(0.1, 100, 400)]
    assert scoring.losses(logits, truth, at).mean() <= min(tried) + 1e-6
    assert at > 5
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator
    from sklearn.linear_model import LogisticRegression

    points = np.concatenate((logits, rng.normal(size=(300, 2))), axis=1)
    model = LogisticRegression().fit(points[:200], truth[:200])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(points[200:], truth[200:])
    spoken = model.decision_function(points)
    ours = scoring.probabilities(spoken, scoring.temperature(spoken[200:], truth[200:]))
    assert np.allclose(ours, theirs.predict_proba(points), atol=2e-3)


def test_intervals_come_from_whole_designs() -> None:
    truth = np.zeros(100, int)
    rank = np.array([0] * 50 + [1] * 50)
    alone = scoring.scored(truth, rank, np.ones(100), rank, np.arange(100), 2)["Top-1"]
    pairs = scoring.scored(truth, rank, np.ones(100), rank, np.arange(100) // 10, 2)["Top-1"]
    assert alone[0] == pairs[0] == 0.5
    assert 0.39 < alone[1] < 0.42 and 0.58 < alone[2] < 0.61  # ± 1.96·√(0.25 / 100) = ± 0.098
    assert pairs[2] - pairs[1] > 2 * (alone[2] - alone[1])  # ten designs tell less: √10 times as wide
    assert np.isnan(scoring.scored(truth, rank, np.ones(100), rank, np.zeros(100), 2)["Top-1"][1])


# the classifiers


@pytest.mark.parametrize("name", [name for name, one in classifiers.ALL.items() if one.here and one.make])
def test_every_classifier_learns_blobs_and_repeats_itself(name: str) -> None:
    rows, split = blobs()
    one = classifiers.named(name)
    first, second = (cells.cell(one, rows, split, 0, lambda: rows[:4]) for _ in range(2))
    for key in ("rank", "loss", "params", "scores"):
        assert first[key] == second[key]
    top = first["scores"]["Top-1"][0]
    assert top == pytest.approx(0.25) if name == "majority" else top > 0.85
    assert all(abs(sum(row) - 1) < 1e-4 or len(row) == 3 for row in first["sure"])
    if len(one.grid) > 1:
        assert [params for params, _value in first["tried"]] == [dict(params) for params in one.grid]


def test_settings_are_chosen_on_the_training_part_alone() -> None:
    rows, split = blobs(seed=4)
    other = rows.copy()
    rng = np.random.default_rng(0)
    other[split.test] = other[split.test[rng.permutation(len(split.test))]]  # another test and another validation part
    other[split.validation] = other[split.validation[::-1]]
    for name in ("knn", "logistic", "tree"):
        plain = choosing.choose(classifiers.named(name), rows, split, 0)
        changed = choosing.choose(classifiers.named(name), other, split, 0)
        assert plain.params == changed.params and plain.tried == changed.tried


def test_the_best_settings_are_those_of_the_highest_mean_f1() -> None:
    rows, split = blobs(seed=5)
    found = choosing.choose(classifiers.named("knn"), rows, split, 0)
    assert found.params == max(found.tried, key=lambda pair: pair[1])[0]
    steps: list[int] = []
    choosing.choose(classifiers.named("knn"), rows, split, 0, lambda: steps.append(1))
    assert len(steps) == choosing.fits(classifiers.named("knn")) == 16


def test_zero_shot_is_the_cosine_with_the_words() -> None:
    rows, split = blobs(classes=3)
    words = np.eye(3, 8, dtype=np.float32)
    found = cells.cell(classifiers.ZERO_SHOT, rows, split, 0, lambda: words)
    expected = (rows[split.test] @ words.T).argmax(1)
    assert [top[0] for top in found["top"]] == expected.tolist()


def test_a_class_never_seen_gets_the_smallest_value_and_two_classes_get_two_columns() -> None:
    class Two:
        classes_ = np.array([0, 2])

        def decision_function(self, features: np.ndarray) -> np.ndarray:
            return np.array([0.5, -2.0])

    found = classifiers.logits(Two(), np.zeros((2, 1)), 3)
    assert found.tolist() == [[-0.5, -0.5, 0.5], [2.0, -2.0, -2.0]]


def test_what_is_not_installed_is_left_out_of_a_whole_table_and_refused_by_name(monkeypatch: Any) -> None:
    absent = classifiers.Classifier("absent", "", lambda params, seed: None, package="no_such_package")
    monkeypatch.setitem(classifiers.ALL, "absent", absent)
    assert not absent.here
    with pytest.raises(Unavailable, match="not installed") as told:
        absent.made({}, 0)
    assert told.value.remedy == "pip install no_such_package"

    def broken(params: Any, seed: int) -> Any:
        raise ModuleNotFoundError("No module named 'six'")

    with pytest.raises(Unavailable, match="broken: No module named 'six'"):
        classifiers.Classifier("half", "", broken, package="numpy").made({}, 0)
    with pytest.raises(LookupError, match="no classifier 'absnt'"):
        classifiers.named("absnt")


# search within the category


def test_search_within_the_category_by_hand() -> None:
    # six items on a circle; designs: 0–3 pair, 1–4 pair, 2–5 pair; classes a: 0 1 3, b: 2 4 5
    angles = np.radians([0, 10, 30, 16, 90, 33])
    rows = np.stack((np.cos(angles), np.sin(angles)), axis=1).astype(np.float32)
    labels = np.array(["a", "a", "b", "a", "b", "b"], dtype=object)
    design = np.array(["x", "y", "z", "x", "y", "z"], dtype=object)
    truth = np.array([0, 0, 1, 0, 1, 1])
    split = Parts(("a", "b"), np.array([3, 4, 5]), np.array([], int), np.array([0, 1, 2]), truth, np.arange(6), {})

    class Right:
        classes_ = np.array([0, 1])

        def decision_function(self, features: np.ndarray) -> np.ndarray:
            return features[:, 1] - 0.4  # a below 23.6 degrees, b above

    found = within.gain(choosing.Chosen(Right(), {}), rows, split, labels, design)
    assert found.items == 3
    # everything: item 0 (0°) sees 10°, 16°: its partner 3 is second; 1 (10°): partner 4 at 90° is last of five;
    # 2 (30°): partner 5 at 33° is first
    assert found.means["everything"]["Hit@1"] == pytest.approx(1 / 3)
    assert found.means["everything"]["RR"] == pytest.approx((1 / 2 + 1 / 5 + 1) / 3)
    # within a: item 0 finds 3 second; item 1's partner is in b: not kept; within b: item 2 finds 5 first
    assert found.means["first class"] == found.means["true class"]
    assert found.means["first class"]["Kept"] == pytest.approx(2 / 3)
    assert found.means["first class"]["RR"] == pytest.approx((1 / 2 + 0 + 1) / 3)


def test_the_item_itself_is_left_out_by_its_id() -> None:
    rows = np.eye(3, dtype=np.float32)
    ids = ("a", "b", "c")
    found = within.nearest("photo", rows, ids, rows[0], np.arange(3), 2, without="a")
    assert found.items == ("b", "c")
    assert within.nearest("photo", rows, ids, rows[0], np.array([], int), 2).items == ()


# end to end


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop and a random model."""
    folder = tmp_path_factory.mktemp("probe")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    return bench.home


def test_a_probe_is_kept_found_again_and_grows_by_classifiers(home: Path) -> None:
    bench = Bench(home)
    first = bench.classify([TINY], "shop", classifiers=["majority", "knn"], near=False)
    (one,) = bench.probes("shop", "category")
    assert first["made"] == {TINY: one.key} and set(one.cells) == {"majority", "knn"}
    assert len(one.test) == len(one.truth) == len(one.cells["knn"].rank) and one.size == 32
    made, seconds = one.made, one.cells["knn"].seconds
    bench.classify([TINY], "shop", classifiers=["knn", "logistic", "zero-shot"], near=False)
    (again,) = bench.probes("shop")
    assert again.key == one.key and set(again.cells) == {"majority", "knn", "logistic", "zero-shot"}
    assert again.cells["knn"].seconds == seconds and again.made >= made
    assert not diagnoses.wrong(diagnoses.path(home, "probe", one.key))
    table = again.confusion["knn"]
    assert table.sum() == len(one.test)
    shown = [
        item for a in range(len(one.classes)) for b in range(len(one.classes)) for item in again.items("knn", a, b)
    ]
    assert sorted(shown) == sorted(one.test)
    other = bench.classify([TINY], "shop", classifiers=["majority"], near=False, seed=1)
    assert other["made"][TINY] != one.key


def test_a_record_that_was_kept_can_be_kept_again(tmp_path: Path) -> None:
    first = diagnoses.save(tmp_path, "probe", "a", {"fingerprints": {}, "n": 1})
    diagnoses.save(tmp_path, "probe", "a", {**first, "n": 2})
    assert not diagnoses.wrong(diagnoses.path(tmp_path, "probe", "a"))
    assert diagnoses.load(tmp_path, "probe", "a")["n"] == 2


def test_cancelling_keeps_the_classifiers_that_were_finished(home: Path) -> None:
    bench = Bench(home)

    def stop(done: int, total: int, what: str) -> None:
        if what == "classify" and done > 1:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        bench.classify([TINY], "shop", "category", ["majority", "svm"], near=False, seed=7, progress=stop)
    (kept,) = [one for one in bench.probes("shop") if one.settings["seed"] == 7]
    assert set(kept.cells) == {"majority"}


def test_models_and_names_that_cannot_be_probed_are_told(home: Path) -> None:
    bench = Bench(home)
    asked = {"classifiers": ["majority"], "near": False}
    told = bench.classify([TINY, "bm25", "ruclip:nowhere"], "shop", **asked)
    assert set(told["failed"]) == {"bm25", "ruclip:nowhere"} and set(told["made"]) == {TINY}
    with pytest.raises(ValueError, match="bm25"):
        bench.classify(["bm25"], "shop", **asked)
    with pytest.raises(LookupError, match="no column"):
        bench.classify([TINY], "shop", "colour", **asked)
    with pytest.raises(LookupError, match="no classifier"):
        bench.classify([TINY], "shop", classifiers=["magic"])
    with pytest.raises(LookupError, match="nowhere"):
        bench.classify([TINY], "nowhere", **asked)
    assert "category" in bench.class_columns("shop") and "title" not in bench.class_columns("shop")


def test_a_photo_is_recognised_and_searched_for_within_its_category(home: Path) -> None:
    bench = Bench(home)
    made = bench.classify([TINY], "shop", classifiers=["knn"], near=False)["made"][TINY]
    catalogue = bench.catalogue("shop")
    item = catalogue.ids[0]
    found = bench.recognised(made, "shop", "knn", Look(item=item), k=30)
    assert sum(sure for _name, sure in found.classes) == pytest.approx(1) and len(found.classes) == 3
    inside = {hit.category for hit in found.answer.hits}
    assert inside == {found.classes[0][0]} and item not in {hit.id for hit in found.answer.hits}
    wider = bench.recognised(made, "shop", "knn", Look(path=catalogue.picture_path(item)), classes=3, k=30)
    assert wider.answer.gallery == 24 and wider.answer.hits[0].id == item
    with pytest.raises(LookupError, match="no 'forest'"):
        bench.recognised(made, "shop", "forest", Look(item=item))
    with pytest.raises(LookupError, match="no probe"):
        bench.recognised("0" * 32, "shop", "knn", Look(item=item))


def test_replaced_weights_are_noticed(home: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    bench = Bench(copy)
    made = bench.classify([TINY], "shop", classifiers=["knn"], near=False)["made"][TINY]
    tiny_ruclip(copy / "models" / "tiny", seed=9)
    with pytest.raises(ValueError, match="were replaced"):
        bench.recognised(made, "shop", "knn", Look(item=bench.catalogue("shop").ids[0]))


def test_the_command_prints_the_table_and_its_json_says_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(home))
    asked = ["classify", TINY, "--catalogue", "shop", "--no-near", "--classifier", "majority", "--classifier", "knn"]
    said = CliRunner().invoke(main, asked)
    assert said.exit_code == 0, said.output
    assert "F1 macro of category (3 classes" in said.stdout
    record = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)
    value = record["probes"][0]["cells"]["knn"]["test"]["F1 macro"][0]
    assert f"{value:.3f}" in said.stdout and "knn" in said.stdout
    picture = next((Bench(home).catalogue("shop").root / "pictures").rglob("*.png"))
    seen = CliRunner().invoke(main, [*asked, "--photo", str(picture), "--k", "3"])
    assert seen.exit_code == 0, seen.output
    assert "within" in seen.stdout and seen.stdout.count("north-") + seen.stdout.count("south-") == 3
    gained = CliRunner().invoke(main, [*asked, "--within"])
    assert gained.exit_code == 0 and "no design with two pictures" in gained.stdout
    for wrong, code in ((["--column", "colour"], 2), (["--classifier", "magic"], 2), (["--template", "x"], 2),
                        (["--photo", "nowhere.png"], 2)):  # fmt: skip
        assert CliRunner().invoke(main, [*asked, *wrong]).exit_code == code, wrong
