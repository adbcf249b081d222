"""Pictures compared without a network: gradients, key points, colours, hashes; the floors for networks."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.errors import Unavailable
from eval import descriptors, visual_words
from eval.contracts import Family, KnownModel, ModelSpec
from eval.digests import sha256
from eval.speechless import no_text

if TYPE_CHECKING:
    from PIL import Image

FAMILY = Family("classical", "Pictures without a network: gradients (hog), key points (sift), colours (rgb), hashes.")
VERSION = "1"  # goes up when the code changes what vectors come out
TITLES = {  # descriptor → title
    "hog": "HOG (gradients)",
    "sift": "SIFT (bag of key points)",
    "rgb": "RGB histogram",
    "phash": "pHash (perceptual hash)",
    "ahash": "aHash (average hash)",
    "dhash": "dHash (difference hash)",
}
HASHES = {"phash": "phash", "ahash": "average_hash", "dhash": "dhash"}  # → ImageHash's function
SIZES = {"hog": 1764, "sift": visual_words.WORDS, "rgb": 512, **dict.fromkeys(HASHES, 64)}


def known(home: Path) -> list[KnownModel]:
    """All descriptors: they need no weights."""
    return [
        KnownModel(ModelSpec("classical", name), title, "pictures", False, True, "built in", reads_text=False)
        for name, title in TITLES.items()
    ]


def load(spec: ModelSpec, home: Path, precision: str = "fp32") -> ClassicalEncoder:
    """The descriptor of that name; LookupError for another one or a head, Unavailable for any precision but fp32."""
    if spec.checkpoint not in TITLES:
        raise LookupError(f"There is no descriptor {spec.checkpoint!r}; there are {', '.join(TITLES)}")
    if spec.head:
        raise LookupError(f"{spec}: a descriptor has no projections that a head could replace")
    if precision != "fp32":
        raise Unavailable(f"{spec} counts and compares; it has no other precision.", "Choose fp32.")
    return ClassicalEncoder(spec)


def files(spec: ModelSpec, home: Path) -> list[Path]:
    """The vocabulary, for the one descriptor that has one."""
    return [visual_words.FILE] if spec.checkpoint == "sift" and visual_words.FILE.is_file() else []


class ClassicalEncoder:
    """An `Encoder` whose `prepare` already makes the row (size,); `encode` brings rows to length 1.

    Where a picture has nothing to describe (one colour has neither gradients nor key points) a last number, 0 for all
    others, is 1: such pictures are alike among themselves and unlike the rest.
    """

    reads_text = False
    precision = "fp32"
    notes: tuple[str, ...] = ()

    def __init__(self, spec: ModelSpec) -> None:
        name = spec.checkpoint
        self.spec, self.size = spec, SIZES[name] + 1
        self._describe, parts = _descriptor(name)
        known = {"family": "classical", "name": name, "version": VERSION, **parts}
        self.fingerprint = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()

    def prepare(self, picture: Image.Image) -> np.ndarray:
        """One RGB picture → its descriptor, float32 (size,)."""
        found = self._describe(picture)
        return np.append(found, np.float32(not found.any()))

    def encode(self, prepared: np.ndarray) -> np.ndarray:
        """Descriptors float32 (n, size) → unit rows float32 (n, size)."""
        lengths = np.linalg.norm(prepared, axis=1, keepdims=True)
        return np.ascontiguousarray(prepared / lengths, dtype=np.float32)

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Pictures → unit rows float32 (n, size)."""
        rows = [self.prepare(picture) for picture in pictures]
        return self.encode(np.stack(rows)) if rows else np.zeros((0, self.size), np.float32)

    def texts(self, words: Sequence[str]) -> np.ndarray:
        """LookupError: it sees pictures only."""
        raise no_text(self.spec)

    def truncated(self, text: str) -> bool:
        """False: no text is read at all."""
        return False


def _descriptor(name: str) -> tuple[Callable[[Image.Image], np.ndarray], dict[str, str]]:
    """The function of a descriptor, and what its numbers depend on."""
    if name in HASHES:
        made = {package: importlib.metadata.version(package) for package in ("ImageHash", "pillow")}
        return partial(descriptors.hashed, kind=HASHES[name]), made
    if name == "rgb":
        return descriptors.rgb, {}
    made = {"opencv": descriptors.opencv().__version__}
    if name == "hog":
        return descriptors.hog, made
    words = visual_words.read()
    return lambda picture: descriptors.counted(descriptors.key_points(picture), words), {
        **made,
        "words": sha256(visual_words.FILE),
    }
