"""A recipe becomes placed shapes in millimetres and the threads of their roles."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from data.demo import vocabulary
from data.demo.lettering import lettered
from data.demo.recipes import FRAMES, HATS, Recipe
from data.demo.shapes import Shape, extent, placed, read
from data.embroidery import Thread

_PARTS = vocabulary.FOLDER / "parts"
_INSIDE = {"frame-round": 0.6, "frame-square": 0.58, "frame-oval": 0.38}  # how large the subject is in a frame
_PALE = 420  # sum of red, green and blue
Shapes = tuple[Shape, ...]


def composed(recipe: Recipe) -> tuple[Shapes, dict[str, Thread]]:
    """All shapes of a design in sewing order, in millimetres around (0, 0), and a thread for each of their roles.

    Roles of what accompanies the subject have a prefix: `with:`, `extra:`, `frame:`, `words:`.
    """
    rng = random.Random(f"compose {recipe.seed}")
    shapes = _arranged(recipe, rng) if recipe.motifs else ()
    if recipe.words:
        middle = (0.0, extent(shapes)[3] + 16.0) if shapes else (0.0, 0.0)
        limits = (115.0, 20.0) if shapes else (100.0, 46.0)
        shapes = (*shapes, *lettered(recipe.words, limits[0], middle, limits[1], "words:main"))
    shapes = (*_frame(recipe, shapes), *shapes)
    shapes = _sized(shapes, recipe.size)
    used = {shape.role for shape in shapes}
    return shapes, {role: thread for role, thread in _threads(recipe, rng).items() if role in used}


def _threads(recipe: Recipe, rng: random.Random) -> dict[str, Thread]:
    families = [vocabulary.motifs()[slug].colours for slug in recipe.motifs] or ["mono"]
    own = vocabulary.palette(families[0], recipe.palettes[0])
    threads = dict(own.threads)
    if len(recipe.motifs) > 1:
        threads |= _prefixed("with:", vocabulary.palette(families[1], recipe.palettes[1]))
    threads |= _prefixed("extra:", rng.choice(vocabulary.palettes()["bright"]))
    threads |= _prefixed("frame:", rng.choice(vocabulary.palettes()["mono"]))
    threads["words:main"] = own["dark" if recipe.motifs else "main"]
    if recipe.style == "outline":  # a single pale line is not seen
        threads |= {role: own["dark"] for role, thread in own.threads if sum(thread.rgb) > _PALE}
    return threads


def _prefixed(prefix: str, palette: vocabulary.Palette) -> dict[str, Thread]:
    return {prefix + role: thread for role, thread in palette.threads}


def _marked(shapes: Iterable[Shape], prefix: str) -> Shapes:
    return tuple(replace(shape, role=prefix + shape.role) for shape in shapes)


def _subject(recipe: Recipe, rng: random.Random) -> Shapes:
    """The motif with what it wears, slightly wider or narrower than drawn: no two designs are traced alike."""
    motif = vocabulary.motifs()[recipe.motifs[0]]
    shapes: Shapes = read(motif.path)
    for part in recipe.accessories:
        if part in HATS and motif.hat:
            shapes = (*shapes, *_worn(part, motif.hat))
    wider = rng.uniform(0.92, 1.08)
    stretch = np.array([wider, 1.0])
    return tuple(
        replace(shape, outline=tuple((line - 50) * stretch + 50 for line in shape.outline)) for shape in shapes
    )


def _worn(part: str, head: tuple[float, float, float]) -> Shapes:
    """A hat, crown or bow where the head is, in the units of the drawing."""
    x, top, width = head
    shapes = _marked(read(_PARTS / f"{part}.svg"), "extra:")
    if part == "bow":
        scale = width * 0.6 / 94
        return placed(shapes, scale, -14, x + width * 0.32, top + 2)
    scale = width * (1.2 if part == "hat" else 0.9) / 88
    return placed(shapes, scale, 0, x, top + 5 - 20 * scale)


def _arranged(recipe: Recipe, rng: random.Random) -> Shapes:
    subject, turn = _subject(recipe, rng), rng.uniform(-4, 4)
    flip = rng.random() < 0.5 and recipe.theme not in ("kanji", "letters", "zodiac", "music")
    match recipe.arrangement:
        case "pair":
            return (*placed(subject, 1, turn, -53, 0, flip), *placed(subject, 1, -turn, 53, 0, not flip))
        case "row":
            copies = [placed(subject, 1, turn, 104.0 * (at - 1), 0, flip) for at in range(3)]
            return tuple(shape for copy in copies for shape in copy)
        case "wreath":
            return _wreath(subject, rng.choice((6, 7, 8)), flip)
        case "cup":
            cup = placed(_marked(read(_PARTS / "cup.svg"), "extra:"), 1.15, 0, 2, 46)
            return (*placed(subject, 0.92, turn, 0, -18, flip), *cup)
        case "with":
            other = _marked(read(vocabulary.motifs()[recipe.motifs[1]].path), "with:")
            return (*placed(subject, 1, turn, 0, 0, flip), *placed(other, 0.6, -turn, 74, 20))
    flowers = placed(_marked(read(_PARTS / "flowers.svg"), "extra:"), 1.2, 0, 0, 58)
    extra = flowers if "flowers" in recipe.accessories else ()
    return (*placed(subject, 1, turn, 0, 0, flip), *extra)


def _wreath(subject: Shapes, copies: int, flip: bool) -> Shapes:
    radius = 58.0 / math.sin(math.pi / copies)
    angles = [2 * math.pi * at / copies for at in range(copies)]
    around = (placed(subject, 1, 0, radius * math.sin(a), -radius * math.cos(a), flip) for a in angles)
    return tuple(shape for copy in around for shape in copy)


def _frame(recipe: Recipe, shapes: Shapes) -> Shapes:
    """The frame, if there is one, sized around what stands in it."""
    for part in recipe.accessories:
        if part in FRAMES:
            left, top, right, bottom = extent(shapes)
            across = max(right - left, (bottom - top) * 0.95, (right - left) * 0.6 + (bottom - top) * 0.4)
            frame = _marked(read(vocabulary.motifs()[part].path), "frame:")
            return placed(frame, across / 100 / _INSIDE[part], 0, (left + right) / 2, (top + bottom) / 2)
    return ()


def _sized(shapes: Sequence[Shape], size: float) -> Shapes:
    """The shapes in millimetres, their longer side as wanted, around (0, 0)."""
    left, top, right, bottom = extent(shapes)
    scale, middle = size / max(right - left, bottom - top), np.array([(left + right) / 2, (top + bottom) / 2])
    return tuple(
        replace(shape, outline=tuple((line - middle) * scale for line in shape.outline), width=shape.width * scale)
        for shape in shapes
    )
