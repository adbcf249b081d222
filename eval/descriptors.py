"""What pictures say without a network: gradients, key points, colours and hashes, each a row of fixed length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import Unavailable

if TYPE_CHECKING:
    from PIL import Image

SIDE = 128  # pixels a picture is squashed to for its gradients
LONGER = 192  # pixels of the longer side in which key points are looked for
LEVELS = 8  # of each of red, green and blue
KEY_POINTS = 400  # the strongest ones of a picture


def opencv() -> Any:
    """The module cv2, told to use one thread in each of ours; Unavailable where it is not installed."""
    try:
        import cv2
    except ImportError as error:
        raise Unavailable(
            f"OpenCV cannot be used here ({error}).", "Run: pip install 'opencv-python-headless>=4.12,<5'"
        ) from error
    cv2.setNumThreads(1)
    return cv2


def hog(picture: Image.Image) -> np.ndarray:
    """Histograms of oriented gradients (Dalal and Triggs 2005): float32 (1764,), 7 × 7 blocks of 4 cells × 9 angles."""
    from PIL import Image

    cv2 = opencv()
    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    made = cv2.HOGDescriptor((SIDE, SIDE), (32, 32), (16, 16), (16, 16), 9)
    found: np.ndarray = made.compute(np.asarray(small)).reshape(-1).astype(np.float32)
    return found


def rgb(picture: Image.Image) -> np.ndarray:
    """Roots of the shares of 8 × 8 × 8 colours, float32 (512,); inner products are Bhattacharyya's coefficients."""
    levels = np.asarray(picture.convert("RGB")).reshape(-1, 3) // (256 // LEVELS)
    places = levels @ np.array([LEVELS * LEVELS, LEVELS, 1])
    counts = np.bincount(places, minlength=LEVELS**3)
    return np.sqrt(counts / counts.sum()).astype(np.float32)


def key_points(picture: Image.Image) -> np.ndarray:
    """RootSIFT of the strongest key points (Lowe 2004, Arandjelović and Zisserman 2012), float32 (n, 128), n ≥ 0."""
    from PIL import Image

    scale = LONGER / max(picture.size)
    width, height = (max(8, round(side * scale)) for side in picture.size)
    grey = np.asarray(picture.convert("L").resize((width, height), Image.Resampling.BILINEAR))
    _points, found = opencv().SIFT_create(KEY_POINTS).detectAndCompute(grey, None)
    if found is None:
        return np.zeros((0, 128), np.float32)
    found = found[:KEY_POINTS]
    rooted: np.ndarray = np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32)
    return rooted


def counted(found: np.ndarray, words: np.ndarray) -> np.ndarray:
    """Roots of the shares in which key points (n, 128) fall to their nearest of `words` (m, 128): float32 (m,)."""
    if not len(found):
        return np.zeros(len(words), np.float32)
    nearest = np.argmax(found @ words.T - 0.5 * (words**2).sum(axis=1), axis=1)
    return np.sqrt(np.bincount(nearest, minlength=len(words)) / len(found)).astype(np.float32)


def hashed(picture: Image.Image, kind: str) -> np.ndarray:
    """ImageHash's 64 bits as ±1, float32 (64,): cosine = 1 − 2 × Hamming distance / 64.

    `kind` is the name of one of its functions: "phash", "average_hash", "dhash".
    """
    try:
        import imagehash
    except ImportError as error:
        raise Unavailable(f"ImageHash cannot be used here ({error}).", "Run: pip install ImageHash") from error
    bits = getattr(imagehash, kind)(picture.convert("RGB")).hash
    return np.where(bits.reshape(-1), 1, -1).astype(np.float32)
