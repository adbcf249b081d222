"""Category from features: every classifier of the probe on one model's vectors, scored on designs it never saw."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.progress import Progress, silent
from eval import diagnoses, environment, workspace
from eval import vectors as computed
from eval.contracts import Encoder, TaskInfo
from eval.costs import sizes
from eval.finetuning import features as kept_features
from eval.grouping import excluded
from eval.grouping.excluded import NOTHING, Excluded
from eval.probing import cells, choosing, classifiers
from eval.probing.classifiers import Classifier
from eval.probing.outcome import KIND, VERSION, Probe
from eval.probing.parts import LEAST, TOGETHER, Parts, parts

if TYPE_CHECKING:
    from data.catalogue import Catalogue

TASK = TaskInfo("probe", "Category from a model's vectors by simple classifiers, on designs they never saw.")
Where = Mapping[str, str | Sequence[str]] | None


@dataclass(frozen=True)
class Question:
    """Which column is predicted, over which items, parted how; `names` are other words for classes in zero-shot."""

    column: str = "category"
    where: Where = None
    together: tuple[str, ...] | None = None  # None: `sku` and `design` where the catalogue has them
    near: bool = True  # nearly equal pictures stay on one side
    seed: int = 0
    least: int = LEAST
    template: str = "{}"  # of zero-shot; {} is the class
    names: Mapping[str, str] = field(default_factory=dict)
    without: Excluded = NOTHING  # groups whose items take no part

    def __post_init__(self) -> None:
        """ValueError for a template without a place, fewer than two groups a class, or a negative seed."""
        if "{}" not in self.template:
            raise ValueError(
                f"The template {self.template!r} has no place {{}} for the class; write e.g. 'photo: {{}}'"
            )
        if self.least < 2 or self.seed < 0:
            raise ValueError(f"A class needs 2 groups at least and the seed 0; {self.least} and {self.seed} came")

    def bound(self, catalogue: Catalogue) -> tuple[str, ...]:
        """The columns whose equal values stay together."""
        there = tuple(name for name in TOGETHER if name in catalogue.table.columns)
        return there if self.together is None else self.together

    def settings(self, catalogue: Catalogue) -> dict[str, Any]:
        """What a record keeps of the question, as JSON values."""
        where = {name: [v] if isinstance(v, str) else sorted(v) for name, v in (self.where or {}).items()}
        where |= self.without.where
        return {
            "where": where, "together": list(self.bound(catalogue)), "near": self.near, "seed": self.seed,
            "least": self.least, "template": self.template, "names": dict(self.names), "folds": choosing.FOLDS,
        }  # fmt: skip


def parted(catalogue: Catalogue, question: Question, home: Path, progress: Progress = silent) -> Parts:
    """The parts of that question: the same for every model. Raises what `eval.probing.parts.parts` raises."""
    bits = kept_features.likeness(catalogue, home, progress) if question.near else None
    rows = catalogue.rows(question.where)
    away = frozenset(rows.tolist()) - frozenset(question.without.rows(catalogue, rows).tolist())
    bound, seed = question.bound(catalogue), question.seed
    return parts(catalogue, question.column, rows, bound, bits, seed, question.least, away)


def evaluate(
    catalogue: Catalogue, encoder: Encoder, home: Path, question: Question, chosen: Sequence[str] = (),
    progress: Progress = silent,
) -> Probe:  # fmt: skip
    """Fit the `chosen` classifiers (every one that can run when none is named) on one model's vectors, and score them.

    Kept after each classifier under the content's key: asked again, only what is missing is computed. LookupError for
    an unknown classifier or column, Unavailable for a classifier that was named and is not installed, ValueError when
    the column cannot be parted; may raise Cancelled.
    """
    wanted = [classifiers.named(name) for name in chosen or classifiers.ALL]
    split = parted(catalogue, question, home, progress)
    matrix = np.asarray(computed.vectors(catalogue, encoder, home, progress).matrix)
    record = _begun(catalogue, encoder, home, question, split, matrix)
    skipped = {one.name: why for one in wanted if (why := _lacking(one, encoder, bool(chosen)))}
    todo = [one for one in wanted if one.name not in record["cells"] and one.name not in skipped]
    count, total = 0, sum(map(choosing.fits, todo))

    def step() -> None:
        nonlocal count
        progress(count, total, "classify")
        count += 1

    for one in todo:
        cell = cells.cell(one, matrix, split, question.seed, words(encoder, question, split), step)
        record = {**record, "cells": {**record["cells"], one.name: cell}}
        record = diagnoses.save(home, KIND, record["key"], record)
    progress(max(total, 1), max(total, 1), "classify")
    names = set(chosen or classifiers.ALL)
    found = Probe.read({**record, "skipped": skipped, "made": record.get("made", "")})
    return _only(found, names)


def scores(found: Probe) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Classifier → metric → (value, low, high) on the test part."""
    return {name: cell.scores for name, cell in found.cells.items()}


def words(encoder: Encoder, question: Question, split: Parts) -> cells.Words:
    """Gives the unit rows of what zero-shot calls the classes; asked only where zero-shot runs."""
    return lambda: encoder.texts([question.template.format(question.names.get(c, c)) for c in split.classes])


def asked(found: Probe, without: Excluded = NOTHING) -> Question:
    """The question that a probe answered; `without` are the groups that it left out."""
    said = found.settings
    where, labels = excluded.parted(said["where"])
    if labels != without.labels:
        raise ValueError(f"This probe left out {', '.join(labels) or 'no group'}, not {without.names or 'none'}")
    return Question(found.column, where or None, tuple(said["together"]), said["near"], said["seed"],
                    said["least"], said["template"], said["names"], without)  # fmt: skip


def _only(found: Probe, names: set[str]) -> Probe:
    kept = names & set(found.cells)
    return replace(found, cells={name: found.cells[name] for name in classifiers.ALL if name in kept})


def _lacking(one: Classifier, encoder: Encoder, asked: bool) -> str:
    """Why a classifier is left out of a table that names none; what was asked for by name raises instead."""
    if not one.here:
        if asked:
            one.made({}, 0)
        return f"pip install {one.package}"
    if one is classifiers.ZERO_SHOT and not encoder.reads_text:
        if asked:
            raise LookupError(f"{encoder.spec} reads no text; zero-shot takes a model that does")
        return "reads no text"
    return ""


def key(catalogue: Catalogue, encoder: Encoder, question: Question, split: Parts) -> str:
    """The content key of a probe: other pictures, labels, weights or parts, another key."""
    grids = {name: list(one.grid) for name, one in classifiers.ALL.items()}
    return workspace.key(VERSION, grids, catalogue.fingerprint, encoder.fingerprint, question.column,
                         question.settings(catalogue), split.fingerprint)  # fmt: skip


def _begun(
    catalogue: Catalogue, encoder: Encoder, home: Path, question: Question, split: Parts, matrix: np.ndarray
) -> dict[str, Any]:
    """The record as it was kept, or a new one without cells; `features` tells models with the same vectors."""
    name = key(catalogue, encoder, question, split)
    test = split.test
    return diagnoses.load(home, KIND, name) or {
        "key": name, "version": VERSION, "spec": str(encoder.spec), "catalogue": catalogue.name,
        "column": question.column, "classes": list(split.classes), "test": [catalogue.ids[row] for row in test],
        "truth": split.truth[test].tolist(), "group": split.group[test].tolist(), "counts": split.counts,
        "left_out": split.left_out, "environment": environment.describe(),
        "fingerprints": {"catalogue": catalogue.fingerprint, "encoder": encoder.fingerprint,
                         "parts": split.fingerprint, "features": hashlib.sha256(matrix.tobytes()).hexdigest()},
        "settings": {**question.settings(catalogue), "precision": encoder.precision},
        "size": encoder.size, "parameters": sizes.parameters(encoder),
        "file_bytes": sizes.file_bytes(str(encoder.spec), home), "cells": {}, "skipped": {}, "made": "",
    }  # fmt: skip
