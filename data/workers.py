"""Keeps decoding processes busy; one that dies or hangs costs the picture it was at, and is replaced."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from data.decoding import Taken, Task
from data.errors import Unavailable
from data.refusals import Refusal

PATIENCE = 30.0  # seconds for one picture
_AHEAD = 4  # requests sent to a process before it has answered
_PROJECT = Path(__file__).resolve().parent.parent


class Request(NamedTuple):
    """One picture or design to open, and other files of the same design."""

    number: int
    root: str
    relative: str
    others: tuple[str, ...] = ()


Answer = tuple[int, Taken | Refusal]


class _Process:
    """One decoding process with the requests it has been sent, oldest first."""

    def __init__(self, task: Task, module: str) -> None:
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH", ""))))
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
        self.waiting: deque[Request] = deque()
        self.ready = False
        self.since = time.monotonic()
        self._rest = b""
        self.write(asdict(task))

    def write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has died; `lines` will find the end of its answers

    def send(self, request: Request) -> None:
        if not self.waiting:
            self.since = time.monotonic()
        self.waiting.append(request)
        self.write({"root": request.root, "relative": request.relative, "others": list(request.others)})

    def lines(self) -> list[dict[str, Any]] | None:
        """The answers that have come; None when the process has ended."""
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        if not data:
            return None
        *whole, self._rest = (self._rest + data).split(b"\n")
        self.since = time.monotonic()
        return [json.loads(line) for line in whole]

    def stop(self) -> int:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        return self.process.wait()


class Decoders:
    """A handful of decoding processes; use as a context manager, which ends them all."""

    def __init__(self, task: Task, count: int | None = None, patience: float = PATIENCE,
                 module: str = "data.decoding") -> None:  # fmt: skip
        self.task = task
        self.count = count or min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
        self.patience = patience
        self._module = module
        self._selector = selectors.DefaultSelector()
        self._processes: list[_Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in list(self._processes):
            self._drop(process)
        self._selector.close()

    def _start(self) -> None:
        process = _Process(self.task, self._module)
        self._processes.append(process)
        assert process.process.stdout is not None
        self._selector.register(process.process.stdout, selectors.EVENT_READ, process)

    def _drop(self, process: _Process) -> int:
        assert process.process.stdout is not None
        self._selector.unregister(process.process.stdout)
        self._processes.remove(process)
        return process.stop()

    def take(self, requests: Iterable[Request], tick: Callable[[int], None] = lambda done: None) -> Iterator[Answer]:
        """Answers in the order they come.

        `tick` hears how many were given, at least every 0.2 s, and may raise to stop everything.
        """
        source = iter(requests)
        again: deque[Request] = deque()
        done = 0
        for _ in range(self.count - len(self._processes)):
            self._start()
        while self._feed(source, again):
            tick(done)
            for answer in self._round(again):
                done += 1
                yield answer

    def _round(self, again: deque[Request]) -> Iterator[Answer]:
        for key, _ in self._selector.select(0.2):
            yield from self._heard(key.data, again)
        for process in list(self._processes):
            if process.waiting and time.monotonic() - process.since > self.patience:
                yield from self._lost(process, again, f"took longer than {self.patience:g} s")

    def _feed(self, source: Iterator[Request], again: deque[Request]) -> bool:
        """Give every process something to do; False when nothing is left to do or to wait for."""
        for process in self._processes:
            while len(process.waiting) < _AHEAD:
                request = again.popleft() if again else next(source, None)
                if request is None:
                    break
                process.send(Request(*request))
        return any(process.waiting for process in self._processes)

    def _heard(self, process: _Process, again: deque[Request]) -> Iterator[Answer]:
        lines = process.lines()
        if lines is None:
            yield from self._lost(process, again, "the decoder crashed")
            return
        for line in lines:
            if "ready" in line:
                process.ready = True
                continue
            if "failed" in line:
                raise Unavailable(*line["failed"])
            number = process.waiting.popleft().number
            if "taken" in line:
                yield number, Taken(**{**line["taken"], "notes": tuple(line["taken"]["notes"])})
            else:
                yield number, Refusal(**line["refused"])

    def _lost(self, process: _Process, again: deque[Request], why: str) -> Iterator[Answer]:
        """Replace a process that died or hangs; its oldest request is the culprit, the others are asked again."""
        code = self._drop(process)
        if not process.ready:
            raise Unavailable(
                f"The process that opens pictures does not start (it ended with {code}).",
                f"Run `{sys.executable} -m {self._module}` in {_PROJECT} to see why.",
            )
        if process.waiting:
            lost = process.waiting.popleft()
            yield lost.number, Refusal("damaged", file=lost.relative, found=why)
        again.extendleft(reversed(process.waiting))
        self._start()
