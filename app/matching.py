"""Matching as the Bench offers it: two shops or two catalogues, what was counted kept, labels in the log of judgments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.stored import Stored
from data.progress import Progress, silent
from eval.contracts import ModelSpec
from eval.matching import blocks
from eval.tasks.matching import Side

if TYPE_CHECKING:
    from eval.tasks.matching import Matches

KEYS = ("sku", "design", "article", "ean", "gtin", "barcode")  # columns that mean one article, where nobody names one


class Matching(Stored):
    """The use cases of matching; part of `app.bench.Bench`."""

    def side(self, catalogue: str, source: str = "", key: str | None = None) -> Side:
        """A side of a matching; `key` None takes the first column of `KEYS` that is there, "" none."""
        chosen = self.catalogue(catalogue)
        found = next((name for name in KEYS if name in chosen.table.columns), "") if key is None else key
        return Side(chosen, source, found)

    def match(
        self, spec: str, left: Side, right: Side, seed: int = 0, keep: int = blocks.KEPT, progress: Progress = silent
    ) -> Matches:
        """Match two sides with a model; what was matched before on the same content is read again.

        LookupError for a model without vectors, else as `eval.tasks.matching.evaluate`; may raise Cancelled.
        """
        from eval import vectors
        from eval.matching import kept
        from eval.tasks import matching

        matching.overlap(left, right)
        encoder = self._shelf.encoder(str(ModelSpec.parse(spec)))
        seen = tuple(vectors.vectors(side.catalogue, encoder, self.home, progress) for side in (left, right))
        key = matching.key(left, right, (seen[0], seen[1]), seed, keep)
        found = kept.load(self.home, key)
        if found is None:
            found = matching.evaluate(left, right, (seen[0], seen[1]), spec, seed, keep, progress)
            kept.save(self.home, key, found)
        return found
