"""A query over the whole catalogue as the Bench offers it: what it hits and misses, and its true place on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.map import maps
from app.stored import Stored
from data.progress import Progress, silent

if TYPE_CHECKING:
    from app.answers import Map
    from eval.sights import Sight


class Sighting(Stored):
    """The use cases of a query on the map; part of `app.bench.Bench`."""

    def sight(self, spec: str, catalogue: str, query_set: str, query: str, k: int = 5) -> Sight:
        """One query over the whole catalogue: hits, missed, false friends and every score."""
        from eval import sights

        chosen = self.catalogue(catalogue)
        return sights.sight(chosen, self.query_set(query_set), self._shelf.searcher(spec, chosen), query, k)

    def joint_map(
        self, spec: str, catalogue: str, query_set: str, method: str = "umap", seed: int = 0,
        progress: Progress = silent,
    ) -> Map:  # fmt: skip
        """Pictures and the queries of a set laid out together; computed once, cached by content."""
        from eval import joint_projection, vectors

        chosen, asked, encoder = self.catalogue(catalogue), self.words(query_set), self._shelf.encoder(spec)
        matrix = vectors.vectors(chosen, encoder, self.home, progress=progress).matrix
        said = encoder.texts([query.text for query in asked.queries])
        laid = joint_projection.project(matrix, said, method, seed, self.home, progress)
        return maps.joined(chosen, laid, asked)

    def joint_map_cached(
        self, spec: str, catalogue: str, query_set: str, method: str = "umap", seed: int = 0
    ) -> Map | None:
        """The joint map if it has been computed already, else None: then `joint_map` takes a while."""
        from eval import joint_projection, vectors

        chosen, asked, encoder = self.catalogue(catalogue), self.words(query_set), self._shelf.encoder(spec)
        found = vectors.cached(chosen, encoder, self.home)
        said = encoder.texts([query.text for query in asked.queries])
        if found is None or not joint_projection.cached(found.matrix, said, method, seed, self.home):
            return None
        return self.joint_map(spec, catalogue, query_set, method, seed)
