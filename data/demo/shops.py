"""Two shops that sell the designs, each with its own pictures, names, shelves and prices; all they say is true."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from data.demo import naming, vocabulary
from data.demo.recipes import Recipe
from data.designs import described
from data.embroidery import Embroidery
from data.fabrics import FABRICS


@dataclass(frozen=True)
class Shop:
    """The habits of a shop."""

    name: str
    prefix: str  # of its ids
    looks: Mapping[str, int]  # look of the renderer → weight
    fabrics: tuple[str, ...]
    formats: tuple[str, ...]
    price: tuple[int, int, int]  # roubles: the least, for every 1,000 stitches, rounded to


@dataclass(frozen=True)
class Offer:
    """A design as one shop sells it; `design` is shared by the offers of one design, `line` by its recolourings."""

    id: str
    shop: str
    design: str
    line: str
    recipe: Recipe
    fabric: str
    look: str


SHOPS = {
    shop.name: shop
    for shop in (
        Shop("Пяльцы", "p", {"photo": 3, "hoop": 1},
             ("natural linen", "white linen", "grey linen", "sage linen", "canvas", "denim", "pale denim", "grey felt",
              "beige felt", "navy felt", "white towel", "blue towel", "white aida"),
             ("PES", "DST", "EXP", "JEF"), (90, 15, 10)),
        Shop("Напёрсток", "n", {"preview": 1},
             ("white cotton", "cream cotton", "rose cotton", "sky cotton", "mint cotton", "black cotton", "blush silk"),
             ("PES", "DST", "JEF", "VP3", "XXX"), (149, 20, 50)),
    )
}  # fmt: skip
_CONTRAST = 90.0  # distance in RGB at which a thread is seen on a fabric


def offered(recipe: Recipe, shop: str, number: int, design: str, line: str) -> Offer:
    """The design on this shop's shelf; fabric and look are the shop's own choice for the number."""
    rng = random.Random(f"{shop} {number}")
    habits = SHOPS[shop]
    look = rng.choices(list(habits.looks), list(habits.looks.values()))[0]
    return Offer(f"{habits.prefix}{number:05d}", shop, design, line, recipe, _fabric(recipe, habits, rng), look)


def _fabric(recipe: Recipe, shop: Shop, rng: random.Random) -> str:
    """One of the shop's fabrics on which the main thread is well seen, else the one on which it is seen best."""
    family = vocabulary.motifs()[recipe.motifs[0]].colours if recipe.motifs else "mono"
    palette = vocabulary.palette(family, recipe.palettes[0])
    lines = recipe.style in ("outline", "sketch")
    roles = ("dark",) if recipe.style == "outline" else ("main", "dark") if lines or recipe.words else ("main",)
    enough = _CONTRAST * (1.6 if lines else 1.0)

    def contrast(fabric: str) -> float:
        ground = FABRICS[fabric][1]
        return min(sum((a - b) ** 2 for a, b in zip(ground, palette[role].rgb, strict=True)) ** 0.5 for role in roles)

    if recipe.style == "cross" and "white aida" in shop.fabrics and contrast("white aida") >= enough:
        return rng.choice(("white aida", "canvas"))  # what crosses are sewn on
    seen = [fabric for fabric in shop.fabrics if contrast(fabric) >= enough]
    return rng.choice(seen) if seen else max(shop.fabrics, key=contrast)


def row(offer: Offer, embroidery: Embroidery) -> dict[str, str]:
    """The offer as a row of a catalogue: all of it follows from the recipe and from what was sewn."""
    recipe, shop, theme = offer.recipe, SHOPS[offer.shop], vocabulary.themes()[offer.recipe.theme]
    rng = random.Random(f"row {offer.id} {offer.design}")
    width, height = embroidery.size_mm
    sizes = [f"{width * k:.0f} × {height * k:.0f}" for k in (1.0, 1.25, 1.5, 1.75)[: rng.randint(2, 4)]]
    least, each, to = shop.price
    spoken, style = naming.russian(recipe, rng)
    return {
        "id": offer.id,
        "title": _title(f"{spoken} {style}".strip(), offer, len(sizes)),
        "title_en": naming.english(recipe, rng),
        "category": theme.aisle if offer.shop == "Пяльцы" else theme.shelf,
        "source": offer.shop,
        "tags": ", ".join(_tags(recipe, theme)),
        "description": _description(spoken, offer, embroidery, sizes),
        "price": str(-(-(least + each * embroidery.stitches // 1000) // to) * to),
        **described(embroidery),
        "sizes_mm": ", ".join(sizes if offer.shop == "Напёрсток" else sizes[:1]),
        "formats": ", ".join(shop.formats),
        **_drawn(offer),
    }


def _drawn(offer: Offer) -> dict[str, str]:
    recipe = offer.recipe
    return {
        "design": offer.design,
        "line": offer.line,
        "theme": recipe.theme,
        "motif": ", ".join(recipe.motifs),
        "palette": recipe.palettes[0],
        "style": recipe.style,
        "arrangement": recipe.arrangement,
        "accessories": ", ".join(recipe.accessories),
        "words": recipe.words,
        "fabric": offer.fabric,
        "seed": str(recipe.seed),
    }


def _title(spoken: str, offer: Offer, sizes: int) -> str:
    if offer.shop == "Пяльцы":
        return f"{spoken} {vocabulary.themes()[offer.recipe.theme].aisle}"
    return f"дизайн машинной вышивки {spoken} - {sizes} размера"


def _tags(recipe: Recipe, theme: vocabulary.Theme) -> tuple[str, ...]:
    return (*theme.tags, naming.STYLES[recipe.style][0], *(naming.WORN[part][0] for part in recipe.accessories))


def _description(spoken: str, offer: Offer, embroidery: Embroidery, sizes: list[str]) -> str:
    stitches = f"{embroidery.stitches:,}".replace(",", " ")
    style = naming.STYLES[offer.recipe.style][0]
    if offer.shop == "Пяльцы":
        return (
            f"Вышито на ткани: {naming.FABRICS[offer.fabric]}. {style.capitalize()}: {spoken}. Размер {sizes[0]} мм, "
            f"стежков {stitches}, цветов {embroidery.colours}."
        )
    return (
        f"Файл для вышивальной машины: {spoken} ({style}). Стежков: {stitches}; цветов: {embroidery.colours}; размеры: "
        f"{', '.join(sizes)} мм; форматы: {', '.join(SHOPS[offer.shop].formats)}."
    )
