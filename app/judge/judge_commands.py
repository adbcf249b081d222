"""`uzor judge`: judgments out of the log and into it, candidates by description, agreement, a merged version."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from app import console
from eval.judging.files import FORMS
from eval.judging.merging import RULES

QUERIES = click.option("--queries", required=True, help="A stored query set's name.")
RULE = click.option("--rule", type=click.Choice(list(RULES)), default="majority", show_default=True,
                    help="How grades of several raters become one.")  # fmt: skip
SUFFIXES = {".json": "json", ".csv": "csv"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def judge() -> None:
    """Judgments of raters: export, import, candidates, agreement, merging into a query set."""


@judge.command("export")
@click.argument("path", type=click.Path(path_type=Path))
@QUERIES
@click.option("--form", type=click.Choice(list(FORMS)), help="Default: by the file's name (.json, .csv, else TREC).")
@RULE
@click.option("--raw", is_flag=True, help="CSV without the guard against formulas of spreadsheets.")
def export(path: Path, queries: str, form: str | None, rule: str, raw: bool) -> None:
    """Write judgments: TREC qrels of the merged grades, or every row with who, when and from what as CSV or JSON."""
    chosen = form or SUFFIXES.get(path.suffix.lower(), "trec")
    console.bench().write_judgments(queries, path, chosen, rule, raw)
    click.echo(f"Judgments of {queries} as {chosen}: {path}")


@judge.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@QUERIES
@click.option("--rater", default="", help="Who judged, for files that do not say it.")
@click.option("--source", default="imported", show_default=True, help="Where it comes from, for files without it.")
@click.option("--saw", multiple=True, metavar="SPEC", help="A model whose ranking proposed the items; may be repeated.")
@console.JSON
def import_(path: Path, queries: str, rater: str, source: str, saw: tuple[str, ...], as_json: bool) -> None:
    """Append judgments from TREC qrels, CSV or JSON; what was exported and comes back is recognised, not doubled."""
    found = console.bench().import_judgments(path, queries, rater, source, saw)
    lines = [f"{found.new} new judgments of {queries}, {found.known} were here already"]
    if found.guidelines:
        lines.append(f"guidelines: {found.guidelines}" + (" as they are here" if found.guidelines == "kept" else ""))
    console.show({"query_set": queries, **asdict(found)}, as_json, lambda: lines)


@judge.command()
@QUERIES
@click.option("--by", default="bm25", show_default=True, help="bm25, or sbert:FOLDER for a model in models/.")
@click.option("--depth", default=15, show_default=True, type=click.IntRange(1, 100), help="How many a query.")
def candidates(queries: str, by: str, depth: int) -> None:
    """Find items whose title and description answer the query, to be judged beside what the models show."""
    with console.Bar() as bar:
        found = console.bench().propose(queries, by, depth, bar)
    count = sum(len(items) for items in found.items.values())
    click.echo(f"{count} candidates for {len(found.items)} queries by {found.name}")


@judge.command()
@QUERIES
@console.JSON
def agreement(queries: str, as_json: bool) -> None:
    """How far the raters agree: Krippendorff's alpha, Cohen's kappa of every two, what they disagree on."""
    found = console.bench().agreement(queries)
    low, high = found.interval or (None, None)
    lines = [
        f"alpha {console.number(found.alpha)} ({console.number(low)} … {console.number(high)}), {found.pairs} pairs"
    ]
    lines += [f"  {one.first} – {one.second}: kappa {console.number(one.plain)}, {one.same} of {one.pairs} the same"
              for one in found.kappas]  # fmt: skip
    lines += [f"  query {one.query} item {one.item}: {one.grades}" for one in found.disagreements]
    console.show(found.record(), as_json, lambda: lines)


@judge.command()
@QUERIES
@RULE
@console.JSON
def merge(queries: str, rule: str, as_json: bool) -> None:
    """Merge the judgments into a new version of the query set; runs keep the judgments they were made with."""
    made = console.bench().adopt(queries, rule)
    count = sum(len(items) for items in made.judgments.values())
    record = {"query_set": made.name, "version": made.version, "fingerprint": made.fingerprint, "judgments": count}
    console.show(record, as_json, lambda: [f"{made.name}: version {made.version}, {count} judgments"])
