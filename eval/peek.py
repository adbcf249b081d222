"""The shapes in a weights file without torch and without running anything: enough to tell which model it belongs to."""

from __future__ import annotations

import io
import json
import pickle  # noqa: TID251 - the pure-Python reader below can name nothing but its own three placeholders
import pickletools
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

LIMIT = 1 << 20  # bytes of names and shapes; a model of 300 tensors has 30 kB


@lru_cache(maxsize=64)
def shapes(path: Path, size: int, changed: int) -> dict[str, tuple[int, ...]]:
    """Tensor names and shapes of a .safetensors or zip-format .pt/.bin file; {} for anything that cannot be read so.

    `size` and `changed` are the file's size and time of change, so that a file is read again once it changes.
    """
    try:
        return _safetensors(path) if path.suffix == ".safetensors" else _zipped(path)
    except Exception:  # a foreign file may break in any way; it is then simply not recognised
        return {}


def asked_for(path: Path) -> str:
    """The first Python name a pickle asks for that no tensor needs ("posix.system"), read without running it; or ""."""
    try:
        names = list(_names(path))
    except Exception:  # cut or damaged: what was read until then is not worth naming
        return ""
    return next((name for name in names if not name.startswith(("torch.", "torch._utils.", "collections."))), "")


def _names(path: Path) -> Iterator[str]:
    with open(path, "rb") as file:
        strings: list[str] = []
        for opcode, argument, _ in pickletools.genops(file.read(LIMIT)):
            if isinstance(argument, str):
                strings.append(argument)
            if opcode.name in ("GLOBAL", "INST"):
                yield str(argument).replace(" ", ".")
            elif opcode.name == "STACK_GLOBAL":
                yield ".".join(strings[-2:])


def _safetensors(path: Path) -> dict[str, tuple[int, ...]]:
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(min(length, LIMIT)))
    return {name: tuple(entry["shape"]) for name, entry in header.items() if "shape" in entry}


def _zipped(path: Path) -> dict[str, tuple[int, ...]]:
    with zipfile.ZipFile(path) as archive:
        member = next(info for info in archive.infolist() if info.filename.endswith("/data.pkl"))
        if member.file_size > LIMIT:
            return {}
        found = _Shapes(io.BytesIO(archive.read(member))).load()
    found = found.get("state_dict", found)
    return {name: value for name, value in found.items() if isinstance(value, tuple)}


class _Shapes(pickle._Unpickler):  # type: ignore[name-defined,misc]
    """Replays torch.save's pickle with tensors replaced by their shapes; any other name in it is an error."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, *rest: tuple(size)
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if module == "torch" and name.endswith("Storage"):
            return name
        raise ValueError(f"{module}.{name} is not part of a state_dict")

    def persistent_load(self, pid: Any) -> Any:
        return pid
