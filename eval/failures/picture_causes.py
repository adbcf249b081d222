"""The causes of a failure that only pictures have, where a picture asked; `ORDER` has those of words that hold as well.

Not in it are the causes that lie in words: not learnt, not heard, of several meanings, not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eval.failures.causes import Limits
    from eval.failures.observed import Observed, Pictured

    Rule = Callable[[Observed, Limits], Mapping[str, Any] | None]
    Part = Callable[[Observed, Pictured, Limits], Mapping[str, Any] | None]

# From «it is no failure of the model» to «nothing stands out»; "faint" is the rule of "abstract" in other words.
ORDER = ("copy_gap", "bare", "lookalike", "crowding", "hub", "framing", "ground", "near_miss", "unlike", "kind",
         "titles")  # fmt: skip
IN_WORDS = ("unread", "attribute", "ambiguous", "text")  # causes that no picture can have
RULES: dict[str, Rule] = {}


def _cause(code: str) -> Callable[[Part], Part]:
    def register(part: Part) -> Part:
        RULES[code] = lambda seen, limits: part(seen, seen.pictured, limits) if seen.pictured is not None else None
        return part

    return register


@_cause("copy_gap")
def copy_gap(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """Nobody judged results that are nearly the picture of a relevant item."""
    if not own.gaps or len(own.gaps) < limits.share * seen.lost:
        return None
    return {"n": len(own.gaps), "k": seen.k, "items": list(own.gaps)}


@_cause("bare")
def bare(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """There is nothing to be seen in the asking picture, or in those that were missed."""
    missed = [item for item in own.bare if item]
    if "" not in own.bare and len(missed) < max(1, limits.share * own.missed):
        return None
    return {"asking": "" in own.bare, "n": len(missed), "missed": own.missed, "items": missed}


@_cause("lookalike")
def lookalike(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """What is nearly the asking picture, and not right, stands before what is."""
    if not own.lookalikes or len(own.lookalikes) < limits.share * seen.lost:
        return None
    return {"n": len(own.lookalikes), "k": seen.k, "items": list(own.lookalikes)}


@_cause("framing")
def framing(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """The object takes another part of the picture than in what was missed, and the results are framed as it is."""
    if not own.filled or not own.filled_missed or own.filled_alike < max(1, limits.share * seen.wrong):
        return None
    times = max(own.filled, own.filled_missed) / min(own.filled, own.filled_missed)
    if times < limits.framed:
        return None
    return {"filled": own.filled, "missed": own.filled_missed, "n": own.filled_alike, "k": seen.k}


@_cause("ground")
def ground(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """The results stand on the asking picture's ground, what was missed stands on another."""
    if own.ground_missed is None or own.ground_alike < max(1, limits.share * seen.wrong):
        return None
    if not own.missed or own.missed - own.ground_missed < limits.kept * own.missed:
        return None
    return {"n": own.ground_alike, "k": seen.k, "same": own.ground_missed, "missed": own.missed}


@_cause("unlike")
def unlike(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """To the model a large part of the gallery is nearer than any relevant picture."""
    if own.ahead is None or not seen.gallery or own.ahead < limits.far * seen.gallery:
        return None
    return {"ahead": own.ahead, "gallery": seen.gallery}


@_cause("kind")
def kind(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """The results are of the right kind, and not the right items."""
    if not own.kind or own.common > limits.common or own.kindred < max(1, limits.kept * seen.wrong):
        return None
    return {"kind": own.kind, "n": own.kindred, "wrong": seen.wrong, "common": own.common}


@_cause("titles")
def titles(seen: Observed, own: Pictured, limits: Limits) -> Mapping[str, Any] | None:
    """The asking item's own words find the items, its picture does not."""
    found = max(seen.lexical_hits or 0, seen.described_hits or 0)
    if found < max(1, limits.share * seen.possible) or seen.hits > limits.share * found:
        return None
    return {"lexical": seen.lexical_hits or 0, "described": seen.described_hits, "hits": seen.hits, "k": seen.k}
