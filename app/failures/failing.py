"""Failures as the Bench offers them: the diagnosis of a run, what people said of it, one query under several models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from app.stored import Stored
from data.progress import Progress, silent
from eval import registry
from eval.contracts import ModelSpec
from eval.failures import kept
from eval.failures.causes import FOUND
from eval.notes import Note, Notes, scope

if TYPE_CHECKING:
    from eval.contracts import Ranking
    from eval.failures.diagnosis import Diagnosis
    from eval.failures.kept import Made


class Failing(Stored):
    """The use cases of failures; part of `app.bench.Bench`."""

    @cached_property
    def notes(self) -> Notes:
        """What people said of failures."""
        return Notes(self.store)

    def diagnose(self, run_id: str, progress: Progress = silent) -> Diagnosis:
        """Look for the causes of a stored run's failures and keep them; found at once when that was done before.

        ValueError when the catalogue or the model is not the run's any more; may raise Cancelled.
        """
        from eval.failures.diagnosis import diagnose

        run = self.store.get(run_id)
        done = kept.load(self.home, run)
        if done is not None:
            return done
        how = {name: str(run.settings[name]) for name in ("precision", "index", "correction") if name in run.settings}
        chosen = self.catalogue(run.catalogue)
        asks = str(run.settings.get("asks", "words"))
        searcher = self._shelf.searcher(run.spec, chosen, progress=progress, asks=asks, **how)
        made = diagnose(run, chosen, searcher, self.home, progress)
        kept.save(self.home, run, made)
        return made

    def diagnosis(self, run: Made) -> Diagnosis | None:
        """The kept diagnosis of a run (or of its line in the list of runs), None when there is none; no model."""
        return kept.load(self.home, run)

    def ranking(self, run_id: str, query: str) -> Ranking:
        """One query's ranking in a stored run; LookupError when it is not in it."""
        return self.store.ranking(run_id, query)

    def note_failure(self, note: Note) -> Note:
        """Keep what somebody says of a failure."""
        return self.notes.add(note)

    def causes(self, run: Made, query_set: str) -> dict[str, str] | None:
        """Query → the cause that counts: what somebody said last, else the automatic one; None without a diagnosis."""
        found = self.diagnosis(run)
        return None if found is None else self.overruled(found.named(), query_set, run)

    def said_of(self, run: Made, query_set: str, query: str | None = None) -> list[Note]:
        """What people said of the failures of runs made like this one, in the order of storing; of one query if given.

        The same model with a correction, over another pool or with another k has notes of its own.
        """
        return self.notes.history(query_set, run.spec, query, scope(run.settings))

    def overruled(self, named: dict[str, str], query_set: str, run: Made) -> dict[str, str]:
        """The same causes with those that people overruled; a query that lost nothing stays `found`.

        The newest note of a query decides: one that names no cause leaves the automatic one in its place.
        """
        said = {note.query: note.cause for note in self.said_of(run, query_set)}
        return {query: code if code == FOUND else said.get(query) or code for query, code in named.items()}

    def corrects(self, spec: str) -> bool:
        """True for a model whose ranking can be corrected: one with vectors."""
        return not registry.lexical(ModelSpec.parse(spec))

    def diagnosed(self, runs: Sequence[Made]) -> list[bool]:
        """Which of those runs have a diagnosis."""
        return [kept.path(self.home, run).is_file() for run in runs]
