"""A ViT-B/32 CLIP with random weights in open_clip's own folder layout: full size, loaded by the usual code."""

from __future__ import annotations

import json
from pathlib import Path

ARCHITECTURE = "ViT-B-32"
SEED = 0


def folder(root: Path) -> Path:
    """Write the folder below `root` (once) and return it."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    target = root / "random-vit-b-32"
    if not (target / "open_clip_model.safetensors").exists():
        target.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(SEED)
        model = open_clip.create_model(ARCHITECTURE, pretrained=None, load_weights=False)
        pixels = {"size": 224, "mean": list(open_clip.OPENAI_DATASET_MEAN), "std": list(open_clip.OPENAI_DATASET_STD)}
        config = {"model_cfg": open_clip.get_model_config(ARCHITECTURE), "preprocess_cfg": pixels}
        (target / "open_clip_config.json").write_text(json.dumps(config), encoding="utf-8")
        save_file(model.state_dict(), target / "open_clip_model.safetensors")
    return target


def encoder(root: Path, precision: str = "fp32"):  # type: ignore[no-untyped-def]
    """Uzor's encoder of that folder."""
    from eval import registry
    from eval.contracts import ModelSpec

    return registry.load(ModelSpec("openclip", str(folder(root))), root, precision)


def original(root: Path):  # type: ignore[no-untyped-def]
    """The same weights as open_clip itself loads them: (model, preprocess, tokenizer)."""
    import open_clip

    name = f"local-dir:{folder(root)}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    return model.eval(), preprocess, open_clip.get_tokenizer(ARCHITECTURE)
