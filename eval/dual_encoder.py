"""Two towers, one space: batches pictures and texts through an open_clip model and gives unit rows back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.precision import bf16_speedup, device, one_thread, settle
from eval.preprocessing import Pixels

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image
    from torch import Tensor

VERSION = "1"  # goes up when the code below changes what vectors come out
BATCH = 64  # texts or pictures of one forward pass


class Tokens(Protocol):
    """A tokenizer bound to a model's context."""

    def rows(self, texts: Sequence[str]) -> np.ndarray:
        """Texts → int64 (n, context)."""

    def truncated(self, text: str) -> bool:
        """True when the text does not fit the context."""


class DualEncoder:
    """The `Encoder` of CLIP-like models; immutable once made, so any number of threads may use it.

    `parts` names what the vectors depend on (hashes of weights, tokenizer and config); `notes` are sentences about
    choices made while loading, for the screen.
    """

    reads_text = True

    def __init__(
        self,
        spec: ModelSpec,
        model: Any,
        tokens: Tokens,
        pixels: Pixels,
        precision: str,
        parts: Mapping[str, str],
        notes: tuple[str, ...] = (),
    ) -> None:
        import torch

        self.spec, self.precision, self.notes, self.parts = spec, precision, notes, dict(parts)
        self.tokens, self.pixels = tokens, pixels
        scale = getattr(model, "logit_scale", None)  # the logarithm of what cosines were multiplied with in training
        self.logit_scale = None if scale is None else float(scale.detach().double().exp())
        self._type = torch.bfloat16 if precision == "bf16" else torch.float32
        torch.backends.cudnn.allow_tf32 = False  # on a GPU: fp32 means fp32
        self._model = model.to(device=device(), dtype=self._type).requires_grad_(False).eval()
        known = {**parts, "pixels": pixels.facts, "precision": precision, "version": VERSION}
        self.fingerprint = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
        self.size = 0

    @property
    def model(self) -> Any:
        """The open_clip model inside; only who loaded this encoder for himself alone may change it."""
        return self._model

    def prepare(self, picture: Image.Image) -> np.ndarray:
        """One RGB picture → float32 (3, H, W)."""
        return self.pixels.prepare(picture)

    def encode(self, prepared: np.ndarray) -> np.ndarray:
        """Prepared pictures float32 (n, 3, H, W) → unit rows float32 (n, size)."""
        import torch

        one_thread()
        rows = torch.from_numpy(prepared)
        with torch.inference_mode():
            return self._unit([self._model.encode_image(self._there(part)) for part in rows.split(BATCH)])

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Pictures → unit rows float32 (n, size)."""
        import numpy as np

        starts = range(0, len(pictures), BATCH)
        rows = [self.encode(np.stack([self.prepare(one) for one in pictures[s : s + BATCH]])) for s in starts]
        return np.concatenate(rows) if rows else np.zeros((0, self.size), dtype=np.float32)

    def texts(self, words: Sequence[str]) -> np.ndarray:
        """Texts → unit rows float32 (n, size); shorter texts share a batch, so none waits for a long one's padding."""
        import numpy as np
        import torch

        one_thread()
        if not len(words):
            return np.zeros((0, self.size), dtype=np.float32)
        rows = torch.from_numpy(self.tokens.rows(list(words)))
        order = torch.argsort(text_ends(self._model, rows), stable=True)
        with torch.inference_mode():
            unit = self._unit([text_features(self._model, rows[part].to(device())) for part in order.split(BATCH)])
        found = np.empty_like(unit)
        found[order.numpy()] = unit
        return found

    def truncated(self, text: str) -> bool:
        """True when the model reads only the beginning of `text`."""
        return self.tokens.truncated(text)

    def probed(self, path: Any) -> DualEncoder:
        """This encoder, once a picture and a text went through it; BadCheckpoint when no finite unit rows come out."""
        import numpy as np
        from PIL import Image

        levels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        for rows in (self.images([Image.fromarray(levels)]), self.texts(["кот, a cat"])):
            if not np.isfinite(rows).all() or not np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3):
                raise BadCheckpoint("nan_weights", path, "gives vectors that are not finite (NaN or Inf weights)")
            self.size = rows.shape[1]
        if self.precision == "bf16":
            self.notes = (*self.notes, f"bf16 is {bf16_speedup():.2g} × as fast as fp32 on this machine")
        settle()
        return self

    def _there(self, rows: Tensor) -> Tensor:
        return rows.to(device=device(), dtype=self._type)

    def _unit(self, features: list[Tensor]) -> np.ndarray:
        import torch

        joined = torch.cat(features).float()
        return torch.nn.functional.normalize(joined, dim=-1).cpu().numpy()


def text_ends(model: Any, rows: Tensor) -> Tensor:
    """The place int64 (n,) of the token whose features stand for each text; the last one where that is unknown."""
    import torch

    if not _cuttable(model):
        return torch.full((len(rows),), rows.shape[1] - 1)
    if model.text_pool_type == "argmax":
        return rows.argmax(dim=-1)
    ends = rows == model.text_eos_id
    if not bool(ends.any(dim=-1).all()):
        raise ValueError(f"A token row has no end-of-text token {model.text_eos_id}: is it another tokenizer's?")
    return ends.int().argmax(dim=-1)


def text_features(model: Any, rows: Tensor) -> Tensor:
    """`model.encode_text(rows)` with everything after the last end-of-text token left out.

    Exact, because with a causal mask no token sees what follows it (as in CLIP, arXiv:2103.00020, section 2.4).
    """
    import torch

    if not _cuttable(model):
        return model.encode_text(rows)
    ends = text_ends(model, rows)
    width = int(ends.max()) + 1
    kind = model.transformer.get_cast_dtype()
    hidden = model.token_embedding(rows[:, :width]).to(kind) + model.positional_embedding[:width].to(kind)
    hidden = model.ln_final(model.transformer(hidden, attn_mask=model.attn_mask[:width, :width]))
    pooled = hidden[torch.arange(len(rows), device=rows.device), ends]
    if model.text_projection is None:
        return pooled
    projection = model.text_projection
    return projection(pooled) if isinstance(projection, torch.nn.Linear) else pooled @ projection


def _cuttable(model: Any) -> bool:
    return getattr(model, "text_pool_type", "") in ("argmax", "eos") and getattr(model, "attn_mask", None) is not None
