"""One tower that sees pictures and reads no text: batches them through a network and gives unit rows back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.precision import bf16_speedup, device, one_thread, settle
from eval.preprocessing import Pixels
from eval.speechless import no_text

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

VERSION = "1"  # goes up when the code below changes what vectors come out
BATCH = 64  # pictures of one forward pass


class SingleTower:
    """The `Encoder` of a network whose forward pass gives features (n, size); immutable, safe to share between threads.

    `parts` names what the vectors depend on; `notes` are sentences about choices made while loading, for the screen.
    """

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
        import torch

        self.spec, self.precision, self.notes, self.parts, self.pixels = spec, precision, notes, dict(parts), pixels
        self._type = torch.bfloat16 if precision == "bf16" else torch.float32
        torch.backends.cudnn.allow_tf32 = False  # on a GPU: fp32 means fp32
        self._model = model.to(device=device(), dtype=self._type).requires_grad_(False).eval()
        known = {**parts, "pixels": pixels.facts, "precision": precision, "version": VERSION}
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
            rows = [self._model(part.to(device=device(), dtype=self._type)).float() for part in parts]
            return torch.nn.functional.normalize(torch.cat(rows), dim=-1).cpu().numpy()

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Pictures → unit rows float32 (n, size)."""
        import numpy as np

        starts = range(0, len(pictures), BATCH)
        rows = [self.encode(np.stack([self.prepare(one) for one in pictures[s : s + BATCH]])) for s in starts]
        return np.concatenate(rows) if rows else np.zeros((0, self.size), dtype=np.float32)

    def texts(self, words: Sequence[str]) -> np.ndarray:
        """LookupError: it sees pictures only."""
        raise no_text(self.spec)

    def truncated(self, text: str) -> bool:
        """False: no text is read at all."""
        return False

    def probed(self, path: Path) -> SingleTower:
        """This encoder, once a picture went through it; BadCheckpoint when no finite unit row comes out."""
        import numpy as np
        from PIL import Image

        levels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        rows = self.images([Image.fromarray(levels)])
        if rows.ndim != 2 or not np.isfinite(rows).all() or not np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3):
            raise BadCheckpoint("nan_weights", path, "gives vectors that are not finite (NaN or Inf weights)")
        self.size = rows.shape[1]
        if self.precision == "bf16":
            self.notes = (*self.notes, f"bf16 is {bf16_speedup():.2g} × as fast as fp32 on this machine")
        settle()
        return self
