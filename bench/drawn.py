"""Drawn catalogues of any size for measuring: JPEGs like a shop's previews, or many small pictures."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

COLOURS = ("#8f2140", "#1f6f78", "#c7791b", "#4f5d95", "#6b8e23", "#9c5a9e")
CATEGORIES = ("цветы", "животные", "еда", "праздники")


def picture(number: int, size: tuple[int, int]) -> Image.Image:
    """Forty strokes in seeded places on a light ground: about as hard to decode as a preview of an embroidery."""
    drawn = np.random.default_rng(number)
    image = Image.new("RGB", size, "#fffdfa")
    pen = ImageDraw.Draw(image)
    for stroke in range(40):
        ends = [tuple(int(v) for v in drawn.uniform(0, 1, 2) * size) for _ in range(2)]
        pen.line(ends, fill=COLOURS[stroke % len(COLOURS)], width=int(drawn.integers(2, 12)))
    return image


def catalogue_csv(folder: Path, items: int, smallest: int, largest: int) -> Path:
    """Write `items` JPEGs with sides of `smallest` to `largest` pixels and the products.csv that lists them."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    sides = np.random.default_rng(0).integers(smallest, largest + 1, (items, 2))
    with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "title", "image", "category"])
        for number in range(items):
            name = f"images/{number:05d}.jpg"
            picture(number, (int(sides[number][0]), int(sides[number][1]))).save(folder / name, quality=88)
            table.writerow([number, f"Дизайн {number}", name, CATEGORIES[number % len(CATEGORIES)]])
    return folder / "products.csv"
