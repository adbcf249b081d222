"""Seeded recipes of designs: which motifs in which colours, stitches, arrangement and company."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from functools import lru_cache

from data.demo import vocabulary
from data.demo.vocabulary import Motif, Palette

STYLES = {"satin": 26, "tatami": 30, "outline": 8, "cross": 12, "applique": 10, "sketch": 14}  # with their weights
ARRANGEMENTS = {"single": 66, "pair": 12, "row": 7, "wreath": 6, "cup": 5, "with": 4}
FRAMES = ("frame-round", "frame-square", "frame-oval")
HATS = ("hat", "crown", "bow")
SIZES = (70, 80, 90, 100, 110, 120, 130, 140)  # mm, the longer side
_FITS_A_CUP = {"kitten", "dog", "childish", "forest", "farm", "smallanimals", "reptiles", "hen", "daisy", "flowers"}
_PLAIN = {"frames", "ornaments", "kanji", "letters", "zodiac"}  # themes that nothing is put on or into
_EVERY = 4  # one palette in so many is kept for the gallery, the others are for training


@dataclass(frozen=True)
class Recipe:
    """How a design is made; everything that is sewn follows from it.

    `motifs` has the subject first and its companion, if any, second. `accessories` are of hat, crown, bow, flowers and
    the frames. `words` is what is lettered below, or alone when there is no motif.
    """

    seed: int
    theme: str
    motifs: tuple[str, ...]
    palettes: tuple[str, ...]  # of each motif, from its family
    style: str
    arrangement: str
    accessories: tuple[str, ...]
    words: str
    size: int  # mm, the longer side that is aimed at

    @property
    def combination(self) -> str:
        """What two designs share that look much alike: motif, palette and arrangement (or the words)."""
        return "|".join((*self.motifs[:1], *self.palettes[:1], self.arrangement if self.motifs else self.words))

    @property
    def for_gallery(self) -> bool:
        """Whether this combination belongs to the gallery by its nature; training never sees those."""
        kind = (self.motifs[0], self.arrangement) if self.motifs else ("", self.words)
        family = vocabulary.motifs()[self.motifs[0]].colours if self.motifs else "mono"
        return self.palettes[0] in _reserved(*kind, family)


@lru_cache(maxsize=4096)
def _reserved(motif: str, arrangement: str, family: str) -> frozenset[str]:
    """The palettes of a motif in an arrangement that are kept for the gallery: one in four, at least one."""

    def order(name: str) -> bytes:
        return hashlib.sha256(f"{motif}|{arrangement}|{name}".encode()).digest()

    names = sorted((palette.name for palette in vocabulary.palettes()[family]), key=order)
    return frozenset(names[::_EVERY])


def _weighted(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def palettes_of(motif: Motif) -> tuple[Palette, ...]:
    """The palettes that suit a motif."""
    return vocabulary.palettes()[motif.colours]


def companions() -> tuple[Motif, ...]:
    """Small motifs that may stand beside a subject: none of them answers one of the 24 queries."""
    themes = ("fruit", "flowers", "luck", "royal", "autumn", "sewing", "school", "music", "food")
    return tuple(motif for theme in themes for motif in vocabulary.of_theme(theme))


def drawn_from(seed: int, motif: Motif, words: str = "", arrangements: dict[str, int] | None = None) -> Recipe:
    """A recipe for a motif; everything else about it is chosen by the seed."""
    rng = random.Random(seed)
    arrangement = _arrangement(rng, motif, words, arrangements or ARRANGEMENTS)
    motifs, palettes = [motif], [rng.choice(palettes_of(motif)).name]
    if arrangement == "with":
        motifs.append(rng.choice([other for other in companions() if other.theme != motif.theme]))
        palettes.append(rng.choice(palettes_of(motifs[1])).name)
    accessories = _accessories(rng, motif, arrangement, words)
    slugs = tuple(one.slug for one in motifs)
    size = rng.choice(SIZES)
    style = _style(rng, motif, words)
    return Recipe(seed, motif.theme, slugs, tuple(palettes), style, arrangement, accessories, words, size)


def _arrangement(rng: random.Random, motif: Motif, words: str, weights: dict[str, int]) -> str:
    """Words need the place below the motif, so a lettered design stands alone."""
    chosen = _weighted(rng, weights)
    if words or (chosen == "cup" and motif.theme not in _FITS_A_CUP) or (motif.theme in _PLAIN and chosen != "row"):
        return "single"
    return chosen


def _style(rng: random.Random, motif: Motif, words: str) -> str:
    weights = dict(STYLES)
    if words or motif.theme in _PLAIN:  # thin lines do not survive a grid of crosses, and appliqué has no edge to sew
        del weights["cross"], weights["applique"], weights["sketch"]
    return _weighted(rng, weights)


def _accessories(rng: random.Random, motif: Motif, arrangement: str, words: str) -> tuple[str, ...]:
    found: list[str] = []
    if motif.hat and arrangement in ("single", "pair", "cup", "with") and rng.random() < 0.4:
        found.append(rng.choice(HATS))
    if arrangement != "single" or motif.theme in _PLAIN or words:
        return tuple(found)
    if rng.random() < 0.16:
        found.append(rng.choice(FRAMES))
    elif rng.random() < 0.12:
        found.append("flowers")
    return tuple(found)


def lettering(seed: int, words: str) -> Recipe:
    """A recipe that is nothing but words."""
    rng = random.Random(seed)
    palette = rng.choice(vocabulary.palettes()["mono"]).name
    accessories = (rng.choice(FRAMES),) if rng.random() < 0.4 else ()
    style = rng.choice(("satin", "tatami"))
    return Recipe(seed, "letters", (), (palette,), style, "single", accessories, words, rng.choice(SIZES))


def recoloured(recipe: Recipe, rng: random.Random) -> Recipe:
    """The same design in another palette of its family: a near-duplicate; the same again when there is no other."""
    family = vocabulary.motifs()[recipe.motifs[0]].colours if recipe.motifs else "mono"
    others = [found.name for found in vocabulary.palettes()[family] if found.name != recipe.palettes[0]]
    return replace(recipe, palettes=(rng.choice(others), *recipe.palettes[1:])) if others else recipe
