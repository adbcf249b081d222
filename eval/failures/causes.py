"""Ten causes of a failure as rules over what was observed; the first one that fits names the failure.

Each rule is a decorated function: observed facts in, evidence out, None when it does not fit. Their order is the order
of this file, from «it is no failure of the model» to «nothing stands out». Where pictures ask, `RULES_OF` says which of
them stay and which others come (`eval.failures.picture_causes`). docs/failures.md says why each limit is what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eval.failures import picture_causes
from eval.failures.observed import NEAR, SHOWN, Observed

FOUND = "found"  # nothing was lost among the first k
UNEXPLAINED = "unexplained"  # something was lost and no rule fits


@dataclass(frozen=True)
class Limits:
    """Where the rules draw their lines; kept with every diagnosis."""

    twins: int = 3  # queries about something else that are nearly the same to the model
    share: float = 0.5  # of the wrong results or of the loss that a cause has to account for
    kept: float = 0.8  # of the first k that stay when a word is dropped: more means that the word is not heard
    silhouette: float = 0.25  # groups less apart than this are no groups
    low: float = 0.9  # a best score that stands out by less than this part of what is usual is low
    flat: float = 0.75  # scores that fall off by less than this part of what is usual are flat
    hub: float = 0.05  # of the lists about something else that an item has to turn up in
    hub_queries: int = 3  # but never fewer
    times: float = 5.0  # and as many times as often as if every item were shown alike
    framed: float = 2.0  # times as much of the picture that the object takes: framed otherwise
    far: float = 0.1  # of the gallery that stands before the first relevant picture: another picture to the model
    common: float = 0.5  # of the gallery that is of a kind: more than that, and the kind says nothing


@dataclass(frozen=True)
class Cause:
    """A cause that fits, with the numbers and items that show it."""

    code: str
    evidence: dict[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"code": self.code, "evidence": self.evidence}


Rule = Callable[[Observed, Limits], Mapping[str, Any] | None]
RULES: dict[str, Rule] = {}
DEFAULT = Limits()


def _cause(code: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        RULES[code] = rule
        return rule

    return register


def causes(seen: Observed, limits: Limits = DEFAULT) -> tuple[Cause, ...]:
    """Every cause that fits a failed query, the one that names it first; none when nothing was lost."""
    if seen.lost <= 0:
        return ()
    fitting = ((code, rule(seen, limits)) for code, rule in RULES_OF[seen.asks].items())
    return tuple(Cause(code, dict(evidence)) for code, evidence in fitting if evidence is not None)


def named(seen: Observed, limits: Limits = DEFAULT) -> str:
    """The code of the first cause that fits, `found` when nothing was lost, else `unexplained`."""
    if seen.lost <= 0:
        return FOUND
    return next((cause.code for cause in causes(seen, limits)), UNEXPLAINED)


@_cause("label_gap")
def label_gap(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """Nobody judged results whose words fit as well as those of the relevant items."""
    fitting = seen.fitting or ()
    if not fitting or len(fitting) < limits.share * seen.lost:
        return None
    return {"n": len(fitting), "k": seen.k, "unjudged": seen.unjudged, "items": list(fitting)}


@_cause("unread")
def unread(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """To the model the query is nearly the same as several about something else: it does not read these words."""
    if seen.twins is None or seen.twins < limits.twins or seen.hits >= limits.share * seen.possible:
        return None
    return {"n": seen.twins, "of": seen.unrelated, "cosine": seen.nearly, "told": seen.told, "shared": seen.shared,
            "k": seen.k}  # fmt: skip


@_cause("crowding")
def crowding(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """Nearly equal pictures take the first places."""
    count = len(seen.copies)
    if count < 2 or count < limits.share * seen.k or seen.wrong_copies < limits.share * count:
        return None
    return {"n": count, "k": seen.k, "items": list(seen.copies)}


@_cause("hub")
def hub(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """The wrong results turn up for many queries that have nothing to do with this one."""
    counts: dict[str, tuple[int, int]] = {}
    for pairs, lists, depth in ((seen.hubs, seen.unrelated, seen.k), (seen.echoes, seen.lists, SHOWN)):
        alike = depth * lists / max(seen.gallery, 1)
        least = max(limits.hub_queries, limits.hub * lists, limits.times * alike)
        counts |= {item: (count, lists) for item, count in pairs if count >= least}
    if not counts or len(counts) < limits.share * seen.wrong:
        return None
    count, lists = max(counts.values(), key=lambda pair: pair[0] / pair[1])
    return {"n": len(counts), "k": seen.k, "lists": count, "of": lists, "items": list(counts)}


@_cause("attribute")
def attribute(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """A word of the query changes nothing, though it is what the relevant items have and the results lack."""
    for one in seen.dropped:
        unheard = one.kept >= limits.kept * seen.k
        told = one.lacking >= limits.share * seen.wrong and one.having >= limits.share * seen.relevant
        if unheard and told and one.lacking:
            return {"word": one.word, "n": one.kept, "k": seen.k, "lacking": one.lacking, "having": one.having,
                    "relevant": seen.relevant}  # fmt: skip
    return None


@_cause("ambiguous")
def ambiguous(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """The first results fall into groups with words of their own, and only one of them is meant."""
    meant = [group for group in seen.groups if group.relevant]
    other = [group for group in seen.groups if not group.relevant]
    apart = seen.silhouette is not None and seen.silhouette >= limits.silhouette
    if not apart or len(meant) != 1 or not other or not all(group.words for group in seen.groups):
        return None
    if sum(group.wrong for group in other) < limits.share * seen.wrong:
        return None
    senses = [{"words": list(group.words), "items": group.items, "relevant": group.relevant} for group in seen.groups]
    return {"n": len(senses), "silhouette": seen.silhouette, "senses": senses}


@_cause("near_miss")
def near_miss(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """What is missing stands just below the first places."""
    if not (seen.k < seen.first <= NEAR) and not (seen.hits and seen.near >= seen.lost):
        return None
    return {"n": seen.near, "k": seen.k, "to": NEAR, "first": seen.first}


@_cause("text")
def text(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """Words find the items, but the model does not see that their captions mean the query."""
    if seen.described_hits is None or seen.lexical_hits is None:
        return None
    found = seen.lexical_hits >= max(1, limits.share * seen.possible)
    if not found or max(seen.described_hits, seen.hits) > limits.share * seen.lexical_hits:
        return None
    return {"lexical": seen.lexical_hits, "described": seen.described_hits, "hits": seen.hits, "k": seen.k,
            "first": seen.described_first}  # fmt: skip


@_cause("picture")
def picture(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """The model finds the items by their captions, but not by their pictures."""
    if seen.described_hits is None:
        return None
    found = seen.described_hits >= max(1, limits.share * seen.possible)
    if not found or seen.hits > limits.share * seen.described_hits:
        return None
    return {"described": seen.described_hits, "hits": seen.hits, "k": seen.k, "first": seen.first}


@_cause("abstract")
def abstract(seen: Observed, limits: Limits) -> Mapping[str, Any] | None:
    """No picture stands out: the scores are low and flat."""
    if seen.standout is None or seen.fall is None or not seen.usual or not seen.usual_fall:
        return None
    if seen.standout > limits.low * seen.usual or seen.fall > limits.flat * seen.usual_fall:
        return None
    return {"standout": seen.standout, "usual": seen.usual, "fall": seen.fall, "usual_fall": seen.usual_fall}


RULES_OF: dict[str, dict[str, Rule]] = {
    "words": RULES,
    "pictures": {code: picture_causes.RULES.get(code) or RULES[code] for code in picture_causes.ORDER}
    | {"faint": abstract},
}
