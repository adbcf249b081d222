"""Searching: in words, by an item, with a picture or a part of it, mixed with words, away from what is unwanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from app.answers import Answer
from app.search import asking, collapsing
from app.search.seeing import Look, Seeing
from data import cleaning
from data.judgments import PictureQuery
from eval import mixing
from eval.contracts import Ranking, Searcher
from eval.search import VectorSearcher
from eval.speechless import no_pictures

if TYPE_CHECKING:
    from data.catalogue import Catalogue

Where = Mapping[str, str | Sequence[str]] | None


class Looking(Seeing):
    """The use cases of searching: in words, by an item, with a picture."""

    @cached_property
    def _collapser(self) -> collapsing.Collapser:
        return collapsing.Collapser()

    def ask(
        self, spec: str, text: str, catalogue: str, k: int = 20, where: Where = None, collapse: bool = False, **how: Any
    ) -> Answer:
        """Search the catalogue for a text in Russian or English (`how`: precision, index, correction, progress).

        With `collapse` of near-duplicate pictures only the best is shown.
        """
        chosen = self.catalogue(catalogue)
        searcher = self._shelf.searcher(spec, chosen, **how)
        find = partial(asking.ask, searcher, chosen, text, where=where)
        return self._collapser.first(k, find, chosen, searcher) if collapse else find(k)

    def similar(
        self, spec: str, item: str, catalogue: str, k: int = 20, where: Where = None, collapse: bool = False, **how: Any
    ) -> Answer:
        """«More like this»: the items whose vectors are nearest to the item's own, itself left out by its id."""
        chosen = self.catalogue(catalogue)
        searcher = self._shelf.searcher(spec, chosen, **how)
        find = partial(asking.similar, searcher, chosen, item, where=where)
        return self._collapser.first(k, find, chosen, searcher) if collapse else find(k)

    def look(
        self, spec: str, look: Look, catalogue: str, k: int = 20, where: Where = None, collapse: bool = False,
        **how: Any,
    ) -> Answer:  # fmt: skip
        """The items nearest to what is asked; the item itself and what is unwanted are left out by their ids.

        LookupError for a model that compares words, or that reads none when words are given; ValueError when nothing
        is asked.
        """
        chosen = self.catalogue(catalogue)
        searcher = self._shelf.searcher(spec, chosen, **how)
        if not isinstance(searcher, VectorSearcher):
            raise no_pictures(spec)
        find = partial(self._looked, searcher, chosen, look, where=where)
        return self._collapser.first(k, find, chosen, searcher) if collapse else find(k)

    def _looked(self, searcher: VectorSearcher, catalogue: Catalogue, look: Look, k: int, where: Where) -> Answer:
        gone = {look.item, *look.without} - {""}

        def find(rows: np.ndarray | None) -> Ranking:
            query = self._query(searcher, catalogue, look)
            found = searcher.nearest(["look"], query[None], k + len(gone), rows)[0]
            kept = [pair for pair in zip(found.items, found.scores, strict=True) if pair[0] not in gone][:k]
            return Ranking("look", tuple(item for item, _score in kept), tuple(score for _item, score in kept))

        return asking.timed(searcher, catalogue, look.text or look.item, where, (), find)

    def _query(self, searcher: VectorSearcher, catalogue: Catalogue, look: Look) -> np.ndarray:
        text, wanted = cleaning.normalise(look.text).text, []
        seen = look.path is not None or bool(look.item)
        if not 0 <= look.share <= 1:
            raise ValueError(f"The picture's share is a number from 0 to 1; {look.share:g} came")
        if seen:
            wanted.append((self._seen(searcher, catalogue, look), look.share if text else 1.0))
        if text and (look.share < 1 or not seen):
            wanted.append((searcher.texts([text])[0], 1 - look.share if seen else 1.0))
        return mixing.mixed(wanted, [_row(searcher, item) for item in look.without])

    def _seen(self, searcher: VectorSearcher, catalogue: Catalogue, look: Look) -> np.ndarray:
        if look.item and look.box is None:
            return _row(searcher, look.item)
        return self.vector(searcher.encoder, catalogue.name, look)


def _row(searcher: Searcher, item: str) -> np.ndarray:
    assert isinstance(searcher, VectorSearcher)
    row: np.ndarray = searcher.asked([PictureQuery(item, item, item=item)])[0]
    return row
