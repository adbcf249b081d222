"""A random order of the catalogue: the floor under every number."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.contracts import Family, KnownModel, ModelSpec, Ranking

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import Query

FAMILY = Family(
    "chance", "A random order, the same for the same seed, query and catalogue: `chance` or `chance:SEED`.", "lexical"
)


class ChanceSearcher:
    """Ranks by random scores in [0, 1) drawn from (seed, query id, query text, catalogue fingerprint)."""

    def __init__(self, spec: ModelSpec, catalogue: Catalogue) -> None:
        self.spec = spec
        self.settings: Mapping[str, Any] = {"seed": _seed(spec)}
        self.fingerprint = hashlib.sha256(f"chance 1 {_seed(spec)} {catalogue.fingerprint}".encode()).hexdigest()
        self.fingerprints: Mapping[str, str] = {}
        self._ids = catalogue.ids

    def search(self, queries: Sequence[Query], k: int, rows: np.ndarray | None = None) -> list[Ranking]:
        """Best `k` of the random order, among `rows` when given; ValueError when k < 1."""
        if k < 1:
            raise ValueError(f"k must be at least 1; {k} came")
        allowed = np.arange(len(self._ids)) if rows is None else rows
        return [self._rank(query, k, allowed) for query in queries]

    def _rank(self, query: Query, k: int, allowed: np.ndarray) -> Ranking:
        source = hashlib.sha256("\0".join((self.fingerprint, query.id, query.text)).encode("utf-8", "replace"))
        scores = np.random.default_rng(int.from_bytes(source.digest(), "big")).random(len(self._ids))
        order = allowed[np.argsort(-scores[allowed], kind="stable")]
        own = getattr(query, "item", "")
        best = [row for row in order[: k + 1] if self._ids[row] != own][:k]
        return Ranking(query.id, tuple(self._ids[row] for row in best), tuple(scores[best].tolist()))

    def truncated(self, text: str) -> bool:
        """Chance reads nothing, so it cuts nothing."""
        return False

    def facts(self, queries: Sequence[Query], relevant: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Chance knows nothing of the pairs."""
        return {}


def _seed(spec: ModelSpec) -> int:
    if not spec.checkpoint:
        return 0
    if not spec.checkpoint.isdecimal():
        raise ValueError(f"{spec}: the seed of chance is a whole number, for example chance:1")
    return int(spec.checkpoint)


def known(home: Path) -> list[KnownModel]:
    """The one model of this family."""
    return [KnownModel(ModelSpec("chance"), "chance (random order)", "other", tuned=False, here=True, where="built in")]


def lexical(spec: ModelSpec, catalogue: Catalogue) -> ChanceSearcher:
    """The random order of `catalogue`; ValueError when the seed is not a whole number."""
    return ChanceSearcher(spec, catalogue)
