"""Detectors of the YOLO family as ONNX files that the user names: a picture in, boxes with scores out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from data.boxes import Box, squared
from eval.damage import BadCheckpoint, looks_like
from eval.descriptors import opencv
from eval.digests import file_state

if TYPE_CHECKING:
    from PIL import Image

INPUT = 640  # pixels a side, as the family is exported
SURE, OVERLAP = 0.25, 0.45  # the least score, and the IoU above which two boxes are one: the family's own defaults
GREY = 114  # what the family pads with
_asking = Lock()  # a network of OpenCV keeps its input inside


@dataclass(frozen=True)
class Detected:
    """One object: its box, its score from 0 to 1 and the number of its class."""

    box: Box
    score: float
    label: str


def dropped(home: Path) -> list[Path]:
    """The detectors that lie in `home/models`: every .onnx file."""
    return sorted(path for path in (home / "models").glob("*.onnx") if path.is_file())


def detected(path: Path, picture: Image.Image) -> list[Detected]:
    """Objects in the picture, surest first.

    Understands the three layouts of the family: (1, 4 + classes, n) of YOLOv8 and later, (1, n, 5 + classes) of YOLOv5
    to v7, and (1, n, 6) corners, score, class of end-to-end exports. LookupError when there is no such file,
    BadCheckpoint (a ValueError) when it is no such network.
    """
    cv2: Any = opencv()
    if not Path(path).is_file():
        raise LookupError(f"There is no detector {path}; name an ONNX file of the YOLO family")
    pixels, scale = _letterboxed(picture)
    try:
        with _asking:
            network = _network(*file_state(path))
            network.setInput(cv2.dnn.blobFromImage(pixels, 1 / 255, (INPUT, INPUT)))
            answer = np.asarray(network.forward())
    except cv2.error as error:
        said = " ".join(str(error).split())[:200]
        raise BadCheckpoint("not_weights", Path(path), f"cannot be asked as a detector: {said}") from error
    boxes, scores, classes = _rows(answer, Path(path))
    kept = np.asarray(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), SURE, OVERLAP)).reshape(-1)
    found = [_placed(boxes[row], scale, picture.size, float(scores[row]), int(classes[row])) for row in kept.tolist()]
    return sorted((one for one in found if one), key=lambda one: -one.score)


@lru_cache(maxsize=2)
def _network(path: str, *state: int) -> Any:
    kind = looks_like(Path(path))
    if kind in ("a zip archive", "a pickle", "safetensors", "text"):
        raise BadCheckpoint("not_weights", Path(path), f"holds {kind}, not an ONNX network")
    return opencv().dnn.readNetFromONNX(path)


def _letterboxed(picture: Image.Image) -> tuple[np.ndarray, float]:
    """The picture in the upper left of a grey square, uint8 (INPUT, INPUT, 3), and by how much it was scaled."""
    scale = INPUT / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    square = np.full((INPUT, INPUT, 3), GREY, np.uint8)
    square[: size[1], : size[0]] = np.asarray(picture.convert("RGB").resize(size))
    return square, scale


def _rows(answer: np.ndarray, path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Left, top, width, height in input pixels (n, 4), scores (n,) and classes (n,) of any of the three layouts."""
    if answer.ndim != 3 or len(answer) != 1 or min(answer.shape[1:]) < 5:
        raise BadCheckpoint("wrong_model", path, f"answers {answer.shape}, which no detector of the YOLO family does")
    rows = answer[0]
    if rows.shape[1] == 6:
        return np.hstack([rows[:, :2], rows[:, 2:4] - rows[:, :2]]), rows[:, 4], rows[:, 5]
    if rows.shape[0] < rows.shape[1]:
        rows = rows.T
        classes = rows[:, 4:]
    else:
        classes = rows[:, 5:] * rows[:, 4:5] if rows.shape[1] > 5 else rows[:, 4:5]
    centres, sizes = rows[:, :2], rows[:, 2:4]
    return np.hstack([centres - sizes / 2, sizes]), classes.max(axis=1), classes.argmax(axis=1)


def _placed(row: np.ndarray, scale: float, size: tuple[int, int], score: float, label: int) -> Detected | None:
    left, top, width, height = (float(value) / scale for value in row)
    box = squared(left / size[0], top / size[1], (left + width) / size[0], (top + height) / size[1])
    return Detected(box, score, str(label)) if box else None
