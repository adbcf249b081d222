"""ruCLIP: the six published checkpoints, folders in their layout, and files fine-tuned from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import Unavailable
from data.progress import Progress, silent
from eval import hub, model_folders, ruclip_build, tuned
from eval.bpe import BPE
from eval.checkpoints import read_weights, sha256
from eval.contracts import Family, KnownModel, ModelSpec
from eval.damage import BadCheckpoint
from eval.loading import check_tuned, fill
from eval.model_folders import Reference
from eval.precision import check_precision

if TYPE_CHECKING:
    from eval.dual_encoder import DualEncoder

FAMILY = Family("ruclip", "ruCLIP (2022): two towers that read Russian, published in six sizes.")
FILES = ("bpe.model", "config.json", "pytorch_model.bin")
PUBLISHED = {  # name → title; on the hub under ai-forever/
    "ruclip-vit-base-patch32-224": "ruCLIP ViT-B/32",
    "ruclip-vit-base-patch16-224": "ruCLIP ViT-B/16",
    "ruclip-vit-large-patch14-224": "ruCLIP ViT-L/14",
    "ruclip-vit-large-patch14-336": "ruCLIP ViT-L/14 336",
    "ruclip-vit-base-patch32-384": "ruCLIP ViT-B/32 384",
    "ruclip-vit-base-patch16-384": "ruCLIP ViT-B/16 384",
}
BUNDLED = "mini-ruclip"
OPTIONS = {"pixels": ("ruclip", "bicubic"), "tuned": ("projections", "towers")}


def known(home: Path) -> list[KnownModel]:
    """The bundled model, the published ones, and what lies in `home/models` in their layout."""
    found = [_known_bundled(), *(_known_published(name, home) for name in PUBLISHED)]
    for folder in model_folders.dropped(home, FILES):
        if folder.name not in PUBLISHED:
            found.append(KnownModel(ModelSpec("ruclip", folder.name), folder.name, "ruclip", False, True, str(folder)))
    for file, base in model_folders.dropped_tuned(home, "ruclip", _shapes_of_published()):
        here = next(model for model in found if model.spec.checkpoint == base)
        spec, title = ModelSpec("ruclip", f"{base}@{file.name}"), f"{PUBLISHED[base]}, {file.stem}"
        found.append(KnownModel(spec, title, "ruclip", True, here.here, str(file), here.remedy, fetch=here.fetch))
    return found


def load(spec: ModelSpec, home: Path, precision: str = "fp32") -> DualEncoder:
    """The encoder of `NAME`, `bundled/NAME`, `FOLDER` or `BASE@FILE`, with `?pixels=bicubic` and `?tuned=towers`.

    `pixels=bicubic` is what the 2025 project fine-tuned with (resize, then crop); the default is ruCLIP's own.
    Unavailable when the weights are not on this machine, BadCheckpoint (a ValueError) when they are not what they seem.
    """
    check_precision(precision)
    reference, head = Reference.of(spec, OPTIONS), tuned.find(spec, home)
    files = dict(zip(FILES, _files(reference.base, home), strict=True))
    config = ruclip_build.read_config(files["config.json"])
    bpe = BPE.read(files["bpe.model"], config["vocab_size"])
    weights = read_weights(files["pytorch_model.bin"])
    if reference.tuned:
        whole = read_weights(model_folders.local(reference.tuned, home))
        check_tuned(weights, whole, towers=reference.options.get("tuned") == "towers")
        weights = whole
    from eval.dual_encoder import DualEncoder

    parts = {"weights": weights.sha256, "tokens": sha256(files["bpe.model"]), "config": ruclip_build.identity(config)}
    tokens = ruclip_build.RuTokens(bpe, config["context_length"])
    pixels = ruclip_build.pixels(config, reference.options.get("pixels", "ruclip"))
    model = fill(ruclip_build.architecture(config), weights)
    parts |= tuned.lay(head, model, weights)
    return DualEncoder(spec, model, tokens, pixels, precision, parts, tuned.notes(head)).probed(weights.path)


def files(spec: ModelSpec, home: Path) -> list[Path]:
    """What `load` reads for that spec; raises what it raises for files that are not there."""
    reference = Reference.of(spec, OPTIONS)
    return [*_files(reference.base, home), *model_folders.tuned_file(reference, home)]


def fetch(spec: ModelSpec, home: Path, progress: Progress = silent) -> Path:
    """Download a published checkpoint to the Hugging Face cache; returns its folder. LookupError for any other spec."""
    name = Reference.of(spec, OPTIONS).base
    if name not in PUBLISHED:
        raise LookupError(f"{spec} is not published on the hub; there are: {', '.join(PUBLISHED)}.")
    return hub.download(f"ai-forever/{name}", FILES, progress)


def _files(base: str, home: Path) -> list[Path]:
    """The three files of a base, wherever they are."""
    if base in PUBLISHED:
        found = [hub.cached(f"ai-forever/{base}", name) for name in FILES]
        if all(found):
            return [path for path in found if path]
    folder = model_folders.bundled(base.removeprefix("bundled/")) if base.startswith("bundled/") else None
    folder = folder or model_folders.local(base, home)
    if folder.is_dir():
        return [_there(folder / name) for name in FILES]
    if base in PUBLISHED:
        model = _known_published(base, home)
        raise Unavailable(f"The weights of {model.title} are not on this machine: {model.where}.", model.remedy)
    raise LookupError(
        f"ruclip:{base} is neither a published checkpoint ({', '.join(PUBLISHED)}) nor a folder with"
        f" {', '.join(FILES)} at {folder}; ruclip:bundled/{BUNDLED} comes with Uzor."
    )


def _there(path: Path) -> Path:
    if not path.is_file():
        raise BadCheckpoint("damaged", path, "is missing from the model's folder", path.name)
    return path


def _known_bundled() -> KnownModel:
    folder = model_folders.BUNDLED / BUNDLED
    here = all((folder / name).is_file() for name in FILES)
    spec, title = ModelSpec("ruclip", f"bundled/{BUNDLED}"), f"{BUNDLED} (small bundled model)"
    return KnownModel(spec, title, "ruclip", False, here, str(folder), "" if here else "make pretrain", bundled=True)


def _known_published(name: str, home: Path) -> KnownModel:
    repo, folder = f"ai-forever/{name}", home / "models" / name
    cache = [hub.cached(repo, file) for file in FILES]
    here = all(cache) or all((folder / file).is_file() for file in FILES)
    where = str(cache[0].parent if all(cache) and cache[0] else folder if here else hub.cache_folder(repo))
    remedy = "" if here else (
        f"Run: uzor fetch ruclip:{name} (downloads {', '.join(FILES)} of huggingface.co/{repo}), or put them into"
        f" {folder}. Meanwhile ruclip:bundled/{BUNDLED} works."
    )  # fmt: skip
    spec = ModelSpec("ruclip", name)
    fetch = "" if here else str(spec)
    return KnownModel(spec, PUBLISHED[name], "ruclip", False, here, where, remedy, fetch=fetch)


def _shapes_of_published() -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Name → shapes of visual.conv1.weight and visual.positional_embedding, which tell the six apart."""
    shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for name in PUBLISHED:
        size, patch, pixels = name.split("-")[2], *(int(part.removeprefix("patch")) for part in name.split("-")[3:])
        width = {"base": 768, "large": 1024}[size]
        shapes[name] = ((width, 3, patch, patch), ((pixels // patch) ** 2 + 1, width))
    return shapes
