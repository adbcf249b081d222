"""Fabrics that embroideries are rendered on: named grounds, their weaves drawn from seeded noise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

Weave = Callable[[int, np.random.Generator], np.ndarray]


def _noise(size: int, rng: np.random.Generator, blur: float) -> np.ndarray:
    """Noise that can be tiled, mean 0, deviation 1, float32 (size, size)."""
    raw = rng.standard_normal((size, size), dtype=np.float32)
    if blur:
        down, across = np.fft.fftfreq(size), np.fft.rfftfreq(size)
        keep = np.exp(-2 * (np.pi * blur) ** 2 * (down[:, None] ** 2 + across[None] ** 2))
        raw = np.fft.irfft2(np.fft.rfft2(raw) * keep.astype(np.float32), (size, size)).astype(np.float32)
    return (raw - raw.mean()) / raw.std()


def _streaks(size: int, rng: np.random.Generator, along: float) -> np.ndarray:
    """Horizontal threads of uneven thickness, mean 0, deviation 1."""
    raw = rng.standard_normal((size, size), dtype=np.float32)
    keep = np.exp(-2 * (np.pi * along) ** 2 * np.fft.rfftfreq(size) ** 2)
    raw = np.fft.irfft(np.fft.rfft(raw, axis=1) * keep.astype(np.float32), size, axis=1).astype(np.float32)
    return (raw - raw.mean()) / raw.std()


def _wave(size: int, period: float) -> np.ndarray:
    """A sine along one axis with a whole number of periods."""
    return np.sin(2 * np.pi * np.arange(size) * round(size / period) / size).astype(np.float32)


def _plain(period: float, uneven: float, depth: float) -> Weave:
    """Warp over weft and weft over warp in turn, with threads of uneven thickness."""

    def weave(size: int, rng: np.random.Generator) -> np.ndarray:
        wave = _wave(size, period)
        threads = _streaks(size, rng, 14) + _streaks(size, rng, 14).T
        return depth * wave[:, None] * wave[None] + uneven * threads + 0.012 * _noise(size, rng, 0)

    return weave


def _twill(size: int, rng: np.random.Generator) -> np.ndarray:
    """Diagonal ribs and pale streaks, as denim has."""
    at = np.arange(size)
    ribs = np.sin(2 * np.pi * (at[:, None] + at[None]) * round(size / 4) / size)
    return 0.07 * ribs.astype(np.float32) + 0.06 * _streaks(size, rng, 10).T + 0.04 * _noise(size, rng, 0.6)


def _felt(size: int, rng: np.random.Generator) -> np.ndarray:
    """Fibres in all directions."""
    return 0.03 * _noise(size, rng, 0.7) + 0.025 * _noise(size, rng, 3) + 0.02 * _noise(size, rng, 0)


def _terry(size: int, rng: np.random.Generator) -> np.ndarray:
    """The loops of a towel."""
    return 0.045 * _noise(size, rng, 2.2) + 0.022 * _noise(size, rng, 0.9)


def _aida(size: int, rng: np.random.Generator) -> np.ndarray:
    """Blocks with holes at their corners."""
    wave = np.cos(2 * np.pi * np.arange(size) * round(size / 5) / size).astype(np.float32)
    holes = np.clip(wave[:, None] + wave[None] - 1.1, 0, None)
    return 0.03 * (wave[:, None] + wave[None]) * -1 - 0.32 * holes + 0.02 * _noise(size, rng, 0.5)


def _silk(size: int, rng: np.random.Generator) -> np.ndarray:
    """Fine ribs and a soft sheen."""
    return 0.012 * _wave(size, 3)[:, None] + 0.05 * _noise(size, rng, 40) + 0.012 * _streaks(size, rng, 30)


_COTTON, _LINEN, _CANVAS = _plain(3, 0.018, 0.03), _plain(4, 0.034, 0.045), _plain(6, 0.045, 0.09)
FABRICS: dict[str, tuple[Weave, tuple[int, int, int]]] = {
    "white cotton": (_COTTON, (244, 243, 239)),
    "cream cotton": (_COTTON, (241, 231, 208)),
    "rose cotton": (_COTTON, (240, 208, 208)),
    "sky cotton": (_COTTON, (196, 217, 233)),
    "mint cotton": (_COTTON, (201, 226, 209)),
    "black cotton": (_COTTON, (46, 46, 50)),
    "natural linen": (_LINEN, (206, 190, 162)),
    "white linen": (_LINEN, (235, 232, 224)),
    "grey linen": (_LINEN, (168, 168, 164)),
    "sage linen": (_LINEN, (160, 172, 146)),
    "canvas": (_CANVAS, (222, 209, 180)),
    "denim": (_twill, (70, 92, 132)),
    "pale denim": (_twill, (142, 168, 198)),
    "grey felt": (_felt, (150, 152, 155)),
    "beige felt": (_felt, (216, 200, 174)),
    "navy felt": (_felt, (45, 54, 84)),
    "white towel": (_terry, (238, 237, 233)),
    "blue towel": (_terry, (128, 160, 196)),
    "white aida": (_aida, (243, 241, 234)),
    "blush silk": (_silk, (238, 214, 206)),
}


@lru_cache(maxsize=48)
def _tile(fabric: str, size: int, pixels: int) -> np.ndarray:
    """A fabric that repeats every `size` pixels, with `pixels` more so that any place can be cut from it."""
    weave, rgb = FABRICS[fabric]
    rng = np.random.default_rng(list(FABRICS).index(fabric))
    light = np.pad(1.0 + weave(size, rng), ((0, pixels), (0, pixels)), mode="wrap")
    return np.clip(light[..., None] * np.array(rgb, np.float32), 0, 255).astype(np.uint8)


def cloth(fabric: str, pixels: int, rng: np.random.Generator) -> np.ndarray:
    """A piece of `fabric`, uint8 (pixels, pixels, 3), cut at random; LookupError naming the fabrics there are."""
    if fabric not in FABRICS:
        raise LookupError(f"There is no fabric {fabric!r}; there are {', '.join(FABRICS)}")
    size = 512 if pixels <= 512 else 1024
    down, across = rng.integers(0, size, 2)
    return _tile(fabric, size, pixels)[down : down + pixels, across : across + pixels]


@lru_cache(maxsize=2)
def calico(side: int) -> np.ndarray:
    """Plain, spotted and checked cloth for patches: uint8 (3, 2 · side, 2 · side), shades for `dyed`."""
    at = np.arange(2 * side, dtype=np.float32)
    thread = 0.04 * np.sin(at[:, None] * 2.1) * np.sin(at[None] * 2.1)
    plain = 0.5 + thread + 0.02 * np.random.default_rng(11).standard_normal(thread.shape, dtype=np.float32)
    turn, half = at / (side / 27), at / (side / 27) % 1
    spot = (half[None] - 0.5) ** 2 + ((turn[:, None] + 0.5 * (turn[None] // 1 % 2)) % 1 - 0.5) ** 2 < 0.05
    check = 0.14 * (half[None] < 0.5) + 0.14 * (half[:, None] < 0.5)
    return np.clip(255 * np.stack((plain, plain + 0.3 * spot, plain + check)), 0, 255).astype(np.uint8)


def dyed(rgb: tuple[int, int, int]) -> np.ndarray:
    """The 256 shades of `calico` in a colour, uint32 (256,), bytes R G B A: half is the colour, all is white."""
    shade = np.linspace(0, 1, 256)[:, None]
    colour = np.array(rgb) * 0.94 + 10
    mixed = np.where(shade < 0.56, colour * (0.5 + shade), colour * 1.06 + (255 - colour * 1.06) * (shade - 0.56) * 1.9)
    bytes_ = np.full((256, 4), 255, np.uint8)
    bytes_[:, :3] = np.clip(mixed, 0, 255)
    return bytes_.view(np.uint32)[:, 0]


@lru_cache(maxsize=8)
def folds(size: int) -> np.ndarray:
    """How a loosely lying cloth takes the light, float32 (size, size) around 1, drawn once."""
    rng = np.random.default_rng(7)
    return 1 + 0.035 * _noise(size, rng, size / 7) + 0.015 * _noise(size, rng, size / 16)


def blurred(mask: np.ndarray, radius: float) -> np.ndarray:
    """A uint8 mask blurred by about `radius` pixels."""
    return np.asarray(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(radius)))
