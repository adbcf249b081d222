"""`uzor import-report`: the original project's files, any subset of them, from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import console

if TYPE_CHECKING:
    from app.catalogue.reporting import TakenIn


@click.command("import-report")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="report-2025", show_default=True, help="Name of the catalogue that is made.")
@console.JSON
def import_report(folder: Path, name: str, as_json: bool) -> None:
    """Take in the 2025 project's files: tables, queries, ready vectors (.pkl), fine-tuned weights, pictures.

    Any subset will do. Ready vectors become models of their own, `ready:NAME`, so that the report's table can be
    computed again without weights: uzor evaluate ready:ruclip-finetuned --pool judged …
    """
    with console.Bar() as bar:
        taken = console.bench().import_project(folder, name, bar)
    console.show(taken.record(), as_json, lambda: _lines(taken))


def _lines(taken: TakenIn) -> list[str]:
    lines = [f"Catalogue {name}: {report.ready} items" + (f", {report.refused} refused" if report.refused else "")
             for name, report in taken.catalogues.items()]  # fmt: skip
    for report in list(taken.catalogues.values())[:1]:
        lines += [f"  {note.message('en')}" for note in report.notes]
    lines += [f"Query set {name} for {catalogue}" for name, catalogue in taken.query_sets.items()]
    lines += [f"Model {spec}" + (f" over {covers}" if covers else "") for spec, covers in taken.models.items()]
    lines += [f"Weights models/{name}" for name in taken.weights]
    return [*lines, *(f"Left out: {file}: {why}" for file, why in taken.problems.items())]
