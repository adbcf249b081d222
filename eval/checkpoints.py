"""The one door for weights: files become tensors here and nothing else; whatever wants to run code is refused."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.damage import BadCheckpoint, looks_like
from eval.peek import asked_for

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".safetensors", ".bin", ".pt", ".pth")
WRAPPERS = ("state_dict", "model_state_dict", "model")  # what training scripts put a state dict into
PREFIXES = ("module.", "_orig_mod.")  # DistributedDataParallel, torch.compile
OPENAI_FACTS = ("input_resolution", "context_length", "vocab_size")  # numbers that OpenAI's files hold beside weights
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
_OBJECTS = re.compile(  # harmless kinds that people save by mistake; refused all the same
    r"(torch\.nn|open_clip|clip|ruclip|transformers|timm|pytorch_lightning|omegaconf|numpy|argparse|pathlib|__main__)\."
)


@dataclass(frozen=True)
class Weights:
    """Tensors by name, the sha256 of the file they came from, and what was peeled off on the way."""

    path: Path
    tensors: dict[str, Tensor]
    sha256: str
    peeled: tuple[str, ...] = ()  # e.g. ("state_dict", "module.", "input_resolution")


def read_weights(path: Path) -> Weights:
    """Read a .safetensors, .bin, .pt or .pth file as tensors on the CPU, memory-mapped where its format allows.

    BadCheckpoint (a ValueError) says what else it is: cut short, a web page, a pickle that runs code, a whole model.
    """
    path = Path(path)
    if not path.is_file():
        raise LookupError(f"There is no weights file {path}.")
    tensors, peeled = _unwrapped(_read(path), path)
    facts = tuple(key for key in OPENAI_FACTS if key in tensors)
    return Weights(path, {k: v for k, v in tensors.items() if k not in facts}, sha256(path), (*peeled, *facts))


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of `read_weights`."""
    return read_weights(path).tensors


def sha256(path: Path) -> str:
    """The file's sha256 in hex, computed once per process for a given path, size and time of change.

    BadCheckpoint when something says otherwise: a file of the Hugging Face cache bears its sha256 (a small one its git
    hash) as its name, and a SHA256SUMS file may lie beside others.
    """
    path = Path(path).resolve()
    state = path.stat()
    found, git = _digests(path, state.st_size, state.st_mtime_ns)
    blob = path.name if path.parent.name == "blobs" and re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", path.name) else ""
    expected = blob or _listed(path)
    if expected and expected not in (found, git):
        raise BadCheckpoint("checksum", path, f"sha256 is {found}, expected {expected}")
    return found


@lru_cache(maxsize=256)
def _digests(path: Path, size: int, changed: int) -> tuple[str, str]:
    """sha256 and git's object hash of a file; the latter only for files below 16 MiB, which git itself keeps."""
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if size >= 16 << 20:
        return found, ""
    git = hashlib.sha1(b"blob %d\0" % size + path.read_bytes(), usedforsecurity=False)
    return found, git.hexdigest()


def _listed(path: Path) -> str:
    """What a SHA256SUMS file beside it (as sha256sum writes it) says of this file; "" when it says nothing."""
    sums = path.with_name("SHA256SUMS")
    lines = sums.read_text("utf-8").splitlines() if sums.is_file() else []
    return next((line.split()[0] for line in lines if line.split()[1:] in ([path.name], ["*" + path.name])), "")


def _read(path: Path) -> Any:
    kind = looks_like(path)
    if path.suffix == ".safetensors":
        return _safetensors(path, kind)
    if kind not in ("a zip archive", "a pickle"):
        raise BadCheckpoint("damaged", path, f"is {_size(path)} and holds {kind}, not weights")
    if kind == "a zip archive":
        _check_zip(path)
    return _pickled(path, mapped=kind == "a zip archive")


def _safetensors(path: Path, kind: str) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if kind == "safetensors":
            return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise BadCheckpoint("damaged", path, f"({_size(path)}) is not whole: {error}") from error
    raise BadCheckpoint("damaged", path, f"is {_size(path)} and holds {kind}, not safetensors")


def _pickled(path: Path, mapped: bool) -> Any:
    import pickle  # noqa: TID251 - for the name of its exception

    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        raise _refusal(path, str(error)) from error
    except Exception as error:  # a damaged file may break torch's reader in any way
        said = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise BadCheckpoint("damaged", path, f"({_size(path)}) cannot be read as weights: {said}") from error


def _refusal(path: Path, said: str) -> BadCheckpoint:
    """Our own words for what torch's weights-only reader refused; its advice to switch the guard off is left out."""
    found = _GLOBAL.search(said)
    name = found.group(1) if found else asked_for(path)
    if not name:
        return BadCheckpoint("damaged", path, f"({_size(path)}) holds instructions that no tensor needs; none was run")
    if _OBJECTS.match(name):
        return BadCheckpoint("not_weights", path, f"holds a Python object ({name}) where only tensors may be")
    return BadCheckpoint("unsafe_checkpoint", path, f"asks to use {name}, which tensors do not need; nothing was run")


def _check_zip(path: Path) -> None:
    """Refuse what torch would stumble over: a cut archive, TorchScript, members that inflate beyond the file's size."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadCheckpoint("damaged", path, f"({_size(path)}) is a cut or broken archive: {error}") from error
    names = [member.filename for member in members]
    if any(name.endswith("/constants.pkl") for name in names):
        raise BadCheckpoint("not_weights", path, "is a TorchScript program (a whole model), not a state_dict")
    if not any(name.endswith("/data.pkl") for name in names):
        raise BadCheckpoint("not_weights", path, f"is a zip archive without tensors (it holds {', '.join(names[:3])})")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise BadCheckpoint("unsafe_checkpoint", path, "is a compressed archive, which torch.save never writes")


def _unwrapped(found: Any, path: Path) -> tuple[dict[str, Tensor], list[str]]:
    """The state dict inside what a file held, and what was peeled off."""
    import torch

    peeled: list[str] = []
    for wrapper in WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
            found, peeled = found[wrapper], [*peeled, wrapper]
    if not isinstance(found, Mapping):
        raise BadCheckpoint("not_weights", path, f"holds a {type(found).__name__}, not a state_dict")
    tensors = dict(found)
    if not tensors:
        raise BadCheckpoint("not_weights", path, "holds an empty state_dict")
    for name, value in tensors.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise BadCheckpoint("not_weights", path, f"holds a {type(value).__name__} under {name!r}, not a tensor")
        if value.layout != torch.strided or value.is_meta:
            raise BadCheckpoint("not_weights", path, f"holds a tensor without dense numbers under {name!r}")
    for prefix in _prefixes(tensors):
        tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
        peeled.append(prefix)
    return tensors, peeled


def _prefixes(tensors: dict[str, Tensor]) -> Iterator[str]:
    names = list(tensors)
    while found := [p for p in PREFIXES if all(name.startswith(p) for name in names)]:
        names = [name.removeprefix(found[0]) for name in names]
        yield found[0]


def _size(path: Path) -> str:
    return f"{path.stat().st_size:,} bytes"
