"""`uzor`: the Bench on the command line; progress on stderr, results on stdout, honest exit codes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console, exports, searched
from data import storage

if TYPE_CHECKING:
    from data.importers import ImportReport
    from eval.contracts import KnownModel


@click.group(cls=console.Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Uzor: decide which model your visual and text search should run on.

    The workspace is $UZOR_HOME (default: workspace/ in the project's folder).
    """


@main.command("import")
@click.argument("path", type=console.PATH)
@click.option("--name", help="Name of the catalogue; default: the file's or folder's name.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="E.g. title=name; default: recognised.")
@click.option("--encoding", help="Encoding of the file; default: recognised.")
@click.option("--delimiter", help="Delimiter of the file; default: recognised.")
@click.option("--pictures", type=console.PATH, help="Folder the picture paths start from; default: the file's own.")
@click.option("--background", default="#ffffff", show_default=True, help="What transparent pictures are laid on.")
@console.JSON
def import_(path: Path, mapping: tuple[str, ...], as_json: bool, **choices: Any) -> None:
    """Import a catalogue: a CSV (with its pictures), a folder of pictures and embroidery files, one file, or a ZIP."""
    with console.Bar() as bar:
        chosen = console.pairs(mapping, "--map") or None
        report = console.bench().import_catalogue(path, mapping=chosen, progress=bar, **choices)
    shown = ("catalogue", "fingerprint", "ready", "refused", "reasons", "unchanged")
    console.show({name: getattr(report, name) for name in shown}, as_json, lambda: _report(report))
    if not report.ready:
        sys.exit(console.EXIT_WRONG)


def _report(report: ImportReport) -> list[str]:
    said = "unchanged" if report.unchanged else "imported" if report.ready else "was not made"
    head = f"Catalogue {report.catalogue} {said}: {report.ready} of {report.ready + report.refused} rows ready"
    counts = [f"  {count:>6}  {code}" for code, count in report.reasons.items()]
    return [head, *counts, *(f"  {refusal.message('en')}" for refusal in report.refusals[:20])]


@main.command()
@console.JSON
def models(as_json: bool) -> None:
    """Every model one can choose, whether its weights are here, and where they are looked for."""
    known = console.bench().models()
    fields = ("title", "group", "tuned", "here", "bundled", "reads_text", "where", "remedy")
    record = [{"spec": str(m.spec), **{name: getattr(m, name) for name in fields}} for m in known]
    console.show(record, as_json, lambda: [line for model in known for line in _model(model)])


def _model(model: KnownModel) -> list[str]:
    head = f"{'here   ' if model.here else 'missing'}  {model.spec!s:<48} {model.title}"
    return [head, f"         {model.where if model.here else model.remedy}"]


@main.command()
@click.argument("spec")
def fetch(spec: str) -> None:
    """Download a published model's weights: the only command that uses the network."""
    with console.Bar() as bar:
        path = console.bench().fetch(spec, bar)
    click.echo(f"{spec} is here: {path}")


@main.command()
@click.argument("spec")
@console.CATALOGUE
@console.PRECISION
def embed(spec: str, catalogue: str, precision: str) -> None:
    """Compute the vectors of a catalogue's pictures; a cancelled or killed run is resumed by the same command."""
    with console.Bar() as bar:
        found = console.bench().embed(spec, catalogue, precision, bar)
    click.echo(f"{len(found.ids)} vectors of {found.matrix.shape[1]} numbers, key {found.key}")


@main.command("map")
@click.argument("spec")
@console.CATALOGUE
@click.option(
    "--out", required=True, type=console.PATH, help="The HTML file to write; it opens without Uzor and network."
)
@click.option("--method", type=click.Choice(["umap", "tsne", "pca", "svd"]), default="umap", show_default=True)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option("--colour", default="category", show_default=True, help="The column that colours the points.")
@click.option("--queries", help="A stored query set to lay over the map.")
@console.PRECISION
def map_(spec: str, catalogue: str, out: Path, colour: str, queries: str | None, **how: Any) -> None:
    """Lay a catalogue out in two dimensions and write the map as an HTML file."""
    with console.Bar() as bar:
        laid = console.bench().map(spec, catalogue, query_set=queries, progress=bar, **how)
    storage.write_text(out, exports.map_html(laid, f"{catalogue}: {spec}", colour))
    click.echo(f"{len(laid.table)} items, trustworthiness {laid.trustworthiness:.3f}: {out}")


@main.command()
@console.JSON
def runs(as_json: bool) -> None:
    """The stored runs, newest first."""
    record = [
        {name: getattr(run, name) for name in console.OF_A_RUN} | {"searched": searched.of(run.settings)}
        for run in console.bench().runs(unjudged=True)
    ]
    console.show(record, as_json, lambda: ["  ".join(row.values()) for row in record] or ["No runs yet: uzor evaluate"])


@main.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
def run(port: int) -> None:
    """Start the app on 127.0.0.1."""
    os.execv(sys.executable, [sys.executable, "-m", "app", str(port)])


@main.command()
@console.JSON
def doctor(as_json: bool) -> None:
    """Check every file against its checksum, mend what can be mended, delete nothing; exit code 1 if more is to do."""
    from eval.workspace import Workspace, home_from_environment

    with console.Bar() as bar:  # without a Bench, which a damaged database would keep from opening
        findings = Workspace(home_from_environment()).open().doctor(bar)
    record = [{"path": str(f.path), "kind": f.kind, "state": f.state, "says": f.says} for f in findings]
    spoken = [row for row in record if row["state"] != "ok"]
    lines = [f"{len(record)} files checked, {len(spoken)} with something to say"]
    lines += [f"  {row['state']:<8} {row['path']}: {row['says']}" for row in spoken]
    console.show(record, as_json, lambda: lines)
    sys.exit(1 if any(row["state"] in ("damaged", "missing", "kept") for row in spoken) else 0)


if __name__ == "__main__":
    main()
