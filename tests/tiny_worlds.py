"""Small worlds for tests: catalogues of drawn pictures, an encoder of plain numpy, a query set by hand."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from data.catalogue import Catalogue
from eval.contracts import ModelSpec


def picture(seed: int, side: int = 24) -> Image.Image:
    """A picture of random blocks; the same seed gives the same picture."""
    blocks = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((side, side), Image.Resampling.NEAREST)


def catalogue(root: Path, seeds: Sequence[int], name: str = "tiny", columns: Mapping[str, Sequence[str]] | None = None):
    """A catalogue with one item a seed, `i000` …; equal seeds are equal pictures. `columns` are added to the table."""
    digests = []
    for seed in seeds:
        file = io.BytesIO()
        picture(seed).save(file, "PNG")
        digest = hashlib.sha256(file.getvalue()).hexdigest()
        place = root / "pictures" / digest[:2]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{digest}.png").write_bytes(file.getvalue())
        digests.append(digest)
    ids = [f"i{number:03d}" for number in range(len(seeds))]
    plain = {"title": ids, "description": [""] * len(ids), "category": [""] * len(ids), "source": [""] * len(ids)}
    table = pd.DataFrame({"id": ids, "sha256": digests, **plain, **(columns or {})}, dtype="str")
    of_pictures = hashlib.sha256(repr(list(zip(ids, digests, strict=True))).encode()).hexdigest()
    whole = hashlib.sha256(table.to_json().encode()).hexdigest()
    return Catalogue(name, root, table, fingerprint=whole, pictures_fingerprint=of_pictures)


class PixelEncoder:
    """An encoder of numpy: pixels through a fixed random matrix, texts by their characters; deterministic."""

    spec = ModelSpec("pixels", "tiny")
    precision = "fp32"
    reads_text = True

    def __init__(self, size: int = 16, seed: int = 0) -> None:
        self.size = size
        self.fingerprint = hashlib.sha256(f"pixels {size} {seed}".encode()).hexdigest()
        self.weights = np.random.default_rng(seed).normal(size=(192, size)).astype(np.float32)
        self.encoded: list[int] = []  # batch sizes, to see what was computed

    def prepare(self, picture: Image.Image) -> np.ndarray:
        pixels = np.asarray(picture.resize((8, 8)), np.float32) / 255 - 0.5
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))

    def encode(self, prepared: np.ndarray) -> np.ndarray:
        self.encoded.append(len(prepared))
        return self._unit(prepared.reshape(len(prepared), -1) @ self.weights)

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        return self.encode(np.stack([self.prepare(one) for one in pictures]))

    def texts(self, words: Sequence[str]) -> np.ndarray:
        seeds = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big") for word in words]
        return self._unit(np.stack([np.random.default_rng(seed).normal(size=self.size) for seed in seeds]))

    def truncated(self, text: str) -> bool:
        return len(text) > 20

    def _unit(self, rows: np.ndarray) -> np.ndarray:
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
