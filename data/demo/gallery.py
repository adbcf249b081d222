"""Which designs there are: the gallery with its judged pool, and the training set that shares none of its drawings."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import cycle

from data.demo import recipes, vocabulary
from data.demo.recipes import Recipe
from data.demo.relevance import grades
from data.demo.shops import SHOPS, Offer, offered
from data.demo.vocabulary import Motif

GALLERY, TRAINING = 2400, 6400  # offers
_SEEDS = {"pool": 1_000_000, "rest": 2_000_000, "training": 5_000_000}  # where the drawing seeds of each part begin
_BOTH, _RECOLOURED = 0.14, 0.1  # share of designs that both shops sell; that come in another colour as well
# How the pool of a theme is made up beyond its own: designs that answer a second query as well.
_LETTERED = {"newyear": 3, "easter": 2, "love": 2}  # with words, so also in part for the letters
_SHARED = {"space": 3, "science": 3, "stitch": 1, "love": 1}  # of motifs that show a second theme in part
_WORDS_ONLY = 4
_TRIES = 300


class _Shelves:
    """Numbers of seeds, designs and offers as they are given out."""

    def __init__(self, part: str, keep: Callable[[Recipe], bool]) -> None:
        self.seed = _SEEDS[part]
        self.letter = part[0]
        self.keep = keep
        self.rng = random.Random(part)
        self.offers: list[Offer] = []
        self.designs = 0
        self.seen: set[tuple[object, ...]] = set()  # what two offers of one shop should not share

    def fresh(self, make: Callable[[int], Recipe]) -> Recipe:
        """A recipe to keep that is not yet there, from the next seeds; a look-alike when many seeds give no other.

        LookupError when none of them gives one to keep.
        """
        found = None
        for _ in range(_TRIES):
            self.seed += 1
            recipe = make(self.seed)
            if self.keep(recipe):
                found = recipe
                if _key(recipe) not in self.seen:
                    break
        if found is None:
            raise LookupError(f"None of {_TRIES} recipes like {recipe} belongs here; the motif needs more palettes")
        return found

    def sell(self, recipe: Recipe, room: int) -> None:
        """Offer a design in one shop or both, and now and then in another colour, as far as there is `room`."""
        self.designs += 1
        line = f"{self.letter}{self.designs:05d}"
        self._offer(recipe, line, line, room)
        other = recipes.recoloured(recipe, self.rng)
        again = _key(other) in self.seen or not self.keep(other)
        if self.rng.random() < _RECOLOURED and room > 2 and not again:
            self._offer(other, f"{line}b", line, 1)

    def _offer(self, recipe: Recipe, design: str, line: str, room: int) -> None:
        self.seen.add(_key(recipe))
        names = self.rng.sample(list(SHOPS), 2)
        for shop in names[: 2 if self.rng.random() < _BOTH and room > 1 else 1]:
            number = _SEEDS[{"p": "pool", "r": "rest", "t": "training"}[self.letter]] // 100 + len(self.offers)
            self.offers.append(offered(recipe, shop, number, design, line))


def _key(recipe: Recipe) -> tuple[object, ...]:
    return recipe.combination, recipe.style, recipe.accessories, recipe.motifs


def _drawing(motif: Motif, words: str = "") -> Callable[[int], Recipe]:
    return lambda seed: recipes.drawn_from(seed, motif, words)


def _lettering(words: str) -> Callable[[int], Recipe]:
    return lambda seed: recipes.lettering(seed, words)


@lru_cache
def pool() -> tuple[Offer, ...]:
    """The judged pool: for each of the 24 queries as many relevant offers as the 2025 report had, and nothing else."""
    shelves = _Shelves("pool", lambda recipe: recipe.for_gallery)
    for theme in vocabulary.themes().values():
        if theme.query:
            _fill_theme(shelves, theme)
    return tuple(shelves.offers)


def _fill_theme(shelves: _Shelves, theme: vocabulary.Theme) -> None:
    lettered, shared = _LETTERED.get(theme.name, 0), _SHARED.get(theme.name, 0)
    own = theme.relevant - lettered - shared - sum(_given(theme.name))
    motifs = vocabulary.of_theme(theme.name)
    plain, double = [motif for motif in motifs if not motif.also], [motif for motif in motifs if motif.also]
    words = vocabulary.words(theme.name)
    if theme.name == "letters":
        _fill(shelves, _WORDS_ONLY, [_lettering(text) for text, _ in words])
        own -= _WORDS_ONLY
    wanted = [recipe for recipe in _wanted(shelves) if recipe.theme == theme.name]
    for recipe in wanted:
        shelves.sell(recipe, 1)
    _fill(shelves, own - len(wanted), [_drawing(motif) for motif in plain])
    _fill(shelves, shared, [_drawing(motif) for motif in double])
    _fill(shelves, lettered, [_drawing(motif, text) for motif, (text, _) in zip(cycle(plain), words, strict=False)])


def _given(theme: str) -> Iterator[int]:
    """How many offers of other themes show this one in part."""
    for other, count in _SHARED.items():
        if theme in {also for motif in vocabulary.of_theme(other) for also in motif.also}:
            yield count
    if theme == "letters":
        yield from _LETTERED.values()


def _wanted(shelves: _Shelves) -> list[Recipe]:
    """Designs that the harder queries ask for, each with a seed of its own."""
    return [_as_wanted(shelves.seed + 10_000 + at, row) for at, row in enumerate(vocabulary.table("wanted.tsv"))]


def _as_wanted(seed: int, row: dict[str, str]) -> Recipe:
    size = random.Random(seed).choice(recipes.SIZES)
    accessories = tuple(filter(None, (row["accessories"] or "").split(",")))
    theme = vocabulary.motifs()[row["motif"]].theme
    return Recipe(
        seed, theme, (row["motif"],), (row["palette"],), row["style"], row["arrangement"], accessories, "", size
    )


def _fill(shelves: _Shelves, count: int, makers: list[Callable[[int], Recipe]]) -> None:
    """Exactly `count` more offers, the makers taken in turn."""
    until = len(shelves.offers) + count
    for make in cycle(makers):
        if len(shelves.offers) >= until:
            return
        shelves.sell(shelves.fresh(make), until - len(shelves.offers))


@lru_cache
def gallery(count: int = GALLERY) -> tuple[Offer, ...]:
    """The judged pool and designs that answer none of the 24 queries, `count` offers in a mixed order.

    ValueError when `count` leaves no room for the pool.
    """
    if count < len(pool()):
        raise ValueError(f"A gallery of {count} cannot hold the judged pool of {len(pool())}; ask for more")
    shelves = _Shelves("rest", lambda recipe: recipe.for_gallery and not grades(recipe))
    quiet = [motif for motif in vocabulary.motifs().values() if not vocabulary.themes()[motif.theme].query]
    room = count - len(pool())
    for recipe in _wanted(shelves):
        if not vocabulary.themes()[recipe.theme].query and len(shelves.offers) < room:
            shelves.sell(recipe, 1)
    _fill(shelves, room - len(shelves.offers), [_drawing(motif) for motif in quiet])
    mixed = [*pool(), *shelves.offers]
    random.Random("gallery").shuffle(mixed)
    return tuple(mixed)


@lru_cache
def training(count: int = TRAINING) -> tuple[Offer, ...]:
    """Offers to learn from: no seed, and no motif in the same palette and arrangement, of any in the gallery."""
    taken = {offer.recipe.combination for offer in gallery()}
    shelves = _Shelves("training", lambda recipe: not recipe.for_gallery and recipe.combination not in taken)
    makers: list[Callable[[int], Recipe]] = []
    for motif in vocabulary.motifs().values():
        makers.append(_drawing(motif))
        if vocabulary.themes()[motif.theme].query:  # what is asked for is seen twice as often
            makers.append(_drawing(motif))
            makers += [_drawing(motif, text) for text, _ in vocabulary.words(motif.theme)[:1]]
    makers += [_lettering(text) for text, _ in vocabulary.words("letters")]
    _fill(shelves, count, makers)
    return tuple(shelves.offers)


SETS: dict[str, Callable[[], tuple[Offer, ...]]] = {"gallery": gallery, "training": training, "pool": pool}
