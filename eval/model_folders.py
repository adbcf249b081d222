"""Where model files lie (bundled, dropped into the workspace, anywhere) and how a checkpoint string names them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from data.places import expanded
from eval.checkpoints import SUFFIXES
from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint, looks_like

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "bundled" / "models"
MAX_CONFIG = 1 << 20


@dataclass(frozen=True)
class Reference:
    """A checkpoint string taken apart: `BASE[@TUNED][?option=value&…]`."""

    base: str
    tuned: str = ""
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: ModelSpec, allowed: Mapping[str, Sequence[str]]) -> Reference:
        """Read a spec's checkpoint; ValueError for an option that is not `allowed` (name → values)."""
        text = spec.checkpoint
        place, _, query = text.partition("?")
        options = dict(parse_qsl(query, keep_blank_values=True))
        for name, value in options.items():
            if value not in allowed.get(name, ()):
                choices = "; ".join(f"{key}={'|'.join(values)}" for key, values in allowed.items())
                raise ValueError(f"Model option {name}={value} is not known; there are: {choices}.")
        tuned = ""
        if place.endswith(SUFFIXES) and "@" in place:
            place, _, tuned = place.partition("@")
        if not place:
            raise LookupError(f"{text!r} names no checkpoint; `uzor models` lists those there are.")
        return cls(place, tuned, options)


def bundled(name: str) -> Path:
    """The folder of a bundled model; LookupError naming those there are."""
    folder = BUNDLED / name
    if "/" in name or "\\" in name or name in ("", ".", "..") or not folder.is_dir():
        there = ", ".join(sorted(path.name for path in BUNDLED.glob("*/"))) or "none yet"
        raise LookupError(f"There is no bundled model {name!r}; bundled with Uzor: {there}.")
    return folder


def is_path(text: str) -> bool:
    """True when a checkpoint names a place on the disk rather than a model."""
    return text.startswith(("/", "~", "./", "../")) or Path(text).is_absolute()


def local(text: str, home: Path) -> Path:
    """A file or folder as the user named it: absolute, inside `home/models`, or from the current folder.

    One word is a folder in `home/models`, or a file there or in the current folder.
    """
    path = expanded(text)
    inside = home / "models" / path
    word = len(path.parts) == 1 and not path.is_file()
    return inside if not is_path(text) and (inside.exists() or word) else path


def tuned_file(reference: Reference, home: Path) -> list[Path]:
    """The file over the base of a reference, [] where it names none; LookupError when it is not there."""
    found = [local(reference.tuned, home)] if reference.tuned else []
    if found and not found[0].is_file():
        raise LookupError(f"There is no weights file {found[0]}.")
    return found


def dropped(home: Path, needs: Sequence[str]) -> list[Path]:
    """Folders in `home/models` that hold all the files `needs` names, in order of their names."""
    folders = sorted(path for path in (home / "models").glob("*/") if path.is_dir())
    return [folder for folder in folders if all((folder / name).is_file() for name in needs)]


def read_config(path: Path) -> dict[str, Any]:
    """A JSON object from a model folder; BadCheckpoint saying what it is instead."""
    if not path.is_file():
        raise BadCheckpoint("damaged", path, "is missing", path.name)
    kind = looks_like(path)
    if kind != "text" or path.stat().st_size > MAX_CONFIG:
        raise BadCheckpoint("damaged", path, f"holds {kind}, not a model's settings", path.name)
    try:
        found = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadCheckpoint("damaged", path, f"is not JSON ({error})", path.name) from error
    if not isinstance(found, dict):
        raise BadCheckpoint("damaged", path, f"holds a {type(found).__name__}, not an object", path.name)
    return found


def dropped_tuned(home: Path, word: str, bases: Mapping[str, tuple[Any, Any]]) -> list[tuple[Path, str]]:
    """Weights files in `home/models` that look tuned from one of `bases`: (file, base), in order of their names.

    A file belongs to a family when the last of the words "clip" and "ruclip" in its name is `word`, and to a base when
    its picture tower has that base's shapes; loading then checks it tensor by tensor.
    """
    from eval.peek import shapes

    found = []
    for file in sorted(path for path in (home / "models").glob("*") if path.suffix in SUFFIXES and path.is_file()):
        name = file.name.lower()
        if "clip" not in name or ("ruclip" in name) != (word == "ruclip"):
            continue
        there = shapes(file, file.stat().st_size, file.stat().st_mtime_ns)
        key = (there.get("visual.conv1.weight"), there.get("visual.positional_embedding"))
        found += [(file, base) for base, wanted in bases.items() if wanted == key][:1]
    return found
