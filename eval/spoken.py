"""Texts as an encoder reads them: many at once, in chunks that stay on the disk, so that work goes on where it stood."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data import storage
from data.progress import Progress, silent
from eval import workspace
from eval.contracts import Encoder

if TYPE_CHECKING:
    from data.catalogue import Catalogue

CHUNK = 512  # texts computed between two looks at whether the user cancelled
REFERENCES = 2000  # captions that stand for what people might ask


def vectors(texts: Sequence[str], encoder: Encoder, home: Path, progress: Progress = silent) -> np.ndarray:
    """Unit rows float32 (n, size) of the texts, equal ones computed once, in chunks kept under `home`.

    LookupError where the encoder reads no text; may raise Cancelled, which keeps the finished chunks.
    """
    unique = sorted(set(texts))
    if not encoder.reads_text or not unique:
        raise LookupError(f"{encoder.spec} reads no text" if unique else "There are no texts to read")
    parts = []
    for start in range(0, len(unique), CHUNK):
        progress(start, len(unique), "texts")
        parts.append(_chunk(unique[start : start + CHUNK], encoder, home))
    progress(len(unique), len(unique), "texts")
    place = {text: row for row, text in enumerate(unique)}
    found: np.ndarray = np.concatenate(parts)[[place[text] for text in texts]]
    return found


def _chunk(texts: Sequence[str], encoder: Encoder, home: Path) -> np.ndarray:
    """One chunk, read when it lies there whole, else computed; its name holds the digest of its bytes."""
    folder = storage.make_folder(home / "diagnoses" / "texts")
    key = workspace.key("texts", encoder.fingerprint, encoder.size, list(texts))
    for path in folder.glob(f"{key}-*.npy"):
        data = path.read_bytes()
        if storage.sha256_bytes(data)[:16] == path.stem.rpartition("-")[2]:
            return np.load(io.BytesIO(data), allow_pickle=False)  # type: ignore[no-any-return]
        workspace.set_aside(home, path)
    rows = np.ascontiguousarray(encoder.texts(texts), np.float32)
    file = io.BytesIO()
    np.save(file, rows)
    storage.write_bytes(folder / f"{key}-{storage.sha256_bytes(file.getvalue())[:16]}.npy", file.getvalue())
    return rows


def references(catalogue: Catalogue, most: int = REFERENCES) -> list[str]:
    """Captions of the catalogue that stand for what people might ask: all different ones, or `most` of them (seed 0).

    They are no test queries, so that what is learnt from them is not learnt from the test. ValueError when no item has
    words.
    """
    from data.captions import of_catalogue

    said = sorted(set(of_catalogue(catalogue).texts))
    if len(said) <= most:
        return said
    chosen = np.random.default_rng(0).choice(len(said), most, replace=False)
    return [said[row] for row in np.sort(chosen)]
