"""Writes a trained model as a folder its family loads: half-precision tensors, settings, tokenizer, card."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.preprocessing import CLIP_MEAN, CLIP_STD
from eval.pretraining import towers

Tensor = Any


def write_ruclip(model: Any, sizes: dict[str, int], folder: Path) -> None:
    """config.json and pytorch_model.bin under ruCLIP's own names; bpe.model is expected to be there already."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "config.json", sizes)
    part = folder / "pytorch_model.part"
    torch.save(halved(model), part)
    os.replace(part, folder / "pytorch_model.bin")


def write_openclip(model: Any, sizes: dict[str, int], folder: Path) -> None:
    """open_clip_config.json and open_clip_model.safetensors, as open_clip's `local-dir:` reads them."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    seeing = {
        "size": sizes["image_resolution"],
        "mode": "RGB",
        "mean": list(CLIP_MEAN),
        "std": list(CLIP_STD),
        "interpolation": "bilinear",
        "resize_mode": "shortest",
    }
    cfg = {"embed_dim": sizes["embed_dim"], "quick_gelu": True, **towers.model_cfg(sizes)}
    _write_json(folder / "open_clip_config.json", {"model_cfg": cfg, "preprocess_cfg": seeing})
    part = folder / "open_clip_model.part"
    save_file(halved(model), part, metadata={"format": "pt"})
    os.replace(part, folder / "open_clip_model.safetensors")


def halved(model: Any) -> dict[str, Tensor]:
    """The state dict in float16. OverflowError where a value does not fit."""
    import torch

    small = {name: value.detach().half().contiguous().clone() for name, value in model.state_dict().items()}
    if broken := [name for name, value in small.items() if not torch.isfinite(value).all()]:
        raise OverflowError(f"These tensors do not fit half precision: {', '.join(broken)}.")
    return small


def forget_unseen(model: Any, rows: Tensor) -> None:
    """Set the vectors of tokens that are nowhere in `rows`, the training texts' ids, to zero: they say nothing."""
    import torch

    unseen = torch.ones(len(model.token_embedding.weight), dtype=torch.bool)
    unseen[rows.unique()] = False
    with torch.no_grad():
        model.token_embedding.weight[unseen] = 0


def write_curve(curve: Sequence[dict[str, float]], path: Path) -> None:
    """The curve as CSV, one line per measured epoch."""
    import csv

    if not curve:
        return
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(curve[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(curve)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
