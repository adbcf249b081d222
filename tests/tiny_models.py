"""Tiny random models in the published layouts, written in a blink, for tests of everything that loads a model."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import zlib
from pathlib import Path

CONFIG = {
    "embed_dim": 32,
    "image_resolution": 32,
    "vision_layers": 2,
    "vision_width": 64,
    "vision_patch_size": 8,
    "context_length": 24,
    "transformer_width": 32,
    "transformer_heads": 2,
    "transformer_layers": 2,
}
ALPHABET = "\u2581абвгдеёжзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz0123456789-.,!?()"
CORPUS = (
    "кот кошка котёнок собака щенок цветок цветы роза ромашка красный синий зелёный жёлтый белый чёрный дерево ёлка "
    "машина поезд самолёт корабль ягода яблоко груша вишня клубника сердце звезда луна солнце снег дождь медведь заяц "
    "cat kitten dog puppy flower rose red blue green yellow white black tree car train ship apple pear heart star moon"
)


def tiny_bpe(merges: int = 80) -> tuple[str, int]:
    """A youtokentome model learnt from CORPUS by plain pair counting: its text, and its number of tokens."""
    ids = {character: 4 + place for place, character in enumerate(ALPHABET)}
    words = [[ids["\u2581"], *(ids[c] for c in word)] for word in CORPUS.split()]
    rules: list[tuple[int, int, int]] = []
    for new in range(4 + len(ids), 4 + len(ids) + merges):
        pairs: dict[tuple[int, int], int] = {}
        for word in words:
            for pair in itertools.pairwise(word):
                pairs[pair] = pairs.get(pair, 0) + 1
        left, right = max(pairs, key=lambda pair: (pairs[pair], pair))
        rules.append((left, right, new))
        words = [_joined(word, left, right, new) for word in words]
    lines = [f"{len(ids)} {len(rules)}", *(f"{ord(c)} {i}" for c, i in ids.items())]
    lines += [f"{left} {right} {new}" for left, right, new in rules]
    return "\n".join([*lines, "1 0 2 3"]) + "\n", 4 + len(ids) + len(rules)


def tiny_ruclip(folder: Path, seed: int = 0, bpe: str = "", **config: int) -> Path:
    """Write bpe.model, config.json and pytorch_model.bin of a ruCLIP of 0.2 M random parameters; returns the folder.

    `bpe` is the text of another youtokentome model, `config` overrides CONFIG.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    text = bpe or tiny_bpe()[0]
    (folder / "bpe.model").write_text(text, encoding="ascii")
    shape = CONFIG | {"vocab_size": sum(map(int, text.split("\n", 1)[0].split())) + 4} | config
    (folder / "config.json").write_text(json.dumps(shape, indent=1), encoding="ascii")
    torch.save(tiny_tensors(shape, seed), folder / "pytorch_model.bin")
    return folder


def tiny_openclip(folder: Path, seed: int = 0, **model_cfg: object) -> Path:
    """Write open_clip_config.json and open_clip_model.safetensors of a tiny random CLIP; returns the folder."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    model = {
        "embed_dim": 32,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8, "head_width": 64},
        "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
    }
    preprocess = {"size": 32, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bicubic"}
    text = json.dumps({"model_cfg": model | model_cfg, "preprocess_cfg": preprocess}, indent=1)
    (folder / "open_clip_config.json").write_text(text, encoding="ascii")
    save_file(tiny_tensors(CONFIG | {"vocab_size": 49408}, seed), folder / "open_clip_model.safetensors")
    return folder


def in_cache(cache: Path, repo: str, folder: Path) -> Path:
    """Copy a model folder into a Hugging Face cache as repository `repo`; returns the folder there."""
    root = cache / ("models--" + repo.replace("/", "--"))
    snapshot = root / "snapshots" / "0123abc"
    shutil.copytree(folder, snapshot)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text("0123abc", encoding="ascii")
    return snapshot


def tiny_tensors(config: dict[str, int], seed: int) -> dict:  # type: ignore[type-arg]
    """Seeded random tensors under the names that CLIP and ruCLIP share, shaped as a ruCLIP config says."""
    out, vision, text = config["embed_dim"], config["vision_width"], config["transformer_width"]
    patch, cells = config["vision_patch_size"], (config["image_resolution"] // config["vision_patch_size"]) ** 2
    shapes: dict[str, tuple[int, ...]] = {
        "positional_embedding": (config["context_length"], text),
        "text_projection": (text, out),
        "logit_scale": (),
        "visual.class_embedding": (vision,),
        "visual.positional_embedding": (cells + 1, vision),
        "visual.proj": (vision, out),
        "visual.conv1.weight": (vision, 3, patch, patch),
        "token_embedding.weight": (config["vocab_size"], text),
    }
    for name, width in (("visual.ln_pre", vision), ("visual.ln_post", vision), ("ln_final", text)):
        shapes |= {f"{name}.weight": (width,), f"{name}.bias": (width,)}
    for layer in range(config["vision_layers"]):
        shapes |= _block(f"visual.transformer.resblocks.{layer}.", vision)
    for layer in range(config["transformer_layers"]):
        shapes |= _block(f"transformer.resblocks.{layer}.", text)
    return {name: _values(name, shape, seed) for name, shape in shapes.items()}


def _values(name: str, shape: tuple[int, ...], seed: int) -> object:
    """Uniform in ±0.17 (around 1 for a norm's weight) by SplitMix64: the same on every machine and torch."""
    import numpy as np
    import torch

    x = np.arange(math.prod(shape), dtype=np.uint64) + np.uint64((zlib.crc32(name.encode()) << 24) + (seed << 57))
    with np.errstate(over="ignore"):
        x = (x + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    uniform = ((x >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24) - np.float32(0.5)) * np.float32(0.34)
    if name.endswith("weight") and "ln_" in name:
        uniform += np.float32(1)
    return torch.from_numpy(uniform.reshape(shape))


def _block(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {
        name + "attn.in_proj_weight": (3 * width, width),
        name + "attn.in_proj_bias": (3 * width,),
        name + "attn.out_proj.weight": (width, width),
        name + "attn.out_proj.bias": (width,),
        name + "mlp.c_fc.weight": (4 * width, width),
        name + "mlp.c_fc.bias": (4 * width,),
        name + "mlp.c_proj.weight": (width, 4 * width),
        name + "mlp.c_proj.bias": (width,),
        **{f"{name}{ln}.{part}": (width,) for ln in ("ln_1", "ln_2") for part in ("weight", "bias")},
    }


def _joined(word: list[int], left: int, right: int, new: int) -> list[int]:
    out: list[int] = []
    for token in word:
        if out and out[-1] == left and token == right:
            out[-1] = new
        else:
            out.append(token)
    return out


def tiny_timm(path: Path, name: str, seed: int = 0, **options: object) -> Path:
    """Write the random weights of one of timm's own test networks (0.3 to 1 M parameters) as safetensors."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    model = timm.create_model(name, pretrained=False, **options)
    with torch.no_grad():
        for weight in model.parameters():  # some networks start with weights of 0, through which nothing passes
            weight.add_(torch.randn_like(weight) * 0.02)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, path)
    return path
