"""Where and how finely a model computes: devices, fp32 or bf16, one torch thread for each calling thread."""

from __future__ import annotations

import atexit
import gc
import sys
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from data.errors import Unavailable
from data.progress import Progress, silent
from eval.contracts import PRECISIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from torch import Tensor

    from data.catalogue import Catalogue
    from eval.contracts import Encoder

BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # as Linux names the CPU's features
SAMPLE = 256  # pictures on which two precisions are compared
_thread = threading.local()


@lru_cache(maxsize=1)
def device() -> str:
    """Where models compute: "cuda" if torch can use a GPU, else "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


@lru_cache(maxsize=1)
def supported_precisions() -> tuple[str, ...]:
    """The precisions this machine has instructions for: fp32, and bf16 on newer CPUs and GPUs (see `bf16_speedup`)."""
    import torch

    if device() == "cuda":
        return PRECISIONS if torch.cuda.is_bf16_supported(including_emulation=False) else PRECISIONS[:1]
    has = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return PRECISIONS if has and _flags() & BF16_FLAGS else PRECISIONS[:1]


def offered_precisions() -> tuple[str, ...]:
    """What to offer while torch, which takes seconds, is not loaded: by the CPU's flags. With torch, what is so."""
    if "torch" in sys.modules:
        return supported_precisions()
    return PRECISIONS if _flags() & BF16_FLAGS else PRECISIONS[:1]


@lru_cache(maxsize=1)
def bf16_speedup() -> float:
    """How many times as fast as fp32 bf16 is here, measured once on a layer of ViT-B (a few tenths of a second).

    Having the instructions is not enough: CPUs with AMX reach 3 to 4, those with AVX512_BF16 alone may stay below 1.
    """
    import torch

    one_thread()
    kinds = (torch.float32, torch.bfloat16)
    fine, coarse = (
        _best_seconds(
            torch.ones(400, 768, dtype=kind, device=device()), torch.ones(3072, 768, dtype=kind, device=device())
        )
        for kind in kinds
    )
    return fine / coarse


def _best_seconds(rows: Tensor, layer: Tensor) -> float:
    """Seconds of three matrix products, the best of several tries: this thread's CPU time, or a GPU's."""
    import torch

    def once() -> float:
        on_cpu = rows.device.type == "cpu"
        start = time.thread_time() if on_cpu else time.perf_counter()
        with torch.inference_mode():
            for _ in range(3):
                torch.nn.functional.linear(rows, layer)
        if on_cpu:
            return time.thread_time() - start
        torch.cuda.synchronize()
        return time.perf_counter() - start

    once()
    return min(once() for _ in range(5))


def check_precision(precision: str) -> str:
    """The precision itself; ValueError for an unknown one, Unavailable for one this machine can only imitate."""
    if precision not in PRECISIONS:
        raise ValueError(f"Precision {precision!r} is not one of {', '.join(PRECISIONS)}.")
    if precision != "fp32" and precision not in supported_precisions():  # fp32 needs no look at torch, which costs 3 s
        raise Unavailable(f"This machine has no instructions for {precision}.", "Choose fp32.")
    return precision


def one_thread() -> None:
    """Let torch use one thread in the calling thread: threads of ours that run beside each other beat torch's own."""
    if getattr(_thread, "told", False):
        return
    import torch

    torch.set_num_threads(1)
    _thread.told = True


def settle() -> None:
    """Take all that is loaded out of the garbage collector's sight: with torch its passes are 50 times shorter then."""
    gc.collect()
    gc.freeze()
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)  # libraries count what is left at the end, and complain about it on stderr


@dataclass(frozen=True)
class Agreement:
    """How much rankings in a coarser precision agree with fp32's.

    `kept` is the mean share of fp32's top `k` items that stay in the top `k`, `first` the share of queries whose best
    item stays, `apart` the largest 1 − cosine between a vector and its coarser self.
    """

    k: int
    items: int
    queries: int
    kept: float
    first: float
    apart: float


def agreement(
    items: np.ndarray, coarse_items: np.ndarray, queries: np.ndarray, coarse_queries: np.ndarray, k: int = 10
) -> Agreement:
    """Compare two precisions of one model on unit rows: items float32 (n, d), queries float32 (q, d)."""
    import numpy as np

    if items.shape != coarse_items.shape or queries.shape != coarse_queries.shape or not len(items) or not len(queries):
        raise ValueError(
            f"Agreement needs the same items and queries twice, got {items.shape}, {coarse_items.shape},"
            f" {queries.shape} and {coarse_queries.shape}."
        )
    k = min(k, len(items))
    fine = np.argsort(-(queries @ items.T), axis=1, kind="stable")[:, :k]
    coarse = np.argsort(-(coarse_queries @ coarse_items.T), axis=1, kind="stable")[:, :k]
    kept = [len(set(a) & set(b)) / k for a, b in zip(fine.tolist(), coarse.tolist(), strict=True)]
    cosines = np.concatenate([(items * coarse_items).sum(1), (queries * coarse_queries).sum(1)])
    first = float((fine[:, 0] == coarse[:, 0]).mean())
    return Agreement(k, len(items), len(queries), float(np.mean(kept)), first, float(1 - cosines.min()))


def measured(
    catalogue: Catalogue, fine: Encoder, coarse: Encoder, texts: Sequence[str], progress: Progress = silent, k: int = 10
) -> Agreement:
    """Agreement of two precisions of one model on `SAMPLE` pictures of the catalogue (seeded) and these texts.

    Without texts half of the pictures are the queries and the others the items.
    """
    import numpy as np

    count = min(SAMPLE, len(catalogue))
    chosen = np.sort(np.random.default_rng(0).choice(len(catalogue), count, replace=False))
    rows: dict[int, list[np.ndarray]] = {0: [], 1: []}
    for done, row in enumerate(chosen.tolist()):
        progress(done, count, "agreement")
        picture = catalogue.picture(catalogue.ids[row])
        for place, encoder in enumerate((fine, coarse)):
            rows[place].append(encoder.images([picture])[0])
    progress(count, count, "agreement")
    there, other = np.stack(rows[0]), np.stack(rows[1])
    if not texts:
        half = max(1, count // 2)
        return agreement(there[:half], other[:half], there[-half:], other[-half:], k)
    return agreement(there, other, fine.texts(texts), coarse.texts(texts), k)


def _flags() -> set[str]:
    """The CPU's features by Linux's names; empty where the system does not list them."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            lines = [line for line in file if line.lower().startswith(("flags", "features"))]
    except OSError:
        return set()
    return set(lines[0].split()) if lines else set()
