"""Is a difference between two models more than chance, how sure is a mean, and how many queries would it take?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ALPHA, POWER = 0.05, 0.8
FEWEST = 6  # queries: the smallest two-sided p of n that all differ is 2 / 2^n
EXACT = 20  # up to as many queries that differ, every pattern of signs is gone through
RESAMPLES = 199_999  # random sign patterns where there are more of them
BOOTSTRAPS = 9_999


def interval(values: Sequence[float], confidence: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """Where the mean over queries may lie: the BCa bootstrap interval (Efron 1987), 9,999 resamples of the queries.

    The mean itself twice when all values are equal; not a number for fewer than two values, which tell no spread.
    """
    from scipy import stats

    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        return float("nan"), float("nan")
    if np.ptp(sample) < 1e-12:
        return float(sample[0]), float(sample[0])
    found = stats.bootstrap(
        (sample,), np.mean, n_resamples=BOOTSTRAPS, batch=2_000_000 // len(sample) + 1, vectorized=True,
        confidence_level=confidence, method="BCa", rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def randomisation_p(differences: Sequence[float], seed: int = 0) -> float:
    """Two-sided p of the paired randomisation test on the mean difference (Fisher 1935; Smucker et al., CIKM 2007).

    Every pattern of signs is gone through where at most `EXACT` queries differ, else `RESAMPLES` are drawn with `seed`
    and the observed one is counted with them. Queries without a difference change nothing. 1 when no query differs.
    """
    values = np.asarray(differences, dtype=np.float64)
    slack = 1e-10 * float(np.abs(values).sum())  # sums of the same numbers in another order differ by rounding
    moved = values[np.abs(values) > slack]
    if not len(moved):
        return 1.0
    least = abs(float(moved.sum())) - slack
    if len(moved) <= EXACT:
        return float(np.mean(np.abs(_every_sum(moved)) >= least))
    drawn = np.abs(_drawn_sums(moved, np.random.default_rng(seed))) >= least
    return float((1 + drawn.sum()) / (1 + RESAMPLES))


def _every_sum(values: np.ndarray) -> np.ndarray:
    """The sums of `values` under every pattern of signs, 2ⁿ of them."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate((sums + value, sums - value))
    return sums


def _drawn_sums(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The sums of `values` under `RESAMPLES` random patterns of signs; a random byte signs eight values at a time."""
    eights = np.pad(values, (0, -len(values) % 8)).reshape(-1, 8)
    signs = 2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) - 1.0
    sums = np.zeros(RESAMPLES)
    for known in eights @ signs.T:  # the 256 sums that eight values can have
        sums += known[rng.integers(0, 256, RESAMPLES, dtype=np.uint8)]
    return sums


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values corrected for standing side by side (Holm 1979), in the order in which they came."""
    corrected, highest = [1.0] * len(ps), 0.0
    for done, place in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        highest = max(highest, min(1.0, (len(ps) - done) * ps[place]))
        corrected[place] = highest
    return corrected


def effect(differences: Sequence[float]) -> float:
    """Standardised effect: mean difference / its standard deviation (Cohen's d_z); 0 when nothing differs."""
    mean, deviation = float(np.mean(differences)), spread(differences)
    return mean / deviation if deviation else float(np.sign(mean)) * float("inf") if mean else 0.0


def spread(differences: Sequence[float]) -> float:
    """Standard deviation of the paired differences, n − 1 in the denominator; ValueError for fewer than two."""
    if len(differences) < 2:
        raise ValueError(f"A spread needs at least two queries; {len(differences)} came")
    found = float(np.std(differences, ddof=1))
    return found if found > 1e-9 else 0.0  # what rounding leaves of equal differences is none


def detectable(differences: Sequence[float], alpha: float = ALPHA, power: float = POWER) -> float:
    """The smallest mean difference that as many queries of this spread find: (z(1 − α∕2) + z(power)) · s / √n."""
    return _factor(alpha, power) * spread(differences) / len(differences) ** 0.5


def needed(differences: Sequence[float], alpha: float = ALPHA, power: float = POWER) -> float:
    """How many queries of this spread it takes to find their own mean difference; infinite when that is 0."""
    mean = abs(float(np.mean(differences)))
    return (_factor(alpha, power) * spread(differences) / mean) ** 2 if mean > 1e-12 else float("inf")


def _factor(alpha: float, power: float) -> float:
    """z(1 − α∕2) + z(power) of the standard normal distribution (Cohen 1988)."""
    from scipy.stats import norm

    return float(norm.ppf(1 - alpha / 2) + norm.ppf(power))
