"""Choosing a classifier's settings by cross-validation on the training part only, and fitting it there."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eval.probing import scoring
from eval.probing.classifiers import Classifier, Params, logits
from eval.probing.parts import Parts

FOLDS = 3
Step = Callable[[], None]  # told before each fit; may raise Cancelled


@dataclass(frozen=True)
class Chosen:
    """A fitted classifier: its settings, what was tried with which mean F1 macro, and its temperature."""

    estimator: Any
    params: Params
    tried: tuple[tuple[Params, float], ...] = ()
    temperature: float = 1.0
    notes: tuple[str, ...] = field(default=())

    def logits(self, features: np.ndarray, classes: int) -> np.ndarray:
        """How strongly each class speaks of each row of `features`, float64 (n, classes)."""
        return logits(self.estimator, features, classes)


def fits(one: Classifier) -> int:
    """How many times `choose` fits it."""
    return len(one.grid) * FOLDS + 1 if len(one.grid) > 1 else 1


def choose(one: Classifier, features: np.ndarray, parts: Parts, seed: int, step: Step = lambda: None) -> Chosen:
    """Fit `one` on the training rows of `features`, float32 (catalogue, size), with the best settings of its grid.

    Settings are compared by mean F1 macro over three folds of the training part, dealt like the parts themselves by
    groups and classes; of equal ones the first. The validation part gives the temperature, nothing else.
    """
    said: list[str] = []
    with _noted(said):
        tried = _tried(one, features, parts, seed, step) if len(one.grid) > 1 else [(one.grid[0], float("nan"))]
        best = max(tried, key=lambda pair: -np.inf if np.isnan(pair[1]) else pair[1])[0]
        step()
        estimator = one.made(best, seed).fit(features[parts.train], parts.truth[parts.train])
    spoken = logits(estimator, features[parts.validation], len(parts.classes)) if len(parts.validation) else None
    at = 1.0 if spoken is None else scoring.temperature(spoken, parts.truth[parts.validation])
    kept = tuple((dict(params), value) for params, value in tried if not np.isnan(value))
    return Chosen(estimator, dict(best), kept, at, tuple(dict.fromkeys(said)))


def again(one: Classifier, params: Params, features: np.ndarray, parts: Parts, seed: int, at: float) -> Chosen:
    """The classifier that `choose` ended with, fitted anew from what was kept of it: no choice is made."""
    with _noted([]):
        estimator = one.made(params, seed).fit(features[parts.train], parts.truth[parts.train])
    return Chosen(estimator, dict(params), (), at)


def _tried(one: Classifier, features: np.ndarray, parts: Parts, seed: int, step: Step) -> list[tuple[Params, float]]:
    from sklearn.model_selection import StratifiedGroupKFold

    rows, truth = parts.train, parts.truth[parts.train]
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    if np.bincount(truth).max() < FOLDS:
        return [(one.grid[0], float("nan"))]  # too few to choose by
    dealt = list(folds.split(rows, truth, parts.group[rows]))
    fewest = min(len(learnt) for learnt, _held in dealt)
    grid = [params for params in one.grid if params.get("n_neighbors", 1) <= fewest]
    return [(params, float(np.mean([_value(one, params, features[rows], truth, fold, seed, step) for fold in dealt])))
            for params in grid]  # fmt: skip


def _value(
    one: Classifier, params: Params, features: np.ndarray, truth: np.ndarray, fold: tuple[np.ndarray, np.ndarray],
    seed: int, step: Step,
) -> float:  # fmt: skip
    step()
    learnt, held = fold
    estimator = one.made(params, seed).fit(features[learnt], truth[learnt])
    predicted = np.asarray(estimator.predict(features[held])).reshape(-1).astype(np.int64)
    macro, _weighted = scoring.f1(truth[held], predicted, np.ones((1, len(held))), int(truth.max()) + 1)
    return float(macro[0])


@contextmanager
def _noted(said: list[str]) -> Iterator[None]:
    """Keep what a library warns of (no convergence) as notes of the result; classes with few members are known."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield
    for one in heard:
        if one.category.__name__ == "ConvergenceWarning":
            said.append("not converged")
