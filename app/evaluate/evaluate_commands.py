"""`uzor evaluate`: models on a query set, in words or in pictures, as tables on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console, searched
from data.errors import Cancelled, Unavailable

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
@console.EXCLUDE
@console.PRECISION
@console.CORRECTION
@console.JSON
def evaluate(
    specs: tuple[str, ...], catalogue: str, queries: Path | None, queries_from: str | None,
    queries_drawn: int | None, qrels: Path | None, where: tuple[str, ...], as_json: bool, **choices: Any,
) -> None:  # fmt: skip
    """Run a query set through one or several models: P@k, R@k and more, beside the chance level and the ceiling.

    A model that is refused does not stop the others; it is named at the end, and the exit code says that one was.
    """
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
    choices |= {"catalogue": catalogue, "query_set": name, "where": console.wanted(where)}
    found, refused = _each(bench, specs, choices)
    if found:
        console.show([e.record() for e in found], as_json, lambda: [line for e in found for line in _table(e)])
    if refused:
        said = {console.told(problem): problem for problem in refused.values()}
        for words in said:
            named = ", ".join(spec for spec, problem in refused.items() if console.told(problem) == words)
            click.echo(f"uzor: {named}: {words}", err=True)
        sys.exit(max(map(console.exit_code, said.values())))


def _each(
    bench: Bench, specs: Sequence[str], choices: dict[str, Any]
) -> tuple[list[Evaluation], dict[str, BaseException]]:
    """One model after the other: what was evaluated, and spec → why it was not; what is common to all is asked first.

    Cancelling ends it; what was evaluated until then is returned too.
    """
    bench.catalogue(choices["catalogue"])
    bench.query_set(choices["query_set"])
    found: list[Evaluation] = []
    refused: dict[str, BaseException] = {}
    with console.Bar() as bar:
        for spec in specs:
            try:
                found += bench.evaluate([spec], progress=bar, **choices)
            except (Unavailable, ValueError, LookupError, OSError) as problem:
                refused[spec] = problem
            except (Cancelled, KeyboardInterrupt) as problem:
                refused[spec] = problem
                break
    return found, refused


def _named(bench: Bench, catalogue: str, queries: Path | None, qrels: Path | None) -> str:
    """The stored query set of that name, or the name of what the files hold once it is kept."""
    if queries is None:
        return ""
    stored = not queries.exists() and not qrels and str(queries) in bench.query_sets()
    return str(queries) if stored else bench.add_query_set([queries, *([qrels] if qrels else [])], catalogue).name


def _table(evaluation: Evaluation) -> list[str]:
    from eval import stats

    counts, run = evaluation.counts, evaluation.run
    if run.settings.get("unjudged"):
        over = f"gallery of {counts['gallery']} ({searched.of(run.settings)})"
        return [
            f"{run.spec}: {len(run.rankings)} queries asked, {over}",
            "  nobody has judged these queries yet: judge the results on the Judging page",
            f"  run {run.id}",
            "",
        ]
    head = f"{run.spec}: {counts['queries']} queries, gallery of {counts['gallery']} ({searched.of(run.settings)})"
    lines = [head, f"  {'metric':<12}{'value':>9}{'chance':>9}{'ceiling':>9}   95 % interval"]
    for name, value in evaluation.metrics.items():
        beside = (console.number(table.get(name)) for table in (evaluation.chance, evaluation.ceiling))
        shown = f"  {'Top-1' if name == 'P@1' else name:<12}{value:>9.4f}" + "".join(f"{text:>9}" for text in beside)
        low, high = stats.interval(evaluation.per_query[name].tolist())
        lines.append(shown + (f"   {low:.4f} – {high:.4f}" if low == low else ""))
    if absent := counts["absent"]:
        lines.append(f"  {absent} judgments of {counts['absent_items']} items outside this gallery were left out")
    if left_out := counts["left_out"]:
        lines.append(f"  {len(left_out)} queries without a relevant item in this gallery were left out")
    if unasked := counts["unasked"]:
        lines.append(f"  {unasked} queries that are pictures of the groups left out did not ask")
    return [*lines, f"  run {run.id}", ""]
