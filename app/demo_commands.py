"""`uzor demo`: the demonstration that ships, brought in or started over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app import console

if TYPE_CHECKING:
    from app.answers import Evaluation


@click.command()
@click.option("--reset", "anew", is_flag=True, help="Start over: the catalogue, its query sets and runs are made anew.")
@console.JSON
def demo(anew: bool, as_json: bool) -> None:
    """Bring in the drawn embroidery catalogue and run its 24 queries through every bundled model."""
    from app import demo as demonstration

    bench = console.bench()
    with console.Bar() as bar:
        made = demonstration.prepare(bench, bar, anew)
    found = [bench.evaluation(run) for run in made]
    console.show([e.record() for e in found], as_json, lambda: [_line(e) for e in found] or ["Everything is here"])


def _line(evaluation: Evaluation) -> str:
    means, run = evaluation.metrics, evaluation.run
    asked = f"{run.spec:<52} {run.query_set:<17} {run.settings['pool']:<10}"
    return f"{asked} P@5 {means['P@5']:.4f}  R@5 {means['R@5']:.4f}"
