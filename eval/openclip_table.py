"""What open_clip publishes (architectures, tags, hub repositories), read from its files without importing torch."""

from __future__ import annotations

import ast
import importlib.util
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.errors import Unavailable
from eval import hub

# the order in which weights are looked for in a hub repository or a folder in open_clip's layout
WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin")
CONFIG = "open_clip_config.json"


@dataclass(frozen=True)
class Tag:
    """Published weights of an architecture: the hub repository, the file there ("": the usual one), the activation."""

    repo: str
    file: str
    quick_gelu: bool

    def names(self) -> tuple[str, ...]:
        """File names under which the weights may lie in the repository, best first."""
        if not self.file:
            return WEIGHTS
        stem = self.file.rpartition(".")[0]
        return tuple(dict.fromkeys((f"{stem}.safetensors", self.file)))

    def cached(self) -> Path | None:
        """The weights in the local Hugging Face cache, or None."""
        return next((found for name in self.names() if (found := hub.cached(self.repo, name))), None)


@lru_cache(maxsize=1)
def architectures() -> dict[str, Path]:
    """Architecture → the file of its settings."""
    return {path.stem: path for path in sorted((_package() / "model_configs").glob("*.json"))}


def settings(architecture: str) -> dict[str, Any]:
    """The model_cfg of an architecture (embed_dim, vision_cfg, text_cfg, …). KeyError for an unknown one."""
    found: dict[str, Any] = json.loads(architectures()[architecture].read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def tags() -> dict[str, dict[str, Tag]]:
    """Architecture → tag → where its weights are published; equal to open_clip.pretrained's own table (tested)."""
    tree = ast.parse((_package() / "pretrained.py").read_text("utf-8"))
    values = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    table = values.get("_PRETRAINED")
    if not isinstance(table, ast.Dict):
        raise Unavailable("This version of open_clip lists its weights in a way Uzor cannot read.", "Install 3.3.0.")
    found = {}
    for key, value in zip(table.keys, table.values, strict=True):
        call = values[value.id] if isinstance(value, ast.Name) else value
        if isinstance(key, ast.Constant) and isinstance(call, ast.Call):
            found[str(key.value)] = {str(entry.arg): _tag(entry.value) for entry in call.keywords}
    return found


def _tag(call: ast.expr) -> Tag:
    named = {entry.arg: entry.value for entry in call.keywords} if isinstance(call, ast.Call) else {}
    given = {name: value.value for name, value in named.items() if isinstance(value, ast.Constant)}
    repo, _, file = str(given.get("hf_hub", "")).rpartition("/")
    return Tag(repo, file, bool(given.get("quick_gelu", False)))


def _package() -> Path:
    spec = importlib.util.find_spec("open_clip")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("The package open_clip_torch is not installed.", "Run: pip install open_clip_torch==3.3.0")
    return Path(spec.submodule_search_locations[0])
