"""`uzor compare` and `uzor gate`: is one stored run really better than another, and may a candidate go live?"""

from __future__ import annotations

import sys

import click

from app import console, searched
from app.compare import verdict_words
from eval.comparison import Comparison

METRIC = click.option("--metric", default="P@5", show_default=True, help="P@k, R@k, Hit@k, RR, AP, nDCG@k, Rprec …")


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="A B [C …]")
@METRIC
@click.option("--catalogue", help="Only runs over this catalogue.")
@click.option("--queries", help="Only runs of this query set.")
@console.JSON
def compare(names: tuple[str, ...], metric: str, catalogue: str | None, queries: str | None, as_json: bool) -> None:
    """Compare stored runs, each named by its id, by the beginning of it, or by a model (its newest comparable run).

    `uzor compare report` compares the four models of the 2025 report by its published figures.
    """
    bench = console.bench()
    if names == ("report",):
        found, called, where = bench.compared_published(metric), {}, ""
    else:
        if len(names) < 2:
            raise ValueError("Name two runs or models at least; `uzor runs` lists them")
        chosen = bench.named_runs(names, catalogue, queries)
        found = bench.compared(chosen, metric)
        where = searched.of(bench.store.get(chosen[0]).settings)
        called = {run.id: f"{run.spec} ({run.id})" for run in bench.runs(limit=10_000)}
    record = {
        "metric": metric,
        "searched": where,
        "names": {s.label: called.get(s.label, s.label) for s in found.standings},
    }
    console.show(
        {**record, **found.record()},
        as_json,
        lambda: [*_lines(found, called, metric), *([f"searched: {where}"] if where else [])],
    )


def _lines(found: Comparison, names: dict[str, str], metric: str) -> list[str]:
    lines = [verdict_words.head(found, names, metric), "", f"  {'rank':<6}{metric:>7}  95 % interval"]
    for standing in found.standings:
        bounds = f"{standing.low:.3f} – {standing.high:.3f}"
        name = names.get(standing.label, standing.label)
        lines.append(f"  {verdict_words.rank(standing):<6}{standing.mean:>7.3f}  {bounds}  {name}")
    lines.append("")
    for verdict in found.verdicts:
        lines.append(verdict_words.sentence(verdict, names, metric))
        lines.append(f"  effect {verdict.effect:.2f}; {verdict.queries} queries find differences from "
                     f"{verdict.detectable:.3f}; p before correction {verdict.p:.6f}")  # fmt: skip
    if found.left_out:
        lines.append(f"{len(found.left_out)} queries that not every model was asked were left out")
    return lines


@click.command()
@click.option("--baseline", required=True, metavar="RUN", help="The run (or model) that serves now.")
@click.option("--candidate", default="", metavar="RUN", help="Default: the newest run under the baseline's conditions.")
@METRIC
@click.option("--golden", multiple=True, metavar="QUERY", help="Queries that must keep a hit; default: those tagged "
              "“golden”, else all.")  # fmt: skip
@console.JSON
def gate(baseline: str, candidate: str, metric: str, golden: tuple[str, ...], as_json: bool) -> None:
    """Exit with 1 when a candidate is significantly worse than a baseline or a golden query lost its last hit.

    For a shop's CI: `uzor evaluate …` the candidate, then `uzor gate --baseline RUN --metric P@5`.
    """
    found = console.bench().gated(baseline, candidate, metric, golden)
    told = verdict_words.sentence(found.verdict, {}, metric)
    lines = ["PASSED" if found.passed else "FAILED", told]
    lines.append(f"{len(found.lost)} of {found.golden} golden queries lost their last hit" + _listed(found.lost))
    console.show(found.record(), as_json, lambda: lines)
    if not found.passed:
        sys.exit(console.EXIT_DIFFERS)


def _listed(queries: tuple[str, ...]) -> str:
    return f": {', '.join(queries[:20])}{' …' if len(queries) > 20 else ''}" if queries else ""
