"""Search a catalogue with a model: words or a picture become a vector, the index answers rows, rows become item ids."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import picture_files
from data.judgments import PictureQuery
from data.progress import Progress, silent
from eval import pairs, registry
from eval import vectors as computed
from eval.contracts import Encoder, Index, ModelSpec, Ranking, Searcher, Vectors
from eval.speechless import no_pictures

if TYPE_CHECKING:
    from PIL import Image

    from data.catalogue import Catalogue
    from data.queries import Query

REMEMBERED_QUERIES = 4096  # query vectors kept: 8 MB at 512 numbers
REMEMBERED_FILTERS = 4  # indexes over a part of the catalogue kept
TEXTS_AT_ONCE = 64
Pictures = Callable[[PictureQuery], "Image.Image"]


class VectorSearcher:
    """Searches unit vectors by inner product; safe to share between threads.

    A filter (`rows`) is answered by an index of the same kind over just those rows. `pictures` opens the file of a
    query that is no item.
    """

    def __init__(
        self, encoder: Encoder, vectors: Vectors, index: str = "exact", pictures: Pictures | None = None
    ) -> None:
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
        self._kind, self._pictures = index, pictures
        self._whole = self._indexed(vectors.matrix)
        self._parts: OrderedDict[bytes, Index] = OrderedDict()
        self._queries: OrderedDict[str, np.ndarray] = OrderedDict()
        self._row = {item: row for row, item in enumerate(vectors.ids)}
        self._lock = threading.Lock()

    def search(self, queries: Sequence[Query], k: int, rows: np.ndarray | None = None) -> list[Ranking]:
        """Best `k` items for each query, among `rows` when given; scores are cosines.

        A query that is an item's picture never gets that item. LookupError when words are asked and the encoder reads
        none, or a query's item is not here; ValueError when k < 1.
        """
        if not queries:
            return []
        own = [query.item if isinstance(query, PictureQuery) else "" for query in queries]
        found = self.nearest([query.id for query in queries], self.asked(queries), k + any(own), rows)
        return [without(ranking, item, k) for ranking, item in zip(found, own, strict=True)]

    def similar(self, item: str, k: int, rows: np.ndarray | None = None) -> Ranking:
        """The `k` items nearest to `item`, which itself is left out by its id; LookupError when it is not here."""
        return self.search([PictureQuery(item, item, item=item)], k, rows)[0]

    def asked(self, queries: Sequence[Query]) -> np.ndarray:
        """Unit rows float32 (n, size) of the queries: texts as they are read, items as they are seen."""
        words = [query.text for query in queries if not isinstance(query, PictureQuery)]
        read = iter(self.texts(words)) if words else iter(())
        return np.stack([self._seen(q) if isinstance(q, PictureQuery) else next(read) for q in queries])

    def _seen(self, query: PictureQuery) -> np.ndarray:
        if query.item in self._row:
            return np.array(self.vectors.matrix[self._row[query.item]])
        if query.image and self._pictures:
            return self.encoder.images([self._pictures(query)])[0]
        raise LookupError(f"There is no item {query.item!r} among the {len(self._row)} items searched")

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

    def facts(self, queries: Sequence[Query], relevant: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """How near the correct pairs are (see `eval.pairs.facts`), and what the encoder's loader noted."""
        notes = {"notes": list(getattr(self.encoder, "notes", ()))}
        asked = [query for query in queries if relevant.get(query.id)]
        rows = [[self._row[item] for item in relevant[query.id]] for query in asked]
        if not asked:
            return notes
        scale = getattr(self.encoder, "logit_scale", None)
        return {**notes, **pairs.facts(self.asked(asked), self.vectors.matrix, rows, scale)}

    @property
    def index_bytes(self) -> int:
        """Bytes that the index over the whole catalogue holds."""
        return self._whole.nbytes

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

    def nearest(
        self, names: Sequence[str], vectors: np.ndarray, k: int, rows: np.ndarray | None = None
    ) -> list[Ranking]:
        """Best `k` items for each of the unit rows `vectors` (n, size), called by `names`, among `rows` when given."""
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
    found = computed.vectors(catalogue, chosen, home, progress)
    return VectorSearcher(chosen, found, index, partial(picture_files.opened, home))


def without(ranking: Ranking, item: str, k: int) -> Ranking:
    """The first `k` of a ranking once `item` is left out of it, by its id."""
    kept = [pair for pair in zip(ranking.items, ranking.scores, strict=True) if pair[0] != item][:k]
    return Ranking(ranking.query, tuple(one for one, _score in kept), tuple(score for _one, score in kept))


def similar(searcher: Searcher, catalogue: Catalogue, item: str, k: int, rows: np.ndarray | None = None) -> Ranking:
    """«More like this»: the `k` items nearest to `item`; LookupError for a lexical model or an unknown item."""
    catalogue.row(item)
    if not isinstance(searcher, VectorSearcher):
        raise no_pictures(searcher.spec)
    return searcher.similar(item, k, rows)
