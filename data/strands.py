"""Stitches drawn as strands of thread: every stitch is followed pixel by pixel and shaded as light falls on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from data.embroidery import Embroidery, Thread

LIGHT = np.deg2rad(-125.0)  # where light comes from on the picture: above, to the left
_STEP = 0.85  # pixels between two samples of a stitch
_LANE = 0.75  # pixels between two samples across a thread
_SHADES = 256
_AT_ONCE = 10_000  # samples


def palette(threads: Sequence[Thread]) -> np.ndarray:
    """Shades of each thread from shadow to gloss, uint32 (threads, 256), bytes R G B A."""
    shade = np.linspace(0.0, 1.0, _SHADES, dtype=np.float32)[None, :, None]
    rgb = np.array([thread.rgb for thread in threads], np.float32)[:, None]
    body = rgb * (0.28 + 0.98 * np.minimum(shade, 0.75)) + 5 * shade
    gloss = np.clip((shade - 0.62) / 0.38, 0, 1) ** 1.5
    bright = rgb.mean(axis=2, keepdims=True) / 255  # dark threads shine less
    coloured = body + ((0.24 + 0.4 * bright) * (255 - body) + 8) * gloss
    bytes_ = np.full((len(threads), _SHADES, 4), 255, np.uint8)
    bytes_[..., :3] = np.clip(coloured, 0, 255)
    return bytes_.view(np.uint32)[..., 0]


def drawn(embroidery: Embroidery, points: np.ndarray, canvas: np.ndarray, width: float, rng: np.random.Generator,
          start: int = 0, end: int | None = None) -> None:  # fmt: skip
    """Draw the stitches that lead to the points `start` … `end` onto a square uint32 canvas (bytes R G B A).

    `points` float32 (n, 2) are the needle points in pixels of the canvas, all of them inside by at least the `width` of
    a thread.
    """
    ends = np.flatnonzero(~embroidery.jump[start:end]) + start
    colours = palette(embroidery.threads)
    begin, leap = points[ends - 1], points[ends] - points[ends - 1]
    samples = np.ceil(np.hypot(leap[:, 0], leap[:, 1]) / _STEP).astype(np.int64) + 1
    piece = np.cumsum(samples) // _AT_ONCE
    edges = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), len(ends)]
    for one, other in pairwise(edges):
        some = slice(one, other)
        _strands(canvas, begin[some], leap[some], samples[some], colours[embroidery.colour[ends[some]]], width, rng)


def _strands(canvas: np.ndarray, begin: np.ndarray, leap: np.ndarray, samples: np.ndarray, colours: np.ndarray,
             width: float, rng: np.random.Generator) -> None:  # fmt: skip
    """A few stitches at once, so that all numbers stay in the processor's cache; what comes later lies on top."""
    length = np.hypot(leap[:, 0], leap[:, 1])
    stitch = np.repeat(np.arange(len(leap)), samples)
    share = (np.arange(len(stitch)) - np.repeat(np.cumsum(samples) - samples, samples)).astype(np.float32)
    share *= np.repeat(1 / np.maximum(samples - 1, 1), samples).astype(np.float32)
    shade = _shade(leap, length / width, samples, share, rng)
    lanes = max(1, round(width / _LANE))
    across = ((np.arange(lanes, dtype=np.float32) + 0.5) / lanes - 0.5) * width
    bent = 0.11 * (1 - (2.2 * across / width) ** 2) * (lanes > 2)
    x, y = (np.repeat(begin[:, axis], samples) + np.repeat(leap[:, axis], samples) * share for axis in (0, 1))
    aside = leap / np.maximum(length, 1e-6)[:, None]
    column = (x[:, None] - np.repeat(aside[:, 1], samples)[:, None] * across).astype(np.int64)
    row = (y[:, None] + np.repeat(aside[:, 0], samples)[:, None] * across).astype(np.int64)
    level = np.clip((shade[:, None] + bent.astype(np.float32)) * (_SHADES - 1), 0, _SHADES - 1).astype(np.int64)
    level += (stitch * _SHADES)[:, None]
    canvas.reshape(-1)[row * len(canvas) + column] = colours.reshape(-1)[level]


def _shade(leap: np.ndarray, slim: np.ndarray, samples: np.ndarray, share: np.ndarray,
           rng: np.random.Generator) -> np.ndarray:  # fmt: skip
    """Light on each sample, 0 … 1: threads across the light shine, ends sink into the cloth, the side to it is lit.

    `slim` is the length of each stitch in widths of the thread: only long stitches rise enough to be glossy.
    """
    angle = np.arctan2(leap[:, 1], leap[:, 0])
    across, along = np.abs(np.sin(angle - LIGHT)), np.cos(angle - LIGHT)
    rise = np.clip(slim / 10, 0.15, 1.0)
    even = 0.40 + 0.20 * across + rng.normal(0.0, 0.035, len(leap)).astype(np.float32)
    gloss = (0.08 + 0.40 * across) * rise
    lit = 0.20 * along * rise
    middle = 2 * share - 1
    square = middle * middle
    sunk = 0.26 * (0.35 + 0.65 * rise)
    even, gloss, lit, sunk = (np.repeat(part.astype(np.float32), samples) for part in (even, gloss, lit, sunk))
    return even + gloss * (1 - square) ** 2 + lit * middle - sunk * square * square
