"""ruCLIP's model, tokens and picture preprocessing as its config.json describes them, from open_clip and own parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval import model_folders
from eval.bpe import BPE, EOS, PAD
from eval.damage import BadCheckpoint
from eval.loading import with_causal_mask
from eval.preprocessing import CLIP_MEAN, CLIP_STD, Pixels, openclip_pixels, ruclip_pixels

if TYPE_CHECKING:
    import numpy as np

NUMBERS = (
    "embed_dim image_resolution vision_layers vision_width vision_patch_size context_length vocab_size"
    " transformer_width transformer_heads transformer_layers"
).split()


@dataclass(frozen=True)
class RuTokens:
    """A BPE model bound to a context length."""

    bpe: BPE
    context: int

    def rows(self, texts: Sequence[str]) -> np.ndarray:
        """Texts → int64 (n, context)."""
        return self.bpe.rows(texts, self.context)

    def truncated(self, text: str) -> bool:
        """True when the text has more tokens than the context."""
        return self.bpe.truncated(text, self.context)


def architecture(config: dict[str, Any]) -> Any:
    """The open_clip.CLIP that equals ruCLIP's model, on the meta device, its causal mask real."""
    import open_clip
    import torch

    vision = {
        "image_size": config["image_resolution"],
        "layers": config["vision_layers"],
        "width": config["vision_width"],
        "patch_size": config["vision_patch_size"],
        "head_width": 64,
    }
    text = {
        "context_length": config["context_length"],
        "vocab_size": config["vocab_size"],
        "width": config["transformer_width"],
        "heads": config["transformer_heads"],
        "layers": config["transformer_layers"],
        "pool_type": "eos",
        "eos_id": EOS,  # left at 2, every text would become the same vector
        "pad_id": PAD,
    }
    with torch.device("meta"):
        model = open_clip.CLIP(embed_dim=config["embed_dim"], vision_cfg=vision, text_cfg=text, quick_gelu=True)
    return with_causal_mask(model)


def read_config(path: Path) -> dict[str, Any]:
    """config.json of a ruCLIP folder; BadCheckpoint naming the number that is missing or impossible."""
    config = model_folders.read_config(path)
    for name in NUMBERS:
        if not isinstance(config.get(name), int) or not 0 < config[name] < 1 << 24:
            raise BadCheckpoint("damaged", path, f"has {name} = {config.get(name)!r}, not a positive number", path.name)
    if config["vision_width"] % 64 or config["transformer_width"] % config["transformer_heads"]:
        raise BadCheckpoint("damaged", path, "has a width that its attention heads do not divide", path.name)
    return config


def pixels(config: dict[str, Any], choice: str = "ruclip") -> Pixels:
    """ruCLIP's own preprocessing; with choice "bicubic" what the 2025 project fine-tuned with (resize, then crop)."""
    size, mean, std = config["image_resolution"], config.get("mean") or CLIP_MEAN, config.get("std") or CLIP_STD
    if choice == "bicubic":
        return openclip_pixels({"size": size, "mean": tuple(mean), "std": tuple(std), "interpolation": "bicubic"})
    return ruclip_pixels(size, tuple(mean), tuple(std))


def identity(config: dict[str, Any]) -> str:
    """The numbers that the architecture depends on, for fingerprints."""
    return " ".join(str(config[name]) for name in NUMBERS)
