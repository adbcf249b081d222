"""Classification as the Bench offers it: probes of several models over one split, kept by content."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.answers import Answer, hits
from app.loaded import Loaded
from app.search.seeing import Look, Seeing
from data.errors import Unavailable
from data.progress import Progress, silent
from eval.contracts import ModelSpec

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from eval.contracts import Encoder
    from eval.probing.choosing import Chosen
    from eval.probing.outcome import Probe
    from eval.probing.parts import Parts
    from eval.probing.within import Gain
    from eval.tasks.probe import Where

ID_LIKE = {"id", "title", "image", "sha256", "description", "url", "price"}


class Classifying(Seeing):
    """The use cases of classification; part of `app.bench.Bench`."""

    def classify(
        self, specs: Sequence[str], catalogue: str, column: str = "category", classifiers: Sequence[str] = (),
        where: Where = None, precision: str = "fp32", progress: Progress = silent, exclude: Sequence[str] = (),
        **how: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Probe each model's vectors; `{"made": spec → key, "failed": spec → why}`.

        `exclude` names groups whose items take no part; `how` are the other fields of `eval.tasks.probe.Question`.
        What was computed before on the same content is not
        computed again. ValueError when no model could be probed; may raise Cancelled, which keeps finished classifiers.
        """
        from eval.probing.classifiers import named
        from eval.tasks import probe

        chosen = self.catalogue(catalogue)
        columns, out = self.parted(catalogue, where, exclude)
        question = probe.Question(column, columns or None, without=out, **how)
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

    def recognised(
        self, key: str, catalogue: str, classifier: str, look: Look, classes: int = 1, k: int = 20,
        progress: Progress = silent,
    ) -> Recognised:  # fmt: skip
        """Photo → category → search within it: what the probe `key`'s classifier takes a picture for, and the nearest
        items of the `classes` likeliest classes; an item that is asked with is left out by its id.

        LookupError when the probe or the classifier is not here; ValueError when the weights or labels changed since.
        """
        from eval.probing import within

        chosen, probe, judge = self._judge(key, catalogue, classifier, progress)
        started = time.perf_counter()
        vector = self.vector(judge.encoder, catalogue, look)
        said = within.guesses(judge.chosen, vector, judge.parts)
        rows = chosen.rows({probe.column: [name for name, _sure in said[:classes]]})
        found = within.nearest("photo", judge.matrix, chosen.ids, vector, rows, k, look.item)
        answer = Answer(probe.spec, "", hits(chosen, found), time.perf_counter() - started, len(rows))
        return Recognised(tuple(said), answer)

    def within_gain(self, key: str, catalogue: str, classifier: str, progress: Progress = silent) -> Gain:
        """What searching within the recognised category brings on the test items of a probe (`eval.probing.within`)."""
        from eval.probing import within

        chosen, probe, judge = self._judge(key, catalogue, classifier, progress)
        table = chosen.table
        column = next(iter(probe.settings["together"]), "")
        design = table[column].astype(str).to_numpy() if column else np.full(len(table), "")
        labels = table[probe.column].astype(str).to_numpy()
        return within.gain(judge.chosen, judge.matrix, judge.parts, labels, design)

    def _judge(self, key: str, catalogue: str, classifier: str, progress: Progress) -> tuple[Catalogue, Probe, _Judge]:
        """A probe's classifier, fitted anew from what was kept; held in memory while the files stay as they are."""
        from eval import vectors
        from eval.probing import within
        from eval.tasks import probe as task

        chosen = self.catalogue(catalogue)
        probe = next((one for one in self.probes(catalogue) if one.key == key), None)
        if probe is None:
            raise LookupError(f"There is no probe {key!r} of {catalogue} as it is now; classify first")
        encoder = self._shelf.encoder(probe.spec, str(probe.settings["precision"]))
        if encoder.fingerprint != probe.fingerprints["encoder"]:
            raise ValueError(f"The weights of {probe.spec} were replaced since it was probed; classify again")

        def fit() -> _Judge:
            _columns, out = self.parted(catalogue, probe.settings["where"])
            question = task.asked(probe, out)
            parts = task.parted(chosen, question, self.home, progress)
            matrix = np.asarray(vectors.vectors(chosen, encoder, self.home, progress).matrix)
            words = task.words(encoder, question, parts)
            return _Judge(encoder, within.fitted(probe, classifier, matrix, parts, words), matrix, parts)

        return chosen, probe, _judges(self.home).get((key, classifier, encoder.fingerprint), fit)


@dataclass(frozen=True)
class Recognised:
    """A picture's classes with their probabilities, the likeliest first, and the items found among the first ones."""

    classes: tuple[tuple[str, float], ...]
    answer: Answer


@dataclass(frozen=True)
class _Judge:
    encoder: Encoder
    chosen: Chosen
    matrix: np.ndarray
    parts: Parts


@lru_cache(maxsize=4)
def _judges(home: Path) -> Loaded[_Judge]:
    return Loaded(4)
