"""The side of an encoder that sees pictures: batches them through a network and gives unit rows back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.precision import bf16_speedup, device, one_thread, settle
from eval.preprocessing import Pixels

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image
    from torch import Tensor

BATCH = 64  # pictures, or texts, of one forward pass


class PictureTower:
    """What every network that sees pictures has in common; immutable once made, so any number of threads may use it.

    `parts` names what the vectors depend on (hashes of weights, tokenizer and config), `version` the code that makes
    them; `notes` are sentences about choices made while loading, for the screen.
    """

    def __init__(
        self, spec: ModelSpec, model: Any, pixels: Pixels, precision: str, parts: Mapping[str, str],
        notes: tuple[str, ...], version: str,
    ) -> None:  # fmt: skip
        import torch

        self.spec, self.precision, self.notes, self.parts, self.pixels = spec, precision, notes, dict(parts), pixels
        self._type = torch.bfloat16 if precision == "bf16" else torch.float32
        torch.backends.cudnn.allow_tf32 = False  # on a GPU: fp32 means fp32
        self._model = model.to(device=device(), dtype=self._type).requires_grad_(False).eval()
        known = {**parts, "pixels": pixels.facts, "precision": precision, "version": version}
        self.fingerprint = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
        self.size = 0

    def prepare(self, picture: Image.Image) -> np.ndarray:
        """One RGB picture → float32 (3, H, W)."""
        return self.pixels.prepare(picture)

    def encode(self, prepared: np.ndarray) -> np.ndarray:
        """Prepared pictures float32 (n, 3, H, W) → unit rows float32 (n, size)."""
        import torch

        one_thread()
        with torch.inference_mode():
            parts = torch.from_numpy(prepared).split(BATCH)
            return self._unit([self._seen(part.to(device=device(), dtype=self._type)) for part in parts])

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Pictures → unit rows float32 (n, size)."""
        import numpy as np

        starts = range(0, len(pictures), BATCH)
        rows = [self.encode(np.stack([self.prepare(one) for one in pictures[s : s + BATCH]])) for s in starts]
        return np.concatenate(rows) if rows else np.zeros((0, self.size), dtype=np.float32)

    def _seen(self, pictures: Tensor) -> Tensor:
        """Pictures on the device → features (n, size), of any length."""
        raise NotImplementedError

    def _unit(self, features: Sequence[Tensor]) -> np.ndarray:
        import torch

        joined = torch.cat(list(features)).float()
        return torch.nn.functional.normalize(joined, dim=-1).cpu().numpy()

    def _sound(self, rows: np.ndarray, path: Any) -> None:
        """Take the size of a vector from the first rows; BadCheckpoint when they are no finite unit rows."""
        import numpy as np

        if rows.ndim != 2 or not np.isfinite(rows).all() or not np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3):
            raise BadCheckpoint("nan_weights", path, "gives vectors that are not finite (NaN or Inf weights)")
        self.size = rows.shape[1]

    def _settled(self) -> None:
        """Note what bf16 brings here, and take what loading left out of the garbage collector's sight."""
        if self.precision == "bf16":
            self.notes = (*self.notes, f"bf16 is {bf16_speedup():.2g} × as fast as fp32 on this machine")
        settle()


def noise() -> Image.Image:
    """A picture on which a model is tried once it is loaded."""
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
