"""What three rankings of a query set are worth beside each other, and what that advises; no search is done here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval import fusion, stats

TOWERS = ("words", "text", "image")  # BM25, text → description vectors, text → picture vectors
ALPHA = 0.05


@dataclass(frozen=True)
class Gap:
    """A mean difference over queries, its 95 % interval (BCa bootstrap) and the p of the paired randomisation test.

    The p is Holm's for the three differences of one advice.
    """

    mean: float
    low: float
    high: float
    p: float

    @property
    def proven(self) -> bool:
        """True when chance would rarely do it."""
        return self.p < ALPHA


@dataclass(frozen=True)
class Verdict:
    """One metric over all queries: values by ranking and query, and what they advise.

    `advice`: "fuse" (the fusion is proven better than each side alone), "text" or "image" (that side is proven better
    than the other), "undecided".
    """

    metric: str
    values: dict[str, tuple[float, ...]]  # words, text, image, rrf, fused, oracle → one value a query
    intervals: dict[str, tuple[float, float]]  # of their means over queries, 95 %
    weights: fusion.Weights  # tuned on all queries
    in_sample: float
    held_out_weights: tuple[fusion.Weights, ...]
    best_text: str  # "words" or "text": the better of the two
    sides: Gap  # pictures − best_text
    over_text: Gap  # fusion − the fusion of the two text rankings, both tuned without the query
    over_image: Gap  # fusion − pictures
    advice: str

    def mean(self, name: str) -> float:
        """The mean over queries of that ranking's values."""
        return float(np.mean(self.values[name]))

    @property
    def best_single(self) -> str:
        """The tower with the highest mean, the first of equal ones."""
        return max(TOWERS, key=self.mean)

    @property
    def left(self) -> float:
        """What is left on the table: the oracle's mean over that of the best single tower."""
        return self.mean("oracle") - self.mean(self.best_single)

    def winners(self, place: int) -> tuple[str, ...]:
        """The towers with the best value for the query at `place`; none when all found nothing."""
        best = self.values["oracle"][place]
        return tuple(name for name in TOWERS if best > 0 and self.values[name][place] == best)


def read(one: Mapping[str, Any]) -> Verdict:
    """The verdict whose fields a record holds."""
    gaps = {name: Gap(**one[name]) for name in ("sides", "over_text", "over_image")}
    tables = {
        "values": {name: tuple(values) for name, values in one["values"].items()},
        "intervals": {name: tuple(ends) for name, ends in one["intervals"].items()},
        "weights": tuple(one["weights"]),
        "held_out_weights": tuple(map(tuple, one["held_out_weights"])),
    }
    return Verdict(**{**one, **gaps, **tables})


def verdict(metric: str, values: np.ndarray, tried: Sequence[fusion.Weights]) -> Verdict:
    """What the values of one metric, (weights tried + plain fusion, queries), say and advise."""
    own = {name: values[tried.index(tuple(float(t == name) for t in TOWERS))] for name in TOWERS}
    texts_only = [at for at, weights in enumerate(tried) if weights[TOWERS.index("image")] == 0]
    whole = fusion.tuned(values[:-1], tried)
    part = fusion.tuned(values[texts_only], [tried[at] for at in texts_only])
    best_text = max(("words", "text"), key=lambda name: float(own[name].mean()))
    gaps = _gaps(
        own["image"] - own[best_text],
        np.subtract(whole.held_out, part.held_out),
        np.subtract(whole.held_out, own["image"]),
    )
    shown = {**own, "rrf": values[-1], "fused": np.array(whole.held_out), "oracle": np.max(list(own.values()), axis=0)}
    return Verdict(
        metric, {name: tuple(map(float, line)) for name, line in shown.items()},
        {name: _interval(line) for name, line in shown.items()}, whole.weights, whole.in_sample,
        whole.held_out_weights, best_text, *gaps, _advice(*gaps),
    )  # fmt: skip


def _interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of a mean; the mean itself twice where the bootstrap finds none."""
    low, high = stats.interval(values.tolist())
    mean = float(values.mean())
    return (low, high) if np.isfinite(low) and np.isfinite(high) else (mean, mean)


def _gaps(*differences: np.ndarray) -> tuple[Gap, Gap, Gap]:
    corrected = stats.holm([stats.randomisation_p(line.tolist()) for line in differences])
    found = [Gap(float(line.mean()), *_interval(line), p) for line, p in zip(differences, corrected, strict=True)]
    return found[0], found[1], found[2]


def _advice(sides: Gap, over_text: Gap, over_image: Gap) -> str:
    if over_text.proven and over_image.proven and over_text.mean > 0 and over_image.mean > 0:
        return "fuse"
    if sides.proven:
        return "image" if sides.mean > 0 else "text"
    return "undecided"
