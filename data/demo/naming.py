"""What a design is called in Russian and in English: only what is drawn is said, though not all that is drawn."""

from __future__ import annotations

import random

from data.demo import vocabulary
from data.demo.recipes import FRAMES, Recipe

STYLES = {  # style → what the shops call it, in Russian and English
    "satin": ("гладь", "satin stitch"),
    "tatami": ("заливка", "tatami fill"),
    "outline": ("контур", "outline"),
    "cross": ("вышивка крестом", "cross-stitch"),
    "applique": ("аппликация", "appliqué"),
    "sketch": ("акварельный стиль", "watercolour sketch"),
}
WORN = {  # accessory → tag, words after the motif, in English
    "hat": ("шляпа", "в шляпе", "in a hat"),
    "crown": ("корона", "в короне", "in a crown"),
    "bow": ("бант", "с бантиком", "with a bow"),
    "flowers": ("цветы", "с цветами", "with flowers"),
    **{frame: ("рамка", "в рамке", "in a frame") for frame in FRAMES},
}
FABRICS = {
    "white cotton": "белый хлопок", "cream cotton": "кремовый хлопок", "rose cotton": "розовый хлопок",
    "sky cotton": "голубой хлопок", "mint cotton": "мятный хлопок", "black cotton": "чёрный хлопок",
    "natural linen": "небелёный лён", "white linen": "белый лён", "grey linen": "серый лён",
    "sage linen": "шалфейный лён", "canvas": "канва", "denim": "джинса", "pale denim": "светлая джинса",
    "grey felt": "серый фетр", "beige felt": "бежевый фетр", "navy felt": "синий фетр",
    "white towel": "белое полотенце", "blue towel": "голубое полотенце", "white aida": "белая аида",
    "blush silk": "розовый шёлк",
}  # fmt: skip
_MANY = {"pair": ("", "two "), "row": (" бордюр", "border of "), "wreath": (" венок", "wreath of ")}


def russian(recipe: Recipe, rng: random.Random) -> tuple[str, str]:
    """The name of a design in lower case, «рыжий котёнок в шляпе», and its style where that is named, else "".

    Colour and style are named now and then.
    """
    style = STYLES[recipe.style][0] if _named_style(recipe, rng) else ""
    if not recipe.motifs:
        return f"надпись {recipe.words}{_worn(recipe, 1)}", style
    motif = vocabulary.motifs()[recipe.motifs[0]]
    noun = rng.choice(motif.nouns)
    colour = _colour(recipe, rng)
    if recipe.arrangement in _MANY:
        said = motif.many + _MANY[recipe.arrangement][0]
        adjective = vocabulary.colours()[colour]["p"] if colour else ""
    else:
        said = noun.text
        adjective = vocabulary.colours()[colour][noun.gender] if colour else ""
    said = f"{adjective} {said}".strip()
    if recipe.arrangement == "cup":
        said += " в чашке"
    if recipe.arrangement == "with":
        said += f" и {vocabulary.motifs()[recipe.motifs[1]].nouns[0].text}"
    words = f" с надписью {recipe.words}" if recipe.words else ""
    return said + _worn(recipe, 1) + words, style


def english(recipe: Recipe, rng: random.Random) -> str:
    """The name of a design in English: "ginger kitten in a hat"."""
    style = f", {STYLES[recipe.style][1]}" if _named_style(recipe, rng) else ""
    if not recipe.motifs:
        meaning = dict(vocabulary.words(recipe.theme)).get(recipe.words, recipe.words)
        return f"lettering {meaning}{_worn(recipe, 2)}{style}"
    motif = vocabulary.motifs()[recipe.motifs[0]]
    colour = _colour(recipe, rng)
    adjective = f"{vocabulary.colours()[colour]['en']} " if colour else ""
    many = recipe.arrangement in _MANY
    said = (_MANY[recipe.arrangement][1] if many else "") + adjective + (motif.en_many if many else motif.en)
    if recipe.arrangement == "cup":
        said += " in a cup"
    if recipe.arrangement == "with":
        said += f" and {vocabulary.motifs()[recipe.motifs[1]].en}"
    meaning = dict(vocabulary.words(recipe.theme)).get(recipe.words, recipe.words)
    return said + _worn(recipe, 2) + (f", lettered {meaning}" if recipe.words else "") + style


def _worn(recipe: Recipe, language: int) -> str:
    return "".join(f" {WORN[part][language]}" for part in recipe.accessories)


def _colour(recipe: Recipe, rng: random.Random) -> str:
    """The colour to name, or ""; outlines, sketches and motifs of many colours show too little of it."""
    motif = vocabulary.motifs()[recipe.motifs[0]]
    colour = vocabulary.palette(motif.colours, recipe.palettes[0]).colour
    named = rng.random() < 0.4
    return colour if named and motif.one_coloured and recipe.style not in ("outline", "sketch") else ""


def _named_style(recipe: Recipe, rng: random.Random) -> bool:
    return recipe.style in ("cross", "applique", "sketch", "outline") and rng.random() < 0.6
