"""`uzor ledger`: every claimed number with its state now; exit code 1 when one differs that should not."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app import console, ledger_words
from eval.ledger import STATES, Entry


@click.command()
@click.option("--claims", type=click.Path(path_type=Path), help="A file of claims; default: the one that ships.")
@console.JSON
def ledger(claims: Path | None, as_json: bool) -> None:
    """Check every number that the 2025 report and Uzor's own pages claim: reproduced, differs, not comparable, absent.

    Exit code 1 when a number differs and the file of claims does not say why.
    """
    with console.Bar() as bar:
        entries = console.bench().ledger(claims, bar)
    console.show([entry.record() for entry in entries], as_json, lambda: _lines(entries))
    if any(entry.wrong for entry in entries):
        sys.exit(console.EXIT_DIFFERS)


def _lines(entries: tuple[Entry, ...]) -> list[str]:
    lines = [f"  {'state':<13} {'claimed / here':>21}"]
    for table in dict.fromkeys(entry.claim.table for entry in entries):
        lines += ["", ledger_words.table(table)]
        for entry in (one for one in entries if one.claim.table == table):
            mark = "DIFFERS" if entry.wrong else entry.state
            numbers = f"{ledger_words.claimed(entry)} / {ledger_words.found(entry)}"
            lines.append(f"  {mark:<13} {numbers:>21}  {entry.claim.says['en']}")
            lines += [f"{'':38} {why}"] if (why := ledger_words.why(entry)) else []
    counts = {state: sum(entry.state == state for entry in entries) for state in STATES}
    return [*lines, "", ", ".join(f"{ledger_words.state(state).lower()}: {count}" for state, count in counts.items())]
