"""Pictures that show nearly the same: differences between neighbouring cells, compared bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from data.progress import Progress, silent
from data.untrusted import open_picture

if TYPE_CHECKING:
    from data.catalogue import Catalogue

SIDE = 16  # cells a side: 256 bits a picture
# Bits apart at most. Of 400 emoji: saved as JPEG 70 at most 9 apart, halved in size 5 (95 %: 12), 15 % darker at most
# 11; the nearest other picture is 43 apart in the median, 10 at the fifth percentile (skin tones of one gesture).
NEAR = 14
STEP = 0.02  # of the whole range: a smaller step between two cells counts as none, so that plain grounds are no noise
BLOCK = 1024


def marks(picture: Image.Image) -> np.ndarray:
    """uint64 (4,): for each of 16 × 16 cells of the grey picture whether it is darker than its right neighbour.

    The difference hash of Krawetz («Kind of Like That», 2013) at 16 × 16, with a threshold on the step.
    """
    grey = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    cells = np.asarray(grey, np.float32)
    bits = cells[:, 1:] - cells[:, :-1] > 255 * STEP
    return np.packbits(bits).view(np.uint64)


def of_catalogue(catalogue: Catalogue, progress: Progress = silent, threads: int = 2) -> np.ndarray:
    """`marks` of every item's thumbnail: uint64 (n, 4); equal pictures are looked at once."""
    digests = list(catalogue.table["sha256"])
    first = dict(zip(reversed(digests), reversed(catalogue.ids), strict=True))
    order = list(first)
    found = np.zeros((len(order), 4), np.uint64)
    with ThreadPoolExecutor(threads, "likeness") as pool:
        seen = pool.map(lambda digest: _marks_of(catalogue, first[digest]), order)
        for row, bits in enumerate(seen):
            found[row] = bits
            if row % 64 == 0:
                progress(row, len(order), "likeness")
    progress(len(order), len(order), "likeness")
    place = {digest: row for row, digest in enumerate(order)}
    return found[[place[digest] for digest in digests]]


def of_items(catalogue: Catalogue, items: Sequence[str]) -> np.ndarray:
    """`marks` of the thumbnails of those items: uint64 (m, 4), row i is that of `items[i]`."""
    return np.stack([_marks_of(catalogue, item) for item in items]) if len(items) else np.zeros((0, 4), np.uint64)


def _marks_of(catalogue: Catalogue, item: str) -> np.ndarray:
    path = catalogue.thumbnail(item)
    return marks(open_picture(path).picture if path.is_file() else catalogue.picture(item))


def near(bits: np.ndarray, most: int = NEAR) -> list[tuple[int, int]]:
    """Pairs of different rows (i < j) of uint64 (n, 4) that differ in at most `most` bits; equal rows are chained.

    A picture without any step (one colour, a plain gradient) says nothing and is like no other.
    """
    pairs: list[tuple[int, int]] = []
    unique, first, inverse = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    telling = np.bitwise_count(unique).sum(1) > 0
    inverse = inverse.reshape(-1)
    pairs += [(int(first[group]), row) for row, group in enumerate(inverse) if telling[group] and first[group] != row]
    order = np.argsort(np.bitwise_count(unique).sum(1), kind="stable")
    unique, first = unique[order], first[order]
    counts = np.bitwise_count(unique).sum(1).astype(np.int64)
    for start in range(0, len(unique), BLOCK):
        part = unique[start : start + BLOCK]
        end = int(np.searchsorted(counts, counts[start + len(part) - 1] + most, "right"))  # others have too many bits
        apart = np.zeros((len(part), end - start), np.uint16)
        for column in range(4):
            apart += np.bitwise_count(part[:, column, None] ^ unique[None, start:end, column])
        for i, j in zip(*np.nonzero(apart <= most), strict=True):
            if i < j and counts[start + i]:
                one, other = sorted((int(first[start + i]), int(first[start + j])))
                pairs.append((one, other))
    return pairs
