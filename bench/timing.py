"""Medians of repeated runs, taken in turns so that a busy machine is busy for every way alike, and their table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """One way of doing a thing: median, fastest and slowest seconds of its repeats."""

    way: str
    median: float
    fastest: float
    slowest: float


def side_by_side(ways: dict[str, Callable[[], object]], repeats: int) -> list[Timing]:
    """Run every way once to warm it up, then `repeats` rounds of all ways in turn."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for work in ways.values():
        work()
    for _ in range(repeats):
        for way, work in ways.items():
            started = time.perf_counter()
            work()
            seconds[way].append(time.perf_counter() - started)
    return [Timing(way, statistics.median(took), min(took), max(took)) for way, took in seconds.items()]


def table(question: str, timings: list[Timing], units: float = 1, unit: str = "run", note: str = "") -> str:
    """A Markdown table: the first way is the naive one the others are compared with.

    `units` pieces of `unit` are done in one run; the last column is how many times faster than the first way.
    """
    naive = timings[0].median
    lines = [
        f"### {question}",
        "",
        f"| way | ms per {unit} (median) | fastest–slowest | {unit}s/s | × |",
        "|---|---|---|---|---|",
    ]
    for t in timings:
        spread = f"{1000 * t.fastest / units:.2f}–{1000 * t.slowest / units:.2f}"
        lines.append(
            f"| {t.way} | {1000 * t.median / units:.2f} | {spread} | {units / t.median:.1f} | {naive / t.median:.2f} |"
        )
    return "\n".join([*lines, "", *([note, ""] if note else [])])
