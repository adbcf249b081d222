"""On what machine and with which library versions a run was made."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

LIBRARIES = (
    "uzor", "numpy", "pandas", "torch", "torchvision", "open-clip-torch", "faiss-cpu", "bm25s", "pymorphy3",
    "PyStemmer", "pillow", "scikit-learn", "umap-learn", "sqlalchemy",
)  # fmt: skip
ABSENT = "not installed"


def describe() -> dict[str, str]:
    """Python, platform, processor, cores, torch-style thread settings, and versions; imports none of the libraries."""
    machine = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": str(os.cpu_count() or 1),
        "usable_cores": str(_usable()),
        "threads": os.environ.get("OMP_NUM_THREADS", "default"),
    }
    return machine | dict(_versions())


def _usable() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, _version(name)) for name in LIBRARIES)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ABSENT
