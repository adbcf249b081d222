"""What stays in memory between two questions: a few encoders, catalogues and searchers, each loaded once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Loaded(Generic[T]):
    """The `keep` things used last; a thing wanted by several threads at once is loaded by one of them.

    A failed load is not remembered: the next caller tries again and gets its own error.
    """

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: Hashable, load: Callable[[], T]) -> T:
        """The thing of that key, loaded now if it is not here."""
        with self._guard:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            with self._guard:
                if key in self._things:
                    return self._things[key]
            thing = load()
            with self._guard:
                self._things[key] = thing
                self._locks.pop(key, None)
                while len(self._things) > self.keep:
                    self._things.popitem(last=False)
            return thing

    def __contains__(self, key: Hashable) -> bool:
        return key in self._things
