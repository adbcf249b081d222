"""BM25 over titles and descriptions: what plain word search gives, the floor every picture model has to beat."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.judgments import PictureQuery
from eval.contracts import Family, KnownModel, ModelSpec, Ranking
from eval.lexicon import words
from eval.speechless import no_pictures

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import Query

FAMILY = Family(
    "bm25", "Word search in titles and descriptions, or the columns named: `bm25:title,description,tags`.", "lexical"
)
FIELDS = ("title", "description")
K1, B = 1.5, 0.75  # Robertson and Zaragoza 2009, and what bm25s takes by itself


class BM25Searcher:
    """Lucene's BM25 by bm25s over the words of `eval.lexicon`; word statistics are the whole catalogue's.

    An item that shares no word with the query is not returned; items of equal score stand in catalogue order.
    """

    def __init__(self, spec: ModelSpec, catalogue: Catalogue) -> None:
        import bm25s

        fields = _fields(spec, catalogue)
        self.spec = spec
        self.settings: Mapping[str, Any] = {"fields": list(fields), "k1": K1, "b": B, "words": "lemmas ru, stems en"}
        identity = f"bm25 1 {','.join(fields)} {K1} {B} {catalogue.fingerprint}"
        self.fingerprint = hashlib.sha256(identity.encode()).hexdigest()
        self.fingerprints: Mapping[str, str] = {}
        self._ids = catalogue.ids
        texts = catalogue.table[list(fields)].agg(" ".join, axis=1)
        corpus = [words(text) for text in texts]
        self._vocabulary = {form for item in corpus for form in item}
        self._index = bm25s.BM25(method="lucene", k1=K1, b=B)
        if self._vocabulary:
            self._index.index(corpus, show_progress=False)

    def search(self, queries: Sequence[Query], k: int, rows: np.ndarray | None = None) -> list[Ranking]:
        """Best `k` items that share a word with the query, among `rows` when given; ValueError when k < 1.

        LookupError for a picture: its title is not what was asked.
        """
        if any(isinstance(query, PictureQuery) for query in queries):
            raise no_pictures(self.spec)
        if k < 1:
            raise ValueError(f"k must be at least 1; {k} came")
        return [self._rank(query, k, rows) for query in queries]

    def _rank(self, query: Query, k: int, rows: np.ndarray | None) -> Ranking:
        asked = [form for form in words(query.text) if form in self._vocabulary]
        if not asked:
            return Ranking(query.id, (), ())
        scores = self._index.get_scores(asked)
        found = np.flatnonzero(scores > 0)
        if rows is not None:
            found = np.intersect1d(found, rows, assume_unique=True)
        best = found[np.argsort(-scores[found], kind="stable")[:k]]
        return Ranking(query.id, tuple(self._ids[row] for row in best), tuple(scores[best].tolist()))

    def truncated(self, text: str) -> bool:
        """Every word is read."""
        return False

    def facts(self, queries: Sequence[Query], relevant: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Words have no vectors, so there is nothing to say of the pairs."""
        return {}


def _fields(spec: ModelSpec, catalogue: Catalogue) -> tuple[str, ...]:
    asked = tuple(name.strip() for name in spec.checkpoint.split(",") if name.strip()) or FIELDS
    there = list(catalogue.table.columns)
    missing = [name for name in asked if name not in there]
    if missing:
        raise LookupError(f"{spec}: {catalogue.name} has no column {', '.join(missing)}; it has {', '.join(there)}")
    return asked


def known(home: Path) -> list[KnownModel]:
    """The one model of this family."""
    title = "BM25 (words of titles and descriptions)"
    return [KnownModel(ModelSpec("bm25"), title, "other", tuned=False, here=True, where="built in")]


def lexical(spec: ModelSpec, catalogue: Catalogue) -> BM25Searcher:
    """Index the words of `catalogue`; LookupError when it lacks a column that the spec names."""
    return BM25Searcher(spec, catalogue)
