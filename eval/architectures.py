"""How many parameters a published architecture has: built without weights and without memory, by timm."""

from __future__ import annotations

import re
from functools import lru_cache

ALIKE = {
    "mobilenetv2": "mobilenetv2_100", "mobilenetv3large": "mobilenetv3_large_100",
    "mobilenetv3small": "mobilenetv3_small_100", "vitb16": "vit_base_patch16_224", "vitb32": "vit_base_patch32_224",
    "vitbase": "vit_base_patch16_224", "vitsmall": "vit_small_patch16_224", "convnexttiny": "convnext_tiny",
}  # fmt: skip
FAMILIES = re.compile(
    r"(resnet|resnext|wide_?resnet|mobilenet|efficientnet|tf_efficientnet|vit_|deit|convnext|densenet|swin|vgg|regnet|"
    r"inception|mnasnet|ghostnet)[a-z0-9_]*$"
)


def named(model: str) -> str:
    """timm's name for a network as documents write it ("ResNet-18", "MobileNetV2"), "" where it looks like none."""
    plain = model.strip().casefold()
    if (short := re.sub(r"[^a-z0-9]", "", plain)) in ALIKE:
        return ALIKE[short]
    name = re.sub(r"^(resnet|vgg|densenet)[ _-]+(?=\d)", r"\1", plain).replace("-", "_").replace(" ", "_")
    return name if FAMILIES.match(name) else ""


@lru_cache(maxsize=64)
def parameters(name: str) -> tuple[int, int]:
    """The parameters of timm's network of that name, with its classifier of 1,000 classes and without.

    LookupError for a name that timm does not know; `Unavailable` without timm. Built on torch's meta device: no memory
    is taken and no weight read.
    """
    try:
        import timm
        import torch
    except ImportError as error:
        from data.errors import Unavailable

        raise Unavailable("The package timm is not installed.", "pip install timm") from error
    if not timm.is_model(name):
        raise LookupError(f"timm knows no network {name!r}")
    with torch.device("meta"):
        whole = timm.create_model(name, pretrained=False)
        bare = timm.create_model(name, pretrained=False, num_classes=0)
    first, second = (sum(one.numel() for one in model.parameters()) for model in (whole, bare))
    return first, second
