"""Pictures to the numbers a model was taught on: ruCLIP's own way, and open_clip's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class Pixels:
    """One way of preparing pictures; `facts` names everything it depends on and goes into the encoder's fingerprint."""

    facts: str
    prepare: Callable[[Image.Image], np.ndarray]  # a picture → float32 (3, H, W)


def ruclip_pixels(size: int, mean: tuple[float, ...] = CLIP_MEAN, std: tuple[float, ...] = CLIP_STD) -> Pixels:
    """ruCLIP's processor: central square, then antialiased bilinear resize to (3, size, size); alpha is dropped.

    Equals `ruclip.RuCLIPProcessor` bit for bit; where the sides differ by one pixel it draws the offset, here it is 0.
    """
    import numpy as np
    from PIL import Image

    centre = np.asarray(mean, dtype=np.float32)[:, None, None]
    spread = np.asarray(std, dtype=np.float32)[:, None, None]

    def prepare(picture: Image.Image) -> np.ndarray:
        square = picture.convert("RGB").crop(central_square(*picture.size))
        small = square.resize((size, size), Image.Resampling.BILINEAR)
        levels = np.asarray(small, dtype=np.float32).transpose(2, 0, 1) / np.float32(255)
        return np.ascontiguousarray((levels - centre) / spread)

    return Pixels(_facts("ruclip", size=size, mean=mean, std=std), prepare)


def central_square(width: int, height: int) -> tuple[int, int, int, int]:
    """The box (left, upper, right, lower) that ruCLIP cuts out of a picture."""
    side = min(width, height)
    left, upper = (width - side) // 2, (height - side) // 2
    return left, upper, left + side, upper + side


def openclip_pixels(config: Mapping[str, Any]) -> Pixels:
    """open_clip's own evaluation transform for a preprocess_cfg (size, mean, std, interpolation, resize_mode, …)."""
    import open_clip
    from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict

    merged = merge_preprocess_dict(PreprocessCfg(), dict(config))
    transform = image_transform_v2(PreprocessCfg(**merged), is_train=False)

    def prepare(picture: Image.Image) -> np.ndarray:
        import numpy as np

        return np.asarray(transform(picture), dtype=np.float32)

    return Pixels(_facts("openclip", version=open_clip.__version__, **merged), prepare)


def _facts(name: str, **values: Any) -> str:
    return json.dumps({"name": name, **values}, sort_keys=True, default=list)
