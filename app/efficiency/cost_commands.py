"""`uzor efficiency`: what models cost to run, measured here and now, with what the machine did beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app import console
from app.efficiency import cost_lines
from data import published_tables
from eval.costs.galleries import USUAL
from eval.costs.outcome import NUMBERS

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
@click.option("--precision", "precisions", default="fp32", show_default=True, metavar="LIST",
              help="fp32, bf16 or both with a comma between; bf16 where the processor has instructions.")  # fmt: skip
@click.option("--index", "indexes", default="exact", show_default=True, metavar="LIST",
              help="Indexes that are searched, e.g. exact,faiss; models are measured with the first.")  # fmt: skip
@click.option("--sizes", default=",".join(map(str, USUAL)), show_default=True, metavar="LIST",
              help="Galleries searched beside the catalogue's own size; larger ones repeat its vectors with a little "
                   "noise. An empty list: only its own size.")  # fmt: skip
@click.option("--limit", "limits", multiple=True, metavar="NUMBER=VALUE",
              help="E.g. text_p95=200 (ms), peak_ram=1e9 (bytes); says which models stay within.")  # fmt: skip
@click.option("--at", type=click.IntRange(1), help="Limits apply to a gallery of that size, one of --sizes.")
@PUBLISHED
@console.JSON
def efficiency(
    specs: tuple[str, ...], catalogue: str, precisions: str, indexes: str, sizes: str, limits: tuple[str, ...],
    at: int | None, published: Path | None, as_json: bool, **settings: Any,
) -> None:  # fmt: skip
    """Cold start, latency, throughput, memory and sizes of models, each in processes of its own; searches in galleries
    of several sizes.
    """
    bench, wanted = console.bench(), limits_of(limits)
    settings |= {"precisions": _listed(precisions), "indexes": _listed(indexes), "sizes": sizes_of(sizes)}
    if at is not None and at not in {*settings["sizes"], len(bench.catalogue(catalogue))}:
        raise ValueError(f"--at {at}: that size is not measured; add it to --sizes")
    with console.Bar() as bar:
        made = bench.measure(specs, catalogue, bar, **settings)
    found = [one for one in bench.costs(catalogue) if one.key in set(made["made"].values())]
    found.sort(key=lambda one: list(made["made"]).index(one.name))
    grown = {one.spec: one for one in bench.galleries(catalogue).values() if one.key in made["galleries"].values()}
    record = {"costs": [cost_lines.record(one, wanted) for one in found],
              "galleries": [cost_lines.gallery_record(one) for one in grown.values()],
              "failed": made["failed"]}  # fmt: skip
    lines = [
        *cost_lines.table(found), *cost_lines.growing(list(grown.values())),
        *cost_lines.said(found, list(grown.values())),
        *cost_lines.kept_within(found, grown, wanted, (settings["indexes"][0], at) if at else None),
        *(f"{name}: {why}" for name, why in made["failed"].items()), *(_published(published) if published else ()),
    ]  # fmt: skip
    console.show(record, as_json, lambda: lines)


def _published(path: Path) -> list[str]:
    return ["", f"Published ({path.name}), not ours:", *published_tables.lines(published_tables.read(path))]


def _listed(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))


def sizes_of(given: str) -> tuple[int, ...]:
    """`--sizes` as whole numbers; ValueError for what is none."""
    found = []
    for part in _listed(given):
        try:
            found.append(int(part))
        except ValueError:
            raise ValueError(f"--sizes: {part!r} is no whole number; write e.g. 1000,20000") from None
    return tuple(found)


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
