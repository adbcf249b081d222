"""What a design shows, as facts of its recipe, and what follows for queries: rules over facts, grades of the 24."""

from __future__ import annotations

from data.demo import vocabulary
from data.demo.recipes import FRAMES, Recipe

SUBJECT, IN_PART = 2, 1


def facts(recipe: Recipe) -> frozenset[str]:
    """Everything that can be asked about a design, as `kind:value` or a bare word.

    motif, theme, with (the companion's motif), also (themes shown in part), colour (not of outlines and of motifs in
    many colours), style, arrangement, accessory, tag; `framed`, `lettered`.
    """
    found = {f"theme:{recipe.theme}", f"style:{recipe.style}", f"arrangement:{recipe.arrangement}"}
    found |= {f"accessory:{part}" for part in recipe.accessories}
    found |= {"framed"} if set(recipe.accessories) & set(FRAMES) else set()
    found |= {"lettered"} if recipe.words else set()
    if recipe.motifs:
        subject = vocabulary.motifs()[recipe.motifs[0]]
        colour = vocabulary.palette(subject.colours, recipe.palettes[0]).colour
        shows_it = subject.one_coloured and recipe.style != "outline"
        found |= {f"motif:{subject.slug}"} | ({f"colour:{colour}"} if shows_it else set())
        found |= {f"also:{theme}" for theme in subject.also} | {f"tag:{tag}" for tag in subject.tags}
    return frozenset(found | {f"with:{slug}" for slug in recipe.motifs[1:]})


def grades(recipe: Recipe) -> dict[str, int]:
    """Query number → grade for the 24 queries: 2 when the design is about it, 1 when it shows it in part."""
    themes = vocabulary.themes()
    in_part = {theme for slug in recipe.motifs for theme in vocabulary.motifs()[slug].also}
    in_part |= {vocabulary.motifs()[slug].theme for slug in recipe.motifs[1:]}
    in_part |= {"letters"} if recipe.words else set()
    found = {themes[theme].query: IN_PART for theme in in_part}
    found[themes[recipe.theme].query] = SUBJECT
    return {query: grade for query, grade in found.items() if query}


def holds(rule: str, known: frozenset[str]) -> bool:
    """Whether a rule is true of facts: terms that must all hold, `a|b` either, `!a` not; an empty rule never holds.

    `theme:kitten colour:ginger !lettered` is a ginger kitten without words. Alternatives of one kind may leave the
    kind out: `motif:onion|archery-bow`.
    """
    return bool(rule) and all(_term(term, known) for term in rule.split())


def _term(term: str, known: frozenset[str]) -> bool:
    if term.startswith("!"):
        return not _term(term[1:], known)
    kind, colon, values = term.rpartition(":")
    return any(f"{kind}{colon}{value}" in known for value in values.split("|"))


def terms(rule: str) -> set[str]:
    """The facts that a rule asks for."""
    found = set()
    for term in rule.split():
        kind, colon, values = term.lstrip("!").rpartition(":")
        found |= {f"{kind}{colon}{value}" for value in values.split("|")}
    return found
