"""Where the object is in a picture: a detector the user names, else what stands out from the background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.boxes import Box, squared
from eval.descriptors import opencv

if TYPE_CHECKING:
    from PIL import Image

SIDE = 256  # pixels of the longer side in which the background is looked at
CALM = 14.0  # levels: a border whose colours differ less than this from their median is a background
FILLED = 0.9  # a box of more than this share of the picture is no proposal
MARGIN = 0.04


@dataclass(frozen=True)
class Proposal:
    """A box that may hold the object, `how` it was found ("detector", "background", "saliency") and how sure."""

    box: Box
    how: str
    score: float = 1.0
    label: str = ""


def proposed(picture: Image.Image, detector: Path | None = None, most: int = 5) -> list[Proposal]:
    """Boxes of objects, best first, at most `most`; [] where none stands out.

    With a `detector` (an ONNX file of the YOLO family, see eval/detecting.py) what it finds; a picture in which it
    finds nothing gets no other boxes. Raises what loading it raises.
    """
    if detector is not None:
        from eval.detecting import detected

        return [Proposal(one.box, "detector", one.score, one.label) for one in detected(detector, picture)][:most]
    found = standing_out(picture)
    return [found] if found else []


def standing_out(picture: Image.Image) -> Proposal | None:
    """The largest thing that differs from a calm border's colour, else the most salient one; None where none is.

    Saliency is the spectral residual (Hou and Zhang, CVPR 2007); the threshold of both maps is Otsu's.
    """
    levels = _small(picture)
    ground, calm = _ground(levels)
    heat = np.abs(levels - ground).max(axis=2) if calm else spectral_residual(levels.mean(axis=2))
    box = _largest(heat)
    return Proposal(box, "background" if calm else "saliency") if box and box.area <= FILLED else None


def ground(picture: Image.Image) -> np.ndarray | None:
    """The colour of a calm border, float32 (3,) from 0 to 255; None where the border is not calm."""
    found, calm = _ground(_small(picture))
    return found if calm else None


def _ground(levels: np.ndarray) -> tuple[np.ndarray, bool]:
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    middle = np.median(border, axis=0)
    return middle, float(np.median(np.abs(border - middle).max(axis=1))) < CALM


def _small(picture: Image.Image) -> np.ndarray:
    scale = SIDE / max(picture.size)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    return np.asarray(picture.convert("RGB").resize(size), np.float32)


def spectral_residual(grey: np.ndarray) -> np.ndarray:
    """What of the log spectrum is not its local mean, back in the picture: float32 (h, w) from 0 to 255."""
    cv2 = opencv()
    small = cv2.resize(grey.astype(np.float32), (64, 64), interpolation=cv2.INTER_AREA)
    spectrum = np.fft.fft2(small)
    amplitude = np.log(np.abs(spectrum) + 1e-9).astype(np.float32)
    residual = amplitude - cv2.blur(amplitude, (3, 3))
    back = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = cv2.GaussianBlur(back.astype(np.float32), (0, 0), 2.5)
    found: np.ndarray = cv2.resize(smooth * (255 / max(float(smooth.max()), 1e-9)), grey.shape[::-1])
    return found


def _largest(heat: np.ndarray) -> Box | None:
    """The box, with a margin, of the largest joined part above Otsu's threshold."""
    cv2: Any = opencv()
    levels = np.clip(heat, 0, 255).astype(np.uint8)
    if levels.max() < CALM:
        return None
    _level, mask = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    left, top, width, height, _area = stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))].tolist()
    high, wide = heat.shape
    return squared(left / wide, top / high, (left + width) / wide, (top + height) / high, MARGIN)
