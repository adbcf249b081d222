"""`uzor classify`: the table features × classifiers on the command line, and a photo's category with a search in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app import console
from eval.probing.classifiers import ALL
from eval.probing.scoring import METRICS

if TYPE_CHECKING:
    from eval.probing.outcome import Probe


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC [SPEC …]")
@console.CATALOGUE
@click.option("--column", default="category", show_default=True, help="The column whose values are the classes.")
@click.option("--classifier", "classifiers", multiple=True, metavar="NAME",
              help=f"One of {', '.join(ALL)}; may be repeated. Default: every one that is installed.")  # fmt: skip
@click.option("--metric", type=click.Choice(METRICS), default="F1 macro", show_default=True, help="What the table has.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the split and the classifiers.")
@click.option("--together", multiple=True, metavar="COLUMN",
              help="Equal values stay on one side of the split; default: sku.")  # fmt: skip
@click.option("--near/--no-near", default=True, show_default=True, help="Nearly equal pictures stay on one side, too.")
@click.option("--template", default="{}", show_default=True, help="Words of zero-shot; {} is the class.")
@click.option("--name", "names", multiple=True, metavar="CLASS=WORDS", help="Other words for a class in zero-shot.")
@console.WHERE
@console.PRECISION
@console.JSON
def classify(
    specs: tuple[str, ...], catalogue: str, column: str, classifiers: tuple[str, ...], metric: str,
    together: tuple[str, ...], names: tuple[str, ...], where: tuple[str, ...], as_json: bool, **how: Any,
) -> None:  # fmt: skip
    """Category from a model's vectors: simple classifiers on 60/20/20 of the designs, scored on those never seen."""
    bench = console.bench()
    with console.Bar() as bar:
        made = bench.classify(specs, catalogue, column, classifiers, console.wanted(where), progress=bar,
                              together=together or None, names=console.pairs(names, "--name"), **how)  # fmt: skip
    known = {one.key: one for one in bench.probes(catalogue, column)}
    found = [known[key] for key in made["made"].values()]
    chosen = classifiers or tuple(ALL)
    failed = [f"{spec}: {why}" for spec, why in made["failed"].items()]
    record = {"probes": [_record(one, chosen) for one in found], "failed": made["failed"]}
    console.show(record, as_json, lambda: [*_table(found, chosen, metric), *failed])


def _record(one: Probe, chosen: tuple[str, ...]) -> dict[str, Any]:
    cells = {name: {"params": cell.params, "test": cell.scores, "validation": cell.validation}
             for name, cell in one.cells.items() if name in chosen}  # fmt: skip
    return {"spec": one.spec, "column": one.column, "key": one.key, "classes": len(one.classes), "size": one.size,
            "counts": one.counts, "left_out": one.left_out, "settings": one.settings, "cells": cells}  # fmt: skip


def _table(found: list[Probe], chosen: tuple[str, ...], metric: str) -> list[str]:
    """Features × classifiers: value and interval; the cell that is best on validation bears a star."""
    columns = [name for name in ALL if name in chosen and any(name in one.cells for one in found)]
    one, wide = found[0], max(len(probe.spec) for probe in found) + 2
    sizes = ", ".join(f"{one.counts[name]} {name}" for name in ("train", "validation", "test"))
    lines = [f"{metric} of {one.column} ({len(one.classes)} classes; {sizes}), 95 % interval over designs; "
             "* best on validation", " " * wide + "".join(f"{name:>12}" for name in columns)]  # fmt: skip
    for probe in found:
        cells = [probe.cells.get(name) for name in columns]
        best = max((cell for cell in cells if cell), key=lambda cell: cell.validation["F1 macro"][0])
        values = ["–" if cell is None else f"{cell.scores[metric][0]:.3f}" + "*" * (cell is best) for cell in cells]
        spans = ["" if cell is None else f"{cell.scores[metric][1]:.2f}–{cell.scores[metric][2]:.2f}" for cell in cells]
        lines += [f"{probe.spec:<{wide}}" + "".join(f"{value:>12}" for value in values),
                  " " * wide + "".join(f"{span:>12}" for span in spans)]  # fmt: skip
    if one.left_out:
        lines.append(f"left out as too small: {', '.join(f'{name} ({n})' for name, n in one.left_out.items())}")
    return lines
