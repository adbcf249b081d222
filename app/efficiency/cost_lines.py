"""Costs in plain text: what `uzor efficiency` prints of models, of growing galleries, and of typed limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eval.costs import galleries
from eval.costs.front import beyond
from eval.costs.outcome import NUMBERS
from eval.tasks.efficiency import scores

if TYPE_CHECKING:
    from eval.costs.galleries import Gallery
    from eval.costs.outcome import Cost, Number

SHOWN = {"bytes": (1e6, "MB"), "count": (1, ""), "s": (1, "s"), "ms": (1, "ms"), "1/s": (1, "1/s"), "%": (1, "%")}
PRINTED = ("search_p50", "search_p95", "search_cpu", "index_bytes", "peak_ram")
SAYS = {
    "loaded": "others used {others:.0%} of the machine: no quiet measurement",
    "unsteady": "the processes differ by more than a quarter",
    "once": "measured in one process only: no spread",
    "nice": "the process ran with lowered priority (nice {nice})",
}
ORIGINS = {
    "own": "the catalogue's own vectors",
    "part": "a random part of them",
    "repeated": "they and copies of them with a little noise",
}


def record(one: Cost, limits: Mapping[str, float]) -> dict[str, Any]:
    """A model's cost as JSON."""
    return {"spec": one.spec, "key": one.key, "numbers": scores(one), "items": one.items, "others": one.others,
            "flags": list(one.flags), "beyond": beyond(one, limits), "settings": one.settings,
            "machine": one.machine, "made": one.made}  # fmt: skip


def gallery_record(one: Gallery) -> dict[str, Any]:
    """A model's galleries as JSON: a point an index and size, with (median, least, most) over the processes."""
    points = [
        {"index": point.index, "size": point.size, "origin": point.origin,
         "numbers": {name: (n.value, n.low, n.high) for name, n in point.numbers.items()}}
        for point in one.points
    ]  # fmt: skip
    return {"spec": one.spec, "key": one.key, "points": points, "refused": one.refused, "others": one.others,
            "flags": list(one.flags), "settings": one.settings, "machine": one.machine, "made": one.made}  # fmt: skip


def table(found: Sequence[Cost]) -> list[str]:
    """Numbers × models: the median, with the least and the most of the processes where they differ."""
    wide = [max(len(one.name), 24) + 2 for one in found]
    lines = [f"{'':<18}" + "".join(f"{one.name:>{w}}" for one, w in zip(found, wide, strict=True))]
    for name, unit in NUMBERS.items():
        cells = [_cell(one.numbers.get(name), unit) for one in found]
        label = f"{name} {SHOWN[unit][1]}".strip()
        if any(cell != "–" for cell in cells):
            lines.append(f"{label:<18}" + "".join(f"{cell:>{w}}" for cell, w in zip(cells, wide, strict=True)))
    return lines


def _cell(number: Number | None, unit: str) -> str:
    if number is None:
        return "–"
    by = SHOWN[unit][0]
    value, low, high = (f"{part / by:,.4g}" if part / by < 1000 else f"{part / by:,.0f}"
                        for part in (number.value, number.low, number.high))  # fmt: skip
    return value if low == high else f"{value} ({low}–{high})"


def growing(found: Sequence[Gallery]) -> list[str]:
    """Searches of single vectors by size of the gallery, and where there was no memory for one."""
    if not found:
        return []
    heads = [f"{name} {SHOWN[galleries.NUMBERS[name]][1]}" for name in PRINTED]
    lines = ["", "One vector → its 20 nearest, as the gallery grows (search_cpu: of 1,000 searches):"]
    for one in found:
        lines += [f"{one.spec}", f"  {'index':<8}{'vectors':>11}" + "".join(f"{head:>26}" for head in heads)]
        for point in one.points:
            cells = [_cell(point.numbers[name], galleries.NUMBERS[name]) for name in PRINTED]
            lines.append(f"  {point.index:<8}{point.size:>11,}" + "".join(f"{cell:>26}" for cell in cells)
                         + f"  {point.origin}")  # fmt: skip
        lines += [f"  {int(size):,} vectors were not measured: it {why}" for size, why in one.refused.items()]
    there = {point.origin for one in found for point in one.points}
    return [*lines, *(f"  {name}: {says}" for name, says in ORIGINS.items() if name in there)]


def said(found: Sequence[Cost], grown: Sequence[Gallery]) -> list[str]:
    """The machine, and what makes a measurement doubtful."""
    first = found[0]
    about = first.machine
    lines = [f"{about['processor']}, {about['usable_cores']} cores, {about['threads']} threads, load "
             f"{about['load_average']}; median of {first.settings['repeats']} processes (least–most)"]  # fmt: skip
    named = [(one.name, one) for one in found] + [(f"{one.spec}, galleries", one) for one in grown]
    for name, one in named:
        lines += [f"  {name}: " + SAYS[flag].format(others=one.others, nice=about["niceness"]) for flag in one.flags]
    return lines


def kept_within(
    found: Sequence[Cost], grown: Mapping[str, Gallery], limits: Mapping[str, float], at: tuple[str, int] | None
) -> list[str]:  # fmt: skip
    """Who stays within the limits; with `at` (index, size) over a gallery of that size."""
    if not limits:
        return []
    lines = [f"With {at[1]:,} vectors in the index {at[0]}:"] if at else []
    for one in found:
        looked = galleries.at_size(one, grown.get(one.spec), *at) if at else one
        over = beyond(looked, limits)
        over = [name if name in looked.numbers else f"{name} (not measured)" for name in over]
        lines.append(f"  {one.name}: " + (f"beyond {', '.join(over)}" if over else "within all limits"))
    return lines
