"""Classification as the Bench offers it: probes of several models over one split, kept by content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data.errors import Unavailable
from data.progress import Progress, silent
from eval.contracts import ModelSpec

if TYPE_CHECKING:
    from eval.probing.outcome import Probe
    from eval.tasks.probe import Where

ID_LIKE = {"id", "title", "image", "sha256", "description", "url", "price"}


class Classifying(Stored):
    """The use cases of classification; part of `app.bench.Bench`."""

    def classify(
        self, specs: Sequence[str], catalogue: str, column: str = "category", classifiers: Sequence[str] = (),
        where: Where = None, precision: str = "fp32", progress: Progress = silent, **how: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Probe each model's vectors; `{"made": spec → key, "failed": spec → why}`.

        `how` are the other fields of `eval.tasks.probe.Question`. What was computed before on the same content is not
        computed again. ValueError when no model could be probed; may raise Cancelled, which keeps finished classifiers.
        """
        from eval.probing.classifiers import named
        from eval.tasks import probe

        chosen = self.catalogue(catalogue)
        question = probe.Question(column, where, **how)
        for name in classifiers:
            named(name)
        probe.parted(chosen, question, self.home, progress)  # what is wrong with the question is no model's fault
        made: dict[str, str] = {}
        failed: dict[str, str] = {}
        for spec in specs:
            try:
                encoder = self._shelf.encoder(str(ModelSpec.parse(spec)), precision)
                made[spec] = probe.evaluate(chosen, encoder, self.home, question, classifiers, progress).key
            except (Unavailable, LookupError, ValueError) as problem:
                failed[spec] = str(problem)
        if failed and not made:
            raise ValueError("; ".join(f"{spec}: {why}" for spec, why in failed.items()))
        return {"made": made, "failed": failed}

    def probes(self, catalogue: str, column: str | None = None) -> list[Probe]:
        """The probes kept for the catalogue as it is, newest first; touches no model."""
        from eval.probing import outcome

        found = outcome.kept(self.home, catalogue=self.catalogue(catalogue).fingerprint)
        return [one for one in found if column in (None, one.column)]

    def class_columns(self, catalogue: str) -> dict[str, int]:
        """The columns one can classify by, `category` first, with how many values each has: 2 to a fifth of the items.

        A column of names or addresses is left out.
        """
        table = self.catalogue(catalogue).table
        counts = {name: table.loc[table[name] != "", name].nunique() for name in table.columns if name not in ID_LIKE}
        fitting = {name: int(count) for name, count in counts.items() if 2 <= count <= max(2, len(table) // 5)}
        return dict(sorted(fitting.items(), key=lambda pair: pair[0] != "category"))
