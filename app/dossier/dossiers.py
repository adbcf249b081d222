"""The printed report as the Bench offers it: stored runs in, files out; no model is asked anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.dossier import dossier_files
from app.dossier.dossier_sheet import Sheet
from app.evaluate import run_names
from app.failures.failing import Failing
from app.language import speaking
from eval.contracts import ModelSpec
from eval.dossier import WORST, Dossier, gather

if TYPE_CHECKING:
    from eval.contracts import Run


class Dossiers(Failing):
    """The use cases of the printed report; part of `app.bench.Bench`."""

    def dossier(self, runs: Sequence[str], metric: str = "P@5", worst: int = WORST) -> Dossier:
        """Everything a report of these runs (by id) says, as numbers.

        ValueError for runs that cannot be compared, LookupError for an unknown run or metric.
        """
        stored = [self.store.get(run) for run in runs]
        causes, evidence = {}, {}
        for run in stored:
            found, named = self.diagnosis(run), self.causes(run, run.query_set)
            if found is not None and named is not None:
                causes[run.id] = named
                evidence[run.id] = {query: found.causes(query) for query in found.observed}
        return gather(stored, metric, worst, causes, evidence)

    def report(
        self, runs: Sequence[str], metric: str = "P@5", lang: str = "en", worst: int = WORST
    ) -> dict[str, bytes]:
        """The report in "en" or "ru": path → content of report.html, tables, TREC files; errors as for `dossier`."""
        with speaking(lang):
            return dossier_files.files(self._sheet(self.dossier(runs, metric, worst)))

    def report_zip(self, runs: Sequence[str], metric: str = "P@5", lang: str = "en", worst: int = WORST) -> bytes:
        """The same as one ZIP."""
        with speaking(lang):
            sheet = self._sheet(self.dossier(runs, metric, worst))
            return dossier_files.packed(dossier_files.files(sheet), sheet.made)

    def _sheet(self, found: Dossier) -> Sheet:
        names = run_names.names(found.runs, self.models())
        try:
            catalogue = self.catalogue(found.runs[0].catalogue)
        except LookupError:  # it was removed: the report says so and has no pictures
            catalogue = None
        told = {run.id: self._tuned(run) for run in found.runs}
        made = datetime.now(UTC).isoformat(timespec="seconds")
        lineage = {run: facts for run, (facts, _stamp) in told.items()}
        stamps = {run: stamp for run, (_facts, stamp) in told.items()}
        return Sheet(found, names, catalogue, made, lineage, stamps, self.kept_thumbnail)

    def _tuned(self, run: Run) -> tuple[list[tuple[str, str]], str]:
        """How a tuned run's weights came about and what has to be said of them; nothing for others."""
        from app.dossier.dossier_failures import unmarked
        from app.tuning import tunings
        from eval import tuned

        try:
            one = tuned.find(ModelSpec.parse(run.spec), self.home)
        except LookupError:  # the weights were taken away; the run's own notes stay
            one = None
        if one is None:
            return [], ""
        return [(name, unmarked(value)) for name, value in tunings.facts(one)[1:]], tunings.stamp(one)
