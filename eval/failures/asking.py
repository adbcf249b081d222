"""What one learns of a scene by asking: by plain words, by captions, and again with a word left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from data.queries import TextQuery
from eval import registry
from eval.contracts import ModelSpec, Searcher
from eval.failures.observed import Dropped
from eval.failures.scene import Scene
from eval.lexicon import WORD, word

if TYPE_CHECKING:
    from eval.contracts import Ranking

SHORTEST = 3  # letters of a word that is left out to see what happens
NEGATIONS = frozenset({"без", "не", "нет", "кроме", "without", "not", "no"})
PLAIN = frozenset("для про при над под или это как что the and for with from".split()) | NEGATIONS  # never left out


def by_words(scene: Scene, queries: Sequence[TextQuery], depth: int) -> dict[str, np.ndarray]:
    """Query → places that BM25 finds in the items' words, best first."""
    lexical = registry.words(ModelSpec("bm25", ",".join(scene.spoken)), scene.catalogue)
    return {r.query: scene.places(r.items) for r in lexical.search(queries, depth, scene.rows)}


def content(text: str) -> list[str]:
    """The words of a query that carry meaning, as they stand in it; prepositions and negations are left out."""
    return [form for form in WORD.findall(text) if len(form) >= SHORTEST and form.casefold() not in PLAIN]


def telling(scene: Scene, query: str, places: np.ndarray) -> list[int]:
    """Of those places, the ones whose own words hold every content word of the query; none when it denies something."""
    text = scene.texts[query]
    asked = {word(form.casefold()) for form in content(text)}
    denied = any(form.casefold() in NEGATIONS for form in WORD.findall(text))
    return [] if denied or not asked else [int(place) for place in places if asked <= scene.words(place)]


def without(text: str) -> dict[str, str]:
    """Content word → the query without it, for queries of at least two content words."""
    found = content(text)
    if len(found) < 2:
        return {}
    shorter = {form: " ".join(WORD.sub(lambda m: "" if m[0] == form else m[0], text).split()) for form in found}  # noqa: B023
    return {form: rest for form, rest in shorter.items() if rest and rest != text}


def dropped(scene: Scene, searcher: Searcher, queries: Sequence[TextQuery]) -> dict[str, tuple[Dropped, ...]]:
    """Query → what each of its content words changes, the one that changes least first."""
    asked = [(query, form, rest) for query in queries for form, rest in without(query.text).items()]
    variants = [TextQuery(str(number), rest) for number, (_query, _form, rest) in enumerate(asked)]
    rankings: Sequence[Ranking] = searcher.search(variants, scene.k, scene.rows) if variants else ()
    found: dict[str, list[Dropped]] = defaultdict(list)
    for (query, form, _rest), ranking in zip(asked, rankings, strict=True):
        first, wrong, relevant = scene.first(query.id), scene.wrong(query.id), scene.relevant[query.id]
        kept = int(np.isin(first, scene.places(ranking.items)).sum())
        lemma = word(form.casefold())
        lacking = sum(lemma not in scene.words(place) for place in wrong)
        having = sum(lemma in scene.words(place) for place in relevant)
        found[query.id].append(Dropped(form, kept, lacking, having))
    return {query: tuple(sorted(several, key=lambda one: -one.kept)) for query, several in found.items()}


def related(scene: Scene) -> dict[str, set[str]]:
    """Query → the queries that share a relevant item with it, itself among them; the others are unrelated."""
    serves: dict[int, set[str]] = defaultdict(set)  # place → queries it is relevant to
    for query in scene.queries:
        for place in scene.relevant[query].tolist():
            serves[place].add(query)
    return {q: {q}.union(*(serves[place] for place in scene.relevant[q].tolist())) for q in scene.queries}


def polluted(scene: Scene, kin: Mapping[str, set[str]]) -> dict[str, tuple[tuple[tuple[str, int], ...], int]]:
    """Query → its wrong results with the number of unrelated queries that get each as well, and how many those are.

    `kin` is what `related` says.
    """
    shown: dict[int, set[str]] = defaultdict(set)  # place → queries that get it wrongly
    for query in scene.queries:
        for place in scene.wrong(query).tolist():
            shown[place].add(query)
    found = {}
    for query in scene.queries:
        counts = [(scene.ids[place], len(shown[place] - kin[query])) for place in scene.wrong(query).tolist()]
        several = sorted((one for one in counts if one[1]), key=lambda one: -one[1])
        found[query] = (tuple(several), len(scene.queries) - len(kin[query]))
    return found
