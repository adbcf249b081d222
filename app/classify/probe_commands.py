"""`uzor classify`: the table features × classifiers on the command line, and a photo's category with a search in it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console
from app.search.seeing import Look
from data import published_tables
from eval.grouping.probes import changes
from eval.probing.classifiers import ALL
from eval.probing.scoring import METRICS
from eval.tasks.probe import scores

if TYPE_CHECKING:
    from app.bench import Bench
    from eval.probing.outcome import Probe


PUBLISHED = click.option("--published", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                         help="CSV of a document's own table to print below ours.")  # fmt: skip


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC [SPEC …]")
@console.CATALOGUE
@click.option("--column", default="category", show_default=True, help="The column whose values are the classes.")
@click.option("--classifier", "classifiers", multiple=True, metavar="NAME",
              help=f"One of {', '.join(ALL)}; may be repeated. Default: every one that is installed.")  # fmt: skip
@click.option("--metric", type=click.Choice(METRICS), default="F1 macro", show_default=True, help="What the table has.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the split and the classifiers.")
@click.option("--together", multiple=True, metavar="COLUMN",
              help="Equal values stay on one side of the split; default: sku and design.")  # fmt: skip
@click.option("--near/--no-near", default=True, show_default=True, help="Nearly equal pictures stay on one side, too.")
@click.option("--template", default="{}", show_default=True, help="Words of zero-shot; {} is the class.")
@click.option("--name", "names", multiple=True, metavar="CLASS=WORDS", help="Other words for a class in zero-shot.")
@click.option("--within", is_flag=True, help="Also: does searching within the recognised category find more designs?")
@click.option("--photo", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Also: what this picture is taken for, and the nearest items within that category.")  # fmt: skip
@click.option("--k", default=5, show_default=True, type=click.IntRange(1), help="How many items of the photo's search.")
@console.WHERE
@console.EXCLUDE
@console.BEFORE_AFTER
@console.PRECISION
@PUBLISHED
@console.JSON
def classify(
    specs: tuple[str, ...], catalogue: str, column: str, classifiers: tuple[str, ...], metric: str,
    together: tuple[str, ...], names: tuple[str, ...], where: tuple[str, ...], within: bool, photo: Path | None, k: int,
    published: Path | None, as_json: bool, exclude: tuple[str, ...], before_after: bool, **how: Any,
) -> None:  # fmt: skip
    """Category from a model's vectors: simple classifiers on 60/20/20 of the designs, scored on those never seen."""
    bench = console.bench()
    console.something_left_out(exclude, before_after)
    how |= {"together": together or None, "names": console.pairs(names, "--name"), "where": console.wanted(where)}
    with console.Bar() as bar:
        made = bench.classify(specs, catalogue, column, classifiers, progress=bar, exclude=exclude, **how)
        whole = bench.classify(specs, catalogue, column, classifiers, progress=bar, **how) if before_after else None
    known = {one.key: one for one in bench.probes(catalogue, column)}
    found = [known[key] for key in made["made"].values()]
    chosen = classifiers or tuple(ALL)
    failed = [f"{spec}: {why}" for spec, why in made["failed"].items()]
    shown = [_only(one, chosen) for one in found]
    record: dict[str, Any] = {"probes": [_record(one) for one in shown], "failed": made["failed"]}
    lines = [*_table(shown, metric), *failed]
    if whole:
        record["before_after"], said = _changes([known[key] for key in whole["made"].values()], shown, metric)
        lines += said
    for one in shown if within else ():
        record.setdefault("within", {})[one.spec], said = _within(bench, one)
        lines += said
    if photo:
        for one in shown:
            record.setdefault("photo", {})[one.spec], said = _photo(bench, one, photo, k)
            lines += said
    if published:
        lines += [
            "",
            f"Published ({published.name}), not ours:",
            *published_tables.lines(published_tables.read(published)),
        ]
    console.show(record, as_json, lambda: lines)


def _only(one: Probe, chosen: tuple[str, ...]) -> Probe:
    return replace(one, cells={name: cell for name, cell in one.cells.items() if name in chosen})


def _changes(whole: list[Probe], shown: list[Probe], metric: str) -> tuple[list[dict[str, Any]], list[str]]:
    """What leaving the groups out changes, classifier by classifier, on the test items that both judge."""
    before = {one.spec: one for one in whole}
    found = [change for one in shown for change in changes(before[one.spec], one, metric)]
    if not found:
        return [], []
    wide = max(len(one.spec) for one in found) + 2
    lines = ["", f"{metric} before → after, on {found[0].items} test items that are outside the groups; 95 % interval"]
    lines += [
        f"{one.spec:<{wide}}{one.classifier:<12}{one.before:>8.3f} → {one.after:.3f}{one.difference:>+8.3f}   "
        f"{one.low:+.3f} … {one.high:+.3f}"
        for one in found
    ]
    return [asdict(one) | {"difference": one.difference} for one in found], lines


def _within(bench: Bench, one: Probe) -> tuple[dict[str, Any], list[str]]:
    """Does searching within the category help: by the classifier that is best on validation."""
    name = one.best.classifier
    found = bench.within_gain(one.key, one.catalogue, name)
    if not found.items:
        return {}, [f"{one.spec}: no design with two pictures in the test part"]
    columns = next(iter(found.means.values()))
    lines = [f"{one.spec}: search for a design's other pictures within the category that {name} recognises, "
             f"{found.items} test items", " " * 16 + "".join(f"{column:>9}" for column in columns)]  # fmt: skip
    lines += [
        f"{scope:<16}" + "".join(f"{value:>9.4f}" for value in means.values()) for scope, means in found.means.items()
    ]
    return {"classifier": name, "items": found.items, "means": found.means}, lines


def _photo(bench: Bench, one: Probe, photo: Path, k: int) -> tuple[dict[str, Any], list[str]]:
    """What a photo is taken for, and what is found within that category."""
    name = one.best.classifier
    found = bench.recognised(one.key, one.catalogue, name, Look(path=bench.bring(photo)), 1, k)
    sure = ", ".join(f"{label} {value:.3f}" for label, value in found.classes[:3])
    lines = [f"{one.spec}: {photo.name} by {name}: {sure}; within {found.classes[0][0]}, {found.answer.gallery} items"]
    lines += [f"{hit.rank:>3}  {hit.score:8.4f}  {hit.id:<24} {hit.title}" for hit in found.answer.hits]
    return {"classifier": name, "classes": dict(found.classes), "hits": found.answer.rows()}, lines


def _record(one: Probe) -> dict[str, Any]:
    test = scores(one)
    cells = {name: {"params": cell.params, "test": test[name], "validation": cell.validation}
             for name, cell in one.cells.items()}  # fmt: skip
    return {"spec": one.spec, "column": one.column, "key": one.key, "classes": len(one.classes), "size": one.size,
            "counts": one.counts, "left_out": one.left_out, "settings": one.settings, "cells": cells}  # fmt: skip


def _table(found: list[Probe], metric: str) -> list[str]:
    """Features × classifiers: value and interval; the cell that is best on validation bears a star."""
    columns = [name for name in ALL if any(name in one.cells for one in found)]
    one, wide = found[0], max(len(probe.spec) for probe in found) + 2
    sizes = ", ".join(f"{one.counts[name]} {name}" for name in ("train", "validation", "test"))
    lines = [f"{metric} of {one.column} ({len(one.classes)} classes; {sizes}), 95 % interval over designs; "
             "* best on validation", " " * wide + "".join(f"{name:>12}" for name in columns)]  # fmt: skip
    for probe in found:
        cells = [probe.cells.get(name) for name in columns]
        best = probe.best
        values = ["–" if cell is None else f"{cell.scores[metric][0]:.3f}" + "*" * (cell is best) for cell in cells]
        spans = ["" if cell is None else f"{cell.scores[metric][1]:.2f}–{cell.scores[metric][2]:.2f}" for cell in cells]
        lines += [f"{probe.spec:<{wide}}" + "".join(f"{value:>12}" for value in values),
                  " " * wide + "".join(f"{span:>12}" for span in spans)]  # fmt: skip
    if one.left_out:
        lines.append(f"left out as too small: {', '.join(f'{name} ({n})' for name, n in one.left_out.items())}")
    return lines
