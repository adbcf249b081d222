"""Pictures of embroideries: threads with light and shadow on a fabric, as a photograph or a shop shows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from data import strands
from data.embroidery import Embroidery, Patch
from data.fabrics import FABRICS, blurred, calico, cloth, dyed, folds
from data.hoops import hooped

_FINER = 2  # the canvas is drawn so many times larger
_THREAD = 0.42  # mm


@dataclass(frozen=True)
class Look:
    """How a shop shows its designs."""

    fills: float  # share of the picture's side that the design takes
    tilt: float  # degrees it may be turned by
    shadow: float  # depth of the shadow on the cloth
    weave: float  # how much of the fabric's weave is seen
    uneven: float  # how uneven the light is
    grain: float  # noise of the camera
    hoop: bool = False


LOOKS = {
    "photo": Look(0.80, 5.0, 0.55, 1.0, 1.0, 2.2),
    "hoop": Look(0.60, 4.0, 0.55, 1.0, 0.9, 2.0, True),
    "preview": Look(0.90, 0.0, 0.28, 0.25, 0.0, 0.0),
}


def render(embroidery: Embroidery, pixels: int = 256, fabric: str = "white cotton", look: str = "photo",
           seed: int = 0) -> Image.Image:  # fmt: skip
    """The embroidery as an RGB picture of `pixels` a side, on one of `FABRICS`, in one of `LOOKS`.

    The same arguments give the same picture. LookupError for an unknown fabric or look, ValueError for an embroidery
    without stitches.
    """
    if look not in LOOKS:
        raise LookupError(f"There is no look {look!r}; there are {', '.join(LOOKS)}")
    chosen, rng = LOOKS[look], np.random.default_rng(seed)
    return _composed(_threads(embroidery, pixels, chosen, rng), fabric, chosen, rng)


def _threads(embroidery: Embroidery, pixels: int, look: Look, rng: np.random.Generator) -> np.ndarray:
    """All stitches and patches on nothing, uint8 (pixels, pixels, 4), colours premultiplied by their cover."""
    side = pixels * _FINER
    turn, shift = _placing(embroidery, side, look, rng)
    points = (embroidery.points @ turn + shift).astype(np.float32)
    canvas = np.zeros((side, side), np.uint32)
    width, done = float(np.clip(_THREAD * np.hypot(*turn[0]), 1.0, side / 60)), 0
    for patch in sorted(embroidery.patches, key=lambda patch: patch.at):
        strands.drawn(embroidery, points, canvas, width, rng, done, patch.at)
        _laid(canvas, patch, [ring @ turn + shift for ring in patch.rings], rng)
        done = patch.at
    strands.drawn(embroidery, points, canvas, width, rng, done)
    drawn = Image.frombuffer("CMYK", (side, side), canvas)  # four plain channels: nothing is divided by the cover
    return np.asarray(drawn.reduce(_FINER))


def _placing(embroidery: Embroidery, side: int, look: Look, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The matrix and the shift that take millimetres to pixels: in the middle, or nearly, and turned a little."""
    left, top, right, bottom = embroidery.bounds
    scale = look.fills * side / max(right - left, bottom - top, 1.0)
    turned = np.deg2rad(rng.uniform(-look.tilt, look.tilt))
    turn = scale * np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])
    off = rng.uniform(-1, 1, 2) * side * 0.025 * (look.tilt > 0)
    return turn, side / 2 + off - np.array([(left + right) / 2, (top + bottom) / 2]) @ turn


def _laid(canvas: np.ndarray, patch: Patch, rings: list[np.ndarray], rng: np.random.Generator) -> None:
    """A piece of cloth on the canvas, plain, spotted or checked."""
    side = len(canvas)
    kind, (down, across) = rng.integers(3), rng.integers(0, side, 2)
    left, top = np.maximum(np.floor(np.min([ring.min(axis=0) for ring in rings], axis=0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(np.max([ring.max(axis=0) for ring in rings], axis=0)) + 1, side).astype(int)
    mask = np.zeros((bottom - top, right - left), bool)
    for ring in rings:
        one = Image.new("1", (right - left, bottom - top))
        ImageDraw.Draw(one).polygon((ring - (left, top)).ravel().tolist(), fill=1)
        mask ^= np.asarray(one)
    cloth = calico(side)[kind, down : down + bottom - top, across : across + right - left]
    box = canvas[top:bottom, left:right]
    box[mask] = dyed(patch.rgb)[cloth[mask]]


def _composed(threads: np.ndarray, fabric: str, look: Look, rng: np.random.Generator) -> Image.Image:
    """The threads on their cloth with shadow, relief, uneven light and the camera's grain."""
    pixels = len(threads)
    ground = _ground(fabric, pixels, look, rng)
    cover = np.ascontiguousarray(threads[..., 3])
    near = blurred(cover, pixels / 130).astype(np.float32) / 255
    step = max(1, pixels // 110)
    ground *= (1 - look.shadow * np.roll(near, (step, step), (0, 1)))[..., None]
    relief = 1 + 0.34 * (near - np.roll(near, (step, step), (0, 1)))
    light = relief * _light(pixels)[rng.integers(4)] if look.uneven else relief
    whole = threads[..., :3] * light[..., None] + ground * (1 - cover / np.float32(255))[..., None]
    if look.hoop:
        whole = hooped(whole)
    if look.grain:
        whole += look.grain * _grain(pixels, rng)[..., None]
    return Image.fromarray(np.clip(whole, 0, 255).astype(np.uint8), "RGB")


def _ground(fabric: str, pixels: int, look: Look, rng: np.random.Generator) -> np.ndarray:
    piece = cloth(fabric, pixels, rng).astype(np.float32)
    if look.weave < 1:
        plain = np.array(FABRICS[fabric][1], np.float32)
        piece = plain + look.weave * (piece - plain)
    if look.uneven:
        piece *= (_light(pixels)[rng.integers(4)] * folds(pixels))[..., None]
    return piece


@lru_cache(maxsize=4)
def _light(pixels: int) -> np.ndarray:
    """Light from each of four corners, darker towards the edges: float32 (4, pixels, pixels)."""
    at = np.linspace(-1, 1, pixels, dtype=np.float32)
    x, y = at[None], at[:, None]
    edges = 1.05 - 0.085 * (x * x + y * y) ** 1.2
    return np.stack([edges * (1 + 0.05 * (a * x + b * y)) for a in (-1, 1) for b in (-1, 1)]).astype(np.float32)


@lru_cache(maxsize=4)
def _noise(pixels: int) -> np.ndarray:
    return np.random.default_rng(3).normal(0, 1, (2 * pixels, 2 * pixels)).astype(np.float32)


def _grain(pixels: int, rng: np.random.Generator) -> np.ndarray:
    down, across = rng.integers(0, pixels, 2)
    return _noise(pixels)[down : down + pixels, across : across + pixels]
