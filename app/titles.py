"""Titles on a small card: a set phrase that begins half a shop's titles leaves no room for what is drawn."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.catalogue import Catalogue

LONGEST = 4  # words of a set phrase
SHARE, FEWEST = 0.1, 20  # of the titles that begin with it, and how many at least
_KNOWN: dict[str, tuple[str, ...]] = {}  # catalogue's fingerprint → its set phrases, the longest first


def phrases(titles: list[str]) -> tuple[str, ...]:
    """Beginnings of two to four words that a tenth of the titles share, twenty at least; the longest first."""
    counts: Counter[str] = Counter()
    for title in titles:
        words = title.split()
        counts.update(" ".join(words[:count]) for count in range(2, min(LONGEST, len(words) - 1) + 1))
    least = max(FEWEST, SHARE * len(titles))
    return tuple(sorted((one for one, count in counts.items() if count >= least), key=len, reverse=True))


def telling(catalogue: Catalogue, title: str) -> str:
    """The title without the set phrase it begins with, "…" in its place; any other as it is."""
    if catalogue.fingerprint not in _KNOWN:
        _KNOWN.clear()
        _KNOWN[catalogue.fingerprint] = phrases([str(one) for one in catalogue.table["title"]])
    for phrase in _KNOWN[catalogue.fingerprint]:
        if title.startswith(phrase + " "):
            return "…" + title[len(phrase) + 1 :]
    return title
