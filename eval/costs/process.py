"""Running one measuring process to its end: its numbers, what others did meanwhile, cancelled when asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from data import storage
from eval import workspace
from eval.costs import machine

LIMIT_SECONDS = 900.0  # of one process
LOOK_SECONDS = 0.2  # between two looks at whether the user cancelled
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
Look = Callable[[], None]


def once(module: str, plan: Mapping[str, Any], look: Look = lambda: None) -> dict[str, Any]:
    """Run `python -m module PLAN RESULT` with the plan's `threads`: what it found, and `others`, their share of cores.

    `look` is called now and then and may raise Cancelled, which ends the process. What the process could not do comes
    back as {"error": …, "remedy": …}. The plan's `born` is the time.time() just before the process was started.
    """
    with tempfile.TemporaryDirectory(prefix="uzor-measure-") as folder:
        asked, answer = Path(folder) / "plan.json", Path(folder) / "result.json"
        before, load = machine.Ticks.now(), machine.load_average()
        storage.write_json(asked, {**plan, "born": time.time()})
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(asked), str(answer)], cwd=workspace.PROJECT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(plan["threads"])),
                 "TOKENIZERS_PARALLELISM": "false"},
        )  # fmt: skip
        try:
            said = _awaited(process, look)
        except TimeoutError as late:
            return {"error": str(late), "remedy": ""}
        if process.returncode or not answer.exists():
            return {"error": f"The measuring process ended with code {process.returncode}: {said}", "remedy": ""}
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return {**found, "others": machine.others(before, machine.Ticks.now()), "load_average": load}


def _awaited(process: subprocess.Popen[bytes], look: Look) -> str:
    """Wait for the process, ending it when `look` raises or its time is up (TimeoutError); returns its last words."""
    deadline = time.monotonic() + LIMIT_SECONDS
    try:
        while True:
            look()
            try:
                _out, complaint = process.communicate(timeout=LOOK_SECONDS)
                lines = complaint.decode("utf-8", "replace").strip().splitlines()
                return lines[-1][:300] if lines else "it said nothing"
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"One measurement took longer than {LIMIT_SECONDS:.0f} s") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def told(measured: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Inside the process: what `measured` gives, or what went wrong as {"error": …, "remedy": …}."""
    from data.errors import Unavailable

    try:
        return measured()
    except Unavailable as problem:
        return {"error": problem.what, "remedy": problem.remedy}
    except (ValueError, LookupError, OSError, MemoryError) as problem:
        return {"error": str(problem) or type(problem).__name__, "remedy": ""}
