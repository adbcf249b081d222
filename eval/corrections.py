"""Two corrections of similarity against hubs, and a searcher that ranks by them.

Both are linear, so that any inner-product index answers them: `pictures` and `texts` say what stands in it and what it
is asked. What they need to know of queries comes from the catalogue's captions, never from test queries; where pictures
ask, from the catalogue's pictures, no judgment of theirs among it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.judgments import PictureQuery
from data.progress import Progress, silent
from eval import registry, spoken, workspace
from eval.contracts import ModelSpec, Ranking
from eval.search import VectorSearcher, without

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import Query

NONE = "none"
KINDS = ("csls", "centred")
WORDS, PICTURES = "words", "pictures"  # what asks
NEIGHBOURS = 10  # captions nearest to a picture that make its density (Conneau et al. 2018 take as many)
BLOCK = 2**23


@dataclass(frozen=True, eq=False)
class Correction:
    """A correction fitted to a catalogue's pictures and `references`, unit rows of captions: float32 (m, size).

    Where pictures ask, the references are pictures of the catalogue, and `rows` says which: none is its own neighbour.
    """

    kind: str
    matrix: np.ndarray  # the catalogue's unit rows, float32 (n, size)
    references: np.ndarray
    rows: np.ndarray | None = None  # int64 (m,)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no correction {self.kind!r}; there are {NONE}, {', '.join(KINDS)}")

    @cached_property
    def pictures(self) -> np.ndarray:
        """What stands in the index: float32 (n, size + 1) for CSLS, (n, size) for centring."""
        if self.kind == "csls" and self.rows is not None:
            return np.hstack([self.matrix, -density(self.matrix, self.references, own=self.rows)[:, None] / 2])
        return self.seen(self.matrix)

    def seen(self, rows: np.ndarray) -> np.ndarray:
        """Unit rows (m, size) of any pictures, corrected as the catalogue's are; (m, size + 1) for CSLS."""
        if self.kind == "csls":
            return np.hstack([rows, -density(rows, self.references)[:, None] / 2])
        return _unit(rows - self.matrix.mean(axis=0))

    def texts(self, rows: np.ndarray) -> np.ndarray:
        """Unit rows (q, size) of queries → what the index is asked with."""
        if self.kind == "csls":
            return np.hstack([rows, np.ones((len(rows), 1), np.float32)])
        return _unit(rows - self.references.mean(axis=0))

    @cached_property
    def key(self) -> str:
        """Changes with what it was fitted to."""
        return workspace.key("correction", self.kind, NEIGHBOURS, np.ascontiguousarray(self.references).tobytes())


def density(
    matrix: np.ndarray, references: np.ndarray, neighbours: int = NEIGHBOURS, own: np.ndarray | None = None
) -> np.ndarray:
    """r(x) of CSLS: the mean cosine of each picture to its nearest captions, float32 (n,).

    References that are rows of the matrix themselves (`own` says which) are no neighbours of theirs.

    Cross-domain similarity local scaling ranks by 2·cos(q, x) − r(q) − r(x) (Conneau et al., «Word translation without
    parallel data», ICLR 2018); r(q) is the same for all pictures of one query and is left out.
    """
    kept = min(neighbours, len(references) - (own is not None))
    if kept < 1:
        raise ValueError(f"A correction needs neighbours; {len(references)} pictures are too few")
    found = np.empty(len(matrix), np.float32)
    step = max(1, BLOCK // len(references))
    for start in range(0, len(matrix), step):
        scores = np.asarray(matrix[start : start + step]) @ references.T
        if own is not None:
            here = np.flatnonzero((own >= start) & (own < start + len(scores)))
            scores[own[here] - start, here] = -np.inf
        best = np.partition(scores, scores.shape[1] - kept, axis=1)[:, scores.shape[1] - kept :]
        found[start : start + step] = best.mean(axis=1)
    return found


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(lengths, 1e-12)).astype(np.float32)


def sample(n: int, most: int = spoken.REFERENCES) -> np.ndarray:
    """Rows of a catalogue of `n` pictures that stand for what might be asked with one: all, or `most` (seed 0)."""
    return np.sort(np.random.default_rng(0).permutation(n)[:most]).astype(np.int64)


def fitted(
    kind: str, plain: VectorSearcher, catalogue: Catalogue, home: Path, progress: Progress = silent, asks: str = WORDS
) -> Correction:
    """The correction of that kind for a searcher's vectors; captions are read once and kept in `home`.

    For what `asks` with pictures it is fitted to those of the catalogue, and nothing is read. ValueError for an unknown
    kind or a catalogue of one picture, LookupError when the encoder cannot read what the catalogue says.
    """
    if asks == PICTURES:
        matrix, rows = np.asarray(plain.vectors.matrix), sample(len(catalogue))
        return Correction(kind, matrix, matrix[rows], rows)
    said = spoken.vectors(spoken.references(catalogue, plain.encoder), plain.encoder, home, progress)
    return Correction(kind, np.asarray(plain.vectors.matrix), said)


class CorrectedSearcher:
    """A `Searcher` that ranks by a correction; scores are the corrected ones, not cosines.

    `settings` and `fingerprints` name the correction, so that a run says how it was made.
    """

    def __init__(self, plain: VectorSearcher, correction: Correction) -> None:
        self.plain, self.correction = plain, correction
        self.spec: ModelSpec = plain.spec
        self.fingerprint: str = workspace.key(plain.fingerprint, correction.key)
        self.asks = WORDS if correction.rows is None else PICTURES
        how = {"correction": correction.kind, "references": len(correction.references)}
        self.settings: Mapping[str, Any] = {**plain.settings, **how}
        self.fingerprints: Mapping[str, str] = {**plain.fingerprints, "correction": correction.key}
        self._kind = str(plain.settings["index"])
        self._whole = registry.index(self._kind)
        self._whole.add(correction.pictures)

    def search(self, queries: Sequence[Query], k: int, rows: np.ndarray | None = None) -> list[Ranking]:
        """Best `k` items for each query by the corrected score, among `rows` when given.

        A query that is an item's picture never gets that item. LookupError for pictures where the correction was fitted
        for words, and the other way round.
        """
        own = [query.item if isinstance(query, PictureQuery) else "" for query in queries]
        if any(isinstance(query, PictureQuery) != (self.asks == PICTURES) for query in queries):
            raise LookupError(f"This correction is fitted for {self.asks}; ask others with the correction “none”")
        if not queries or (rows is not None and not len(rows)):
            return [Ranking(query.id, (), ()) for query in queries]
        index = self._whole
        if rows is not None:
            index = registry.index(self._kind)
            index.add(self.correction.pictures[rows])
        scores, found = index.search(self.correction.texts(self.plain.asked(queries)), k + any(own))
        places = found if rows is None else rows[found]
        ids = self.plain.vectors.ids
        return [
            without(Ranking(query.id, tuple(ids[row] for row in line), tuple(best)), mine, k)
            for query, mine, line, best in zip(queries, own, places.tolist(), scores.tolist(), strict=True)
        ]

    def truncated(self, text: str) -> bool:
        """True when the encoder reads only the beginning of `text`."""
        return self.plain.truncated(text)

    def facts(self, queries: Sequence[Query], relevant: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """What the plain vectors say of the correct pairs: a correction changes no cosine."""
        return self.plain.facts(queries, relevant)
