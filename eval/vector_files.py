"""How vectors lie on the disk: finished batches while they are computed, then one matrix with its manifest.

    vectors/<key>/  meta.json  ids.txt  000000-<digest>.npy 000001-<digest>.npy …      while computing
                    meta.json  ids.txt  vectors.npy  MANIFEST.json                     when complete

The manifest is written last: without it the folder is unfinished, whatever else lies there.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import storage
from eval import workspace
from eval.contracts import Encoder, Vectors

if TYPE_CHECKING:
    from data.catalogue import Catalogue

MATRIX, IDS, META = "vectors.npy", "ids.txt", "meta.json"
UNIT = 1e-3  # how far from 1 the length of a row may be
_verified: dict[Path, tuple[int, int]] = {}  # folder → (mtime_ns, size) of the matrix checked by this process
_log = logging.getLogger(__name__)


class VectorError(ValueError):
    """Some items have no usable vector; `items` maps each to the reason."""

    def __init__(self, items: Mapping[str, str], catalogue: str, spec: str) -> None:
        self.items = dict(items)
        shown = "; ".join(f"{item}: {why}" for item, why in list(self.items.items())[:5])
        more = f" and {len(self.items) - 5} more" if len(self.items) > 5 else ""
        super().__init__(
            f"{spec} gives no usable vector for {len(self.items)} items of {catalogue}: {shown}{more}. Replace or "
            "remove their pictures and import again; if every item is named, the weights are damaged"
        )


def key(catalogue: Catalogue, encoder: Encoder) -> str:
    """The content key of these vectors: encoder × pictures with their ids × precision."""
    return workspace.key("vectors 1", encoder.fingerprint, catalogue.pictures_fingerprint, encoder.precision)


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def torch_if_loaded() -> Any:
    """The torch module when something has imported it, else None: an encoder of numpy must not pay for it."""
    return sys.modules.get("torch")


def problems(rows: np.ndarray, items: Sequence[str], size: int) -> dict[str, str]:
    """Item → what is wrong with its row (nan, infinite, zero, not of unit length); ValueError for a wrong shape."""
    if rows.shape != (len(items), size):
        raise ValueError(f"The encoder answered {rows.shape} for {len(items)} pictures, not ({len(items)}, {size})")
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    found = {}
    for item, row, length in zip(items, rows, lengths, strict=True):
        if np.isnan(row).any():
            found[item] = "nan"
        elif np.isinf(row).any():
            found[item] = "infinite"
        elif length == 0:
            found[item] = "zero"
        elif abs(length - 1) > UNIT:
            found[item] = f"not of unit length ({length:.4g})"
    return found


def check(matrix: np.ndarray, ids: Sequence[str]) -> None:
    """VectorError naming items whose row is NaN, infinite, zero or not of unit length; ValueError for a wrong shape."""
    if matrix.ndim != 2 or not np.issubdtype(matrix.dtype, np.floating):
        raise ValueError(f"Vectors are a matrix of numbers (n, size); this is {matrix.dtype} {matrix.shape}")
    found = problems(matrix, ids, matrix.shape[1])
    if found:
        raise VectorError(found, "the catalogue", "The encoder")


def listing(catalogue: Catalogue) -> bytes:
    """The ids as `ids.txt` holds them, one a line."""
    return "".join(f"{item}\n" for item in catalogue.ids).encode("utf-8", "surrogatepass")


def drop_batches(folder: Path) -> None:
    """Remove the batches that a matrix was joined from."""
    for path in folder.glob("[0-9]*-*.npy"):
        storage.remove(path)


def read(home: Path, named: str, catalogue: Catalogue, encoder: Encoder) -> Vectors | None:
    """Complete and intact vectors, memory-mapped, else None; the checksum is verified once a process."""
    folder = home / "vectors" / named
    if not (folder / storage.MANIFEST).exists():
        return None
    why = _wrong(folder, catalogue, encoder)
    if why:
        aside = workspace.set_aside(home, folder)
        _verified.pop(folder, None)
        _log.warning("The vectors in %s were damaged (%s) and lie in %s now; compute them again", folder, why, aside)
        return None
    matrix = np.load(folder / MATRIX, mmap_mode="r", allow_pickle=False)
    return Vectors(matrix, catalogue.ids, named, encoder.fingerprint, catalogue.pictures_fingerprint)


def matrix(home: Path, named: str, items: int) -> np.ndarray | None:
    """The finished matrix of that key, memory-mapped, when it has so many rows; no encoder is needed for that."""
    folder = home / "vectors" / named
    if not (folder / storage.MANIFEST).exists():
        return None
    try:
        found: np.ndarray = np.load(folder / MATRIX, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return found if found.ndim == 2 and len(found) == items else None


def _wrong(folder: Path, catalogue: Catalogue, encoder: Encoder) -> str:
    """What is wrong with a finished folder, or nothing; a matrix seen unchanged by this process is trusted."""
    try:
        state = (folder / MATRIX).stat()
        if _verified.get(folder) == (state.st_mtime_ns, state.st_size):
            return ""
        drop_batches(folder)  # none, unless the process died between the manifest and their removal
        damages = storage.verify(folder)
        if damages:
            return ", ".join(f"{damage.path.name}: {damage.kind}" for damage in damages)
        same = (folder / IDS).read_bytes() == listing(catalogue)
        shape = np.load(folder / MATRIX, mmap_mode="r", allow_pickle=False).shape
    except (OSError, ValueError) as error:
        return str(error)
    if not same or shape != (len(catalogue), encoder.size):
        return f"{shape} for {len(catalogue)} items of {encoder.size} numbers, ids {'equal' if same else 'differ'}"
    _verified[folder] = (state.st_mtime_ns, state.st_size)
    return ""
