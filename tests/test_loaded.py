"""Loaded things: each loaded once however many ask, the least used forgotten, a failed load tried again."""

from __future__ import annotations

import threading
import time

import pytest

from app.loaded import Loaded


def test_many_threads_asking_at_once_cause_one_load() -> None:
    loaded: Loaded[int] = Loaded(keep=2)
    loads: list[int] = []

    def load() -> int:
        time.sleep(0.05)
        loads.append(1)
        return 7

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(loaded.get("a", load))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [7] * 8 and loads == [1]


def test_the_least_recently_used_is_forgotten() -> None:
    loaded: Loaded[str] = Loaded(keep=2)
    for key in ("a", "b", "a", "c"):
        loaded.get(key, lambda key=key: key)  # type: ignore[misc]
    assert "a" in loaded and "c" in loaded and "b" not in loaded


def test_a_failed_load_is_not_remembered() -> None:
    loaded: Loaded[int] = Loaded(keep=2)
    with pytest.raises(ZeroDivisionError):
        loaded.get("a", lambda: 1 // 0)
    assert loaded.get("a", lambda: 3) == 3
