"""How many numbers a weights file holds, from its table of contents alone: no tensor is made and torch stays out."""

from __future__ import annotations

import json
import math
import pickletools
import zipfile
from pathlib import Path

STORAGES = {"HalfStorage": 2, "BFloat16Storage": 2, "FloatStorage": 4, "DoubleStorage": 8, "CharStorage": 1,
            "ByteStorage": 1, "BoolStorage": 1, "ShortStorage": 2, "IntStorage": 4, "LongStorage": 8}  # fmt: skip
LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit


def of_file(path: Path) -> int:
    """The numbers in a .safetensors file or in what torch.save wrote.

    ValueError when it is neither, or when its numbers are of several widths, which the contents do not tell apart.
    """
    try:
        return _saved(path) if zipfile.is_zipfile(path) else _safetensors(path)
    except (zipfile.BadZipFile, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} holds no weights: {error}") from error


def _safetensors(path: Path) -> int:
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > LONGEST_HEADER:
            raise ValueError(f"{path.name} holds no weights")
        header = json.loads(file.read(length))
    return sum(math.prod(about["shape"]) for name, about in header.items() if name != "__metadata__")


def _saved(path: Path) -> int:
    """The storages' bytes by the width that the pickle names for them; the pickle is looked at and never run."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename.partition("/")[2]: info for info in archive.infolist()}
        named = {str(said) for _code, said, _at in pickletools.genops(archive.read(members["data.pkl"])) if said}
    kinds = {kind for kind in STORAGES if any(name.endswith(f" {kind}") or name == kind for name in named)}
    widths = {STORAGES[kind] for kind in kinds}
    if len(widths) != 1:
        raise ValueError(f"{path.name} holds numbers of {len(widths)} widths: {', '.join(sorted(kinds)) or 'none'}")
    return sum(info.file_size for name, info in members.items() if name.startswith("data/")) // widths.pop()
