"""open_clip architectures as Uzor builds them: from a model_cfg and tensors, with a tokenizer that is surely theirs."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Unavailable
from eval.checkpoints import Weights
from eval.damage import BadCheckpoint
from eval.loading import fill, with_causal_mask

if TYPE_CHECKING:
    import numpy as np


# What a model's settings may ask of its tokenizer: how texts are cleaned and cut. Anything else (trust_remote_code,
# another vocabulary's path) would be handed on to code that runs what it is told.
TOKENIZER_OPTIONS = ("clean", "language", "reduction_mask", "strip_sep_token")


@dataclass(frozen=True)
class ClipTokens:
    """An open_clip tokenizer bound to a context length; `name` says which one, for the fingerprint."""

    tokenizer: Any
    context: int
    name: str

    def rows(self, texts: Sequence[str]) -> np.ndarray:
        """Texts → int64 (n, context)."""
        found: np.ndarray = self.tokenizer(list(texts), context_length=self.context).numpy()
        return found

    def truncated(self, text: str) -> bool:
        """True when the text has more tokens than the context."""
        if hasattr(self.tokenizer, "eot_token_id"):
            return len(self.tokenizer.encode(text)) > self.context - 2
        ids = self.tokenizer.tokenizer(self.tokenizer.clean_fn(text))["input_ids"]
        return len(ids) > self.context


def build(model_cfg: Mapping[str, Any], weights: Weights) -> Any:
    """The open_clip model of a model_cfg with these weights, fp32, eval mode; strict, sizes never adapted in silence.

    BadCheckpoint when the weights do not fit, Unavailable when the architecture needs the package transformers.
    """
    import open_clip
    import torch

    config = deepcopy(dict(model_cfg))
    text, vision = config["text_cfg"], config["vision_cfg"]
    _check_packages(text)
    custom = config.pop("custom_text", False) or "hf_model_name" in text
    kind = (open_clip.CoCa if "multimodal_cfg" in config else open_clip.CustomTextCLIP) if custom else open_clip.CLIP
    if custom or "timm_model_name" in vision:  # these keep buffers that no checkpoint holds: build them for real
        vision["timm_model_pretrained"] = False
        if "hf_model_name" in text:
            text["hf_model_pretrained"] = False
        model = kind(**config)
    else:
        with torch.device("meta"):
            model = kind(**config)
        model = with_causal_mask(model)
    return fill(model, converted(model, weights))


def converted(model: Any, weights: Weights) -> Weights:
    """Weights under the names of today's open_clip, as its own load_checkpoint converts older files and Apple's."""
    from open_clip.convert import convert_state_dict
    from open_clip.model import convert_to_custom_text_state_dict

    tensors = convert_state_dict(model, dict(weights.tensors))
    if "positional_embedding" in tensors and not hasattr(model, "positional_embedding"):
        tensors = convert_to_custom_text_state_dict(tensors)
    for name in ("logit_scale", "logit_bias"):
        if name in tensors and getattr(model, name, None) is not None:
            tensors[name] = tensors[name].reshape(getattr(model, name).shape)
    tensors.pop("text.transformer.embeddings.position_ids", None)
    return replace(weights, tensors=tensors)


def tokens(model_cfg: Mapping[str, Any], architecture: str = "", folder: Path | None = None) -> ClipTokens:
    """The tokenizer of a model_cfg; `folder` holds its files where the model came as a folder.

    ValueError when the vocabulary is not the one the tokenizer has: another tokenizer's model answers nonsense.
    """
    import open_clip

    text = model_cfg["text_cfg"]
    context = text.get("context_length", 77)
    _check_packages(text, architecture)
    _check_options(text.get("tokenizer_kwargs") or {}, folder or architecture)
    if text.get("hf_tokenizer_name") or "siglip" in architecture.lower():
        return _transformers_tokens(text, architecture, folder, context)
    if text.get("vocab_size", 49408) != 49408:
        raise ValueError(
            f"{folder or architecture} has a vocabulary of {text['vocab_size']} tokens, open_clip's own tokenizer has"
            " 49408: it needs another tokenizer. Is it a ruCLIP? Then name it as ruclip:… with its bpe.model beside it."
        )
    given = text.get("tokenizer_kwargs") or {}
    tokenizer = open_clip.SimpleTokenizer(context_length=context, **given)
    return ClipTokens(tokenizer, context, f"SimpleTokenizer {open_clip.__version__} {sorted(given.items())}")


def check_size(model_cfg: Mapping[str, Any], preprocess: Mapping[str, Any], path: Path) -> None:
    """BadCheckpoint when pictures would be prepared in another size than the model takes (open_clip just resizes)."""
    size, asked = model_cfg["vision_cfg"].get("image_size", 224), preprocess.get("size")
    if asked is not None and _pair(size) != _pair(asked):
        raise BadCheckpoint("wrong_model", path, f"prepares pictures of {asked}, its model takes {size}", path.name)


def _transformers_tokens(text: Mapping[str, Any], architecture: str, folder: Path | None, context: int) -> ClipTokens:
    import open_clip

    name = f"local-dir:{folder}" if folder else architecture
    try:
        tokenizer = open_clip.get_tokenizer(name, context_length=context, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError) as error:
        wanted = text.get("hf_tokenizer_name") or architecture
        code = f"import open_clip; open_clip.get_tokenizer('{name}')"
        remedy = f'Download it once: HF_HUB_OFFLINE=0 python -c "{code}".'
        raise Unavailable(f"The tokenizer {wanted} is not on this machine.", remedy) from error
    return ClipTokens(tokenizer, context, f"{name} {open_clip.__version__}")


def _check_options(given: Any, model: Any) -> None:
    """ValueError for tokenizer options beyond TOKENIZER_OPTIONS, or whose values are no plain words or yes and no."""
    if not isinstance(given, Mapping):
        raise ValueError(f"{model}: tokenizer_kwargs in its settings holds a {type(given).__name__}, not an object")
    for name, value in given.items():
        if name not in TOKENIZER_OPTIONS or not isinstance(value, str | bool | None):
            raise ValueError(
                f"{model} asks its tokenizer for {name}={value!r}, which is not taken from a model's settings; allowed"
                f" are {', '.join(TOKENIZER_OPTIONS)}. Take it out of text_cfg.tokenizer_kwargs if you trust the rest."
            )


def _check_packages(text: Mapping[str, Any], architecture: str = "") -> None:
    needs = text.get("hf_model_name") or text.get("hf_tokenizer_name") or "siglip" in architecture.lower()
    if needs and importlib.util.find_spec("transformers") is None:
        raise Unavailable(
            "This architecture's text tower or tokenizer needs the package transformers, which is not installed.",
            "Run: pip install transformers sentencepiece",
        )


def _pair(size: Any) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[-1])
