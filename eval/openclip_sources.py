"""Where an open_clip checkpoint string leads: settings and files of a tag, hub repository, folder or lone file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from data.errors import Unavailable
from eval import hub, model_folders
from eval.checkpoints import Weights, read_weights
from eval.damage import BadCheckpoint
from eval.loading import check_tuned
from eval.model_folders import Reference
from eval.openclip_table import CONFIG, WEIGHTS, Tag, architectures, settings, tags

EXAMPLES = "ViT-B-32/openai, ViT-L-14/openai, ViT-B-32/laion2b_s34b_b79k"
BUNDLED = "mini-clip"


@dataclass(frozen=True)
class Source:
    """A base before its weights are read: how to build it, how it sees pictures, where its files are."""

    model_cfg: dict[str, Any]
    weights: Path | None  # None: an architecture without weights, to be filled from a checkpoint file
    preprocess: dict[str, Any] = field(default_factory=dict)
    architecture: str = ""
    folder: Path | None = None
    notes: tuple[str, ...] = ()


def find(reference: Reference, home: Path) -> Source:
    """The source of a reference's base; LookupError for what nobody knows, Unavailable for what is not here."""
    base = reference.base
    if base.startswith("hf-hub:"):
        return _hub_source(base.removeprefix("hf-hub:"))
    if base.startswith("bundled/"):
        return _folder_source(model_folders.bundled(base.removeprefix("bundled/")))
    architecture, slash, _ = base.partition("/")
    if architecture in architectures() and not model_folders.is_path(base):
        return _tag_source(base) if slash else _bare_source(architecture, reference)
    folder = model_folders.local(base, home)
    if not folder.is_dir():
        raise LookupError(
            f"openclip:{base} is neither ARCH/TAG of open_clip (e.g. {EXAMPLES}) nor a folder with {CONFIG}"
            f" at {folder}; openclip:bundled/{BUNDLED} comes with Uzor."
        )
    return _folder_source(folder)


def _tag_source(base: str) -> Source:
    tag, architecture = published(base), base.partition("/")[0]
    weights = tag.cached()
    if weights is None:
        where = f"{tag.repo}/{tag.names()[0]}, looked for in {hub.cache_folder(tag.repo)}"
        raise Unavailable(f"The weights of openclip:{base} are not on this machine ({where}).", remedy(base))
    from open_clip.pretrained import get_pretrained_cfg

    plain, name = architecture.removesuffix("-quickgelu"), base.partition("/")[2]
    model_cfg = settings(architecture) | {"quick_gelu": tag.quick_gelu}  # as trained, whatever the name says
    note = f"activation: {'QuickGELU' if tag.quick_gelu else 'GELU'}, as {base} was trained"
    return Source(model_cfg, weights, dict(get_pretrained_cfg(plain, name)), architecture, notes=(note,))


def _bare_source(architecture: str, reference: Reference) -> Source:
    if not reference.tuned:
        raise LookupError(
            f"openclip:{architecture} names no weights. Its tags: {', '.join(tags().get(architecture, {})) or 'none'};"
            f" a checkpoint file is written openclip:{architecture}@/path/file.pt."
        )
    return Source(settings(architecture), None, architecture=architecture)


def _folder_source(folder: Path) -> Source:
    config = model_folders.read_config(folder / CONFIG)
    model_cfg = config.get("model_cfg")
    if not isinstance(model_cfg, dict) or not {"embed_dim", "vision_cfg", "text_cfg"} <= model_cfg.keys():
        raise BadCheckpoint("damaged", folder / CONFIG, "lacks model_cfg with embed_dim, vision_cfg, text_cfg", CONFIG)
    if (folder / "bpe.model").is_file():
        raise ValueError(f"{folder} holds a bpe.model: it is a ruCLIP. Name it ruclip:{folder}.")
    weights = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        raise BadCheckpoint("damaged", folder / WEIGHTS[0], "is missing from the model's folder", WEIGHTS[0])
    return Source(model_cfg, weights, config.get("preprocess_cfg") or {}, folder=folder)


def _hub_source(repo: str) -> Source:
    config = hub.cached(repo, CONFIG)
    weights = next((found for name in WEIGHTS if (found := hub.cached(repo, name))), None)
    if config is None or weights is None:
        where = f"{CONFIG} and {WEIGHTS[0]} of huggingface.co/{repo}, looked for in {hub.cache_folder(repo)}"
        raise Unavailable(f"hf-hub:{repo} is not on this machine ({where}).", remedy(f"hf-hub:{repo}"))
    return _folder_source(config.parent)


def weigh(reference: Reference, source: Source, home: Path) -> tuple[Weights, Source]:
    """The tensors to use, checked against the base where there is one, and the source with what was decided."""
    if source.weights is not None:
        base = read_weights(source.weights)
        if not reference.tuned:
            return base, source
        tuned = read_weights(model_folders.local(reference.tuned, home))
        changed = check_tuned(base, tuned, towers=reference.options.get("tuned") == "towers")
        return tuned, replace(source, notes=(*source.notes, f"{len(changed)} tensors differ from the base"))
    weights = read_weights(model_folders.local(reference.tuned, home))
    return weights, _openai_activation(weights, source)


def _openai_activation(weights: Weights, source: Source) -> Source:
    """Files of the openai package (known by facts beside the weights or by mixed fp16 and fp32) mean QuickGELU."""
    kinds = {str(value.dtype) for value in weights.tensors.values()}
    theirs = "input_resolution" in weights.peeled or {"torch.float16", "torch.float32"} <= kinds
    quick = bool(source.model_cfg.get("quick_gelu", False)) or theirs
    note = f"activation: {'QuickGELU' if quick else 'GELU'}; only names and shapes were checked, there is no base"
    return replace(source, model_cfg=source.model_cfg | {"quick_gelu": quick}, notes=(note,))


def published(base: str) -> Tag:
    """The tag that `ARCH/TAG` names; LookupError listing the architecture's tags."""
    architecture, _, name = base.partition("/")
    group = tags().get(architecture) or tags().get(architecture.removesuffix("-quickgelu"), {})
    tag = group.get(name.lower().replace("-", "_"))
    if tag is None:
        raise LookupError(f"open_clip publishes no {base}; tags of {architecture}: {', '.join(group) or 'none'}.")
    return tag


def remedy(checkpoint: str) -> str:
    """What to do when that checkpoint is not here."""
    return f"Run: uzor fetch openclip:{checkpoint}. Meanwhile openclip:bundled/{BUNDLED} works."
