"""`uzor ledger`: every claimed number with its state now; exit code 1 when one differs that should not."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app import console
from app.ledger import ledger_words
from data import storage
from data.published_layouts import LAYOUTS, layout
from eval.ledger import STATES, Entry


@click.command()
@click.option("--claims", type=click.Path(path_type=Path), help="A file of claims; default: the one that ships.")
@click.option(
    "--template",
    "empty",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Write a document's table empty, to be filled in: {', '.join(f'{key}.csv' for key in LAYOUTS)}.",
)
@click.option(
    "--bring",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Take such a file in; one with a wrong row is refused, and what was there stays.",
)
@click.option(
    "--networks", is_flag=True, help="Build published architectures (timm, no weights) and count their parameters."
)
@console.JSON
def ledger(claims: Path | None, empty: Path | None, bring: Path | None, networks: bool, as_json: bool) -> None:
    """Check every number that five documents and Uzor's own pages claim: reproduced, differs, not comparable, absent.

    Exit code 1 when a number differs and nobody said why.
    """
    if empty:
        click.echo(_written(empty))
        return
    if bring:
        taken = console.bench().bring_published(bring)
        click.echo(f"{bring.name}: taken in, rows: {len(taken.rows)}")
    with console.Bar() as bar:
        entries = console.bench().ledger(claims, bar, networks)
    console.show([entry.record() for entry in entries], as_json, lambda: _lines(entries))
    if any(entry.wrong for entry in entries):
        sys.exit(console.EXIT_DIFFERS)


def _written(path: Path) -> str:
    """Write the empty table that goes by that file's name; what it says then. ValueError where a file lies already."""
    table = layout(path.name)
    if path.exists():
        raise ValueError(f"{path} is there already; nothing is written over it")
    storage.write_text(path, table.empty())
    return f"{path}: fill it in, then uzor ledger --bring {path}"


def _lines(entries: tuple[Entry, ...]) -> list[str]:
    lines = [f"  {'state':<13} {'claimed / here':>21}"]
    for table in dict.fromkeys(entry.claim.table for entry in entries):
        lines += ["", ledger_words.table(table)]
        if ours := LAYOUTS.get(table.removeprefix("document-")):
            lines.append(f"  ours in this layout: {ours.command}")
        for entry in (one for one in entries if one.claim.table == table):
            mark = "DIFFERS" if entry.wrong else entry.state
            numbers = f"{ledger_words.claimed(entry)} / {ledger_words.found(entry)}"
            lines.append(f"  {mark:<13} {numbers:>21}  {entry.claim.says['en']}")
            lines += [f"{'':38} {why}"] if (why := ledger_words.why(entry)) else []
    counts = {state: sum(entry.state == state for entry in entries) for state in STATES}
    return [*lines, "", ", ".join(f"{ledger_words.state(state).lower()}: {count}" for state, count in counts.items())]
