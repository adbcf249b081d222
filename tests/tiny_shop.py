"""A small shop drawn in a blink: a CSV with pictures, queries in Russian and judgments, for tests of whole roads."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

SHAPES = {"круг": "circle", "квадрат": "square", "треугольник": "triangle"}
COLOURS = {"красный": "#c0392b", "синий": "#2c5aa0", "зелёный": "#3c8d40", "жёлтый": "#d4a017"}
SOURCES = ("north", "south")


@dataclass(frozen=True)
class Shop:
    """Where the files of a drawn shop lie, and how many rows it has."""

    csv: Path
    queries: Path
    qrels: Path
    items: int


def picture(shape: str, colour: str, size: int = 64) -> Image.Image:
    """A shape of that colour on white."""
    image = Image.new("RGB", (size, size), "white")
    pen, box = ImageDraw.Draw(image), (8, 8, size - 8, size - 8)
    if shape == "круг":
        pen.ellipse(box, fill=colour)
    elif shape == "квадрат":
        pen.rectangle(box, fill=colour)
    else:
        pen.polygon([(size // 2, 8), (8, size - 8), (size - 8, size - 8)], fill=colour)
    return image


def tiny_shop(folder: Path) -> Shop:
    """24 items: every shape in every colour at two sources; one query a shape and one a colour, graded 2 and 1."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows, judgments = [], []
    for source in SOURCES:
        for shape in SHAPES:
            for colour, code in COLOURS.items():
                item = f"{source}-{SHAPES[shape]}-{code[1:]}"
                picture(shape, code, 64 if source == "north" else 72).save(folder / "images" / f"{item}.png")
                rows.append(
                    [item, f"{colour} {shape}", f"images/{item}.png", shape, source, f"Вышивка: {colour} {shape}"]
                )
                judgments += [(shape, item, 2), (colour, item, 1)]
    with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "title", "image", "category", "source", "description"], *rows])
    asked = {text: number for number, text in enumerate([*SHAPES, *COLOURS], 1)}
    queries = "".join(f"{number}\t{text}\n" for text, number in asked.items())
    (folder / "queries.tsv").write_text(queries, encoding="utf-8")
    lines = "".join(f"{asked[text]} 0 {item} {grade}\n" for text, item, grade in judgments)
    (folder / "qrels.txt").write_text(lines, encoding="utf-8")
    return Shop(folder / "products.csv", folder / "queries.tsv", folder / "qrels.txt", len(rows))
