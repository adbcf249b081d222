"""Two towers, one space: batches pictures and texts through an open_clip model and gives unit rows back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from eval.contracts import ModelSpec
from eval.picture_tower import BATCH, PictureTower, noise
from eval.precision import device, one_thread
from eval.preprocessing import Pixels

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

VERSION = "1"  # goes up when the code below or in eval/picture_tower.py changes what vectors come out


class Tokens(Protocol):
    """A tokenizer bound to a model's context."""

    def rows(self, texts: Sequence[str]) -> np.ndarray:
        """Texts → int64 (n, context)."""

    def truncated(self, text: str) -> bool:
        """True when the text does not fit the context."""


class DualEncoder(PictureTower):
    """The `Encoder` of CLIP-like models."""

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
        scale = getattr(model, "logit_scale", None)  # the logarithm of what cosines were multiplied with in training
        self.logit_scale = None if scale is None else float(scale.detach().double().exp())
        self.tokens = tokens
        super().__init__(spec, model, pixels, precision, parts, notes, VERSION)

    @property
    def model(self) -> Any:
        """The open_clip model inside; only who loaded this encoder for himself alone may change it."""
        return self._model

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
        for rows in (self.images([noise()]), self.texts(["кот, a cat"])):
            self._sound(rows, path)
        self._settled()
        return self

    def _seen(self, pictures: Tensor) -> Tensor:
        seen: Tensor = self._model.encode_image(pictures)
        return seen


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
