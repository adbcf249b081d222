"""What the Bench keeps at hand: catalogues, loaded encoders, and searchers over them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.loaded import Loaded
from data import catalogue as catalogues
from data.catalogue import Catalogue
from data.progress import Progress, silent
from eval import registry, search
from eval.contracts import ModelSpec, Searcher

if TYPE_CHECKING:
    from eval.contracts import Encoder

ENCODERS = 3  # kept in memory: two side by side and one in reserve
SEARCHERS = 6
CATALOGUES = 4


class Shelf:
    """Loads each thing once and forgets the least used; safe to share between threads."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._encoders: Loaded[Encoder] = Loaded(ENCODERS)
        self._searchers: Loaded[Searcher] = Loaded(SEARCHERS)
        self._catalogues: Loaded[Catalogue] = Loaded(CATALOGUES)

    def catalogue(self, name: str) -> Catalogue:
        """The catalogue as it is now; read again once an import replaced it."""
        current = catalogues.fingerprint(self.home, name)
        return self._catalogues.get((name, current), lambda: catalogues.load(self.home, name))

    def encoder(self, spec: str, precision: str = "fp32") -> Encoder:
        """The loaded encoder; LookupError for a lexical model, which has none."""
        key = (spec, precision)
        return self._encoders.get(key, lambda: registry.load(ModelSpec.parse(spec), self.home, precision))

    def searcher(
        self, spec: str, catalogue: str, precision: str = "fp32", index: str = "exact", progress: Progress = silent
    ) -> Searcher:
        """The searcher of a model over a catalogue, with its vectors computed first when they are missing."""
        chosen, parsed = self.catalogue(catalogue), ModelSpec.parse(spec)

        def build() -> Searcher:
            encoder = None if registry.lexical(parsed) else self.encoder(spec, precision)
            return search.searcher(chosen, parsed, self.home, index, precision, progress, encoder=encoder)

        return self._searchers.get((chosen.fingerprint, spec, precision, index), build)
