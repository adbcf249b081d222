"""An offer becomes a picture and a row: the recipe is composed, sewn, rendered and described."""

from __future__ import annotations

import io
from dataclasses import dataclass

from data.demo.composing import composed
from data.demo.recipes import Recipe
from data.demo.shops import Offer, row
from data.demo.stitching import sewn
from data.embroidery import Embroidery
from data.rendering import render

SIDE = 256  # pixels
KINDS = {  # extension → how a picture is written
    "jpg": ("JPEG", {"quality": 84}),
    "avif": ("AVIF", {"quality": 45, "speed": 6}),  # threads stay visible, and 2,400 pictures take less than 15 MB
}


@dataclass(frozen=True)
class Drawn:
    """What a catalogue gets of an offer: the bytes of its picture and its row, which names the picture."""

    picture: bytes
    row: dict[str, str]


def embroidered(recipe: Recipe) -> Embroidery:
    """The design as stitches, in millimetres; the same recipe gives the same stitches."""
    shapes, threads = composed(recipe)
    return sewn(shapes, threads, recipe.style, recipe.seed)


def drawn(offer: Offer, side: int = SIDE, kind: str = "jpg") -> Drawn:
    """The offer's picture of `KINDS`, `side` pixels a side, and its row with `image` set to `pictures/<id>.<kind>`."""
    embroidery = embroidered(offer.recipe)
    seed = int(offer.id[1:]) * 2 + (offer.id[0] == "p")
    picture = io.BytesIO()
    written, how = KINDS[kind]
    render(embroidery, side, offer.fabric, offer.look, seed).save(picture, written, **how)
    return Drawn(picture.getvalue(), {**row(offer, embroidery), "image": f"pictures/{offer.id}.{kind}"})
