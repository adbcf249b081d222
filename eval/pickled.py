"""The door for pickles that hold data: dicts, lists, strings, numbers and tensors; any other name in one is refused."""

from __future__ import annotations

import pickle  # noqa: TID251 - the reader below can name nothing but what a tensor is rebuilt with
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from eval.damage import BadCheckpoint, looks_like

MOST = 8 << 30  # bytes of a file


class _Refused(Exception):
    """A name that no tensor needs."""


class _Reader(pickle.Unpickler):
    """Rebuilds tensors as torch pickles them, and nothing else; a name outside the table is an error, not a call."""

    def find_class(self, module: str, name: str) -> Any:
        import torch

        known = {  # made anew each time: a pickle may set attributes of what it is given
            ("torch._utils", "_rebuild_tensor_v2"): lambda *parts: torch._utils._rebuild_tensor_v2(*parts),
            ("torch.storage", "_load_from_bytes"): lambda data: _storage(data),
            ("collections", "OrderedDict"): lambda *pairs: dict(*pairs),
            ("_codecs", "encode"): lambda text, encoding: _bytes(text, encoding),  # how older protocols hold bytes
        }
        if (module, name) not in known:
            raise _Refused(f"{module}.{name}")
        return known[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise _Refused("a persistent id")


def _bytes(text: str, encoding: str) -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise _Refused(f"text in {encoding!r}")
    return text.encode("latin1")


def _storage(data: bytes) -> Any:
    """The numbers that a tensor inside a plain pickle carries as bytes, by torch's own weights-only reader."""
    import torch

    return torch.load(BytesIO(data), map_location="cpu", weights_only=True)


def _saved(file: BinaryIO) -> Any:
    """What torch.save wrote as an archive, which it never compresses."""
    import torch

    with zipfile.ZipFile(file) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise _Refused("compressed members, which torch.save never writes")
    file.seek(0)
    return torch.load(file, map_location="cpu", weights_only=True)


def read(path: Path) -> dict[str, Any]:
    """The dict in a pickle or torch.save file, tensors on the CPU.

    BadCheckpoint (a ValueError): "unsafe_checkpoint" when it asks for anything else (nothing of it was run), "damaged"
    when it is cut or no pickle, "not_weights" when it holds no dict. LookupError when there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise LookupError(f"There is no file {path}.")
    if path.stat().st_size > MOST:
        raise BadCheckpoint("damaged", path, f"is {path.stat().st_size:,} bytes, more than {MOST:,}")
    kind = looks_like(path)
    if kind not in ("a pickle", "a zip archive"):
        raise BadCheckpoint("damaged", path, f"holds {kind}, not a pickle")
    with open(path, "rb") as file:
        try:
            found = _Reader(file).load() if kind == "a pickle" else _saved(file)
        except _Refused as error:
            raise BadCheckpoint(
                "unsafe_checkpoint",
                path,
                f"asks for {error}, which tensors, lists and strings do not need; it was not run",
            ) from None
        except Exception as error:  # a damaged pickle breaks in any way
            said = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
            raise BadCheckpoint("damaged", path, f"cannot be read to its end: {said}") from error
    return _dict(found, path)


def _dict(found: Any, path: Path) -> dict[str, Any]:
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise BadCheckpoint("not_weights", path, f"holds a {type(found).__name__}, not a dict with names")
    return found
