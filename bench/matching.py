"""How long does matching 20,000 × 20,000 items take and how much memory, and what does a loop over elements cost?"""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from bench import timing
from bench.search import unit
from eval.matching.loops import by_elements, by_matrix

SMALL, SIZE, LARGE = 300, 512, 20_000
LIMIT_BYTES = 2 * 2**30
_WHOLE = """
import resource, sys, time
import numpy as np
from bench.search import unit
from eval.matching import blocks, truth
rows = int(sys.argv[1])
left, right = unit(rows, 1), unit(rows, 2)
right[: rows // 2] = left[: rows // 2] + 0.03 * right[: rows // 2]
right /= np.linalg.norm(right, axis=1, keepdims=True)
keys = [str(row) for row in range(rows)]
known = truth.truth(keys, keys)
told = []
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.perf_counter()
blocks.compare(left, right, known.groups, known.pairs(), known.known, progress=lambda *step: told.append(step))
seconds = time.perf_counter() - started
started = time.perf_counter()
for start in range(0, rows, 200):
    left[start : start + 200] @ right.T
print(seconds, time.perf_counter() - started, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, len(told))
"""


def by_pairs(left: np.ndarray, right: np.ndarray) -> list[tuple[int, int]]:
    """A loop over pairs with numpy's product of two vectors."""
    return [(i, j) for i, one in enumerate(left) for j, other in enumerate(right) if one @ other >= 0.9]


def measure() -> str:
    """Loop against product on a small shop, then the whole engine on 20,000 × 20,000 in a process of its own."""
    left, right = unit(SMALL, 1), unit(SMALL, 2)
    ways = {
        "a loop over pairs and their numbers": lambda: by_elements(left[:60], right[:60]),
        "a loop over pairs, numpy inside": lambda: by_pairs(left[:60], right[:60]),
        "one matrix product": lambda: by_matrix(left[:60], right[:60]),
    }
    small = timing.table(
        f"Cosines of 60 × 60 pairs of {SIZE} numbers, thresholded", timing.side_by_side(ways, 5), 3.6, "1,000 pair"
    )
    ways = {
        "a loop over pairs, numpy inside": lambda: by_pairs(left, right),
        "one matrix product": lambda: by_matrix(left, right),
    }
    title, thousands = f"The same for {SMALL} × {SMALL}", SMALL * SMALL / 1000
    middle = timing.table(title, timing.side_by_side(ways, 5), thousands, "1,000 pair")
    return "\n".join([small, middle, whole(LARGE)])


def whole(rows: int) -> str:
    """The engine on rows × rows: seconds, times the bare product, peak of memory; fails above 2 GB."""
    ran = subprocess.run([sys.executable, "-c", _WHOLE, str(rows)], capture_output=True, text=True, check=True)
    seconds, bare, before, peak, told = (float(value) for value in ran.stdout.split())
    if peak * 1024 > LIMIT_BYTES:
        raise MemoryError(f"Matching {rows} × {rows} took {peak / 2**20:.2f} GB; the limit is 2")
    return "\n".join([
        f"### Matching {rows:,} × {rows:,} of {SIZE} numbers: counted by threshold, nearest pairs kept", "",
        "| what | figure |", "|---|---|",
        f"| seconds | {seconds:.1f} |",
        f"| × the bare product in blocks, nothing looked at | {seconds / bare:.2f} |",
        f"| peak memory of the process | {peak / 2**20:.2f} GB |",
        f"| of it before matching (libraries, both matrices) | {before / 2**20:.2f} GB |",
        f"| times progress was told, and could be cancelled | {told:.0f} |", "",
    ])  # fmt: skip
