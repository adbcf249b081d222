"""What the machine is and what it did beside a measurement: CPU time tells a loaded machine from a quiet one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import environment

QUIET = 0.10  # of all cores: what others may use before the machine counts as loaded
IDLE = ("idle", "iowait", "guest", "guest_nice")  # guests are counted among user and nice already


@dataclass(frozen=True)
class Ticks:
    """CPU seconds since the start of the machine: of everybody, and of this process with the children it waited for."""

    busy: float
    total: float
    own: float

    @classmethod
    def now(cls) -> Ticks:
        """The counters as they are."""
        import psutil

        times = psutil.cpu_times()._asdict()
        total = sum(value for name, value in times.items() if not name.startswith("guest"))
        busy = sum(value for name, value in times.items() if name not in IDLE)
        mine = psutil.Process().cpu_times()
        own = mine.user + mine.system + getattr(mine, "children_user", 0.0) + getattr(mine, "children_system", 0.0)
        return cls(busy, total, own)


def others(before: Ticks, after: Ticks) -> float:
    """The share of all cores, 0–1, that others used between two looks; 0 when no time went by."""
    total = after.total - before.total
    return max(0.0, (after.busy - before.busy) - (after.own - before.own)) / total if total > 0 else 0.0


def describe(threads: int) -> dict[str, Any]:
    """The machine, its library versions, and how this measurement runs on it."""
    import psutil

    return {
        **environment.describe(),
        "threads": str(threads),
        "memory": int(psutil.virtual_memory().total),
        "niceness": int(psutil.Process().nice() or 0),
        "load_average": load_average(),
    }


def load_average() -> list[float]:
    """Processes that wanted a core over the last 1, 5 and 15 minutes; [] where the system does not say."""
    return [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else []


def free_bytes() -> int:
    """Memory that a new process may take: what the system calls available, and no more than its container leaves."""
    import psutil

    free, group = int(psutil.virtual_memory().available), Path("/sys/fs/cgroup")
    try:
        most = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
        facts = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        return max(0, min(free, most - used + int(facts.get("inactive_file", 0))))
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return free


def peak_bytes() -> int:
    """The most memory this process held at once, in bytes.

    Linux's VmHWM: `ru_maxrss` would also tell of the process that started this one, which is bigger. Elsewhere what
    the system has: the peak working set, else `ru_maxrss`.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import psutil

    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):
        return int(memory.peak_wset)
    import resource

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # bytes on macOS
