"""What the Bench keeps at hand: catalogues, loaded encoders, and searchers over them."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from app.loaded import Loaded
from data import catalogue as catalogues
from data.catalogue import Catalogue
from data.progress import Progress, silent
from eval import corrections, registry, search
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
        self._fingerprints: dict[Hashable, str] = {}  # of encoders loaded so far, also of those forgotten since
        self._encoders: Loaded[Encoder] = Loaded(ENCODERS)
        self._searchers: Loaded[Searcher] = Loaded(SEARCHERS)
        self._catalogues: Loaded[Catalogue] = Loaded(CATALOGUES)

    def catalogue(self, name: str) -> Catalogue:
        """The catalogue as it is now; read again once an import replaced it."""
        current = catalogues.fingerprint(self.home, name)
        return self._catalogues.get((name, current), lambda: catalogues.load(self.home, name))

    def encoder(self, spec: str, precision: str = "fp32") -> Encoder:
        """The loaded encoder, loaded anew once its files changed; LookupError for a lexical model, which has none."""
        key = self._key(spec, precision)
        encoder = self._encoders.get(key, lambda: registry.load(ModelSpec.parse(spec), self.home, precision))
        self._fingerprints[key] = encoder.fingerprint
        return encoder

    def fingerprint(self, spec: str, precision: str = "fp32") -> str:
        """The encoder's fingerprint as its files are now; loads it only when these files were never loaded before."""
        return self._fingerprints.get(self._key(spec, precision)) or self.encoder(spec, precision).fingerprint

    def _key(self, spec: str, precision: str) -> Hashable:
        return spec, precision, registry.state(ModelSpec.parse(spec), self.home)

    def searcher(
        self,
        spec: str,
        catalogue: Catalogue,
        precision: str = "fp32",
        index: str = "exact",
        progress: Progress = silent,
        correction: str = corrections.NONE,
        asks: str = corrections.WORDS,
    ) -> Searcher:
        """The searcher of a model over a catalogue, with its vectors computed first when they are missing.

        A `correction` is fitted for words or for pictures, whichever `asks`. ValueError for an unknown one, LookupError
        for a model that none can be fitted to.
        """
        if correction != corrections.NONE:
            plain = self.searcher(spec, catalogue, precision, index, progress)
            return self._corrected(plain, catalogue, progress, correction, asks)
        parsed = ModelSpec.parse(spec)
        seen = "" if registry.lexical(parsed) else self.fingerprint(spec, precision)

        def build() -> Searcher:
            encoder = self.encoder(spec, precision) if seen else None
            if encoder is not None and encoder.fingerprint != seen:
                raise ValueError(f"The weights of {spec} were just replaced; ask again")
            return search.searcher(catalogue, parsed, self.home, index, precision, progress, encoder=encoder)

        return self._searchers.get((catalogue.fingerprint, spec, precision, index, seen), build)

    def _corrected(
        self, plain: Searcher, catalogue: Catalogue, progress: Progress, correction: str, asks: str
    ) -> Searcher:
        if not isinstance(plain, search.VectorSearcher):
            raise LookupError(f"{plain.spec} compares words and has no vectors; a correction needs an encoder")

        def build() -> Searcher:
            fitted = corrections.fitted(correction, plain, catalogue, self.home, progress, asks)
            return corrections.CorrectedSearcher(plain, fitted)

        how = (str(plain.spec), *plain.settings.values(), plain.fingerprint, correction, asks)
        return self._searchers.get((catalogue.fingerprint, *how), build)
