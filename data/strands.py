"""Stitches drawn as strands of thread: every stitch is followed pixel by pixel and shaded as light falls on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.embroidery import Embroidery, Thread

LIGHT = np.deg2rad(-125.0)  # where light comes from on the picture: above, to the left
_STEP = 0.75  # pixels between two samples, along and across
_SHADES = 256


def palette(threads: Sequence[Thread]) -> np.ndarray:
    """Shades of each thread from shadow to gloss, uint32 (threads, 256), bytes R G B A."""
    shade = np.linspace(0.0, 1.0, _SHADES, dtype=np.float32)[None, :, None]
    rgb = np.array([thread.rgb for thread in threads], np.float32)[:, None]
    body = rgb * (0.28 + 0.98 * np.minimum(shade, 0.75)) + 5 * shade
    gloss = np.clip((shade - 0.62) / 0.38, 0, 1) ** 1.5
    coloured = body + (0.62 * (255 - body) + 8) * gloss
    bytes_ = np.full((len(threads), _SHADES, 4), 255, np.uint8)
    bytes_[..., :3] = np.clip(coloured, 0, 255)
    return bytes_.view(np.uint32)[..., 0]


def drawn(embroidery: Embroidery, points: np.ndarray, canvas: np.ndarray, width: float, rng: np.random.Generator,
          start: int = 0, end: int | None = None) -> None:  # fmt: skip
    """Draw the stitches that lead to the points `start` … `end` onto a square uint32 canvas (bytes R G B A).

    `points` float32 (n, 2) are the needle points in pixels of the canvas, `width` is that of a thread.
    """
    ends = np.flatnonzero(~embroidery.jump[start:end]) + start
    if not len(ends):
        return
    begin = points[ends - 1]
    leap = points[ends] - begin
    length = np.hypot(leap[:, 0], leap[:, 1])
    count = np.ceil(length / _STEP).astype(np.int64) + 1
    stitch = np.repeat(np.arange(len(ends)), count)
    share = (np.arange(len(stitch)) - np.repeat(np.cumsum(count) - count, count)).astype(np.float32)
    share /= np.maximum(count - 1, 1).astype(np.float32)[stitch]
    shade = _shade(leap, length / width, stitch, share, rng)
    lanes = max(1, int(np.ceil(width / _STEP)))
    across = ((np.arange(lanes, dtype=np.float32) + 0.5) / lanes - 0.5) * width
    normal = np.column_stack((-leap[:, 1], leap[:, 0])) / np.maximum(length, 1e-6)[:, None]
    x, y = (begin[stitch] + leap[stitch] * share[:, None]).T
    side = canvas.shape[0]
    column = np.clip(x[:, None] + normal[stitch, 0, None] * across, 0, side - 1).astype(np.int32)
    row = np.clip(y[:, None] + normal[stitch, 1, None] * across, 0, side - 1).astype(np.int32)
    round_ = 0.11 * (1 - (2.2 * across / width) ** 2) if lanes > 2 else np.zeros(lanes, np.float32)
    level = np.clip((shade[:, None] + round_) * (_SHADES - 1), 0, _SHADES - 1).astype(np.int32)
    level += (embroidery.colour[ends].astype(np.int32) * _SHADES)[stitch][:, None]
    canvas.reshape(-1)[row * side + column] = palette(embroidery.threads).reshape(-1)[level]


def _shade(leap: np.ndarray, slim: np.ndarray, stitch: np.ndarray, share: np.ndarray,
           rng: np.random.Generator) -> np.ndarray:  # fmt: skip
    """Light on each sample, 0 … 1: threads across the light shine, ends sink into the cloth, the side to it is lit.

    `slim` is the length of each stitch in widths of the thread: only long stitches rise enough to be glossy.
    """
    angle = np.arctan2(leap[:, 1], leap[:, 0])
    across, along = np.abs(np.sin(angle - LIGHT)), np.cos(angle - LIGHT)
    rise = np.clip(slim / 10, 0.15, 1.0)
    even = 0.34 + 0.22 * across + rng.normal(0.0, 0.035, len(leap)).astype(np.float32)
    gloss = (0.10 + 0.42 * across) * rise
    lit = 0.20 * along * rise
    middle = 2 * share - 1
    square = middle * middle
    sunk = 0.26 * square * square
    return (even.astype(np.float32)[stitch] + gloss.astype(np.float32)[stitch] * (1 - square) ** 2
            + lit.astype(np.float32)[stitch] * middle - sunk)  # fmt: skip
