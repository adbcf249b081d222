"""The measured process of one index: `python -m eval.costs.growing PLAN RESULT` searches galleries of growing sizes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.costs.measuring import WARM_UP, K, timed

NOISE = 0.01  # length of what is added to a repeated vector: its cosine with the original is about 0.99995
BLOCK = 4096  # rows made at a time, so that making a gallery takes no memory beside it


@dataclass(frozen=True)
class Plan:
    """What a process is to measure: one index over the kept vectors `key` of `items` rows, at these sizes."""

    home: str
    key: str
    items: int
    index: str
    sizes: tuple[int, ...]
    threads: int = 1
    calls: int = 30
    seed: int = 0
    born: float = 0.0

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def origin(size: int, items: int) -> str:
    """Where a gallery's vectors come from: "own", "part" of the catalogue, or "repeated" with a little noise."""
    return "own" if size == items else "part" if size < items else "repeated"


def grown(matrix: np.ndarray, size: int, seed: int = 0) -> np.ndarray:
    """Unit rows float32 (size, d): the catalogue's own, a random part of them, or all of them and then copies.

    A copy has noise of length `NOISE` added and is of unit length again, so that no two rows are equal.
    """
    rng, items = np.random.default_rng(seed), len(matrix)
    if size <= items:
        return np.ascontiguousarray(matrix[np.sort(rng.permutation(items)[:size])], np.float32)
    rows = np.empty((size, matrix.shape[1]), np.float32)
    rows[:items] = matrix
    for start in range(items, size, BLOCK):
        part = rows[start : start + BLOCK]
        part[:] = matrix[np.arange(start, start + len(part)) % items]
        part += rng.standard_normal(part.shape, np.float32) * np.float32(NOISE / part.shape[1] ** 0.5)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return rows


def measured(plan: Plan) -> dict[str, Any]:
    """A point a size, smallest first: milliseconds of single searches, seconds of 1,000 of them on the processor and
    of building the index, bytes of the index and the most this process held up to then.
    """
    from eval import vector_files

    matrix = vector_files.matrix(Path(plan.home), plan.key, plan.items)
    if matrix is None:
        raise LookupError("The catalogue's vectors are gone; measure again")
    asked = queries(matrix, plan.calls + WARM_UP, plan.seed)
    return {"points": [_point(matrix, asked, size, plan) for size in sorted(plan.sizes)]}


def queries(matrix: np.ndarray, count: int, seed: int) -> list[np.ndarray]:
    """Seeded: unit rows (1, d) near items of the catalogue, but none of them."""
    rng = np.random.default_rng(seed + 1)
    rows = matrix[rng.integers(len(matrix), size=count)]
    rows = rows + rng.standard_normal(rows.shape, np.float32) * np.float32(10 * NOISE / rows.shape[1] ** 0.5)
    return list((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)[:, None])


def _point(matrix: np.ndarray, asked: Sequence[np.ndarray], size: int, plan: Plan) -> dict[str, Any]:
    from eval import registry
    from eval.costs.machine import peak_bytes

    rows, index = grown(matrix, size, plan.seed), registry.index(plan.index)
    started = time.perf_counter()
    index.add(rows)
    built = time.perf_counter() - started
    found = timed(lambda query: index.search(query, K), asked)
    return {
        "size": size, "origin": origin(size, len(matrix)), "search_p50": found["p50"], "search_p95": found["p95"],
        "search_cpu": found["cpu"], "build": built, "index_bytes": index.nbytes, "peak_ram": peak_bytes(),
    }  # fmt: skip


def main() -> None:
    """Entry point of the process."""
    from eval.costs.process import told

    plan = Plan(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(told(lambda: measured(plan))), encoding="utf-8")


if __name__ == "__main__":
    main()
