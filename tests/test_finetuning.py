"""Tuning: cached features give what whole towers give, kills cost nothing, the result says where it comes from."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tiny_models import tiny_openclip, tiny_ruclip
from tiny_shop import tiny_shop

from data import captions, storage
from data import catalogue as catalogues
from data.errors import Cancelled
from data.importers import import_catalogue
from eval import finetune, registry, tuned
from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.finetune import Plan
from eval.finetuning import features, learning, objective, outcome, views
from eval.finetuning.recipe import RECIPES, Recipe, number, recipe
from eval.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = {"openclip": tiny_openclip, "ruclip": tiny_ruclip}
QUICK = recipe(epochs=3, batch=8, rate=1e-3, views=0, validation=0.25)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    import_catalogue(tiny_shop(folder / "files").csv, folder / "home", "shop")
    return catalogues.load(folder / "home", "shop")


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {family: ModelSpec(family, str(make(folder / family))) for family, make in FAMILIES.items()}


def plan(shop, base, chosen=QUICK, **more):
    return Plan(base, shop, captions.of_catalogue(shop), chosen, near=False, **more)


def by_whole_towers(shop, base, home, chosen):
    """The recipe as the 2025 report ran it: both towers in every step, gradients for the projections only."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    encoder = registry.load(base, home)
    model = encoder.model.requires_grad_(False)
    heads = [model.visual.proj.requires_grad_(True), model.text_projection.requires_grad_(True)]
    asked = plan(shop, base, chosen)
    split = finetune._split(asked, np.arange(len(shop)))
    text = dict(zip(asked.captions.items, asked.captions.texts, strict=True))
    digest = dict(zip(shop.ids, shop.table["sha256"], strict=True))
    adam = torch.optim.Adam(heads, lr=chosen.rate, betas=(0.9, 0.98), eps=1e-6, weight_decay=chosen.weight_decay)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(adam, patience=chosen.patience)

    def loss_of(items):
        pixels = torch.from_numpy(np.stack([encoder.prepare(shop.picture(item)) for item in items]))
        rows = torch.from_numpy(encoder.tokens.rows([text[item] for item in items]))
        shown, said = normalize(model.encode_image(pixels), dim=-1), normalize(model.encode_text(rows), dim=-1)
        logits = model.logit_scale.clamp(max=np.log(100)).exp() * shown @ said.T
        if chosen.same_caption == "ignored":
            for i, one in enumerate(items):
                for j, other in enumerate(items):
                    if i != j and (text[one] == text[other] or digest[one] == digest[other]):
                        logits[i, j] = -torch.inf
        right = torch.arange(len(items))
        return (cross_entropy(logits, right) + cross_entropy(logits.T, right)) / 2

    for epoch in range(chosen.epochs):
        order = learning.order(len(split.train), chosen.seed, epoch).tolist()
        for start in range(0, len(order), chosen.batch):
            adam.zero_grad()
            loss_of([split.train[place] for place in order[start : start + chosen.batch]]).backward()
            adam.step()
        with torch.no_grad():
            plateau.step(loss_of(list(split.validation)))
    return {"visual.proj": heads[0].detach(), "text_projection": heads[1].detach()}


@pytest.mark.parametrize("same", ["ignored", "negative"])
@pytest.mark.parametrize("family", FAMILIES)
def test_heads_on_cached_features_equal_training_through_both_towers(shop, bases, tmp_path, family, same):
    chosen = recipe(epochs=5, batch=8, rate=1e-3, views=0, validation=0.25, patience=0, keep="last", same_caption=same)
    found = finetune.finetune(plan(shop, bases[family], chosen), tmp_path)
    expected = by_whole_towers(shop, bases[family], tmp_path, chosen)
    from safetensors.torch import load_file

    weights = load_file(found.folder / tuned.TENSORS)
    assert set(weights) == set(expected)
    base = registry.load(bases[family], tmp_path).model.state_dict()
    for name, value in expected.items():
        assert float((weights[name] - value).abs().max()) < 1e-5
        assert float((value - base[name]).abs().max()) > 1e-3, "training must have changed something"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tuned_model_stands_in_the_picker_and_answers_with_its_own_vectors(shop, bases, tmp_path, family):
    found = finetune.finetune(plan(shop, bases[family]), tmp_path, "first")
    assert found.spec == ModelSpec(family, bases[family].checkpoint, "first")
    listed = [model for model in registry.models(tmp_path) if model.spec == found.spec]
    assert len(listed) == 1 and listed[0].tuned and listed[0].here and "fine-tuned: first" in listed[0].title
    assert listed[0].group == ("clip" if family == "openclip" else "ruclip")
    base, ours = registry.load(bases[family], tmp_path), registry.load(found.spec, tmp_path)
    assert base.fingerprint != ours.fingerprint
    assert np.abs(base.texts(["красный круг"]) - ours.texts(["красный круг"])).max() > 1e-4
    changed = ours.model.state_dict()
    same = [name for name, value in base.model.state_dict().items() if (value == changed[name]).all()]
    assert set(changed) - set(same) == {"visual.proj", "text_projection"}


@pytest.mark.parametrize("base", ["ruclip:bundled/mini-ruclip", "openclip:bundled/mini-clip"])
def test_the_bundled_models_can_be_tuned(shop, tmp_path, base):
    chosen = recipe(epochs=8, batch=8, rate=1e-3, views=1, weight_decay=0.0)
    said = captions.of_catalogue(shop)
    if "mini-clip" in base:  # it reads English
        words = {"красный": "red", "синий": "blue", "зелёный": "green", "жёлтый": "yellow", "круг": "circle",
                 "квадрат": "square", "треугольник": "triangle"}  # fmt: skip
        english = tuple(" ".join(words[word] for word in text.split()) for text in said.texts)
        said = captions.Captions(said.items, english, "by hand")
    found = finetune.finetune(Plan(ModelSpec.parse(base), shop, said, chosen, near=False), tmp_path)
    rows = outcome.curve(found)
    assert rows[8]["train_loss"] < rows[1]["train_loss"] - 0.3
    known = next(model for model in registry.models(tmp_path) if model.spec == found.spec)
    assert known.here and known.title.startswith("mini-"), "a small model goes by its own name"
    assert registry.load(found.spec, tmp_path).texts(["кот"]).shape == (1, 192)


def test_towers_are_tuned_except_what_is_frozen_and_fit_the_pairs_better(shop, bases, tmp_path):
    chosen = recipe(mode="towers", epochs=4, batch=8, rate=2e-3, views=1, frozen=("token_embedding", "visual.conv1"),
                    weight_decay=0.0, keep="last")  # fmt: skip
    found = finetune.finetune(plan(shop, bases["ruclip"], chosen), tmp_path)
    rows = outcome.curve(found)
    assert rows[-1]["train_loss"] < rows[1]["train_loss"] - 0.1
    before = registry.load(bases["ruclip"], tmp_path).model.state_dict()
    after = registry.load(found.spec, tmp_path).model.state_dict()
    changed = {name for name in before if not (before[name] == after[name]).all()}
    assert "visual.transformer.resblocks.0.mlp.c_fc.weight" in changed and "text_projection" in changed
    assert not {name for name in changed if name.startswith(chosen.frozen)}


def test_towers_with_all_but_the_projections_frozen_give_the_same_heads(shop, bases, tmp_path):
    from safetensors.torch import load_file

    chosen = recipe(epochs=2, batch=8, rate=1e-3, views=2, validation=0.25, keep="last")
    names = registry.load(bases["ruclip"], tmp_path).model.state_dict()
    frozen = tuple(name for name in names if name not in ("visual.proj", "text_projection"))
    towers = Recipe(**{**vars(chosen), "mode": "towers", "frozen": frozen})
    quick = load_file(finetune.finetune(plan(shop, bases["ruclip"], chosen), tmp_path).folder / tuned.TENSORS)
    slow = load_file(finetune.finetune(plan(shop, bases["ruclip"], towers), tmp_path).folder / tuned.TENSORS)
    assert set(quick) == set(slow)
    for name, value in quick.items():
        assert float((value - slow[name]).abs().max()) < 1e-5, "the same views must meet in the same steps"


def test_the_same_plan_is_found_again_and_another_needs_another_name(shop, bases, tmp_path):
    first = finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "mine")
    made = (first.folder / tuned.TENSORS).stat().st_mtime_ns
    again = finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "mine")
    assert again.lineage == first.lineage and (first.folder / tuned.TENSORS).stat().st_mtime_ns == made
    with pytest.raises(ValueError, match="choose another name"):
        finetune.finetune(plan(shop, bases["ruclip"], recipe(epochs=1, batch=8)), tmp_path, "mine")
    with pytest.raises(ValueError, match="cannot name"):
        finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "../out")


def test_the_lineage_says_base_data_recipe_and_seed(shop, bases, tmp_path):
    found = finetune.finetune(plan(shop, bases["ruclip"], recipe(epochs=1, batch=8, views=0, seed=5)), tmp_path, "mine")
    told = json.loads((found.folder / tuned.LINEAGE).read_text("utf-8"))
    assert told["base"] == str(bases["ruclip"]) and len(told["base_weights"]) == 64
    assert told["catalogue_fingerprint"] == shop.fingerprint and told["captions"] == "columns title, category"
    assert told["recipe"]["seed"] == 5 and told["recipe"]["rate"] == 5e-5 and told["recipe"]["weight_decay"] == 0.2
    assert told["items"]["train"] + told["items"]["validation"] == len(shop) and told["chosen_on"] == "validation"
    assert {path.name for path in found.folder.iterdir()} == {
        tuned.TENSORS, tuned.LINEAGE, tuned.CURVE, storage.MANIFEST
    }  # fmt: skip
    assert not list((tmp_path / "tunings").iterdir()), "what was only for going on is gone"


def test_tuning_can_begin_from_tuned_weights_and_still_lies_over_the_true_base(shop, bases, tmp_path):
    towers = recipe(mode="towers", epochs=1, batch=8, views=0, rate=1e-3, frozen=("token_embedding",))
    first = finetune.finetune(plan(shop, bases["ruclip"], towers), tmp_path, "first")
    second = finetune.finetune(plan(shop, first.spec), tmp_path, "second")
    assert second.base == bases["ruclip"] and second.lineage["base_head"] == "first"
    one, two = (registry.load(found.spec, tmp_path).model.state_dict() for found in (first, second))
    changed = {name for name in one if not (one[name] == two[name]).all()}
    assert changed == {"visual.proj", "text_projection"}


def test_the_test_set_is_not_learnt_from_and_choosing_on_it_is_stamped(shop, bases, tmp_path):
    test = [item for item in shop.ids if "circle" in item]
    asked = plan(shop, bases["ruclip"], test=test, tests=("queries",))
    split = finetune._split(asked, np.arange(len(shop)))
    assert set(split.test) == set(test) and not set(test) & {*split.train, *split.validation}
    honest = finetune.finetune(asked, tmp_path, "honest")
    assert honest.lineage["chosen_on"] == "validation" and "test" not in honest.stamp
    peeking = recipe(**{**vars(QUICK), "chosen_on": "test"})
    peeked = finetune.finetune(plan(shop, bases["ruclip"], peeking, test=test), tmp_path, "peeked")
    assert "chosen on the test set" in peeked.stamp
    listed = next(model for model in registry.models(tmp_path) if model.spec.head == "peeked")
    assert "chosen on the test set" in listed.title
    with pytest.raises(ValueError, match="no test to choose on"):
        finetune.finetune(plan(shop, bases["ruclip"], peeking), tmp_path, "none")


def test_weights_tuned_over_another_base_or_damaged_are_refused(shop, bases, tmp_path):
    found = finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "mine")
    other = tiny_ruclip(tmp_path / "other", seed=1)
    with pytest.raises(BadCheckpoint, match="wrong_model"):
        registry.load(ModelSpec("ruclip", str(other), "mine"), tmp_path)
    with pytest.raises(LookupError, match="mine"):
        registry.load(ModelSpec("ruclip", bases["ruclip"].checkpoint, "yours"), tmp_path)
    path = found.folder / tuned.TENSORS
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadCheckpoint, match="checksum"):
        registry.load(found.spec, tmp_path)


def test_cancelled_at_any_step_the_tuning_goes_on_and_ends_bit_for_bit_the_same(shop, bases, tmp_path):
    expected = finetune.finetune(plan(shop, bases["ruclip"]), tmp_path / "whole", "x").folder / tuned.TENSORS
    for at in (1, 4, 7):

        def stop(done: int, total: int, what: str, at: int = at) -> None:
            if what == "finetune" and done == at:
                raise Cancelled("stop")

        with pytest.raises(Cancelled):
            finetune.finetune(plan(shop, bases["ruclip"]), tmp_path / "home", "x", stop)
        assert list((tmp_path / "home" / "tunings").glob("*/standing.safetensors"))
    told: list[int] = []
    done = finetune.finetune(plan(shop, bases["ruclip"]), tmp_path / "home", "x",
                             lambda done, total, what: told.append(done) if what == "finetune" else None)  # fmt: skip
    assert told[0] == 7, "it went on at the step where it stood"
    assert (done.folder / tuned.TENSORS).read_bytes() == expected.read_bytes()


LAUNCHER = """
import os, sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
import torch, open_clip
from test_finetuning import plan
from data import catalogue as catalogues
from eval import finetune, registry
from eval.contracts import ModelSpec
from eval.finetuning import features, heads, whole
from eval.finetuning.recipe import recipe

def told(done, total, what):
    print(what, done, flush=True)
    time.sleep(0.01 if what == "finetune" else 0)

shop = catalogues.load(Path(sys.argv[2]), "shop")
for line in sys.stdin:
    mode, home = line.split()
    child = os.fork()
    if child == 0:
        chosen = recipe(mode=mode, epochs=8, batch=8, rate=1e-3, views=1, validation=0.25)
        asked = plan(shop, ModelSpec("ruclip", sys.argv[3]), chosen)
        finetune.finetune(asked, Path(home), mode, told, save_seconds=0.02)
        os._exit(0)
    print("child", child, flush=True)
    os.waitpid(child, 0)
    print("end", flush=True)
"""


@pytest.fixture(scope="module")
def launcher(shop, bases):
    """A process that has imported everything and forks one that tunes for each line it reads."""
    command = [sys.executable, "-c", LAUNCHER, str(ROOT), str(shop.root.parents[2]), bases["ruclip"].checkpoint]
    quiet = {"text": True, "bufsize": 1, "env": {**os.environ, "OMP_NUM_THREADS": "1"}}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **quiet) as process:
        yield process
        process.stdin.close()


def tuned_until(launcher, mode: str, home: Path, kill_at: int = 10**6) -> list[int]:
    """Tune in a process of its own that is killed a moment after it told step `kill_at`; the steps it told."""
    launcher.stdin.write(f"{mode} {home}\n")
    child, steps = 0, []
    for line in launcher.stdout:
        if line == "end\n":
            return steps
        what, number = line.split()
        if what == "child":
            child = int(number)
        elif what == "finetune":
            steps.append(int(number))
            if steps[-1] >= kill_at and child:
                time.sleep(0.004)
                os.kill(child, signal.SIGKILL)
                child = 0
    raise AssertionError("the launcher died")


@pytest.mark.parametrize("mode", ["heads", "towers"])
def test_killed_in_the_middle_the_tuning_goes_on_and_ends_bit_for_bit_the_same(launcher, tmp_path, mode):
    assert tuned_until(launcher, mode, tmp_path / "whole") == [*range(24), 24]
    begun = [tuned_until(launcher, mode, tmp_path / "home", kill_at)[0] for kill_at in (6, 13, 20)]
    begun.append(tuned_until(launcher, mode, tmp_path / "home")[0])
    assert begun[0] == 0 and begun == sorted(begun) and begun[-1] > 12, f"each goes on from what was saved: {begun}"
    one, other = (tmp_path / name / "models/heads" / mode / tuned.TENSORS for name in ("whole", "home"))
    assert one.read_bytes() == other.read_bytes()


def test_a_damaged_standing_is_not_gone_on_from(shop, bases, tmp_path):
    def stop(done: int, total: int, what: str) -> None:
        if what == "finetune" and done == 4:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "x", stop)
    standing = next((tmp_path / "tunings").glob("*/standing.safetensors"))
    standing.write_bytes(standing.read_bytes()[:-100])
    told: list[int] = []
    finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "x",
                      lambda done, total, what: told.append(done) if what == "finetune" else None)  # fmt: skip
    assert told[0] == 0


def test_likeness_is_computed_once_and_read_back_as_it_was(shop, tmp_path, monkeypatch):
    from data import likeness

    first = features.likeness(shop, tmp_path)
    assert (first == likeness.of_catalogue(shop)).all() and first.dtype == np.uint64 and first.any()
    monkeypatch.setattr(likeness, "of_catalogue", None)
    assert (features.likeness(shop, tmp_path) == first).all()


def test_features_once_computed_serve_every_later_recipe(shop, bases, tmp_path):
    finetune.finetune(plan(shop, bases["ruclip"], recipe(epochs=1, batch=8, views=2)), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("features/*/*.npy")}
    finetune.finetune(plan(shop, bases["ruclip"], recipe(epochs=2, batch=6, views=2, rate=1e-4)), tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("features/*/*.npy")} == before
    assert len(list(tmp_path.glob("features/*"))) == 4, "plain, two views, texts"


def test_tuned_weights_that_ship_are_bundled_where_their_base_is(shop, tmp_path, monkeypatch):
    base = ModelSpec.parse("ruclip:bundled/mini-ruclip")
    chosen = recipe(epochs=1, batch=8, views=0, half_precision=True)
    found = finetune.finetune(plan(shop, base, chosen), tmp_path / "mine", "stitched")
    monkeypatch.setattr(tuned, "SHIPPED", tmp_path / "shipped")
    shutil.copytree(found.folder, tmp_path / "shipped" / "stitched")
    listed = next(model for model in registry.models(tmp_path / "other") if model.spec.head == "stitched")
    assert listed.bundled and listed.here and listed.tuned and listed.spec == found.spec
    assert registry.load(listed.spec, tmp_path / "other").texts(["кот"]).shape == (1, 192)
    assert (found.folder / tuned.TENSORS).stat().st_size < 2 * (192 * 192 + 128 * 192) + 1000, "fp16"


def test_the_doctor_finds_damage_to_tuned_weights_and_mends_features(shop, bases, tmp_path):
    home = Workspace(tmp_path).open().home
    found = finetune.finetune(plan(shop, bases["ruclip"]), home, "mine")
    assert {finding.state for finding in Workspace(home).doctor()} == {"ok"}
    for path in (found.folder / tuned.TENSORS, next(home.glob("features/*/*.npy"))):
        data = bytearray(path.read_bytes())
        data[-3] ^= 4
        path.write_bytes(data)
    (found.folder / tuned.CURVE).unlink()
    said = {(finding.kind, finding.state) for finding in Workspace(home).doctor() if finding.state != "ok"}
    assert said == {("model", "damaged"), ("model", "missing"), ("features", "rebuilt")}
    again = finetune.finetune(plan(shop, bases["ruclip"], recipe(epochs=1, batch=8, views=0)), home, "other")
    assert again.lineage["kept_epoch"] == 1, "the features that were set aside are computed again"


def test_damaged_lineages_are_left_out_of_the_picker(shop, bases, tmp_path):
    finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "good")
    bad = finetune.finetune(plan(shop, bases["ruclip"]), tmp_path, "bad")
    (bad.folder / tuned.LINEAGE).write_text("{", encoding="utf-8")
    found = [model.spec.head for model in registry.models(tmp_path) if model.spec.head]
    assert "good" in found and "bad" not in found


def test_the_loss_is_the_symmetric_cross_entropy_worked_by_hand():
    import torch

    # cosines 1 and 0 at scale 1: each row softmax gives e / (e + 1) to the right one
    unit = torch.eye(2)
    assert float(objective.disagreement(unit, unit, 1.0)) == pytest.approx(np.log(1 + np.exp(-1)))
    # the second text equals the first: half of the mass goes to either; ignoring the twin leaves nothing to get wrong
    twins = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert float(objective.disagreement(twins, twins, 1.0)) == pytest.approx(np.log(2))
    every = torch.ones(2, 2, dtype=torch.bool)
    assert float(objective.disagreement(twins, twins, 1.0, same=every)) == pytest.approx(0.0)
    # λ = 1 looks at picture → text alone: pictures equal, texts apart
    texts = torch.eye(2)
    rows = [np.log(1 + np.exp(-1)), np.log(1 + np.exp(1))]
    assert float(objective.disagreement(twins, texts, 1.0, half=1.0)) == pytest.approx(np.mean(rows))
    assert float(objective.disagreement(twins, texts, 1.0, half=0.0)) == pytest.approx(np.log(2))


def test_pairs_that_share_a_caption_or_a_picture_are_marked():
    import torch

    found = objective.same(torch.tensor([1, 2, 1]), torch.tensor([5, 6, 7]))
    assert found is not None and found.tolist() == [[True, False, True], [False, True, False], [True, False, True]]
    assert objective.same(torch.tensor([1, 2, 3]), torch.tensor([5, 6, 7])) is None
    assert objective.same(torch.tensor([1, 2, 3]), torch.tensor([5, 5, 7])) is not None


def test_the_figures_of_held_out_pairs_are_those_worked_by_hand():
    pictures = np.eye(3, dtype=np.float32)
    texts = np.array([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]], np.float32)
    # pairs: picture 0 – text 0 (cosine 0.6), picture 2 – text 1 (cosine 1)
    found = objective.figures(pictures, texts, np.array([0, 2]), np.array([0, 1]), 1.0, 0.5, 10, True)
    assert found["pair_cosine"] == pytest.approx(0.8)
    first, second = np.exp(0.6) / (np.exp(0.6) + 1), np.e / (np.e + 1)
    assert found["match_probability"] == pytest.approx((first + second) / 2)
    assert found["R@5"] == 1.0 and found["validation_loss"] == pytest.approx(-(np.log(first) + np.log(second)) / 2)
    many = np.eye(8, dtype=np.float32)
    worst = np.array([[8, 7, 6, 5, 4, 3, 2, 1]], np.float32) / np.float32(np.sqrt(204))
    for place, expected in ((4, 1.0), (5, 0.0)):  # the fifth nearest counts, the sixth does not
        assert objective.figures(many, worst, np.array([place]), np.array([0]), 1.0, 0.5, 4, True)["R@5"] == expected


def test_views_are_the_same_for_the_same_seed_and_none_is_the_plain_picture(shop):
    picture, digest = shop.picture(shop.ids[0]), shop.table["sha256"][0]
    looks = Recipe().looks()
    one, again = (np.asarray(views.view(picture, 1, digest, looks)) for _ in range(2))
    assert one.shape == again.shape and (one == again).all()
    other = np.asarray(views.view(picture, 2, digest, looks).resize(picture.size))
    assert np.abs(other.astype(int) - np.asarray(picture).astype(int)).mean() > 0.5
    assert views.view(picture, 0, digest, looks) is picture
    nothing = {"flip": 0.0, "brightness": 0.0, "contrast": 0.0, "crop": 1.0, "seed": 0.0}
    assert (np.asarray(views.view(picture, 3, digest, nothing)) == np.asarray(picture)).all()
    flipped = np.asarray(views.view(picture, 3, digest, {**nothing, "flip": 1.0}))
    assert (flipped == np.asarray(picture)[:, ::-1]).all()


def test_every_pair_shows_each_view_once_in_as_many_epochs():
    turns = np.stack([views.turn(50, epoch, 4, seed=3) for epoch in range(4)])
    assert (np.sort(turns, axis=0) == np.arange(1, 5)[:, None]).all()
    assert len(set(turns[0].tolist())) == 4, "pairs begin at different views"
    assert not views.turn(50, 2, 0, seed=3).any()


def test_recipes_are_the_reports_and_impossible_numbers_are_refused():
    report = RECIPES["report"]
    assert (report.rate, report.betas, report.eps, report.batch, report.epochs) == (5e-5, (0.9, 0.98), 1e-6, 128, 5)
    assert (report.weight_decay, report.half, report.largest_scale, report.patience) == (0.2, 0.5, 100.0, 2)
    assert report.same_caption == "negative" and Recipe().same_caption == "ignored"
    for wrong in ({"rate": 0.0}, {"batch": 1}, {"keep": "good"}, {"validation": 0.0}, {"crop": 0.1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            recipe(**wrong)
    with pytest.raises(LookupError, match="report"):
        recipe("secret")
    with pytest.raises(ValueError, match="no 'speed'"):
        recipe(speed=1)


def test_any_number_of_a_recipe_can_be_written_as_text():
    written = {
        "patience": "3",
        "decoupled": "yes",
        "betas": "0.8,0.99",
        "frozen": "visual,logit_scale",
        "schedule": "cosine",
    }
    read = {name: number(name, text) for name, text in written.items()}
    assert read == {"patience": 3, "decoupled": True, "betas": (0.8, 0.99), "frozen": ("visual", "logit_scale"),
                    "schedule": "cosine"}  # fmt: skip
    for name, text in (("patience", "x"), ("decoupled", "maybe"), ("speed", "1")):
        with pytest.raises(ValueError, match=name):
            number(name, text)


def test_the_plateau_lowers_the_rate_as_torch_does():
    import torch

    losses = [1.0, 0.9, 0.95, 0.91, 0.92, 0.93, 0.89999, 0.9, 0.9, 0.9, 0.9, 0.5]
    weight = torch.nn.Parameter(torch.zeros(1))
    adam = torch.optim.Adam([weight], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(adam, patience=2)
    standing = learning.Standing()
    for loss in losses:
        theirs.step(loss)
        learning._plateau(standing, loss, 2)
        assert adam.param_groups[0]["lr"] == pytest.approx(0.1**standing.drops)
    assert standing.drops > 1
