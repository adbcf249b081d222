"""Texts as an encoder reads them: many at once, in chunks that stay on the disk, so that work can go on later."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data import storage
from data.captions import of_catalogue
from data.progress import Progress, silent
from eval import workspace
from eval.contracts import Encoder

if TYPE_CHECKING:
    from data.catalogue import Catalogue

CHUNK = 512  # texts computed between two looks at whether the user cancelled
SAMPLE, ALIKE = 64, 0.9  # captions compared, and the mean cosine above which they are all the same to the encoder
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


def captions(catalogue: Catalogue, encoder: Encoder) -> tuple[list[str], str]:
    """What is said of each item in few words, in words the encoder tells apart ("" where nothing is), and from where.

    Title and category (or what tuning learns from, see `data.captions`), unless their vectors are nearly all the same
    and those of a title in another language (a column `title_…`) are not: a model that learnt one language reads
    nothing in another. LookupError when the encoder reads no text, or nothing that the catalogue says.
    """
    if not encoder.reads_text:
        raise LookupError(f"{encoder.spec} reads no text")
    for columns in ((), *((name,) for name in catalogue.table.columns if name.startswith("title_"))):
        with suppress(ValueError):
            said = of_catalogue(catalogue, columns)
            if told_apart(said.texts, encoder):
                of_item = dict(zip(said.items, said.texts, strict=True))
                return [of_item.get(item, "") for item in catalogue.ids], said.source
    raise LookupError(f"{encoder.spec} does not tell the captions of {catalogue.name} apart")


def told_apart(texts: Sequence[str], encoder: Encoder) -> bool:
    """True when different texts get different vectors: a mean cosine of at most `ALIKE` over a sample (seed 0)."""
    different = sorted(set(texts))
    chosen = np.random.default_rng(0).permutation(len(different))[:SAMPLE]
    return len(chosen) > 1 and likeness(encoder.texts([different[row] for row in chosen])) <= ALIKE


def likeness(rows: np.ndarray) -> float:
    """The mean cosine between different rows of unit rows (n, size); 1 when there are fewer than two."""
    pairs = len(rows) * (len(rows) - 1)
    return float((rows @ rows.T).sum() - len(rows)) / pairs if pairs else 1.0


def references(catalogue: Catalogue, encoder: Encoder, most: int = REFERENCES) -> list[str]:
    """Captions of the catalogue that stand for what people might ask: all different ones, or `most` of them (seed 0).

    They are no test queries, so that what is learnt from them is not learnt from the test. LookupError as `captions`.
    """
    said = sorted(set(captions(catalogue, encoder)[0]) - {""})
    if len(said) <= most:
        return said
    chosen = np.random.default_rng(0).choice(len(said), most, replace=False)
    return [said[row] for row in np.sort(chosen)]
