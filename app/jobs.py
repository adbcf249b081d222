"""Long work lives outside the page: each job is a process of its own with progress, cancel and a result on disk.

A job is a folder `jobs/<id>` of the workspace: `job.json` (what to do, whose process), `progress.json`, `result.json`
(how it ended), `log.txt`, and `cancel` once somebody asked for it. Killing the server or the job harms nothing: what a
job writes is resumable, and starting it again goes on where it stood.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import storage

KINDS = (
    "import", "embed", "evaluate", "map", "fetch", "finetune", "import-report", "demo", "diagnose", "curve", "towers",
    "explain", "match", "classify", "efficiency",
)  # fmt: skip
LIVE = ("queued", "running")
GRACE_SECONDS = 5.0  # between asking a job to stop and ending its process


@dataclass(frozen=True)
class JobState:
    """Where a job stands; `done` of `total` steps of `what` are finished."""

    id: str
    kind: str
    status: str  # queued | running | done | failed | cancelled | interrupted
    arguments: dict[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    what: str = ""
    seconds: float = 0.0
    error: str = ""
    remedy: str = ""
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """True while the job waits or works."""
        return self.status in LIVE


def start(home: Path, kind: str, **arguments: Any) -> str:
    """Start a job and return its id; a live job with the same kind and arguments is returned instead of a second one.

    ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no job {kind!r}; jobs are {', '.join(KINDS)}")
    for known in recent(home, kind):
        if known.live and known.arguments == arguments:
            return known.id
    job = f"{int(time.time() * 1000):013d}-{uuid.uuid4().hex[:8]}"
    folder = home / "jobs" / job
    folder.mkdir(parents=True)
    storage.write_json(folder / "job.json", {"id": job, "kind": kind, "arguments": arguments, "made": time.time()})
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.worker", str(home), job],
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    storage.write_json(folder / "process.json", {"pid": process.pid, "born": _born(process.pid)})
    return job


def state(home: Path, job: str) -> JobState:
    """Where the job stands now; LookupError when there is no such job."""
    folder = home / "jobs" / job
    if not _plain(job) or not (folder / "job.json").exists():
        raise LookupError(
            f"There is no job {job!r}; recent ones: {', '.join(s.id for s in recent(home)[:3]) or 'none'}"
        )
    about = storage.read_json(folder / "job.json")
    said = {**_read(folder / "progress.json"), **_read(folder / "result.json")}
    status = said.pop("status", "queued")
    if status in LIVE and not _alive(_read(folder / "process.json"), about["made"]):
        said |= _read(folder / "result.json")  # it may have ended between the two looks
        status = said.pop("status", "interrupted") if (folder / "result.json").exists() else "interrupted"
        said.setdefault("error", _tail(folder / "log.txt"))
    known = {name: value for name, value in said.items() if name in JobState.__dataclass_fields__}
    return JobState(**{"id": job, "kind": about["kind"], "arguments": about["arguments"], **known, "status": status})


def recent(home: Path, kind: str | None = None, limit: int = 20) -> list[JobState]:
    """The newest jobs first."""
    folder = home / "jobs"
    ids = (
        sorted((p.name for p in folder.iterdir() if (p / "job.json").exists()), reverse=True) if folder.exists() else []
    )
    states = (state(home, job) for job in ids[: limit * 3])
    return [s for s in states if kind in (None, s.kind)][:limit]


def cancel(home: Path, job: str) -> None:
    """Ask the job to stop between two steps; a process that does not within five seconds is ended."""
    (home / "jobs" / job / "cancel").touch()
    deadline = time.monotonic() + GRACE_SECONDS
    while state(home, job).live and time.monotonic() < deadline:
        time.sleep(0.05)
    now = state(home, job)
    if now.live:
        _end(home / "jobs" / job)
        ended = {"status": "cancelled", "done": now.done, "total": now.total, "what": now.what}
        storage.write_json(home / "jobs" / job / "result.json", ended)


def _end(folder: Path) -> None:
    process = _read(folder / "process.json")
    if process and _born(process["pid"]) == process["born"]:
        os.kill(process["pid"], signal.SIGKILL)


def _alive(process: dict[str, Any], made: float) -> bool:
    """A process with this pid that was born when ours was; a job without one yet is being started."""
    if not process:
        return time.time() - made < 10
    return _born(process["pid"]) == process["born"]


def _born(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def _read(path: Path) -> dict[str, Any]:
    return storage.read_json(path) if path.exists() else {}


def _plain(job: str) -> bool:
    return job.replace("-", "").isalnum()


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1][:500] if lines else ""
