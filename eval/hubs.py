"""Who is shown and who never is: how often each item stands among the first k, and how unevenly that is shared out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

HUB_DEVIATIONS = 3.0  # more standard deviations above the mean than this make a hub
BANDS = 4  # price bands, of about as many items each


def occurrences(found: Iterable[np.ndarray], items: int, k: int) -> np.ndarray:
    """How often each of `items` places stands among the first k of the rankings (places, best first): int64 (items,).

    The k-occurrence N_k of Radovanović, Nanopoulos and Ivanović (JMLR 11, 2010).
    """
    counts = np.zeros(items, np.int64)
    for ranking in found:
        counts[np.asarray(ranking[:k], np.int64)] += 1
    return counts


def skewness(counts: np.ndarray) -> float:
    """Third standardised moment E(N − μ)³ / σ³; 0 when all are equal. Above 0: few items are shown for everything."""
    apart = counts - counts.mean()
    spread = float(np.sqrt((apart**2).mean()))
    return float((apart**3).mean() / spread**3) if spread else 0.0


def gini(counts: np.ndarray) -> float:
    """Gini coefficient of exposure, Σ(2i − n − 1)·N₍ᵢ₎ / (n·ΣN), N₍ᵢ₎ ascending; 0: all alike, near 1: one has all."""
    n, total = len(counts), float(counts.sum())
    if not n or not total:
        return 0.0
    places = 2 * np.arange(1, n + 1) - n - 1
    return float((places * np.sort(counts)).sum() / (n * total))


def hubs(counts: np.ndarray) -> np.ndarray:
    """Places whose count lies more than three standard deviations above the mean (and above 1), the greatest first."""
    limit = max(1.0, float(counts.mean() + HUB_DEVIATIONS * counts.std()))
    places = np.flatnonzero(counts > limit)
    order: np.ndarray = places[np.argsort(-counts[places], kind="stable")]
    return order


@dataclass(frozen=True)
class Exposure:
    """How a number of lists of k places was shared out among the items of a gallery."""

    k: int
    lists: int
    items: int
    dark: int  # items that never stood in any
    hubs: int
    most: int  # how often the item that was shown most was shown
    skewness: float
    gini: float
    least_dark: int  # items that no sharing out, however even, could have shown: max(0, items − lists · k)

    @classmethod
    def of(cls, counts: np.ndarray, k: int, lists: int) -> Exposure:
        """Sum the counts of `lists` lists up."""
        n = len(counts)
        return cls(k, lists, n, int((counts == 0).sum()), len(hubs(counts)), int(counts.max(initial=0)),
                   skewness(counts), gini(counts), max(0, n - lists * k))  # fmt: skip

    @property
    def dark_share(self) -> float:
        """Share of the items that were never shown."""
        return self.dark / self.items if self.items else 0.0

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**self.__dict__, "dark_share": self.dark_share}


@dataclass(frozen=True)
class Share:
    """One part of the catalogue (a category, a price band, a shop): how many items, how much of the exposure."""

    value: str
    items: int
    dark: int
    shown: int

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        return dict(self.__dict__)


def shares(counts: np.ndarray, values: Sequence[str]) -> list[Share]:
    """The exposure of each value's items, the value with most items first."""
    names, inverse = np.unique(np.asarray(values, dtype=object).astype(str), return_inverse=True)
    items = np.bincount(inverse, minlength=len(names))
    dark = np.bincount(inverse, weights=counts == 0, minlength=len(names))
    shown = np.bincount(inverse, weights=counts, minlength=len(names))
    order = np.argsort(-items, kind="stable")
    return [Share(str(names[i]), int(items[i]), int(dark[i]), int(shown[i])) for i in order]


def bands(prices: Sequence[str]) -> list[str]:
    """Prices as text → the band of each, "100–250", of about as many items each; "" where there is no number."""
    numbers = np.array([_number(price) for price in prices])
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return [""] * len(numbers)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BANDS + 1), method="inverted_cdf"))
    if len(edges) == 1:
        return [f"{edges[0]:g}" if np.isfinite(number) else "" for number in numbers]
    place = np.clip(np.searchsorted(edges, numbers, "left") - 1, 0, len(edges) - 2)
    return [f"{edges[p]:g}–{edges[p + 1]:g}" if np.isfinite(number) else ""
            for p, number in zip(place, numbers, strict=True)]  # fmt: skip


def _number(price: str) -> float:
    text = "".join(c for c in price.replace(",", ".") if c.isdigit() or c == ".")
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")
