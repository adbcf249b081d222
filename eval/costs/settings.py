"""How costs are measured: how often, with how many threads, in which precisions, with which indexes and sizes."""

from __future__ import annotations

from dataclasses import dataclass

from eval import registry
from eval.contracts import PRECISIONS
from eval.costs import galleries
from eval.costs.outcome import FINE


@dataclass(frozen=True)
class Settings:
    """How it is measured: `repeats` processes a model, `calls` single calls in each, `threads` for each process.

    Each model runs in each of the `precisions`. Each of the `indexes` is searched at the catalogue's own size and at
    the `sizes`, in processes of its own; the first of them is the one that models are measured with.
    """

    repeats: int = 3
    calls: int = 30
    batch: int = 32
    threads: int = 1
    precisions: tuple[str, ...] = (FINE,)
    indexes: tuple[str, ...] = ("exact",)
    sizes: tuple[int, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        """ValueError for a number below 1, fewer than 5 calls (a 95th percentile of fewer is the slowest of them), no
        precision or index, a size beyond its limits; LookupError for an index there is not.
        """
        for name in ("repeats", "batch", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1; {getattr(self, name)} came")
        if self.calls < 5:
            raise ValueError(f"At least 5 calls are timed; {self.calls} came")
        for name in ("precisions", "indexes"):
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
            if not getattr(self, name):
                raise ValueError(f"{name} must name at least one")
        object.__setattr__(self, "sizes", galleries.sound(self.sizes))
        if unknown := [one for one in self.precisions if one not in PRECISIONS]:
            raise ValueError(f"Precision {unknown[0]!r} is not one of {', '.join(PRECISIONS)}")
        for index in self.indexes:
            registry.index(index)
