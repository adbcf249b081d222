"""CLIP and its relatives in open_clip: published tags, hub repositories, folders, and checkpoint files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from data.progress import Progress, silent
from eval import hub, model_folders, tuned
from eval.contracts import Family, KnownModel, ModelSpec
from eval.model_folders import Reference
from eval.openclip_sources import BUNDLED, find, published, remedy, weigh
from eval.openclip_table import CONFIG, WEIGHTS, Tag, settings, tags
from eval.precision import check_precision

if TYPE_CHECKING:
    from eval.dual_encoder import DualEncoder

FAMILY = Family("openclip", "CLIP and every architecture of open_clip (OpenAI, LAION, DataComp, SigLIP, …).")
FEATURED = {  # always listed; other tags are listed once their weights are here
    "ViT-B-32/openai": "OpenAI CLIP ViT-B/32",
    "ViT-B-16/openai": "OpenAI CLIP ViT-B/16",
    "ViT-L-14/openai": "OpenAI CLIP ViT-L/14",
    "ViT-L-14-336/openai": "OpenAI CLIP ViT-L/14 336",
    "ViT-B-32/laion2b_s34b_b79k": "LAION-2B CLIP ViT-B/32",
}
OPTIONS = {"tuned": ("projections", "towers")}


def known(home: Path) -> list[KnownModel]:
    """The bundled model, the featured tags, other tags in the cache, and what lies in `home/models`."""
    every = {f"{arch}/{name}": tag for arch, group in tags().items() for name, tag in group.items()}
    found = [_known_bundled()]
    for checkpoint, tag in every.items():
        if checkpoint in FEATURED or tag.cached():
            found.append(_known_tag(checkpoint, tag))
    for folder in model_folders.dropped(home, [CONFIG]):
        found.append(KnownModel(ModelSpec("openclip", folder.name), folder.name, "clip", False, True, str(folder)))
    for file, base in model_folders.dropped_tuned(home, "clip", _shapes_of_openai()):
        here = every[base].cached() is not None
        arch = base.partition("/")[0]
        spec = ModelSpec("openclip", f"{base if here else arch + '-quickgelu'}@{file.name}")
        title = f"{FEATURED[base]}, {file.stem}" + ("" if here else " (not compared with its base)")
        found.append(KnownModel(spec, title, "clip", True, True, str(file)))
    return found


def load(spec: ModelSpec, home: Path, precision: str = "fp32") -> DualEncoder:
    """The encoder of `ARCH/TAG`, `ARCH@FILE`, `ARCH/TAG@FILE`, `hf-hub:ORG/NAME`, `bundled/NAME` or `FOLDER`.

    A file over `ARCH/TAG` must be tuned from that base (see eval.loading.check_tuned); over a bare `ARCH` only names
    and shapes can be checked. Unavailable when weights or a package are missing, ValueError when they do not fit.
    """
    check_precision(precision)
    reference, head = Reference.of(spec, OPTIONS), tuned.find(spec, home)
    source = find(reference, home)
    weights, source = weigh(reference, source, home)
    from eval.dual_encoder import DualEncoder
    from eval.openclip_build import build, check_size, tokens
    from eval.preprocessing import openclip_pixels

    check_size(source.model_cfg, source.preprocess, (source.folder or weights.path) / CONFIG)
    reader = tokens(source.model_cfg, source.architecture, source.folder)
    pixels = openclip_pixels({**source.preprocess, "size": source.model_cfg["vision_cfg"].get("image_size", 224)})
    model = build(source.model_cfg, weights)
    config = json.dumps(source.model_cfg, sort_keys=True)  # the activation (quick_gelu) is in it
    parts = {"weights": weights.sha256, "tokens": reader.name, "config": config}
    parts |= tuned.lay(head, model, weights)
    notes = (*source.notes, *tuned.notes(head))
    return DualEncoder(spec, model, reader, pixels, precision, parts, notes).probed(weights.path)


def files(spec: ModelSpec, home: Path) -> list[Path]:
    """What `load` reads for that spec, a tokenizer in its folder included; raises what it raises for what is not there.

    The settings of published architectures are part of the package open_clip and not among them.
    """
    reference = Reference.of(spec, OPTIONS)
    source = find(reference, home)
    folder = sorted(path for path in source.folder.iterdir() if path.is_file()) if source.folder else []
    weights = [source.weights] if source.weights and not source.folder else []
    return [*folder, *weights, *model_folders.tuned_file(reference, home)]


def fetch(spec: ModelSpec, home: Path, progress: Progress = silent) -> Path:
    """Download a published tag or hub repository to the Hugging Face cache; returns its folder there."""
    base = Reference.of(spec, OPTIONS).base
    if base.startswith("hf-hub:"):
        return hub.download(base.removeprefix("hf-hub:"), (CONFIG,), progress, one_of=WEIGHTS)
    tag = published(base)
    return hub.download(tag.repo, (), progress, one_of=tag.names())


def _known_bundled() -> KnownModel:
    folder = model_folders.BUNDLED / BUNDLED
    here = (folder / CONFIG).is_file() and (folder / WEIGHTS[0]).is_file()
    spec, title = ModelSpec("openclip", f"bundled/{BUNDLED}"), f"{BUNDLED} (small bundled model)"
    return KnownModel(spec, title, "clip", False, here, str(folder), "" if here else "make pretrain", bundled=True)


def _known_tag(checkpoint: str, tag: Tag) -> KnownModel:
    path = tag.cached()
    group = "other" if "siglip" in checkpoint.lower() else "clip"
    title = FEATURED.get(checkpoint, checkpoint.replace("/", " · "))
    where = str(path or hub.cache_folder(tag.repo))
    spec = ModelSpec("openclip", checkpoint)
    advice, fetch = ("", "") if path else (remedy(checkpoint), str(spec))
    return KnownModel(spec, title, group, False, path is not None, where, advice, fetch=fetch)


def _shapes_of_openai() -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Base → shapes of visual.conv1.weight and visual.positional_embedding, which tell OpenAI's ViTs apart."""
    shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for base in FEATURED:
        vision = settings(base.partition("/")[0])["vision_cfg"]
        width, patch = vision["width"], vision["patch_size"]
        key = ((width, 3, patch, patch), ((vision["image_size"] // patch) ** 2 + 1, width))
        if base.endswith("/openai"):
            shapes[base] = key
    return shapes
