"""open_clip without network or luck: the right activation and tokenizer, strict weights, every way to name them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_models import CONFIG, in_cache, tiny_bpe, tiny_openclip, tiny_ruclip, tiny_tensors

from data.errors import Unavailable
from eval import hub, openclip_build, openclip_sources, openclip_table
from eval.checkpoints import read_tensors
from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.models import openclip

TINY = CONFIG | {"vocab_size": 49408}


def spec(checkpoint: object) -> ModelSpec:
    return ModelSpec("openclip", str(checkpoint))


def changed(folder: Path, **model_cfg: Any) -> Path:
    """Change model_cfg or, under the name `preprocess`, preprocess_cfg of a folder."""
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    config["preprocess_cfg"] |= model_cfg.pop("preprocess", {})
    config["model_cfg"] |= model_cfg
    path.write_text(json.dumps(config))
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hugging Face cache."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.fixture
def tiny_vit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """ViT-B-32 shrunk to the tiny models' size, plain GELU as in open_clip's own settings."""
    config = json.loads((tiny_openclip(tmp_path / "shape") / "open_clip_config.json").read_text())["model_cfg"]
    config["quick_gelu"] = False
    monkeypatch.setattr(openclip_sources, "settings", lambda name: json.loads(json.dumps(config)))
    return config


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 3, 32, 32)).astype(np.float32)


def test_the_table_of_published_weights_is_open_clips_own() -> None:
    from open_clip import pretrained

    theirs = {
        (arch, tag): (*str(cfg["hf_hub"]).rsplit("/", 1), bool(cfg.get("quick_gelu")))
        for arch, group in pretrained._PRETRAINED.items()
        for tag, cfg in group.items()
        if not arch.endswith("-quickgelu")
    }
    ours = {
        (arch, name): (tag.repo, tag.file, tag.quick_gelu)
        for arch, group in openclip_table.tags().items()
        for name, tag in group.items()
    }
    assert len(ours) > 150 and ours == theirs


def test_a_folder_gives_what_open_clip_itself_gives(tmp_path: Path, pixels: np.ndarray) -> None:
    import open_clip
    import torch

    folder = tiny_openclip(tmp_path / "o")
    encoder = openclip.load(spec(folder), tmp_path)
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}", require_pretrained=True)
    model.eval()
    words = ["a red flower", "кот", "", "many words " * 30, "<end_of_text> typed"]
    rows = open_clip.get_tokenizer(f"local-dir:{folder}")(words)
    with torch.inference_mode():
        assert np.abs(encoder.texts(words) - model.encode_text(rows, normalize=True).numpy()).max() <= 1e-6
        expected = model.encode_image(torch.from_numpy(pixels), normalize=True).numpy()
    assert np.abs(encoder.encode(pixels) - expected).max() <= 1e-6
    for mode, size in (("RGB", (50, 41)), ("RGBA", (33, 90)), ("L", (7, 9)), ("P", (32, 32))):
        picture = Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 50).convert(mode)
        assert (encoder.prepare(picture) == transform(picture).numpy()).all()
    assert [encoder.truncated(text) for text in words] == [False, False, False, True, False]


def test_openai_weights_get_quick_gelu_whatever_architecture_is_named(
    cache: Path, tiny_vit: dict[str, Any], tmp_path: Path, pixels: np.ndarray
) -> None:
    folder = in_cache(cache, "timm/vit_base_patch32_clip_224.openai", tiny_openclip(tmp_path / "o"))
    plain, quick = (openclip.load(spec(name), tmp_path) for name in ("ViT-B-32/openai", "ViT-B-32-quickgelu/openai"))
    right = openclip.load(spec(changed(tiny_openclip(tmp_path / "right"), quick_gelu=True)), tmp_path)
    wrong = openclip.load(spec(changed(tiny_openclip(tmp_path / "wrong"), quick_gelu=False)), tmp_path)
    assert np.abs(plain.encode(pixels) - right.encode(pixels)).max() <= 1e-6
    assert np.abs(plain.encode(pixels) - wrong.encode(pixels)).max() > 1e-5
    assert plain.fingerprint == quick.fingerprint
    assert right.fingerprint != wrong.fingerprint  # the activation is part of the fingerprint
    assert any("QuickGELU" in note for note in plain.notes)
    assert folder.is_dir()


def test_other_tags_keep_plain_gelu(cache: Path, tiny_vit: dict[str, Any], tmp_path: Path, pixels: np.ndarray) -> None:
    in_cache(cache, "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", tiny_openclip(tmp_path / "o"))
    encoder = openclip.load(spec("ViT-B-32/laion2b_s34b_b79k"), tmp_path)
    plain = openclip.load(spec(changed(tiny_openclip(tmp_path / "p"), quick_gelu=False)), tmp_path)
    assert np.abs(encoder.encode(pixels) - plain.encode(pixels)).max() <= 1e-6


@pytest.mark.parametrize("suffix", [".pt", ".bin", ".safetensors"])
def test_a_checkpoint_file_fills_a_named_architecture(
    suffix: str, tiny_vit: dict[str, Any], tmp_path: Path, pixels: np.ndarray
) -> None:
    import torch
    from safetensors.torch import save_file

    file = tmp_path / f"checkpoint{suffix}"
    (save_file if suffix == ".safetensors" else torch.save)(tiny_tensors(TINY, 0), file)
    encoder = openclip.load(spec(f"ViT-B-32@{file}"), tmp_path)
    plain = openclip.load(spec(changed(tiny_openclip(tmp_path / "p"), quick_gelu=False)), tmp_path)
    assert np.abs(encoder.encode(pixels) - plain.encode(pixels)).max() <= 1e-6
    assert any("there is no base" in note for note in encoder.notes)


def openai_file(path: Path, seed: int, change: str = "", facts: bool = True) -> Path:
    """A state dict as the openai package leaves it on a GPU: fp16 beside fp32, and three numbers."""
    import torch

    tensors = tiny_tensors(TINY, seed)
    if change:
        tensors[change] = tensors[change] + 0.05
    halved = ("attn", "mlp", "proj", "conv1", "projection")
    mixed = {n: v.half() if any(part in n for part in halved) else v for n, v in tensors.items()}
    numbers = {"input_resolution": 32, "context_length": 24, "vocab_size": 49408} if facts else {}
    torch.save(mixed | {name: torch.tensor(value) for name, value in numbers.items()}, path)
    return path


@pytest.mark.parametrize("facts", [True, False])
def test_the_original_projects_clip_file_loads_as_fp32_with_quick_gelu(
    facts: bool, tiny_vit: dict[str, Any], tmp_path: Path, pixels: np.ndarray
) -> None:
    file = openai_file(tmp_path / "clip_finetuned.pt", seed=0, facts=facts)
    encoder = openclip.load(spec(f"ViT-B-32@{file}"), tmp_path)
    assert {str(value.dtype) for value in encoder._model.state_dict().values()} == {"torch.float32"}
    quick = openclip.load(spec(tiny_openclip(tmp_path / "q")), tmp_path)
    assert np.abs(encoder.encode(pixels) - quick.encode(pixels)).max() <= 2e-3  # fp16 rounding of the weights
    assert any("QuickGELU" in note for note in encoder.notes)


def test_a_clip_file_is_compared_with_its_base(cache: Path, tiny_vit: dict[str, Any], tmp_path: Path) -> None:
    from safetensors.torch import save_file

    base = tiny_openclip(tmp_path / "o")
    halved = {n: v.float() for n, v in read_tensors(openai_file(tmp_path / "base.pt", seed=0)).items()}
    save_file(halved, base / "open_clip_model.safetensors")
    in_cache(cache, "timm/vit_base_patch32_clip_224.openai", base)
    good = openai_file(tmp_path / "clip_finetuned.pt", 0, "visual.proj")
    encoder = openclip.load(spec(f"ViT-B-32/openai@{good}"), tmp_path)
    assert "1 tensors differ from the base" in encoder.notes
    other = openai_file(tmp_path / "other.pt", 5, "visual.proj")
    with pytest.raises(BadCheckpoint, match="beside the projections"):
        openclip.load(spec(f"ViT-B-32/openai@{other}"), tmp_path)
    with pytest.raises(BadCheckpoint, match="nothing in it is tuned"):
        openclip.load(spec(f"ViT-B-32/openai@{tmp_path / 'base.pt'}"), tmp_path)


def test_a_dropped_clip_file_is_listed_by_its_shapes(cache: Path, tmp_path: Path) -> None:
    import torch

    shapes = {"visual.conv1.weight": (768, 3, 16, 16), "visual.positional_embedding": (197, 768)}
    (tmp_path / "models").mkdir()
    torch.save({key: torch.zeros(shape) for key, shape in shapes.items()}, tmp_path / "models" / "clip_finetuned.pt")
    listed = [model for model in openclip.known(tmp_path) if model.tuned]
    assert [str(model.spec) for model in listed] == ["openclip:ViT-B-16-quickgelu@clip_finetuned.pt"]
    assert "not compared with its base" in listed[0].title
    in_cache(cache, "timm/vit_base_patch16_clip_224.openai", tiny_openclip(tmp_path / "o"))
    listed = [model for model in openclip.known(tmp_path) if model.tuned]
    assert [str(model.spec) for model in listed] == ["openclip:ViT-B-16/openai@clip_finetuned.pt"]


@pytest.mark.parametrize(
    "name",
    [
        "ViT-B-32/openai",
        "ViT-L-14-336/openai",
        "ViT-B-16-SigLIP/webli",
        "xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k",
        "hf-hub:laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    ],
)
def test_absent_weights_say_at_once_what_to_do(name: str, cache: Path, tmp_path: Path) -> None:
    start = time.perf_counter()
    with pytest.raises(Unavailable, match=f"uzor fetch openclip:{name}") as caught:
        openclip.load(spec(name), tmp_path)
    assert time.perf_counter() - start < 1
    assert str(cache) in str(caught.value) and "bundled/mini-clip" in str(caught.value)


def test_a_hub_repository_loads_from_the_cache(cache: Path, tmp_path: Path) -> None:
    in_cache(cache, "someone/their-clip", tiny_openclip(tmp_path / "o"))
    encoder = openclip.load(spec("hf-hub:someone/their-clip"), tmp_path)
    assert encoder.fingerprint == openclip.load(spec(tmp_path / "o"), tmp_path).fingerprint
    with pytest.raises(LookupError, match="ORG/NAME"):
        openclip.load(spec("hf-hub:../../etc"), tmp_path)


def test_known_models_list_the_featured_the_cached_and_the_dropped(cache: Path, tmp_path: Path) -> None:
    in_cache(cache, "timm/vit_base_patch16_clip_224.metaclip_400m", tiny_openclip(tmp_path / "models" / "ours"))
    models = {model.spec.checkpoint: model for model in openclip.known(tmp_path)}
    assert set(openclip.FEATURED) <= models.keys()
    assert models["ViT-B-16/metaclip_400m"].here and models["ours"].here
    assert not models["ViT-B-32/openai"].here and "uzor fetch" in models["ViT-B-32/openai"].remedy
    assert models["bundled/mini-clip"].bundled


def test_a_folder_without_weights_never_gets_random_ones(tmp_path: Path) -> None:
    folder = tiny_openclip(tmp_path / "o")
    (folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(BadCheckpoint, match=r"open_clip_model\.safetensors is missing"):
        openclip.load(spec(folder), tmp_path)


def test_pictures_of_another_size_than_the_model_takes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"\[wrong_model\].*prepares pictures of 64, its model takes 32"):
        openclip.load(spec(changed(tiny_openclip(tmp_path / "a"), preprocess={"size": 64})), tmp_path)
    vision = {"image_size": 64, "layers": 2, "width": 64, "patch_size": 8}
    with pytest.raises(BadCheckpoint, match=r"visual\.positional_embedding"):  # open_clip would stretch it in silence
        openclip.load(
            spec(changed(tiny_openclip(tmp_path / "b"), vision_cfg=vision, preprocess={"size": 64})), tmp_path
        )


def test_a_vocabulary_that_is_not_the_tokenizers_is_refused(tmp_path: Path) -> None:
    text = {"context_length": 24, "vocab_size": 161, "width": 32, "heads": 2, "layers": 2}
    with pytest.raises(ValueError, match=r"vocabulary of 161 tokens.*ruclip:"):
        openclip.load(spec(changed(tiny_openclip(tmp_path / "o"), text_cfg=text)), tmp_path)
    folder = tiny_openclip(tmp_path / "r")
    (folder / "bpe.model").write_text(tiny_bpe()[0])
    with pytest.raises(ValueError, match="it is a ruCLIP"):
        openclip.load(spec(folder), tmp_path)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("given", [{"trust_remote_code": True}, {"bpe_path": "/x"}, {"clean": ["a"]}, ["clean"]])
def test_a_foreign_config_cannot_hand_options_to_the_tokenizer(
    given: Any, own: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip

    def never(*args: Any, **how: Any) -> Any:
        raise AssertionError(f"a tokenizer was made with {how}")

    monkeypatch.setattr(open_clip, "get_tokenizer", never)
    monkeypatch.setattr(open_clip, "SimpleTokenizer", never)
    monkeypatch.setattr(openclip_build.importlib.util, "find_spec", lambda name: name)  # as if transformers were here
    text = {"context_length": 24, "tokenizer_kwargs": given} | ({} if own else {"hf_tokenizer_name": "evil/tokenizer"})
    with pytest.raises(ValueError, match=r"tokenizer_kwargs") as caught:
        openclip_build.tokens({"text_cfg": text}, folder=tmp_path)
    assert str(tmp_path) in str(caught.value)
    allowed = {"context_length": 24, "tokenizer_kwargs": {"clean": "canonicalize"}}
    with pytest.raises(AssertionError, match="canonicalize"):
        openclip_build.tokens({"text_cfg": allowed}, folder=tmp_path)


def test_the_options_of_open_clips_own_models_are_allowed() -> None:
    for architecture in openclip_table.architectures():
        given = openclip_table.settings(architecture).get("text_cfg", {}).get("tokenizer_kwargs", {})
        assert set(given) <= set(openclip_build.TOKENIZER_OPTIONS), architecture


def test_models_with_other_text_towers_need_transformers(tmp_path: Path) -> None:
    text = {"hf_model_name": "roberta-base", "hf_tokenizer_name": "roberta-base", "context_length": 24}
    with pytest.raises(Unavailable, match="pip install transformers"):
        openclip.load(spec(changed(tiny_openclip(tmp_path / "o"), text_cfg=text)), tmp_path)


def test_a_custom_text_tower_loads_from_plain_clip_weights(tmp_path: Path, pixels: np.ndarray) -> None:
    plain = openclip.load(spec(tiny_openclip(tmp_path / "a")), tmp_path)
    custom = openclip.load(spec(changed(tiny_openclip(tmp_path / "b"), custom_text=True)), tmp_path)
    assert type(custom._model).__name__ == "CustomTextCLIP"
    assert np.abs(custom.texts(["a cat", ""]) - plain.texts(["a cat", ""])).max() <= 1e-6


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ViT-B-32", "Its tags: openai"),
        ("ViT-B-32/nope", "open_clip publishes no ViT-B-32/nope"),
        ("Nope/openai", "neither ARCH/TAG"),
        ("/no/such/folder", "neither ARCH/TAG"),
        ("bundled/nope", "no bundled model"),
        ("ViT-B-32@/no/such/file.pt", "no weights file"),
        ("", "names no checkpoint"),
        ("ViT-B-32/openai+heads", "heads"),
    ],
)
def test_names_that_mean_nothing_say_what_there_is(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=said):
        openclip.load(ModelSpec.parse(f"openclip:{name}"), tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model_cfg": {"embed_dim": 3}}', "<html></html>"])
def test_a_config_without_a_model_is_refused(text: str, tmp_path: Path) -> None:
    folder = tiny_openclip(tmp_path / "o")
    (folder / "open_clip_config.json").write_text(text)
    with pytest.raises(BadCheckpoint, match=r"\[damaged\].*open_clip_config\.json"):
        openclip.load(spec(folder), tmp_path)


def test_a_ruclip_file_does_not_fit_a_clip(tmp_path: Path) -> None:
    file = tiny_ruclip(tmp_path / "r") / "pytorch_model.bin"
    with pytest.raises(BadCheckpoint, match=r"\[wrong_model\].*do not name the same tensors|shape"):
        openclip.load(spec(f"{tiny_openclip(tmp_path / 'o')}@{file}?tuned=towers"), tmp_path)


def test_tags_and_repositories_are_fetched_by_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(hub, "download", lambda *found, **more: asked.append((found[0], found[1], more)) or tmp_path)
    openclip.fetch(spec("ViT-B-32/openai"), tmp_path)
    openclip.fetch(spec("hf-hub:someone/their-clip"), tmp_path)
    weights = {"one_of": openclip_table.WEIGHTS}
    assert asked[0] == ("timm/vit_base_patch32_clip_224.openai", (), weights)
    assert asked[1] == ("someone/their-clip", ("open_clip_config.json",), weights)
    with pytest.raises(LookupError):
        openclip.fetch(spec("ViT-B-32/nope"), tmp_path)
