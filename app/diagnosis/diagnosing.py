"""Diagnoses as the Bench offers them: curves over growing galleries, towers and their fusion; each computed once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data import cleaning
from data.errors import Unavailable
from data.progress import Progress, silent
from eval import diagnoses, registry, workspace
from eval.contracts import ModelSpec
from eval.corrections import NONE

if TYPE_CHECKING:
    from eval.size_curves import Curve
    from eval.towers import Towers


class Diagnosing(Stored):
    """The use cases of diagnosis; part of `app.bench.Bench`."""

    def curves(
        self, specs: Sequence[str], catalogue: str, query_set: str, k: int = 5, draws: int = 20, seed: int = 0,
        progress: Progress = silent,
    ) -> dict[str, Any]:  # fmt: skip
        """Measure each model over growing galleries and keep the curves; `{"made": spec → key, "failed": spec → why}`.

        What was measured before on the same content is not measured again. ValueError when no model could be measured.
        """
        from eval import gallery_sizes

        chosen, asked = self.catalogue(catalogue), self.query_set(query_set)
        made: dict[str, str] = {}
        failed: dict[str, str] = {}
        for spec in specs:
            try:
                searcher = self._shelf.searcher(spec, chosen, progress=progress)
                key = gallery_sizes.key(chosen, asked, searcher, k, draws, seed)
                if diagnoses.load(self.home, "curve", key) is None:
                    found = gallery_sizes.curve(chosen, asked, searcher, k, draws, seed, progress)
                    diagnoses.save(self.home, "curve", key, found.record())
                made[spec] = key
            except (Unavailable, LookupError, ValueError) as problem:
                failed[spec] = str(problem)
        if failed and not made:
            raise ValueError("; ".join(f"{spec}: {why}" for spec, why in failed.items()))
        return {"made": made, "failed": failed}

    def measured_curves(self, catalogue: str, query_set: str) -> list[Curve]:
        """The curves kept for these contents, newest first, of each model and cut only the newest; touches no model."""
        from eval.size_curves import Curve

        newest: dict[tuple[str, int], Curve] = {}
        for record in self._stored("curve", catalogue, query_set):
            newest.setdefault((record["spec"], record["k"]), Curve.read(record))
        return list(newest.values())

    def towers(
        self, spec: str, catalogue: str, query_set: str, k: int = 5, pool: str = "catalogue",
        progress: Progress = silent,
    ) -> dict[str, Any]:  # fmt: skip
        """Diagnose a model beside word search and keep the record (`eval.towers.Towers.read` reads it).

        LookupError for a model without vectors, or one that reads no text; ValueError where photos ask: they have no
        words that a tower of texts could be asked with.
        """
        from eval import towers
        from eval.search import VectorSearcher

        chosen, asked = self.catalogue(catalogue), self.query_set(query_set)
        pictures = self._shelf.searcher(spec, chosen, progress=progress)
        if not isinstance(pictures, VectorSearcher):
            raise LookupError(f"{spec} compares words and has no towers; choose a model with an encoder")
        key = towers.key(chosen, asked, pictures.encoder, pool, k)
        known = diagnoses.load(self.home, "towers", key)
        if known is not None:
            return known
        words = self._shelf.searcher("bm25", chosen)
        found = towers.towers(chosen, asked, pictures, words, pool, k, progress)
        return diagnoses.save(self.home, "towers", key, found.record())

    def measured_towers(self, catalogue: str, query_set: str) -> dict[tuple[str, str, int], Towers]:
        """(spec, pool, k) → the newest diagnosis of towers kept for these contents; touches no model."""
        from eval.towers import Towers

        newest: dict[tuple[str, str, int], Towers] = {}
        for record in self._stored("towers", catalogue, query_set):
            newest.setdefault((record["spec"], record["pool"], record["k"]), Towers.read(record))
        return newest

    def _stored(self, kind: str, catalogue: str, query_set: str) -> list[dict[str, Any]]:
        chosen, asked = self.catalogue(catalogue), self.query_set(query_set)
        return diagnoses.stored(self.home, kind, catalogue=chosen.fingerprint, query_set=asked.fingerprint)

    def explain(
        self, spec: str, text: str, item: str, catalogue: str, k: int = 5, progress: Progress = silent,
        correction: str = NONE,
    ) -> dict[str, Any]:  # fmt: skip
        """Explain why an item stands where it does and keep it (`eval.explanations.Explanation.read` reads it).

        With a `correction` the corrected ranking is explained. LookupError for an unknown item or a model that none
        can be fitted to, ValueError when nothing is asked; may raise Cancelled.
        """
        from eval import explaining

        known = self.explained(spec, text, item, catalogue, k, correction)
        if known is not None:
            return known
        chosen, asked = self.catalogue(catalogue), cleaning.normalise(text).text
        state = self._state(spec)
        searcher = self._shelf.searcher(spec, chosen, progress=progress, correction=correction)
        found = explaining.explain(chosen, searcher, asked, item, k, progress)
        key = explaining.key(spec, chosen, asked, item, k, correction)
        return diagnoses.save(self.home, "explanation", key, {**found.record(), "state": state})

    def explained(
        self, spec: str, text: str, item: str, catalogue: str, k: int = 5, correction: str = NONE
    ) -> dict[str, Any] | None:
        """A kept explanation; None where there is none, or the model's files have changed since. Touches no model.

        Where the weights are not on this machine, what they once said is still shown.
        """
        from eval import explaining

        chosen, asked = self.catalogue(catalogue), cleaning.normalise(text).text
        record = diagnoses.load(self.home, "explanation", explaining.key(spec, chosen, asked, item, k, correction))
        return record if record and self._state(spec) in ("", record["state"]) else None

    def _state(self, spec: str) -> str:
        """Which files a model would be read from now, as a key; "" where they are not here."""
        try:
            return workspace.key([list(one) for one in registry.state(ModelSpec.parse(spec), self.home)])
        except (Unavailable, LookupError):
            return ""
