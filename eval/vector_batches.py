"""Vectors while they are computed: which pictures meet in which batch, and the batches that are finished."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import storage
from eval import vector_files, workspace
from eval.contracts import Encoder, Vectors
from eval.vector_files import IDS, MATRIX, META, VectorError, listing

if TYPE_CHECKING:
    from data.catalogue import Catalogue


@dataclass(frozen=True)
class Plan:
    """What has to be computed: one item for each different picture, in the catalogue's order, cut into batches."""

    folder: Path
    key: str
    items: tuple[str, ...]
    size: int  # of a batch
    width: int  # of a vector

    def batch(self, number: int) -> tuple[str, ...]:
        """The items of that batch."""
        return self.items[number * self.size : (number + 1) * self.size]

    @property
    def batches(self) -> int:
        """How many batches there are."""
        return -(-len(self.items) // self.size)

    def write(self, number: int, rows: np.ndarray) -> None:
        """Write a finished batch, named by its number and a digest of its content, in one step."""
        file = io.BytesIO()
        np.save(file, np.ascontiguousarray(rows, np.float32), allow_pickle=False)
        data = file.getvalue()
        storage.write_bytes(self.folder / f"{number:06d}-{storage.sha256_bytes(data)[:16]}.npy", data)

    def rows(self, number: int) -> np.ndarray | None:
        """The rows of that batch if it is finished and intact; a file that is not what its name says is removed."""
        for path in sorted(self.folder.glob(f"{number:06d}-*.npy")):
            if intact(path):
                rows: np.ndarray = np.load(path, allow_pickle=False)
                if rows.shape == (len(self.batch(number)), self.width):
                    return rows
            storage.remove(path)
        return None

    def missing(self) -> list[int]:
        """The batches that are still to be computed."""
        return [number for number in range(self.batches) if self.rows(number) is None]


def intact(batch: Path) -> bool:
    """True when a batch file's content has the digest that its name says."""
    return storage.sha256_file(batch)[:16] == batch.stem.partition("-")[2]


def plan(catalogue: Catalogue, encoder: Encoder, home: Path, batch: int) -> Plan:
    """Begin or go on: the batch size of the first call stays, so that the same pictures meet in the same batches."""
    if batch < 1:
        raise ValueError(f"A batch has at least one picture; {batch} came")
    named = vector_files.key(catalogue, encoder)
    folder = storage.make_folder(home / "vectors" / named)
    storage.sweep(folder)
    unique = catalogue.table.drop_duplicates("sha256")["id"]
    meta = {
        "key": named, "spec": str(encoder.spec), "encoder": encoder.fingerprint, "precision": encoder.precision,
        "catalogue": catalogue.pictures_fingerprint, "name": catalogue.name, "rows": len(catalogue),
        "different": len(unique), "size": encoder.size, "batch": batch,
        "ids": storage.sha256_bytes(listing(catalogue)),
    }  # fmt: skip
    begun = _begun(folder / META, meta)
    if begun is None:
        storage.write_bytes(folder / IDS, listing(catalogue))
        storage.write_json(folder / META, {**meta, "digest": workspace.key(meta)})
    return Plan(folder, named, tuple(unique), begun or batch, encoder.size)


def _begun(path: Path, meta: Mapping[str, Any]) -> int | None:
    """The batch size with which the same work was begun, if it was."""
    try:
        found = storage.read_json(path)
        same = all(found[name] == value for name, value in meta.items() if name not in ("batch", "name", "spec"))
        return int(found["batch"]) if same and found["batch"] >= 1 and sealed(found) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def sealed(meta: Mapping[str, Any]) -> bool:
    """True when a meta record is what was written."""
    return bool(meta["digest"] == workspace.key({name: value for name, value in meta.items() if name != "digest"}))


def complete(plan: Plan, catalogue: Catalogue, encoder: Encoder) -> Vectors:
    """Join the finished batches into one matrix, commit it by its manifest, remove the batches."""
    place = {item: at for at, item in enumerate(plan.items)}
    first = dict(zip(catalogue.table["sha256"].iloc[::-1], catalogue.table["id"].iloc[::-1], strict=True))
    parts = [plan.rows(number) for number in range(plan.batches)]
    different = np.concatenate([part for part in parts if part is not None])
    matrix = different[[place[first[digest]] for digest in catalogue.table["sha256"]]]
    with storage.replacing(plan.folder / MATRIX) as file:
        np.save(file, matrix, allow_pickle=False)
    storage.write_bytes(plan.folder / IDS, listing(catalogue))
    kept = {name: entry for name, entry in storage.manifest(plan.folder).items() if name in (MATRIX, IDS, META)}
    storage.write_json(plan.folder / storage.MANIFEST, kept)
    vector_files.drop_batches(plan.folder)
    found = vector_files.read(plan.folder.parent.parent, plan.key, catalogue, encoder)
    if found is None:
        raise VectorError(dict.fromkeys(catalogue.ids, "could not be read back"), catalogue.name, str(encoder.spec))
    return found
