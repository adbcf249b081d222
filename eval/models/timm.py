"""timm: a thousand networks trained on photographs, as they see pictures before the classifier."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import Unavailable
from data.progress import Progress, silent
from eval import hub, model_folders
from eval.checkpoints import SUFFIXES, read_weights
from eval.contracts import Family, KnownModel, ModelSpec
from eval.model_folders import Reference
from eval.precision import check_precision

if TYPE_CHECKING:
    from eval.single_tower import SingleTower

FAMILY = Family("timm", "Any network of timm (ResNet, MobileNet, EfficientNet, ViT …) before its classifier.")
FILES = ("model.safetensors", "pytorch_model.bin")
NAME = r"\w+(\.\w+)?"
FEATURED = {  # always listed → its published weights; others are listed once their weights are here
    "mobilenetv2_100": ("ra_in1k", "MobileNetV2"),
    "resnet18": ("a1_in1k", "ResNet-18"),
    "resnet50": ("a1_in1k", "ResNet-50"),
    "resnet101": ("a1h_in1k", "ResNet-101"),
    "resnet152": ("a1h_in1k", "ResNet-152"),
    "efficientnet_b0": ("ra_in1k", "EfficientNet-B0"),
    "vit_base_patch16_224": ("augreg2_in21k_ft_in1k", "ViT-B/16 (ImageNet)"),
    "vit_small_patch14_dinov2": ("lvd142m", "DINOv2 ViT-S/14"),
}


def known(home: Path) -> list[KnownModel]:
    """The featured networks, others in the cache, and `timm-NAME*.safetensors` and the like in `home/models`."""
    found = [_known(name, tag, title) for name, (tag, title) in FEATURED.items()]
    listed = {f"{name}.{tag}" for name, (tag, _title) in FEATURED.items()}
    for folder in sorted(hub.cache_folder("timm/x").parent.glob("models--timm--*")):
        name, _, tag = folder.name.removeprefix("models--timm--").partition(".")
        if f"{name}.{tag}" not in listed and _cached(f"{name}.{tag}" if tag else name):
            found.append(_known(name, tag, f"{name} · {tag}" if tag else name, full=True))
    for file in sorted((home / "models").glob("timm-*")):
        base = re.split(r"[-.]", file.name.removeprefix("timm-"))[0]
        if file.suffix in SUFFIXES and base and file.is_file():
            spec = ModelSpec("timm", f"{base}@{file.name}")
            found.append(KnownModel(spec, file.stem, "pictures", True, True, str(file), reads_text=False))
    return found


def load(spec: ModelSpec, home: Path, precision: str = "fp32") -> SingleTower:
    """The encoder of `NAME[.TAG]` from the cache, or of `NAME[.TAG]@FILE`.

    LookupError for a name timm does not have, Unavailable when the weights are not on this machine, BadCheckpoint (a
    ValueError) when they do not fit the network.
    """
    check_precision(precision)
    if spec.head:
        raise LookupError(f"{spec}: a network without a text tower has no projections that a head could replace")
    reference = _reference(spec)
    (path,) = files(spec, home)
    weights = read_weights(path)
    from eval.single_tower import SingleTower
    from eval.timm_build import build, pixels

    model = build(reference.base, weights)
    parts = {"weights": weights.sha256, "network": reference.base}
    return SingleTower(spec, model, pixels(model), precision, parts).probed(weights.path)


def files(spec: ModelSpec, home: Path) -> list[Path]:
    """The one file that `load` reads; raises what it raises for what is not there."""
    reference = _reference(spec)
    if reference.tuned:
        return model_folders.tuned_file(reference, home)
    name = published(reference.base)
    if path := _cached(name):
        return [path]
    model = _known(*name.partition(".")[::2], reference.base, full="." in reference.base)
    raise Unavailable(f"The weights of timm:{reference.base} are not on this machine ({model.where}).", model.remedy)


def fetch(spec: ModelSpec, home: Path, progress: Progress = silent) -> Path:
    """Download the published weights to the Hugging Face cache; returns their folder there."""
    return hub.download(f"timm/{published(_reference(spec).base)}", (), progress, one_of=FILES)


def published(base: str) -> str:
    """`ARCH.TAG` of the weights that a name stands for; LookupError for a name timm does not have.

    A featured name, one with its tag, and one whose weights are in the cache are known without loading timm.
    """
    if base in FEATURED:
        return f"{base}.{FEATURED[base][0]}"
    if _cached(base):
        return base
    from eval.timm_build import settings

    found = settings(base)
    if found is None or not found.hf_hub_id:
        raise LookupError(f"timm publishes no weights of {base}; give a file: timm:{base}@/path/file.safetensors")
    return str(found.hf_hub_id).removeprefix("timm/")


def _reference(spec: ModelSpec) -> Reference:
    reference = Reference.of(spec, {})
    if not re.fullmatch(NAME, reference.base):
        raise LookupError(f"{spec}: write timm:NAME, timm:NAME.TAG or timm:NAME@FILE, e.g. timm:resnet50")
    return reference


def _cached(name: str) -> Path | None:
    return next((path for file in FILES if (path := hub.cached(f"timm/{name}", file))), None)


def _known(name: str, tag: str, title: str, full: bool = False) -> KnownModel:
    """One line of the picker; `full` names the tag in the spec as well."""
    whole = f"{name}.{tag}" if tag else name
    path = _cached(whole)
    spec = ModelSpec("timm", whole if full else name)
    where = str(path or hub.cache_folder(f"timm/{whole}"))
    remedy = "" if path else (
        f"Run: uzor fetch {spec} (downloads {FILES[0]} of huggingface.co/timm/{whole}), or give a file:"
        f" {spec}@/path/file.safetensors. Meanwhile classical:hog works."
    )  # fmt: skip
    fetch = "" if path else str(spec)
    return KnownModel(spec, title, "pictures", False, path is not None, where, remedy, fetch=fetch, reads_text=False)
