"""What a classifier is worth on pictures it never saw: Top-k, cross-entropy, F1, with intervals over whole designs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

METRICS = ("Top-1", "Top-3", "Cross-entropy", "F1 macro", "F1 weighted")
RESAMPLES = 2_000
TEMPERATURES = (-6.0, 6.0)  # natural logarithms between which the temperature is looked for


def ordered(logits: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Classes of each row, the likeliest first, int64 (n, classes); of equal ones the more frequent in training."""
    first = np.argsort(-prior, kind="stable")
    return first[np.argsort(-logits[:, first], axis=1, kind="stable")]


def ranks(order: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The place of the true class in each row of `order`, int64 (n,), 0 the first."""
    return np.argmax(order == truth[:, None], axis=1)


def temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The T for which softmax(logits / T) has the least cross-entropy on these rows (Guo et al., ICML 2017).

    1 without rows. It changes no order of classes.
    """
    from scipy.optimize import minimize_scalar

    if not len(truth):
        return 1.0
    at = minimize_scalar(lambda log: float(losses(logits, truth, float(np.exp(log))).mean()), bounds=TEMPERATURES,
                         method="bounded", options={"xatol": 1e-4})  # fmt: skip
    return float(np.exp(at.x))


def probabilities(logits: np.ndarray, at: float) -> np.ndarray:
    """softmax(logits / at), float64, rows that sum to 1."""
    scaled = logits / at
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def losses(logits: np.ndarray, truth: np.ndarray, at: float) -> np.ndarray:
    """−ln of the probability of the true class of each row, in nats."""
    scaled = logits / at
    highest = scaled.max(axis=1)
    total = highest + np.log(np.exp(scaled - highest[:, None]).sum(axis=1))
    return np.asarray(total - scaled[np.arange(len(truth)), truth])


def f1(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """F1 macro and weighted, each float64 (r,), for r weightings of the rows: `weights` float64 (r, n).

    F1 of a class = 2 TP / (2 TP + FP + FN). Macro is the plain mean over the classes that have a row in the truth,
    weighted the mean with their numbers of rows; a class that is only predicted counts through others' misses.
    """
    is_true, is_said = np.eye(classes)[truth], np.eye(classes)[predicted]
    hits, there, said = weights @ (is_true * is_said), weights @ is_true, weights @ is_said
    each = np.divide(2 * hits, there + said, out=np.zeros_like(hits), where=there + said > 0)
    present = there > 0
    macro = (each * present).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    weighted = (each * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1e-12)
    return macro, weighted


def scored(
    truth: Sequence[int], rank: Sequence[int], loss: Sequence[float], predicted: Sequence[int], group: Sequence[int],
    classes: int, seed: int = 0,
) -> dict[str, tuple[float, float, float]]:  # fmt: skip
    """Metric → (value, low, high): the value over all rows, the 95 % percentile interval of a bootstrap over groups.

    Whole groups are drawn, because pictures of one design are wrong together; 2,000 draws with `seed`. The interval is
    not a number where there is one group only, which tells no spread.
    """
    table = (np.asarray(truth), np.asarray(rank), np.asarray(loss, np.float64), np.asarray(predicted))
    plain = values(*table, np.ones((1, len(truth))), classes)
    names, place = np.unique(np.asarray(group), return_inverse=True)
    if len(names) < 2:
        return {name: (float(plain[name][0]), float("nan"), float("nan")) for name in METRICS}
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)[:, place]
    spread = values(*table, drawn.astype(np.float64), classes)
    ends = {name: np.nanquantile(spread[name], (0.025, 0.975)) for name in METRICS}
    return {name: (float(plain[name][0]), float(ends[name][0]), float(ends[name][1])) for name in METRICS}


def values(
    truth: np.ndarray, rank: np.ndarray, loss: np.ndarray, predicted: np.ndarray, weights: np.ndarray, classes: int
) -> dict[str, np.ndarray]:
    """Metric → its value, float64 (r,), under each of r weightings of the n rows: `weights` float64 (r, n)."""
    total = np.maximum(weights.sum(axis=1), 1e-12)
    macro, weighted = f1(truth, predicted, weights, classes)
    return {
        "Top-1": weights @ (rank < 1) / total,
        "Top-3": weights @ (rank < 3) / total,
        "Cross-entropy": weights @ loss / total,
        "F1 macro": macro,
        "F1 weighted": weighted,
    }
