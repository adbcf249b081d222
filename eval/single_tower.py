"""One tower that sees pictures and reads no text: batches them through a network and gives unit rows back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.contracts import ModelSpec
from eval.picture_tower import PictureTower, noise
from eval.preprocessing import Pixels
from eval.speechless import no_text

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

VERSION = "1"  # goes up when the code here or in eval/picture_tower.py changes what vectors come out


class SingleTower(PictureTower):
    """The `Encoder` of a network whose forward pass gives features (n, size)."""

    reads_text = False

    def __init__(
        self,
        spec: ModelSpec,
        model: Any,
        pixels: Pixels,
        precision: str,
        parts: Mapping[str, str],
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(spec, model, pixels, precision, parts, notes, VERSION)

    def texts(self, words: Sequence[str]) -> np.ndarray:
        """LookupError: it sees pictures only."""
        raise no_text(self.spec)

    def truncated(self, text: str) -> bool:
        """False: no text is read at all."""
        return False

    def probed(self, path: Path) -> SingleTower:
        """This encoder, once a picture went through it; BadCheckpoint when no finite unit row comes out."""
        self._sound(self.images([noise()]), path)
        self._settled()
        return self

    def _seen(self, pictures: Tensor) -> Tensor:
        seen: Tensor = self._model(pictures)
        return seen
