"""Augmented views of a picture: mirrored, brighter or darker, moderately cropped; the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageEnhance


def view(picture: Image.Image, number: int, digest: str, looks: Mapping[str, float]) -> Image.Image:
    """View `number` of the picture whose content hash is `digest`; number 0 is the picture itself.

    `looks` are `Recipe.looks()`. The draw depends on seed, number and digest alone. Brightness and contrast are changed
    in a random order by factors from 1 ± their share, as torchvision's ColorJitter does in the 2025 report.
    """
    if number == 0:
        return picture
    drawn = np.random.default_rng([int(looks["seed"]), number, int(digest[:15], 16)])
    flip, share, across, down = drawn.random(4)
    factors = {name: 1 + looks[name] * (2 * drawn.random() - 1) for name in ("brightness", "contrast")}
    order = list(factors)[:: 1 if drawn.random() < 0.5 else -1]
    seen = _cropped(picture, looks["crop"] + (1 - looks["crop"]) * share, across, down)
    if flip < looks["flip"]:
        seen = seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for name in order:
        if looks[name]:
            enhance = ImageEnhance.Brightness if name == "brightness" else ImageEnhance.Contrast
            seen = enhance(seen).enhance(factors[name])
    return seen


def _cropped(picture: Image.Image, share: float, across: float, down: float) -> Image.Image:
    """The part with that share of both sides, at a place given by two numbers from 0 to 1."""
    width, height = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    if (width, height) == picture.size:
        return picture
    left, upper = round(across * (picture.width - width)), round(down * (picture.height - height))
    return picture.crop((left, upper, left + width, upper + height))


def turn(pairs: int, epoch: int, views: int, seed: int) -> np.ndarray:
    """Which view each pair shows in this epoch: int64 (pairs,) from 1 to `views`, 0 where there are none.

    Every pair begins at a drawn view and goes round, so that it shows each view once in `views` epochs.
    """
    if not views:
        return np.zeros(pairs, np.int64)
    first = np.random.default_rng([seed, 7]).integers(0, views, pairs)
    return 1 + (first + epoch) % views
