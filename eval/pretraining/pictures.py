"""Training pictures in memory, all at once, and pictures as a model sees them when it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.untrusted import open_picture
from eval.preprocessing import CLIP_MEAN, CLIP_STD, ruclip_pixels

Tensor = Any
"""A `torch.Tensor`; torch is imported inside functions only."""

BLACK = (0, 0, 0)


def load_pictures(paths: Sequence[Path], side: int) -> Tensor:
    """Pictures as uint8 (N, 4, side, side), centred on a transparent square: red, green, blue times alpha, then alpha.

    `data.refusals.Refused` for a file that is no picture.
    """
    import numpy as np
    import torch

    rows = np.zeros((len(paths), 4, side, side), np.uint8)
    for row, path in zip(rows, paths, strict=True):
        row[:] = _scanned(path, side)
    return torch.from_numpy(rows)


def _scanned(path: Path, side: int) -> Any:
    """One picture, (4, side, side): what black shows is colour times alpha, what white shows besides is 1 - alpha."""
    import numpy as np
    from PIL import Image

    ink = open_picture(path, background=BLACK).picture
    light = np.asarray(open_picture(path).picture, np.int16) - np.asarray(ink, np.int16)
    alpha = Image.fromarray((255 - light.max(2).clip(0, 255)).astype(np.uint8))
    shown = []
    for layer in (*ink.split(), alpha):
        square = Image.new("L", (max(layer.size),) * 2)
        square.paste(layer, ((square.width - layer.width) // 2, (square.height - layer.height) // 2))
        shown.append(np.asarray(square.resize((side, side), Image.Resampling.BOX)))
    return np.minimum(np.stack(shown), shown[3])


def plain_views(paths: Sequence[Path], side: int) -> Tensor:
    """The pictures on white, prepared as ruCLIP prepares them: float32 (N, 3, side, side)."""
    import numpy as np
    import torch

    prepare = ruclip_pixels(side).prepare
    return torch.from_numpy(np.stack([prepare(open_picture(path).picture) for path in paths]))


def normalised(colours: Tensor) -> Tensor:
    """Colours of 0..1, (N, 3, H, W), moved and scaled by CLIP's mean and deviation."""
    import torch

    return (colours - torch.tensor(CLIP_MEAN).view(1, 3, 1, 1)) / torch.tensor(CLIP_STD).view(1, 3, 1, 1)
