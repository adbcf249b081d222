"""`uzor efficiency`: what models cost to run, measured here and now, with what the machine did beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console
from data import published_tables
from eval.costs.front import beyond
from eval.costs.outcome import NUMBERS
from eval.tasks.efficiency import scores

if TYPE_CHECKING:
    from eval.costs.outcome import Cost

SHOWN = {"bytes": (1e6, "MB"), "count": (1, ""), "s": (1, "s"), "ms": (1, "ms"), "1/s": (1, "1/s"), "%": (1, "%")}
SAYS = {
    "loaded": "others used {others:.0%} of the machine: no quiet measurement",
    "unsteady": "the processes differ by more than a quarter",
    "once": "measured in one process only: no spread",
    "nice": "the process ran with lowered priority (nice {nice})",
}


PUBLISHED = click.option("--published", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                         help="CSV of a document's own table to print below ours.")  # fmt: skip


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC [SPEC …]")
@console.CATALOGUE
@click.option("--repeats", default=3, show_default=True, type=click.IntRange(1), help="Processes a model.")
@click.option("--calls", default=30, show_default=True, type=click.IntRange(5), help="Single calls timed in each.")
@click.option(
    "--batch", default=32, show_default=True, type=click.IntRange(1), help="Pictures at once, for throughput."
)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="Threads of each process.")
@click.option("--index", default="exact", show_default=True, help="Index back end: exact or faiss.")
@click.option("--limit", "limits", multiple=True, metavar="NUMBER=VALUE",
              help="E.g. text_p95=200 (ms), peak_ram=1e9 (bytes); says which models stay within.")  # fmt: skip
@PUBLISHED
@console.PRECISION
@console.JSON
def efficiency(
    specs: tuple[str, ...], catalogue: str, limits: tuple[str, ...], published: Path | None, as_json: bool,
    **settings: Any,
) -> None:  # fmt: skip
    """Cold start, latency, throughput, memory and sizes of models, each in processes of its own."""
    bench, wanted = console.bench(), limits_of(limits)
    with console.Bar() as bar:
        made = bench.measure(specs, catalogue, bar, **settings)
    found = [one for one in bench.costs(catalogue) if one.key in set(made["made"].values())]
    found.sort(key=lambda one: list(made["made"]).index(one.spec))
    failed = [f"{spec}: {why}" for spec, why in made["failed"].items()]
    record = {"costs": [_record(one, wanted) for one in found], "failed": made["failed"]}
    lines = [*_table(found), *_said(found, wanted), *failed]
    if published:
        lines += [
            "",
            f"Published ({published.name}), not ours:",
            *published_tables.lines(published_tables.read(published)),
        ]
    console.show(record, as_json, lambda: lines)


def limits_of(given: tuple[str, ...]) -> dict[str, float]:
    """`--limit` values as number → limit; ValueError for a number there is not or a limit that is none."""
    limits = {}
    for name, value in console.pairs(given, "--limit").items():
        if name not in NUMBERS:
            raise ValueError(f"--limit: there is no number {name!r}; there are {', '.join(NUMBERS)}")
        try:
            limits[name] = float(value)
        except ValueError:
            raise ValueError(f"--limit {name}={value}: {value!r} is no number") from None
    return limits


def _record(one: Cost, limits: dict[str, float]) -> dict[str, Any]:
    return {"spec": one.spec, "key": one.key, "numbers": scores(one), "items": one.items, "others": one.others,
            "flags": list(one.flags), "beyond": beyond(one, limits), "settings": one.settings,
            "machine": one.machine, "made": one.made}  # fmt: skip


def _table(found: list[Cost]) -> list[str]:
    """Numbers × models: the median, with the least and the most of the processes where they differ."""
    wide = [max(len(one.spec), 24) + 2 for one in found]
    lines = [f"{'':<18}" + "".join(f"{one.spec:>{w}}" for one, w in zip(found, wide, strict=True))]
    for name, unit in NUMBERS.items():
        cells = [_cell(one, name) for one in found]
        label = f"{name} {SHOWN[unit][1]}".strip()
        if any(cell != "–" for cell in cells):
            lines.append(f"{label:<18}" + "".join(f"{cell:>{w}}" for cell, w in zip(cells, wide, strict=True)))
    return lines


def _cell(one: Cost, name: str) -> str:
    number, by = one.numbers.get(name), SHOWN[NUMBERS[name]][0]
    if number is None:
        return "–"
    value, low, high = (f"{part / by:,.4g}" if part / by < 1000 else f"{part / by:,.0f}"
                        for part in (number.value, number.low, number.high))  # fmt: skip
    return value if low == high else f"{value} ({low}–{high})"


def _said(found: list[Cost], limits: dict[str, float]) -> list[str]:
    """The machine, what makes a measurement doubtful, and who stays within the limits."""
    first = found[0]
    about = first.machine
    lines = [f"{about['processor']}, {about['usable_cores']} cores, {about['threads']} threads, load "
             f"{about['load_average']}; median of {first.settings['repeats']} processes (least–most)"]  # fmt: skip
    for one in found:
        lines += [
            f"  {one.spec}: " + SAYS[flag].format(others=one.others, nice=about["niceness"]) for flag in one.flags
        ]
    for one in found if limits else ():
        over = beyond(one, limits)
        lines.append(f"  {one.spec}: " + (f"beyond {', '.join(over)}" if over else "within all limits"))
    return lines
