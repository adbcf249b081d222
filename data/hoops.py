"""The wooden hoop around an embroidery, and how the cloth darkens towards and beyond it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_RADIUS, _WIDTH = 0.455, 0.034  # of the picture's side: middle of the ring, its width
_WOOD = np.array([203, 160, 108], np.float32)


@lru_cache(maxsize=4)
def hoop(pixels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(wood, cover, shade): float32 (pixels, pixels, 3) colours, (…, 1) how much the wood covers and light beneath."""
    at = (np.arange(pixels, dtype=np.float32) + 0.5) / pixels - 0.5
    x, y = at[None], at[:, None]
    radius, turn = np.hypot(x, y), np.arctan2(y, x)
    off = (radius - _RADIUS) / (_WIDTH / 2)
    round_ = np.sqrt(np.clip(1 - off**2, 0, 1))
    grain = np.random.default_rng(5).normal(0, 0.05, 720).astype(np.float32)
    grain = np.convolve(np.tile(grain, 3), np.ones(9) / 9, "same")[720:1440].astype(np.float32)
    rings = 0.04 * np.sin(off * 9 + 6 * np.sin(turn * 2))
    light = 0.62 + 0.38 * round_ - 0.16 * off * np.cos(turn - np.deg2rad(-125)) * -1 + rings
    light += grain[(np.rad2deg(turn) * 2).astype(np.int64) % 720]
    edge = _WIDTH / 2 * pixels
    cover = np.clip(edge * (1 - np.abs(off)) + 0.5, 0, 1)
    away = np.hypot(x - 0.008, y - 0.012)
    near = np.exp(-(((away - _RADIUS) / (_WIDTH * 0.9)) ** 2))
    shade = (1 - 0.42 * near) * np.where(radius > _RADIUS, 0.86, 1.0)
    screw = (np.abs(x) < 0.022) & (y > -0.5) & (y < -_RADIUS + _WIDTH / 2)
    wood = _WOOD * light[..., None]
    wood[screw] = (
        np.array([196, 176, 120], np.float32)
        * (0.75 + 0.5 * np.abs(np.sin(at * pixels / 2)))[np.nonzero(screw)[1], None]
    )
    cover = np.where(screw, 1.0, cover)
    return wood.astype(np.float32), cover[..., None].astype(np.float32), shade[..., None].astype(np.float32)


def hooped(picture: np.ndarray) -> np.ndarray:
    """A square picture, float32 (n, n, 3), seen in a hoop."""
    wood, cover, shade = hoop(len(picture))
    return picture * shade * (1 - cover) + wood * cover
