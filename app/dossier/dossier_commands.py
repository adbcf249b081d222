"""`uzor report`: stored runs as a report that opens anywhere, with its tables and TREC files."""

from __future__ import annotations

from pathlib import Path

import click

from app import console
from app.language import LANGUAGES
from data import storage
from eval.dossier import WORST


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="RUN [RUN …]")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new or empty folder for the files.")
@click.option("--metric", default="P@5", show_default=True, help="What models are ranked and compared by.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the report.")
@click.option("--worst", default=WORST, show_default=True, type=click.IntRange(0, 50), help="Failures in pictures.")
@console.JSON
def report(names: tuple[str, ...], out: Path, metric: str, lang: str, worst: int, as_json: bool) -> None:
    """Write a report of stored runs, each named by its id, the beginning of it, or a model (its newest run).

    FOLDER/report.html opens in any browser without network; beside it CSV, LaTeX, TREC and JSON files.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} is there already and not an empty folder; name a new one")
    bench = console.bench()
    files = bench.report(bench.named_runs(names), metric, lang, worst)
    for name, data in files.items():
        storage.make_folder((out / name).parent)
        storage.write_bytes(out / name, data)
    record = {"folder": str(out), "files": {name: len(data) for name, data in files.items()}}
    console.show(record, as_json, lambda: [f"{out / name}  {len(data):,} bytes" for name, data in files.items()])
