"""timm's networks with weights that came through our own door, and pictures prepared as each was trained."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eval.checkpoints import Weights
from eval.damage import BadCheckpoint
from eval.preprocessing import Pixels

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image


def settings(name: str) -> Any:
    """timm's PretrainedCfg of `ARCH` or `ARCH.TAG`; LookupError with the nearest names for what timm does not have."""
    import timm
    from timm.models import get_pretrained_cfg

    architecture = name.partition(".")[0]
    if not timm.is_model(architecture):
        near = [*timm.list_models(f"*{architecture}*"), *timm.list_models(f"{architecture[:6]}*")][:5]
        raise LookupError(
            f"timm has no network {architecture!r}" + (f"; near it are {', '.join(near)}" if near else "")
        )
    try:
        return get_pretrained_cfg(name)
    except (RuntimeError, ValueError) as error:
        tags = ", ".join(one.partition(".")[2] for one in timm.list_pretrained(f"{architecture}.*")) or "none"
        raise LookupError(f"timm publishes no weights {name!r}; the tags of {architecture} are {tags}") from error


def build(name: str, weights: Weights) -> Any:
    """The network of `name` filled strictly with `weights`, its classifier taken off: features come out, (n, size).

    A classifier of any number of classes, or none, may be in the file. BadCheckpoint ("wrong_model") when tensors are
    missing, superfluous or of another shape.
    """
    import timm

    classes = _classes(settings(name), weights)
    tensors = {key: value.float() if value.is_floating_point() else value for key, value in weights.tensors.items()}
    overlay = {"state_dict": tensors, "source": "", "custom_load": False, "num_classes": classes}
    try:
        model: Any = timm.create_model(name, pretrained=True, pretrained_cfg_overlay=overlay, num_classes=classes)
    except (RuntimeError, KeyError, ValueError) as error:
        said = " ".join(str(error).split())[:300]
        raise BadCheckpoint("wrong_model", weights.path, f"does not fit timm's {name}: {said}") from error
    model.reset_classifier(0)
    return model


def _classes(known: Any, weights: Weights) -> int:
    """How many classes the classifier in the file tells apart, 0 where the file has none."""
    named = known.classifier if known else None
    for one in [named] if isinstance(named, str) else list(named or ()):
        if f"{one}.weight" in weights.tensors:
            return int(weights.tensors[f"{one}.weight"].shape[0])
    return 0


def pixels(model: Any) -> Pixels:
    """timm's own evaluation transform of a network: its size, crop, interpolation, mean and deviation."""
    import timm
    from timm.data import create_transform, resolve_model_data_config

    config = resolve_model_data_config(model)
    transform = create_transform(**config, is_training=False)

    def prepare(picture: Image.Image) -> np.ndarray:
        import numpy as np

        return np.asarray(transform(picture.convert("RGB")), dtype=np.float32)

    facts = json.dumps({"name": "timm", "version": timm.__version__, **config}, sort_keys=True, default=list)
    return Pixels(facts, prepare)
