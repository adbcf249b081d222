"""A progress bar on stderr for long work, and the signals that end it between two steps."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

from data.errors import Cancelled


class Ticker:
    """A `Progress` that draws a bar per kind of work; after Ctrl-C or SIGTERM its next call raises `Cancelled`."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what = ""
        self._stopped = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Ticker:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._bar is not None:
            self._bar.close()

    def __call__(self, done: int, total: int, what: str) -> None:
        """Show `done` of `total` steps of `what`; `Cancelled` once the user asked to stop."""
        from tqdm import tqdm

        if self._stopped:
            raise Cancelled(f"Stopped at step {done} of {total} of {what}.")
        if what != self._what:
            if self._bar is not None:
                self._bar.close()
            self._bar, self._what = tqdm(total=total, desc=what, unit="step", dynamic_ncols=True), what
        self._bar.update(done - self._bar.n)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopped = number
