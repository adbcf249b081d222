"""Weights tuned over a base: which there are, what they came from, and how they are laid over the base's own.

    models/heads/<name>/  heads.safetensors  lineage.json  curve.csv  MANIFEST.json

Only the tensors that tuning changed are kept, under the names that the base's model gives them; the base stays as it
is. What ships with Uzor lies in the same form in `data/bundled/heads`.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import storage
from eval.checkpoints import Weights, read_weights
from eval.contracts import HEAD_NAME, KnownModel, ModelSpec
from eval.damage import BadCheckpoint
from eval.model_folders import BUNDLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.nn import Module

TENSORS, LINEAGE, CURVE = "heads.safetensors", "lineage.json", "curve.csv"
SHIPPED = BUNDLED.parent / "heads"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tuned:
    """Tuned weights of one name; `lineage` says base, data, recipe, seed and how it was chosen."""

    name: str
    folder: Path
    lineage: dict[str, Any]

    @property
    def base(self) -> ModelSpec:
        """The model they were tuned over."""
        return ModelSpec.parse(self.lineage["base"])

    @property
    def spec(self) -> ModelSpec:
        """What is written to use them: base and `+name`."""
        return ModelSpec(self.base.family, self.base.checkpoint, self.name)

    @property
    def stamp(self) -> str:
        """What has to be said wherever its numbers are shown, or nothing."""
        return str(self.lineage.get("stamp", ""))

    @property
    def shipped(self) -> bool:
        """True for what came with Uzor."""
        return self.folder.parent == SHIPPED


def place(home: Path, name: str) -> Path:
    """Where tuned weights of that name lie; ValueError when it cannot be a name."""
    if not re.fullmatch(HEAD_NAME, name) or name.startswith("."):
        raise ValueError(f"{name!r} cannot name tuned weights; use letters, digits, dots, hyphens and underscores")
    return home / "models" / "heads" / name


def every(home: Path) -> list[Tuned]:
    """All that are here, in order of their names, the user's own before those that ship; damaged ones are left out."""
    found = []
    for folder in [*sorted((home / "models" / "heads").glob("*/")), *sorted(SHIPPED.glob("*/"))]:
        try:
            found += [read(folder)] if (folder / storage.MANIFEST).is_file() else []
        except (ValueError, OSError) as error:
            _log.warning("%s is left out: %s", folder, error)
    return found


def read(folder: Path) -> Tuned:
    """What lies in a folder; ValueError [damaged] when its lineage cannot be read."""
    lineage = storage.read_json(folder / LINEAGE)
    if not isinstance(lineage, dict) or not isinstance(lineage.get("base"), str):
        raise ValueError(f"[damaged] {folder / LINEAGE} names no base. Run `uzor doctor`.")
    return Tuned(folder.name, folder, lineage)


def find(spec: ModelSpec, home: Path) -> Tuned | None:
    """The tuned weights that a spec's head names, None without one; LookupError listing those of its base."""
    if not spec.head:
        return None
    for folder in (place(home, spec.head), SHIPPED / spec.head):
        if (folder / storage.MANIFEST).is_file():
            return read(folder)
    base = ModelSpec(spec.family, spec.checkpoint)
    there = ", ".join(one.name for one in every(home) if one.base == base) or "none yet"
    raise LookupError(
        f"{spec} asks for projection heads {spec.head!r}, and there are none of that name; for {base} there are:"
        f" {there}. `uzor finetune {base}` makes some."
    )


def files(spec: ModelSpec, home: Path) -> list[Path]:
    """The files that the head of a spec is read from, none without one; LookupError as `find`."""
    found = find(spec, home)
    return [found.folder / TENSORS, found.folder / LINEAGE] if found else []


def known(home: Path, bases: Sequence[KnownModel]) -> list[KnownModel]:
    """A line of the picker for each of them; here when its base is."""
    by_spec, groups = (
        {model.spec: model for model in bases},
        {model.spec.family: model.group for model in reversed(bases)},
    )
    found = []
    for one in every(home):
        base = by_spec.get(one.base)
        if base is None:  # a base that the picker does not list: a path, say
            group, name = groups.get(one.base.family, "other"), Path(one.base.checkpoint).name
            base = KnownModel(one.base, name, group, False, True, str(one.folder))
        title = f"{base.title}, fine-tuned: {one.name}" + (f" ({one.stamp})" if one.stamp else "")
        bundled = one.shipped and base.bundled
        found.append(replace(base, spec=one.spec, title=title, tuned=True, where=str(one.folder), bundled=bundled))
    return found


def notes(tuned: Tuned | None) -> tuple[str, ...]:
    """What a run with tuned weights has to say of them: what they are and their stamp; nothing without any."""
    if tuned is None:
        return ()
    said = f"tuned weights {tuned.name} over {tuned.base}, on {tuned.lineage.get('catalogue', 'an unknown catalogue')}"
    return (said, *([tuned.stamp] if tuned.stamp else []))


def lay(tuned: Tuned | None, model: Module, base: Weights) -> dict[str, str]:
    """Put tuned tensors over those of `model`, whose own came from `base`; what the fingerprint has to know of it.

    None lays nothing. BadCheckpoint when a file is not what was written ("checksum"), when they were tuned over
    other weights than `base`, or when a tensor does not fit ("wrong_model").
    """
    if tuned is None:
        return {}
    if damages := storage.verify(tuned.folder):
        raise BadCheckpoint("checksum", damages[0].path, f"is not what was written ({damages[0].kind})")
    weights = read_weights(tuned.folder / TENSORS)
    if tuned.lineage.get("base_weights") != base.sha256:
        made = str(tuned.lineage.get("base_weights"))[:16]
        raise BadCheckpoint(
            "wrong_model",
            weights.path,
            f"was tuned over {tuned.base} ({made}), not over {base.path} ({base.sha256[:16]})",
        )
    cover(model, weights)
    return {"head": weights.sha256}


def cover(model: Module, weights: Weights) -> None:
    """Copy tensors into a model; BadCheckpoint for one that it does not have or has in another shape."""
    import torch

    there = model.state_dict()
    for name, value in weights.tensors.items():
        if name not in there or there[name].shape != value.shape:
            has = tuple(there[name].shape) if name in there else "no such tensor"
            found = f"has {name} of shape {tuple(value.shape)}, the model has {has}"
            raise BadCheckpoint("wrong_model", weights.path, found)
    with torch.no_grad():
        for name, value in weights.tensors.items():
            own = model.get_parameter(name) if name in dict(model.named_parameters()) else model.get_buffer(name)
            own.data = value.to(own.dtype).clone()
