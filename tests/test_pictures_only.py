"""Encoders that see pictures only, held against what they stand on: timm, ImageHash, OpenCV, plain counting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tiny_models import in_cache, tiny_timm

from data.errors import Unavailable
from eval import descriptors, hub, registry, visual_words
from eval.contracts import Encoder, ModelSpec
from eval.damage import BadCheckpoint


def drawn(seed: int = 0, size: tuple[int, int] = (180, 140)) -> Image.Image:
    """A picture with edges, corners and colours."""
    rng, picture = np.random.default_rng(seed), Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, w, h = (int(v) for v in rng.integers(5, 90, 4))
        pen.rectangle((x, y, x + w, y + h), fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    return picture


def classical(name: str) -> Encoder:
    return registry.load(ModelSpec("classical", name), Path("nowhere"))


@pytest.mark.parametrize(("name", "options"), [
    ("test_resnet", {}), ("test_vit", {}), ("test_convnext", {}), ("test_efficientnet", {"num_classes": 7}),
    ("test_mambaout", {"num_classes": 0}),
])  # fmt: skip
def test_timms_features_are_timms_own(name: str, options: dict[str, int], tmp_path: Path) -> None:
    """The same file through timm directly: own transform, classifier off, eval mode, rows brought to length 1."""
    import timm
    import torch
    from safetensors.torch import load_file

    file = tiny_timm(tmp_path / f"{name}.safetensors", name, **options)
    direct = timm.create_model(name, pretrained=False, **options).eval()
    direct.load_state_dict(load_file(file))
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(direct), is_training=False)
    with torch.inference_mode():
        seen = direct.forward_features(torch.stack([transform(drawn(seed)) for seed in range(3)]))
        expected = torch.nn.functional.normalize(direct.forward_head(seen, pre_logits=True), dim=-1).numpy()
    encoder = registry.load(ModelSpec("timm", f"{name}@{file}"), tmp_path)
    rows = encoder.images([drawn(seed) for seed in range(3)])
    assert rows.shape == expected.shape and np.abs(rows - expected).max() <= 1e-6
    assert np.abs(rows[0] - rows[1]).max() > 1e-4


def test_weights_in_the_hub_cache_are_found_and_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub, "cached", lambda repo, name: _cached(tmp_path / "hub", repo, name))
    folder = tiny_timm(tmp_path / "f" / "model.safetensors", "test_resnet").parent
    in_cache(tmp_path / "hub", "timm/test_resnet.r160_in1k", folder)
    listed = {str(m.spec): m for m in registry.models(tmp_path) if m.spec.family == "timm"}
    assert listed["timm:test_resnet.r160_in1k"].here and not listed["timm:resnet18"].here
    full, short = (registry.load(ModelSpec("timm", n), tmp_path) for n in ("test_resnet.r160_in1k", "test_resnet"))
    assert np.array_equal(full.images([drawn()]), short.images([drawn()]))


def _cached(cache: Path, repo: str, name: str) -> Path | None:
    found = cache / ("models--" + repo.replace("/", "--")) / "snapshots" / "0123abc" / name
    return found if found.is_file() else None


def test_absent_weights_are_said_with_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="uzor fetch timm:resnet50 ") as caught:
        registry.load(ModelSpec.parse("timm:resnet50"), tmp_path)
    assert "models--timm--resnet50.a1_in1k" in caught.value.what
    with pytest.raises(LookupError, match="no network 'resnet5000'"):
        registry.load(ModelSpec.parse("timm:resnet5000"), tmp_path)
    with pytest.raises(LookupError, match=r"tags of resnet50 are .*a1_in1k"):
        registry.load(ModelSpec.parse("timm:resnet50.nobody"), tmp_path)


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    file = tiny_timm(tmp_path / "vit.safetensors", "test_vit")
    with pytest.raises(BadCheckpoint, match="does not fit timm's test_resnet"):
        registry.load(ModelSpec("timm", f"test_resnet@{file}"), tmp_path)


def test_a_file_dropped_into_the_workspace_is_listed_by_the_network_its_name_says(tmp_path: Path) -> None:
    tiny_timm(tmp_path / "models" / "timm-test_resnet-shop.safetensors", "test_resnet", num_classes=3)
    (found,) = [m for m in registry.models(tmp_path) if m.tuned and m.spec.family == "timm"]
    assert str(found.spec) == "timm:test_resnet@timm-test_resnet-shop.safetensors"
    assert found.here and not found.reads_text and registry.load(found.spec, tmp_path).size == 96


@pytest.mark.parametrize(("name", "function"), [("phash", "phash"), ("ahash", "average_hash"), ("dhash", "dhash")])
def test_the_cosine_of_hashes_is_imagehashs_distance(name: str, function: str) -> None:
    import imagehash

    pictures = [drawn(seed) for seed in range(6)]
    rows, hashes = classical(name).images(pictures), [getattr(imagehash, function)(one) for one in pictures]
    distances = np.array([[a - b for b in hashes] for a in hashes])
    assert np.allclose(rows @ rows.T, 1 - 2 * distances / 64, atol=1e-6) and distances.max() > 0


def test_the_cosine_of_colours_is_bhattacharyyas_coefficient() -> None:
    left, right = Image.new("RGB", (10, 10), (255, 0, 0)), Image.new("RGB", (20, 20), (255, 0, 0))
    right.paste((0, 0, 255), (0, 0, 20, 15))  # three quarters blue: √(1 · ¼) = ½
    rows = classical("rgb").images([left, right])
    assert rows[0] @ rows[1] == pytest.approx(0.5)


def test_the_gradients_of_one_edge_are_where_it_is_and_point_one_way() -> None:
    """A vertical edge has one angle: in every block all votes fall into the same bins of the nine."""
    picture = Image.new("RGB", (128, 128), "white")
    picture.paste((0, 0, 0), (0, 0, 64, 128))
    blocks = descriptors.hog(picture).reshape(7, 7, 4, 9)
    votes = blocks.sum(axis=(0, 1, 2))
    assert votes[[0, 8]].sum() == pytest.approx(votes.sum()) and votes.sum() > 0  # horizontal gradient: about 0° = 180°
    assert blocks.any(axis=(1, 2, 3)).tolist() == [False, False, True, True, True, False, False]  # column by column


def test_key_points_of_a_turned_picture_are_mostly_the_same_words() -> None:
    encoder = classical("sift")
    whole, turned, other = encoder.images([drawn(1), drawn(1).rotate(90, expand=True), drawn(2)])
    assert whole @ turned > whole @ other + 0.2


def test_a_picture_without_key_points_is_like_no_other() -> None:
    rows = classical("sift").images([Image.new("RGB", (50, 50), "white"), Image.new("RGB", (50, 50), "red"), drawn()])
    assert rows[0] @ rows[1] == 1 and rows[0] @ rows[2] == 0


def test_words_are_the_centres_of_what_was_seen(tmp_path: Path) -> None:
    class Shown:
        name, ids = "two", tuple("ab")

        def __len__(self) -> int:
            return 2

        def picture(self, item: str) -> Image.Image:
            return drawn(ord(item))

    with pytest.raises(ValueError, match="key points; 512 words need as many"):
        visual_words.learn(Shown())  # type: ignore[arg-type]
    first, again = (visual_words.learn(Shown(), words=8) for _ in range(2))  # type: ignore[arg-type]
    assert first.shape == (8, 128) and np.array_equal(first, again)
    (tmp_path / "bad.npy").write_bytes(b"")
    with pytest.raises((ValueError, EOFError)):
        visual_words.read(tmp_path / "bad.npy")


def test_a_descriptor_takes_neither_head_nor_bf16_and_knows_its_siblings(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="hog, sift, rgb, phash, ahash, dhash"):
        registry.load(ModelSpec("classical", "surf"), tmp_path)
    with pytest.raises(LookupError, match="no projections"):
        registry.load(ModelSpec("classical", "hog", "mine"), tmp_path)
    with pytest.raises(Unavailable, match="Choose fp32"):
        registry.load(ModelSpec("classical", "hog"), tmp_path, "bf16")
