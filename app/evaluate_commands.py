"""`uzor evaluate`: models on a query set, in words or in pictures, as tables on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console

if TYPE_CHECKING:
    from app.answers import Evaluation
    from app.bench import Bench


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC [SPEC …]")
@console.CATALOGUE
@click.option("--queries", type=console.PATH, help="queries.tsv, CSV or JSON; or a stored query set's name.")
@click.option("--queries-from", metavar="COLUMN",
              help="Ask with pictures: every item for those of other sources equal in this column.")  # fmt: skip
@click.option("--queries-drawn", type=click.IntRange(1), metavar="N",
              help="Ask with the pictures of so many items drawn at random, to be judged from nothing.")  # fmt: skip
@click.option("--qrels", type=console.PATH, help="TREC judgments that go with a queries.tsv.")
@click.option("--k", default=5, show_default=True, type=click.IntRange(1), help="Cut-off of P@k, R@k and the like.")
@click.option("--pool", type=click.Choice(["judged", "catalogue"]), default="catalogue", show_default=True,
              help="Search the judged items only, or the whole catalogue.")  # fmt: skip
@click.option("--index", default="exact", show_default=True, help="Index back end: exact or faiss.")
@console.WHERE
@console.PRECISION
@console.CORRECTION
@console.JSON
def evaluate(
    specs: tuple[str, ...], catalogue: str, queries: Path | None, queries_from: str | None,
    queries_drawn: int | None, qrels: Path | None, where: tuple[str, ...], as_json: bool, **choices: Any,
) -> None:  # fmt: skip
    """Run a query set through one or several models: P@k, R@k and more, beside the chance level and the ceiling."""
    if sum(one is not None for one in (queries, queries_from, queries_drawn)) != 1:
        raise ValueError(
            "Say what is asked: --queries FILE, --queries NAME of a stored set, --queries-from COLUMN "
            "or --queries-drawn N"
        )
    bench = console.bench()
    if queries_from is not None:
        name = bench.pair_up(catalogue, queries_from).name
    elif queries_drawn is not None:
        name = bench.draw_askers(catalogue, queries_drawn).name
    else:
        name = _named(bench, catalogue, queries, qrels)
    with console.Bar() as bar:
        found = bench.evaluate(specs, catalogue, name, where=console.wanted(where), progress=bar, **choices)
    console.show([e.record() for e in found], as_json, lambda: [line for e in found for line in _table(e)])


def _named(bench: Bench, catalogue: str, queries: Path | None, qrels: Path | None) -> str:
    """The stored query set of that name, or the name of what the files hold once it is kept."""
    if queries is None:
        return ""
    stored = not queries.exists() and not qrels and str(queries) in bench.query_sets()
    return str(queries) if stored else bench.add_query_set([queries, *([qrels] if qrels else [])], catalogue).name


def _table(evaluation: Evaluation) -> list[str]:
    counts, run = evaluation.counts, evaluation.run
    if run.settings.get("unjudged"):
        asked = (
            f"{run.spec}: {len(run.rankings)} queries asked, gallery of {counts['gallery']} ({run.settings['pool']})"
        )
        return [
            asked,
            "  nobody has judged these queries yet: judge the results on the Judging page",
            f"  run {run.id}",
            "",
        ]
    head = f"{run.spec}: {counts['queries']} queries, gallery of {counts['gallery']} ({run.settings['pool']})"
    lines = [head, f"  {'metric':<12}{'value':>9}{'chance':>9}{'ceiling':>9}"]
    for name, value in evaluation.metrics.items():
        beside = (console.number(table.get(name)) for table in (evaluation.chance, evaluation.ceiling))
        lines.append(
            f"  {'Top-1' if name == 'P@1' else name:<12}{value:>9.4f}" + "".join(f"{text:>9}" for text in beside)
        )
    if absent := counts["absent"]:
        lines.append(f"  {absent} judgments of {counts['absent_items']} items outside this gallery were left out")
    if left_out := counts["left_out"]:
        lines.append(f"  {len(left_out)} queries without a relevant item in this gallery were left out")
    return [*lines, f"  run {run.id}", ""]
