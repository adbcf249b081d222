"""The pictures that are asked with: kept by content, decoded once, seen once by each model; bounded in memory."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.loaded import Loaded
from app.stored import Stored
from data import brought, picture_files
from data.boxes import Box
from data.untrusted import inside
from eval import objects
from eval.objects import Proposal

if TYPE_CHECKING:
    from PIL import Image

    from eval.contracts import Encoder

DECODED = 2  # whole pictures held: at most 40 million pixels and 120 MB each
SMALL = 64  # small copies held for the screen
SEEN = 256  # vectors held: half a megabyte at 512 numbers


@dataclass(frozen=True)
class Look:
    """What is asked: a picture (a kept file or an item) or a part of it, words beside it, items that are unwanted.

    `share` is the picture's part of the query, from 0 to 1, where there are words as well.
    """

    text: str = ""
    item: str = ""
    path: Path | None = None
    box: Box | None = None
    share: float = 0.5
    without: tuple[str, ...] = ()


class Seeing(Stored):
    """The use cases of a picture that is asked with, whatever is then done with it."""

    @cached_property
    def _decoded(self) -> Loaded[Image.Image]:
        return Loaded(DECODED)

    @cached_property
    def _small(self) -> Loaded[Image.Image]:
        return Loaded(SMALL)

    @cached_property
    def _seen_vectors(self) -> Loaded[np.ndarray]:
        return Loaded(SEEN)

    def bring(self, path: Path) -> Path:
        """Keep a picture to search with, opened first in the decoding process; Refused for what is no picture."""
        return brought.take(self.home, Path(path))

    def kept_photo(self, image: str) -> Path:
        """Where the picture of a query that is a file lies; Refused for what leads elsewhere."""
        return inside(picture_files.folder(self.home), image)

    def looked_at(self, catalogue: str, look: Look) -> Image.Image:
        """The whole picture that is asked with, not to be changed; ValueError when there is none."""
        if look.path is None and not look.item:
            raise ValueError("No picture is asked with; give a file or an item")
        return self._decoded.get(self._mark(catalogue, look), lambda: self._opened(catalogue, look))

    def preview(self, catalogue: str, look: Look, side: int) -> Image.Image:
        """A copy of the picture of at most `side` pixels a side, for the screen."""

        def small() -> Image.Image:
            copy = self.looked_at(catalogue, look).copy()
            copy.thumbnail((side, side))
            return copy

        return self._small.get((self._mark(catalogue, look), side), small)

    def vector(self, encoder: Encoder, catalogue: str, look: Look) -> np.ndarray:
        """The picture, or its part in the box, as the model sees it: a unit row (size,); computed once."""

        def see() -> np.ndarray:
            picture = self.looked_at(catalogue, look)
            row: np.ndarray = encoder.images([look.box.cut(picture) if look.box else picture])[0]
            return row

        key = (encoder.fingerprint, self._mark(catalogue, look), str(look.box or ""))
        return self._seen_vectors.get(key, see)

    def objects_in(self, catalogue: str, look: Look, detector: Path | None = None) -> list[Proposal]:
        """Boxes that may hold the object of the picture: a detector's, else what stands out from the background."""
        return objects.proposed(self.looked_at(catalogue, replace(look, box=None)), detector)

    def _mark(self, catalogue: str, look: Look) -> Hashable:
        """What the picture is known by: another file under the same name, or another import, is another picture."""
        if look.path is None:
            return look.item, self.catalogue(catalogue).fingerprint
        try:
            state = look.path.stat()
        except OSError:
            return str(look.path), "gone"  # opening it says so, and what failed is not held
        return str(look.path), state.st_mtime_ns, state.st_size

    def _opened(self, catalogue: str, look: Look) -> Image.Image:
        return brought.opened(look.path) if look.path is not None else self.catalogue(catalogue).picture(look.item)
