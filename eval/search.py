"""Search a catalogue with a model: words become a vector, the index answers rows, rows become item ids."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.progress import Progress, silent
from eval import pairs, registry
from eval import vectors as computed
from eval.contracts import Encoder, Index, ModelSpec, Ranking, Searcher, Vectors

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import TextQuery

REMEMBERED_QUERIES = 4096  # query vectors kept: 8 MB at 512 numbers
REMEMBERED_FILTERS = 4  # indexes over a part of the catalogue kept
TEXTS_AT_ONCE = 64


class VectorSearcher:
    """Searches unit vectors by inner product; safe to share between threads.

    A filter (`rows`) is answered by an index of the same kind over just those rows.
    """

    def __init__(self, encoder: Encoder, vectors: Vectors, index: str = "exact") -> None:
        if vectors.encoder != encoder.fingerprint:
            raise ValueError(
                f"These vectors were made by another encoder ({vectors.encoder[:16]}) than {encoder.spec} "
                f"({encoder.fingerprint[:16]}); compute them with this one"
            )
        self.spec: ModelSpec = encoder.spec
        self.fingerprint: str = encoder.fingerprint
        self.encoder, self.vectors = encoder, vectors
        self.settings: Mapping[str, Any] = {"index": index, "precision": encoder.precision}
        self.fingerprints: Mapping[str, str] = {"encoder": encoder.fingerprint, "vectors": vectors.key}
        self._kind = index
        self._whole = self._indexed(vectors.matrix)
        self._parts: OrderedDict[bytes, Index] = OrderedDict()
        self._queries: OrderedDict[str, np.ndarray] = OrderedDict()
        self._row = {item: row for row, item in enumerate(vectors.ids)}
        self._lock = threading.Lock()

    def search(self, queries: Sequence[TextQuery], k: int, rows: np.ndarray | None = None) -> list[Ranking]:
        """Best `k` items for each query, among `rows` when given; scores are cosines.

        LookupError when the encoder reads no text, ValueError when k < 1.
        """
        if not queries:
            return []
        return self._nearest([query.id for query in queries], self.texts([query.text for query in queries]), k, rows)

    def similar(self, item: str, k: int, rows: np.ndarray | None = None) -> Ranking:
        """The `k` items nearest to `item`, which itself is left out by its id; LookupError when it is not here."""
        if item not in self._row:
            raise LookupError(f"There is no item {item!r} among the {len(self._row)} items searched")
        vector = np.array(self.vectors.matrix[self._row[item]])[None]
        found = self._nearest([item], vector, k + 1, rows)[0]
        kept = [(other, score) for other, score in zip(found.items, found.scores, strict=True) if other != item][:k]
        return Ranking(item, tuple(other for other, _ in kept), tuple(score for _, score in kept))

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows float32 (n, size) of the texts; those asked before are remembered."""
        with self._lock:
            known = {text: self._queries[text] for text in texts if text in self._queries}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        for start in range(0, len(new), TEXTS_AT_ONCE):
            part = new[start : start + TEXTS_AT_ONCE]
            known |= dict(zip(part, self.encoder.texts(part), strict=True))
        with self._lock:
            self._queries.update((text, known[text]) for text in new)
            while len(self._queries) > REMEMBERED_QUERIES:
                self._queries.popitem(last=False)
        return np.stack([known[text] for text in texts])

    def truncated(self, text: str) -> bool:
        """True when the encoder reads only the beginning of `text`."""
        return self.encoder.truncated(text)

    def facts(self, queries: Sequence[TextQuery], relevant: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """How near the correct pairs are (see `eval.pairs.facts`), and what the encoder's loader noted."""
        notes = {"notes": list(getattr(self.encoder, "notes", ()))}
        asked = [query for query in queries if relevant.get(query.id)]
        rows = [[self._row[item] for item in relevant[query.id]] for query in asked]
        if not asked:
            return notes
        scale = getattr(self.encoder, "logit_scale", None)
        texts = self.texts([query.text for query in asked])
        return {**notes, **pairs.facts(texts, self.vectors.matrix, rows, scale)}

    def _indexed(self, matrix: np.ndarray) -> Index:
        index = registry.index(self._kind)
        index.add(matrix)
        return index

    def _over(self, rows: np.ndarray) -> Index:
        key = np.ascontiguousarray(rows, np.int64).tobytes()
        with self._lock:
            if key in self._parts:
                self._parts.move_to_end(key)
                return self._parts[key]
        index = self._indexed(self.vectors.matrix[rows])
        with self._lock:
            self._parts[key] = index
            while len(self._parts) > REMEMBERED_FILTERS:
                self._parts.popitem(last=False)
        return index

    def _nearest(self, names: Sequence[str], vectors: np.ndarray, k: int, rows: np.ndarray | None) -> list[Ranking]:
        if rows is not None and not len(rows):
            return [Ranking(name, (), ()) for name in names]
        scores, found = (self._whole if rows is None else self._over(rows)).search(vectors, k)
        places = found if rows is None else rows[found]
        ids = self.vectors.ids
        return [
            Ranking(name, tuple([ids[row] for row in line]), tuple(best))
            for name, line, best in zip(names, places.tolist(), scores.tolist(), strict=True)
        ]


def searcher(
    catalogue: Catalogue,
    spec: ModelSpec,
    home: Path,
    index: str = "exact",
    precision: str = "fp32",
    progress: Progress = silent,
    encoder: Encoder | None = None,
) -> Searcher:
    """The searcher of `spec` over `catalogue`; vectors that are missing in `home` are computed first.

    An `encoder` that is loaded already can be given. A lexical model has neither encoder nor index. Raises what
    `eval.registry.load` and `eval.vectors.vectors` raise.
    """
    if registry.lexical(spec):
        return registry.words(spec, catalogue)
    chosen = encoder or registry.load(spec, home, precision)
    return VectorSearcher(chosen, computed.vectors(catalogue, chosen, home, progress), index)


def similar(searcher: Searcher, catalogue: Catalogue, item: str, k: int, rows: np.ndarray | None = None) -> Ranking:
    """«More like this»: the `k` items nearest to `item`; LookupError for a lexical model or an unknown item."""
    catalogue.row(item)
    if not isinstance(searcher, VectorSearcher):
        raise LookupError(f"{searcher.spec} compares words, not pictures; choose a model with an encoder")
    return searcher.similar(item, k, rows)
