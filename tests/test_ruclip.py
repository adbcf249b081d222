"""ruCLIP without the ruclip package: the original's features, every way to name a checkpoint, every refusal."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_models import CONFIG, in_cache, tiny_ruclip, tiny_tensors

from data.errors import Unavailable
from eval import hub
from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.dual_encoder import text_ends, text_features
from eval.models import ruclip
from eval.preprocessing import central_square, ruclip_pixels

GOLDEN = Path(__file__).parent / "golden" / "ruclip"
ORIGINAL = Path(__file__).resolve().parents[2] / "shared" / "reference" / "ruclip-oracle"
needs_original = pytest.mark.skipif(not ORIGINAL.is_dir(), reason="../shared/reference/ruclip-oracle is not here")


def spec(checkpoint: object) -> ModelSpec:
    return ModelSpec("ruclip", str(checkpoint))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hugging Face cache."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def test_pixels_and_features_are_those_the_original_gave_for_the_pinned_model(tmp_path: Path) -> None:
    golden = np.load(GOLDEN / "tiny.npz")
    bpe = (GOLDEN / "tiny.bpe.model").read_text("ascii")
    encoder = ruclip.load(spec(tiny_ruclip(tmp_path / "r", seed=1, bpe=bpe)), tmp_path)
    pixels = np.stack([encoder.prepare(Image.open(GOLDEN / "pictures" / name)) for name in golden["names"]])
    assert len(pixels) == 8 and np.abs(pixels - golden["pixels"]).max() <= 1e-6
    texts = json.loads(str(golden["texts_json"]))
    assert (encoder.tokens.rows(texts) == golden["rows"]).all()
    assert np.abs(encoder.encode(golden["pixels"]) - unit(golden["images"])).max() <= 1e-5
    assert np.abs(encoder.texts(texts) - unit(golden["texts"])).max() <= 1e-5


@needs_original
def test_pixels_and_features_equal_the_originals_on_the_reference_folder(tmp_path: Path) -> None:
    import torch

    for name in ruclip.FILES:
        shutil.copyfile(ORIGINAL / name, tmp_path / name)
    config = json.loads((tmp_path / "config.json").read_text()) | {"vocab_size": 283}  # as many as its BPE has tokens
    (tmp_path / "config.json").write_text(json.dumps(config))
    tensors = torch.load(tmp_path / "pytorch_model.bin", weights_only=True)
    tensors["token_embedding.weight"] = tensors["token_embedding.weight"][:283].clone()
    torch.save(tensors, tmp_path / "pytorch_model.bin")
    encoder, golden = ruclip.load(spec(tmp_path), tmp_path), np.load(ORIGINAL / "golden_features.npz")
    pixels = np.stack([encoder.prepare(Image.open(ORIGINAL / "img" / name)) for name in golden["names"]])
    assert (pixels == golden["pixels"]).all()
    assert np.abs(encoder.encode(pixels) - unit(golden["image_features"])).max() <= 1e-5
    texts = json.loads(str(golden["texts_json"]))
    assert np.abs(encoder.texts(texts) - unit(golden["text_features"])).max() <= 1e-5


def test_cutting_at_the_end_of_text_changes_nothing_at_any_length(tmp_path: Path) -> None:
    import torch

    encoder = ruclip.load(spec(tiny_ruclip(tmp_path / "r")), tmp_path)
    rows = torch.from_numpy(encoder.tokens.rows(["ъ" * count for count in range(30)]))
    assert sorted(set(text_ends(encoder._model, rows).tolist())) == [1, *range(3, 24)]
    with torch.inference_mode():
        whole = encoder._model.encode_text(rows)
        for row, expected in zip(rows, whole, strict=True):
            assert torch.allclose(text_features(encoder._model, row[None])[0], expected, atol=1e-5)
        assert torch.allclose(text_features(encoder._model, rows), whole, atol=1e-5)


def test_a_token_row_without_its_end_is_refused(tmp_path: Path) -> None:
    import torch

    encoder = ruclip.load(spec(tiny_ruclip(tmp_path / "r")), tmp_path)
    with pytest.raises(ValueError, match="no end-of-text token 3"):
        text_features(encoder._model, torch.tensor([[2, 5, 0, 0]]))


@pytest.mark.parametrize(
    ("size", "box"),
    [((10, 10), (0, 0, 10, 10)), ((10, 11), (0, 0, 10, 10)), ((10, 12), (0, 1, 10, 11)), ((17, 10), (3, 0, 13, 10))],
)
def test_the_central_square_is_cut_before_resizing(size: tuple[int, int], box: tuple[int, ...]) -> None:
    assert central_square(*size) == box


def test_alpha_is_dropped_and_levels_are_normalised() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 51, 0))
    found = ruclip_pixels(4, mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 0.1)).prepare(clear)
    assert found.shape == (3, 4, 4) and found.dtype == np.float32
    assert np.allclose(found[:, 0, 0], [1.0, -1.0, 2.0])


def test_bicubic_pixels_are_open_clips_and_another_fingerprint(tmp_path: Path) -> None:
    import open_clip

    folder, picture = tiny_ruclip(tmp_path / "r"), Image.open(GOLDEN / "pictures" / "rgb_wide.png")
    plain, train = ruclip.load(spec(folder), tmp_path), ruclip.load(spec(f"{folder}?pixels=bicubic"), tmp_path)
    theirs = open_clip.image_transform(32, is_train=False)(picture).numpy()
    assert np.abs(train.prepare(picture) - theirs).max() == 0
    assert np.abs(plain.prepare(picture) - theirs).max() > 0.01
    assert plain.fingerprint != train.fingerprint


@pytest.mark.parametrize("option", ["pixels=bilinear", "pixel=bicubic", "tuned=", "x=1"])
def test_an_unknown_option_names_those_there_are(option: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"pixels=ruclip\|bicubic; tuned=projections\|towers"):
        ruclip.load(spec(f"{tmp_path}?{option}"), tmp_path)


def test_a_folder_dropped_into_the_workspace_is_known_and_loads_by_its_name(tmp_path: Path) -> None:
    tiny_ruclip(tmp_path / "models" / "ours")
    (tmp_path / "models" / "notes").mkdir()
    listed = [model for model in ruclip.known(tmp_path) if model.spec.checkpoint == "ours"]
    assert len(listed) == 1 and listed[0].here and not listed[0].tuned
    assert ruclip.load(listed[0].spec, tmp_path).texts(["кот"]).shape == (1, 32)


@pytest.mark.parametrize("name", ruclip.PUBLISHED)
def test_an_absent_checkpoint_says_at_once_what_to_do(name: str, cache: Path, tmp_path: Path) -> None:
    start = time.perf_counter()
    with pytest.raises(Unavailable, match=f"uzor fetch ruclip:{name}") as caught:
        ruclip.load(spec(name), tmp_path)
    assert time.perf_counter() - start < 1
    for part in (
        "bpe.model",
        "config.json",
        "pytorch_model.bin",
        str(tmp_path / "models" / name),
        "bundled/mini-ruclip",
    ):
        assert part in str(caught.value)
    assert not next(model for model in ruclip.known(tmp_path) if model.spec.checkpoint == name).here


def test_a_published_checkpoint_is_found_in_the_cache_and_in_the_workspace(cache: Path, tmp_path: Path) -> None:
    name, other = "ruclip-vit-base-patch32-224", "ruclip-vit-base-patch16-224"
    in_cache(cache, f"ai-forever/{name}", tiny_ruclip(tmp_path / "tiny", seed=1))
    tiny_ruclip(tmp_path / "models" / other, seed=2)
    here = {model.spec.checkpoint: model for model in ruclip.known(tmp_path) if model.here and not model.bundled}
    assert here.keys() == {name, other}
    assert str(cache) in here[name].where and here[other].where == str(tmp_path / "models" / other)
    first, second = (ruclip.load(spec(key), tmp_path) for key in (name, other))
    assert first.fingerprint == ruclip.load(spec(tmp_path / "tiny"), tmp_path).fingerprint != second.fingerprint


def test_half_a_checkpoint_in_the_cache_is_not_here(cache: Path, tmp_path: Path) -> None:
    name = "ruclip-vit-base-patch32-224"
    (in_cache(cache, f"ai-forever/{name}", tiny_ruclip(tmp_path / "tiny")) / "pytorch_model.bin").unlink()
    with pytest.raises(Unavailable, match="not on this machine"):
        ruclip.load(spec(name), tmp_path)


def tuned_file(path: Path, seed: int, change: str = "visual.proj") -> Path:
    import torch

    config = CONFIG | {"vocab_size": 161}
    tensors = tiny_tensors(config, seed)
    tensors[change] = tensors[change] * 2
    path.parent.mkdir(exist_ok=True)
    torch.save(tensors, path)
    return path


def test_a_tuned_file_loads_over_its_base_and_over_no_other(tmp_path: Path) -> None:
    base, file = tiny_ruclip(tmp_path / "r", seed=3), tuned_file(tmp_path / "ruclip_finetuned.pt", seed=3)
    plain, tuned = ruclip.load(spec(base), tmp_path), ruclip.load(spec(f"{base}@{file}"), tmp_path)
    assert plain.fingerprint != tuned.fingerprint
    pixels = plain.prepare(Image.open(GOLDEN / "pictures" / "rgb_wide.png"))[None]
    assert np.allclose(plain.encode(pixels), tuned.encode(pixels), atol=1e-6)  # twice the projection, same direction
    clip = tuned_file(tmp_path / "clip_finetuned.pt", seed=4)  # another model with the same names and shapes
    for name in (f"{base}@{clip}", f"{base}@{tuned_file(tmp_path / 'tower.pt', seed=3, change='ln_final.weight')}"):
        with pytest.raises(BadCheckpoint, match=r"\[wrong_model\].*beside the projections"):
            ruclip.load(spec(name), tmp_path)
    ruclip.load(spec(f"{base}@{tmp_path / 'tower.pt'}?tuned=towers"), tmp_path)


def test_a_dropped_tuned_file_is_listed_with_the_base_its_shapes_name(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    name = "ruclip-vit-base-patch32-224"
    shapes = {"visual.conv1.weight": (768, 3, 32, 32), "visual.positional_embedding": (50, 768)}
    (tmp_path / "models").mkdir()
    torch.save({key: torch.zeros(shape) for key, shape in shapes.items()}, tmp_path / "models" / "ruclip_finetuned.pt")
    (tmp_path / "models" / "ruclip_notes.txt").write_text("no weights")
    listed = [model for model in ruclip.known(tmp_path) if model.tuned]
    assert [str(model.spec) for model in listed] == [f"ruclip:{name}@ruclip_finetuned.pt"]
    assert not listed[0].here and "uzor fetch" in listed[0].remedy  # its base is needed too
    tiny = {name: ((64, 3, 8, 8), (17, 64))}
    monkeypatch.setattr(ruclip, "_shapes_of_published", lambda: tiny)
    in_cache(cache, f"ai-forever/{name}", tiny_ruclip(tmp_path / "tiny", seed=3))
    tuned_file(tmp_path / "models" / "ruclip_finetuned.pt", seed=3)
    listed = [model for model in ruclip.known(tmp_path) if model.tuned]
    assert listed[0].here and listed[0].title == "ruCLIP ViT-B/32, ruclip_finetuned"
    assert ruclip.load(listed[0].spec, tmp_path).size == 32


def test_names_that_mean_nothing_are_lookup_errors(tmp_path: Path) -> None:
    for name in ("nope", "/no/such/folder", "bundled/nope", "bundled/../../eval", ""):
        with pytest.raises(LookupError):
            ruclip.load(spec(name), tmp_path)
    with pytest.raises(LookupError, match="no weights file"):
        ruclip.load(spec(f"{tiny_ruclip(tmp_path / 'r')}@/no/such/file.pt"), tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds nothing"),
        ("<html></html>", "an HTML page"),
        ("[1]", "not an object"),
        ("{", "not JSON"),
        (json.dumps(CONFIG), "vocab_size = None"),
        (json.dumps(CONFIG | {"vocab_size": -1}), "vocab_size = -1"),
        (json.dumps(CONFIG | {"vocab_size": 161, "vision_width": 48}), "heads do not divide"),
        (json.dumps(CONFIG | {"vocab_size": 162}), "holds 161 tokens, but config.json says vocab_size 162"),
    ],
)
def test_a_config_that_cannot_be_is_refused(text: str, said: str, tmp_path: Path) -> None:
    folder = tiny_ruclip(tmp_path / "r")
    (folder / "config.json").write_text(text)
    with pytest.raises(BadCheckpoint, match=said):
        ruclip.load(spec(folder), tmp_path)


@pytest.mark.parametrize("name", ruclip.FILES)
def test_a_folder_without_one_of_its_files_is_refused(name: str, tmp_path: Path) -> None:
    folder = tiny_ruclip(tmp_path / "r")
    (folder / name).unlink()
    with pytest.raises(BadCheckpoint, match=f"{name} is missing"):
        ruclip.load(spec(folder), tmp_path)


def test_only_published_checkpoints_can_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(hub, "download", lambda *arguments: asked.append(arguments[:2]) or tmp_path)
    assert ruclip.fetch(spec("ruclip-vit-base-patch32-384"), tmp_path) == tmp_path
    assert asked == [("ai-forever/ruclip-vit-base-patch32-384", ruclip.FILES)]
    with pytest.raises(LookupError, match="not published"):
        ruclip.fetch(spec("bundled/mini-ruclip"), tmp_path)
