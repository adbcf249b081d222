"""How long work tells its watcher where it stands, and learns that it should stop."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called between steps of long work; raises `data.errors.Cancelled` when the user asked to stop."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """`done` of `total` steps of `what` (a short stable English key: "decode", "embed", "copy") are finished."""


def silent(done: int, total: int, what: str) -> None:
    """A `Progress` that nobody watches."""
