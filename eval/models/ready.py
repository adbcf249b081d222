"""Vectors that came ready-made: pictures are known by their item's id, texts by their words; no weights are needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import Unavailable
from eval import ready_made, workspace
from eval.contracts import Family, KnownModel, ModelSpec, Vectors
from eval.ready_made import ReadyMade

if TYPE_CHECKING:
    from PIL import Image

    from data.catalogue import Catalogue
    from eval.contracts import Encoder

FAMILY = Family("ready", "Vectors that came ready-made, e.g. from the 2025 project's files (`uzor import-report`).")
ALIKE = 0.99  # cosine that the maker's vector of a stored text must have with the stored one


def known(home: Path) -> list[KnownModel]:
    """What `uzor import-report` kept in `home/models/ready`."""
    found = []
    for name in ready_made.names(home):
        group = next((word for word in ("ruclip", "clip") if word in name.split("-")), "other")
        tuned = any(word in name for word in ("finetuned", "fine-tuned", "tuned"))
        where = str(home / "models" / "ready" / name)
        found.append(KnownModel(ModelSpec("ready", name), f"{name}, ready vectors", group, tuned, True, where))
    return found


def load(spec: ModelSpec, home: Path, precision: str = "fp32") -> ReadyEncoder:
    """The ready vectors of that name; LookupError when there are none, Unavailable for any precision but fp32."""
    if spec.head:
        raise LookupError(f"{spec}: ready vectors have no projections that a head could replace")
    if precision != "fp32":
        raise Unavailable(f"{spec} holds vectors that were computed elsewhere.", "Choose fp32.")
    made, digest = ready_made.load(home, spec.checkpoint)
    return ReadyEncoder(spec, made, digest, home)


class ReadyEncoder:
    """An `Encoder` that looks vectors up; it can see no picture, and of texts it reads those it has.

    Other texts go to the model that made the vectors, when the import knew it (`reader`) and its weights are here.
    """

    reads_text = True
    precision = "fp32"

    def __init__(self, spec: ModelSpec, made: ReadyMade, digest: str, home: Path) -> None:
        self.spec, self.fingerprint, self.size = spec, digest, made.size
        self.notes = (f"vectors came ready-made; texts without one are read by {made.reader or 'nobody'}",)
        self._made, self._home = made, home
        self._texts = {ready_made.spoken(text): row for row, text in reversed(list(enumerate(made.words)))}
        self._items = {item: row for row, item in enumerate(made.ids)}

    def vectors_of(self, catalogue: Catalogue) -> Vectors:
        """The catalogue's vectors by item id; LookupError naming items that have none."""
        absent = [item for item in catalogue.ids if item not in self._items]
        if absent:
            raise LookupError(
                f"{self.spec} has vectors for {len(catalogue) - len(absent)} of the {len(catalogue)} items of"
                f" {catalogue.name}, none for {', '.join(absent[:5])} …; choose the catalogue they were imported with"
            )
        matrix = np.ascontiguousarray(self._made.pictures[[self._items[item] for item in catalogue.ids]])
        matrix.flags.writeable = False
        key = workspace.key("ready 1", self.fingerprint, catalogue.pictures_fingerprint)
        return Vectors(matrix, catalogue.ids, key, self.fingerprint, catalogue.pictures_fingerprint)

    def prepare(self, picture: Image.Image) -> np.ndarray:
        """LookupError: there is nothing here that could see a picture."""
        raise LookupError(
            f"{self.spec} knows items by their id and cannot see new pictures; choose a model with weights"
        )

    def encode(self, prepared: np.ndarray) -> np.ndarray:
        """LookupError, as `prepare`."""
        raise LookupError(
            f"{self.spec} knows items by their id and cannot see new pictures; choose a model with weights"
        )

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """LookupError, as `prepare`; nothing for no pictures."""
        rows = [self.prepare(picture) for picture in pictures]
        return np.zeros((len(rows), self.size), np.float32)

    def texts(self, words: Sequence[str]) -> np.ndarray:
        """Unit rows float32 (n, size): stored ones, else from the model that made them.

        LookupError when neither has the text, Unavailable when that model's weights are not here.
        """
        rows = [self._texts.get(ready_made.spoken(text)) for text in words]
        found = np.zeros((len(rows), self.size), np.float32)
        for place, row in enumerate(rows):
            if row is not None:
                found[place] = self._made.texts[row]
        if lacking := [place for place, row in enumerate(rows) if row is None]:
            found[lacking] = self._read([words[place] for place in lacking])
        return found

    def truncated(self, text: str) -> bool:
        """False for a stored text; else as the model that made the vectors says."""
        return ready_made.spoken(text) not in self._texts and bool(self._reader.truncated(text))

    def _read(self, words: list[str]) -> np.ndarray:
        if not self._made.reader:
            raise LookupError(
                f"{self.spec} has no vector of «{words[0]}» among its {len(self._texts)} texts, and who made it is not"
                " known. Bring a file with texts and text_embeddings of the queries beside it, named alike"
            )
        rows: np.ndarray = self._reader.texts(words)
        return rows

    @cached_property
    def _reader(self) -> Encoder:
        """The model that made the vectors, held against a few of them; ValueError when it is another."""
        from eval import registry

        try:
            encoder = registry.load(ModelSpec.parse(self._made.reader), self._home)
        except (Unavailable, LookupError) as error:
            remedy = getattr(error, "remedy", "")
            what = (
                f"{self.spec} has no vector of that text, and {self._made.reader}, which made it, is not here: {error}"
            )
            raise Unavailable(what.removesuffix(remedy).strip(), remedy) from error
        some = list(range(0, len(self._made.words), max(1, len(self._made.words) // 8)))[:8]
        again: Any = encoder.texts([self._made.words[row] for row in some]) if some else None
        if encoder.size != self.size or (some and float((again * self._made.texts[some]).sum(1).min()) < ALIKE):
            raise ValueError(f"{self._made.reader} gives other vectors than {self.spec} holds; it did not make them")
        return encoder
