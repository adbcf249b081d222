"""Vectors that came ready-made in the original project's pickles: read, checked, kept under a model name of their own.

models/ready/<name>/  pictures.npy  texts.npy  about.json  MANIFEST.json
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from data import storage
from data.cleaning import normalise
from data.shelf import catalogue_name
from eval import pickled
from eval.damage import BadCheckpoint

PICTURES, TEXTS, ABOUT = "pictures.npy", "texts.npy", "about.json"
WIDEST = 1 << 16


@dataclass(frozen=True)
class ReadyMade:
    """Unit rows float32 of items by id and of texts by their words; `listed` is what the file says of its items.

    `reader` is the spec of the model that made them, for texts that are not here; "" when nobody knows.
    """

    name: str
    ids: tuple[str, ...]
    pictures: np.ndarray  # (items, size)
    words: tuple[str, ...]
    texts: np.ndarray  # (texts, size)
    reader: str = ""
    listed: dict[str, tuple[str, ...]] = field(default_factory=dict)  # "image_paths", "texts", "urls": one an item

    @property
    def size(self) -> int:
        """Columns of a vector."""
        return int(self.pictures.shape[1] if len(self.ids) else self.texts.shape[1])


def name_of(file: str) -> str:
    """The model a file of the original project belongs to: "test_embeddings_clip_pretrained.pkl" → "clip-pretrained".

    "train", "test", "total", "query" and the word "embeddings" say what was embedded, not by which model.
    """
    words = re.split(r"[\s_.\-]+", Path(file).stem.lower())
    kept = [word for word in words if word not in _NOT_A_MODEL]
    return "-".join(kept) or "unnamed"


_NOT_A_MODEL = frozenset(
    ("embeddings", "embedding", "embs", "emb", "train", "test", "total", "all", "full", "data", "clean", "query",
     "queries", "")
)  # fmt: skip


def read(path: Path) -> ReadyMade:
    """Vectors of a pickled dict with ids and image_embeddings, texts and text_embeddings, or one of the two pairs.

    Rows are brought to unit length (files from a GPU hold fp16). BadCheckpoint as `eval.pickled.read`, and
    "not_weights" when the parts do not fit each other or rows are zero or not finite.
    """
    found = pickled.read(path)
    most = 4 * path.stat().st_size
    ids, words = (_strings(found.get(key), path, key) for key in ("ids", "texts"))
    pictures = _rows(found.get("image_embeddings"), path, "image_embeddings", most)
    texts = _rows(found.get("text_embeddings"), path, "text_embeddings", most)
    ids = ids if len(pictures) else ()
    listed = {key: _strings(found.get(key), path, key) for key in ("image_paths", "texts", "urls")}
    listed = {key: values for key, values in listed.items() if len(values) == len(ids) > 0}
    words = words if len(texts) else ()
    for what, names, rows in (("ids", ids, pictures), ("texts", words, texts)):
        if len(names) != len(rows):
            raise BadCheckpoint("not_weights", path, f"holds {len(names)} {what} and {len(rows)} vectors of them")
    if not len(pictures) and not len(texts):
        raise BadCheckpoint(
            "not_weights", path, f"holds neither image_embeddings nor text_embeddings, but {sorted(found)}"
        )
    if len(set(ids)) != len(ids):
        raise BadCheckpoint("not_weights", path, f"names {len(ids) - len(set(ids))} items twice")
    return ReadyMade(name_of(path.name), ids, pictures, words, texts, "", listed)


def _strings(values: Any, path: Path, key: str) -> tuple[str, ...]:
    if values is None:
        return ()
    if hasattr(values, "tolist"):
        values = values.tolist()
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, (str, int, float)) for one in values):
        raise BadCheckpoint("not_weights", path, f"holds no plain list under {key}")
    return tuple(str(int(one)) if isinstance(one, float) and one.is_integer() else str(one) for one in values)


def _rows(value: Any, path: Path, key: str, most: int) -> np.ndarray:
    """Unit rows float32 (n, size) of a tensor or a list of tensors or numbers; (0, 0) when there is nothing."""
    import torch

    if value is None or (hasattr(value, "__len__") and len(value) == 0):
        return np.zeros((0, 0), np.float32)
    try:
        rows = value if isinstance(value, torch.Tensor) else torch.stack([torch.as_tensor(one) for one in value])
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadCheckpoint("not_weights", path, f"holds no matrix under {key} ({error})") from error
    rows = rows.squeeze(1) if rows.ndim == 3 and rows.shape[1] == 1 else rows
    if rows.ndim != 2 or rows.shape[1] > WIDEST or rows.numel() > most:
        raise BadCheckpoint("not_weights", path, f"holds a tensor of shape {tuple(rows.shape)} under {key}, not rows")
    found: np.ndarray = rows.detach().float().numpy()
    lengths = np.linalg.norm(found.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(found).all() or not (lengths > 0).all():
        raise BadCheckpoint("nan_weights", path, f"holds rows under {key} that are zero or not finite")
    return np.ascontiguousarray(found / lengths, np.float32)


def merged(parts: Sequence[ReadyMade]) -> ReadyMade:
    """Files of one model as one: the first vector of an item or text stays. ValueError when their sizes differ."""
    if len({part.size for part in parts}) > 1:
        sizes = ", ".join(str(part.size) for part in parts)
        raise ValueError(f"The files of {parts[0].name} hold vectors of different sizes: {sizes}")
    pictures = {item: (part, row) for part in reversed(parts) for row, item in enumerate(part.ids)}
    words = {text: (part, row) for part in reversed(parts) for row, text in reversed(list(enumerate(part.words)))}
    size = parts[0].size
    shown = np.array([part.pictures[row] for part, row in pictures.values()], np.float32).reshape(-1, size)
    said = np.array([part.texts[row] for part, row in words.values()], np.float32).reshape(-1, size)
    return replace(parts[0], ids=tuple(pictures), pictures=shown, words=tuple(words), texts=said, listed={})


def keep(home: Path, made: ReadyMade) -> Path:
    """Keep vectors as `models/ready/<name>`, in place of those of that name; returns the folder."""
    folder = home / "models" / "ready" / catalogue_name(made.name)
    storage.make_folder(folder.parent)
    staged = storage.make_folder(folder.parent / storage.temporary_name())
    try:
        for name, rows in ((PICTURES, made.pictures), (TEXTS, made.texts)):
            buffer = io.BytesIO()
            np.save(buffer, rows, allow_pickle=False)
            storage.write_bytes(staged / name, buffer.getvalue(), durable=False)
        about = {"ids": list(made.ids), "words": list(made.words), "reader": made.reader, "size": made.size}
        storage.write_json(staged / ABOUT, about, durable=False)
        storage.write_json(staged / storage.MANIFEST, storage.manifest(staged), durable=False)
        storage.remove(folder)
        storage.commit_folder(staged, folder)
    finally:
        storage.remove(staged)
    return folder


def names(home: Path) -> list[str]:
    """The ready-made models of a workspace."""
    return sorted(path.parent.name for path in (home / "models" / "ready").glob(f"*/{storage.MANIFEST}"))


def load(home: Path, name: str) -> tuple[ReadyMade, str]:
    """Ready-made vectors with the digest of their folder.

    LookupError naming those there are; BadCheckpoint ("checksum") when a file is not what was written.
    """
    folder = home / "models" / "ready" / name
    if name not in names(home):
        raise LookupError(f"There are no ready vectors {name!r}; there are: {', '.join(names(home)) or 'none yet'}")
    if damages := storage.verify(folder):
        raise BadCheckpoint("checksum", damages[0].path, f"is not what was written ({damages[0].kind})")
    about: Mapping[str, Any] = storage.read_json(folder / ABOUT)
    pictures, texts = (np.load(folder / part, mmap_mode="r", allow_pickle=False) for part in (PICTURES, TEXTS))
    made = ReadyMade(name, tuple(about["ids"]), pictures, tuple(about["words"]), texts, about["reader"])
    return made, storage.sha256_file(folder / storage.MANIFEST)


def spoken(text: str) -> str:
    """The form in which texts are compared."""
    return normalise(text).text.lower()
