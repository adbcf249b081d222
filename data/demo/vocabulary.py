"""What the drawn catalogue is made of: motifs, themes, palettes, words; read from the tables beside this module."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from data.demo.shapes import ROLES
from data.embroidery import Thread
from data.threads import thread

FOLDER = Path(__file__).parent
MOTIFS = FOLDER / "motifs"


@dataclass(frozen=True)
class Noun:
    """A name of a motif in the nominative; its adjectives agree by `gender`: m, f, n or p (plural)."""

    text: str
    gender: str


@dataclass(frozen=True)
class Motif:
    """A drawing and what it is called; `also` are further themes that it shows in part."""

    slug: str
    theme: str
    nouns: tuple[Noun, ...]
    many: str
    en: str
    en_many: str
    colours: str  # the family of palettes that suit it
    hat: tuple[float, float, float] | None  # middle, top and width of the head in the units of the drawing
    also: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def one_coloured(self) -> bool:
        """Whether the main colour takes enough of the drawing to call the motif by it."""
        return "many-coloured" not in self.tags

    @property
    def path(self) -> Path:
        """The file of the drawing."""
        return MOTIFS / f"{self.slug}.svg"


@dataclass(frozen=True)
class Theme:
    """What motifs have in common; `query` is the number of the query it answers, "" for the rest of the gallery.

    `relevant` is how many items of the gallery answer that query, as many as in the test set of the 2025 report.
    """

    name: str
    query: str
    relevant: int
    aisle: str  # category as the shop with lower-case aisles has it
    shelf: str  # category as the shop with shelves has it
    en: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Palette:
    """Threads of the five roles; `colour` is what the motif may be called in it, "" where no word would be true."""

    family: str
    name: str
    colour: str
    threads: tuple[tuple[str, Thread], ...]

    def __getitem__(self, role: str) -> Thread:
        return dict(self.threads)[role]


def table(name: str) -> list[dict[str, str]]:
    """The rows of a tab-separated table beside this module."""
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _several(cell: str | None, mark: str = ",") -> tuple[str, ...]:
    return tuple(part.strip() for part in (cell or "").split(mark) if part.strip())


@lru_cache
def motifs() -> dict[str, Motif]:
    """Every motif by its slug."""
    return {row["motif"]: _motif(row) for row in table("motifs.tsv")}


def _motif(row: dict[str, str]) -> Motif:
    nouns = tuple(Noun(*noun.rsplit(":", 1)) for noun in _several(row["ru"]))
    place = [float(number) for number in _several(row["hat"])]
    hat = (place[0], place[1], place[2]) if place else None
    texts = (row["ru_many"], row["en"], row["en_many"], row["colours"])
    return Motif(row["motif"], row["theme"], nouns, *texts, hat, _several(row["also"]), _several(row["tags"]))


@lru_cache
def themes() -> dict[str, Theme]:
    """Every theme by its name, those of the 24 queries first."""
    return {
        row["theme"]: Theme(
            row["theme"],
            row["query"],
            int(row["relevant"] or 0),
            row["aisle"],
            row["shelf"],
            row["en"],
            _several(row["tags"]),
        )
        for row in table("themes.tsv")
    }


@lru_cache
def of_theme(theme: str) -> tuple[Motif, ...]:
    """The motifs of a theme; LookupError when there is no such theme."""
    if theme not in themes():
        raise LookupError(f"There is no theme {theme!r}; there are {', '.join(themes())}")
    return tuple(motif for motif in motifs().values() if motif.theme == theme)


@lru_cache
def palettes() -> dict[str, tuple[Palette, ...]]:
    """Family → its palettes."""
    found: dict[str, tuple[Palette, ...]] = {}
    for row in table("palettes.tsv"):
        threads = tuple((role, thread(row[role])) for role in ROLES)
        palette = Palette(row["family"], row["palette"], row["colour"], threads)
        found[palette.family] = (*found.get(palette.family, ()), palette)
    return found


def palette(family: str, name: str) -> Palette:
    """One palette; LookupError naming those of the family."""
    for found in palettes().get(family, ()):
        if found.name == name:
            return found
    there = ", ".join(palette.name for palette in palettes().get(family, ()))
    raise LookupError(f"There is no palette {family}/{name}; the family has {there or 'none'}")


@lru_cache
def colours() -> dict[str, dict[str, str]]:
    """Colour → its adjective by gender (m, f, n, p) and in English (en)."""
    return {row["colour"]: row for row in table("colours.tsv")}


@lru_cache
def words(theme: str) -> tuple[tuple[str, str], ...]:
    """What is lettered on designs of a theme, in Russian and English."""
    return tuple((row["ru"], row["en"]) for row in table("words.tsv") if row["theme"] == theme)
