"""One cell of the table: a classifier chosen and fitted on the training part, and what it says of the other two."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from eval.probing import choosing, classifiers, scoring
from eval.probing.choosing import Chosen, Step
from eval.probing.classifiers import Classifier
from eval.probing.parts import Parts

DIGITS = 6  # decimals kept of a probability and a loss
TOP = 3  # classes kept of each item
Words = Callable[[], np.ndarray]  # gives unit rows float32 (classes, size) of the words for the classes


def cell(
    one: Classifier, features: np.ndarray, parts: Parts, seed: int, words: Words, step: Step = lambda: None
) -> dict[str, Any]:
    """What `eval.probing.outcome.Cell` keeps of a classifier on `features`, float32 (catalogue, size)."""
    started = time.perf_counter()
    found = (
        by_words(words(), features, parts) if one.make is None else choosing.choose(one, features, parts, seed, step)
    )
    seconds = time.perf_counter() - started
    test, held = (said(found, features, parts, rows) for rows in (parts.test, parts.validation))
    return {
        "classifier": one.name, "params": dict(found.params), "tried": [[dict(p), value] for p, value in found.tried],
        "temperature": found.temperature, "seconds": seconds, "notes": list(found.notes),
        "scores": _scores(test, parts, parts.test), "validation": _scores(held, parts, parts.validation), **test,
    }  # fmt: skip


class ByWords:
    """Zero-shot as if it were fitted: how strongly a class speaks is the cosine of the picture and its words."""

    def __init__(self, words: np.ndarray) -> None:
        self.words, self.classes_ = words, np.arange(len(words))

    def decision_function(self, features: np.ndarray) -> np.ndarray:
        """Cosines of unit rows, float (n, classes)."""
        return np.asarray(features @ self.words.T)


def by_words(words: np.ndarray, features: np.ndarray, parts: Parts) -> Chosen:
    """Zero-shot from the words' unit rows; only its temperature comes from labelled pictures, those of validation."""
    judge = ByWords(words)
    spoken = classifiers.logits(judge, features[parts.validation], len(parts.classes))
    return Chosen(judge, {}, (), scoring.temperature(spoken, parts.truth[parts.validation]))


def said(found: Chosen, features: np.ndarray, parts: Parts, rows: np.ndarray) -> dict[str, Any]:
    """Rank and loss of the true class of each of `rows`, and the likeliest classes with their probabilities."""
    spoken, truth = found.logits(features[rows], len(parts.classes)), parts.truth[rows]
    prior = np.bincount(parts.truth[parts.train], minlength=len(parts.classes)).astype(np.float64)
    order = scoring.ordered(spoken, prior)
    top = order[:, :TOP]
    sure = np.take_along_axis(scoring.probabilities(spoken, found.temperature), top, axis=1)
    return {
        "rank": scoring.ranks(order, truth).tolist(),
        "loss": np.round(scoring.losses(spoken, truth, found.temperature), DIGITS).tolist(),
        "top": top.tolist(),
        "sure": np.round(sure, DIGITS).tolist(),
    }


def _scores(found: dict[str, Any], parts: Parts, rows: np.ndarray) -> dict[str, list[float | None]]:
    predicted = [top[0] for top in found["top"]]
    table = scoring.scored(parts.truth[rows], found["rank"], found["loss"], predicted, parts.group[rows],
                           len(parts.classes))  # fmt: skip
    return {name: [None if np.isnan(value) else value for value in values] for name, values in table.items()}
