"""Why an item was found, as it was measured: what each word and each part of the picture adds to the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Variant:
    """The query asked in another way: `words` were dropped from it, stood alone or were added."""

    words: str
    asked: str
    score: float  # the searcher's own (cosine, BM25); 0 where the item was not ranked
    rank: int  # 0: not ranked


@dataclass(frozen=True)
class Explanation:
    """One item under one query and model; what a word adds is `score` − the score without it."""

    spec: str
    catalogue: str
    text: str
    item: str
    k: int
    gallery: int
    score: float
    rank: int  # 0: not ranked
    dropped: tuple[Variant, ...]  # each word left out in turn; none where the query is one word
    phrases: tuple[Variant, ...]  # each pair of neighbours left out, from three words on
    alone: tuple[Variant, ...]  # each word by itself
    added: tuple[Variant, ...]  # the item's own words added, where it is not among the first k
    heat: tuple[tuple[float, ...], ...]  # row by row: whole picture − with that square grey; empty without pictures
    whole: float  # score of the query and the whole picture as it is seen now; 0 without pictures
    no_heat: str  # why there is no heat map, "" where there is one
    seconds: float
    fingerprints: dict[str, str]
    correction: str = "none"  # of the ranking that is explained: scores are cosines or the corrected ones

    def change(self, variant: Variant) -> float:
        """What the words of a dropped variant add to the score; below 0 they keep the item away."""
        return self.score - variant.score

    @property
    def needed(self) -> Variant | None:
        """The word without which the item falls furthest; None when none makes it fall."""
        lost = [v for v in self.dropped if self.rank and (v.rank == 0 or v.rank > self.rank)]
        return max(lost, key=lambda v: (v.rank == 0, v.rank, self.change(v)), default=None)

    @property
    def hindering(self) -> Variant | None:
        """The word without which the item rises furthest; None when none makes it rise."""
        gained = [v for v in self.dropped if v.rank and (self.rank == 0 or v.rank < self.rank)]
        return min(gained, key=lambda v: v.rank, default=None)

    @property
    def lacking(self) -> Variant | None:
        """The word of the item's own that would bring it highest, if it brings it among the first k."""
        found = [v for v in self.added if 0 < v.rank <= self.k]
        return min(found, key=lambda v: (v.rank, -v.score), default=None)

    def record(self) -> dict[str, Any]:
        """The explanation as JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Explanation:
        """What `record` wrote."""
        plain = {name: record[name] for name in cls.__dataclass_fields__ if name in record}
        for name in ("dropped", "phrases", "alone", "added"):
            plain[name] = tuple(Variant(**one) for one in plain[name])
        plain["heat"] = tuple(tuple(line) for line in plain["heat"])
        return cls(**plain)
