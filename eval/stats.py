"""Is a difference between two models more than chance, and how many queries would it take to tell?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ALPHA, POWER = 0.05, 0.8
RESAMPLES = 199_999  # random sign patterns where there are more than these to go through


def randomisation_p(differences: Sequence[float], seed: int = 0) -> float:
    """Two-sided p of the paired randomisation test on the mean difference (Fisher 1935; Smucker et al., CIKM 2007).

    Every pattern of signs is gone through where there are at most `RESAMPLES` of them, else that many are drawn with
    `seed`; queries without a difference change nothing and are left out. 1 when no query differs.
    """
    from scipy import stats

    moved = np.asarray([value for value in differences if value], dtype=np.float64)
    if not len(moved):
        return 1.0
    found = stats.permutation_test(
        (moved,), np.mean, permutation_type="samples", vectorized=True, n_resamples=RESAMPLES, batch=20_000, rng=seed
    )
    return float(found.pvalue)


def spread(differences: Sequence[float]) -> float:
    """Standard deviation of the paired differences, n − 1 in the denominator; ValueError for fewer than two."""
    if len(differences) < 2:
        raise ValueError(f"A spread needs at least two queries; {len(differences)} came")
    return float(np.std(differences, ddof=1))


def detectable(differences: Sequence[float], alpha: float = ALPHA, power: float = POWER) -> float:
    """The smallest mean difference that as many queries of this spread find: (z(1 − α∕2) + z(power)) · s / √n."""
    return _factor(alpha, power) * spread(differences) / len(differences) ** 0.5


def needed(differences: Sequence[float], alpha: float = ALPHA, power: float = POWER) -> float:
    """How many queries of this spread it takes to find their own mean difference; infinite when that is 0."""
    mean = abs(float(np.mean(differences)))
    return (_factor(alpha, power) * spread(differences) / mean) ** 2 if mean else float("inf")


def _factor(alpha: float, power: float) -> float:
    """z(1 − α∕2) + z(power) of the standard normal distribution (Cohen 1988)."""
    from scipy.stats import norm

    return float(norm.ppf(1 - alpha / 2) + norm.ppf(power))
