"""Words for lexical search: Russian words by their dictionary form, English by their stem, the rest as they are."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

WORD = re.compile(r"[^\W_]+")
CYRILLIC = re.compile(r"[а-я]")
REMEMBERED = 200_000  # words; a catalogue of 20,000 items has about as many different ones


@cache
def _russian() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@cache
def _english() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english", 0)  # no cache of its own: that one is not made for threads


@lru_cache(maxsize=REMEMBERED)
def word(form: str) -> str:
    """The search form of one lower-case word: «котята» → «котёнок» with е for ё, "kittens" → "kitten"."""
    if CYRILLIC.search(form):
        lemma: str = _russian().parse(form)[0].normal_form
        return lemma.replace("ё", "е")
    stem: str = _english().stemWord(form)
    return stem


def words(text: str) -> list[str]:
    """The search forms of all words of `text`, in order, repeats kept; letters and digits only."""
    return [word(form) for form in WORD.findall(unicodedata.normalize("NFC", text).casefold())]
