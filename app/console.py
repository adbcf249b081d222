"""What every command shares: error lines and exit codes, the progress bar, options, printing."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.errors import Cancelled, Unavailable

if TYPE_CHECKING:
    from app.bench import Bench

EXIT_DIFFERS, EXIT_WRONG, EXIT_MISSING, EXIT_CANCELLED = 1, 2, 3, 130


ELSEWHERE = {  # command → the module that has it, when it is not app/cli.py, and its name there
    "classify": ("app.classify.probe_commands", "classify"),
    "compare": ("app.compare.compare_commands", "compare"),
    "curve": ("app.diagnosis.diagnosis_commands", "curve"),
    "demo": ("app.demo_commands", "demo"),
    "evaluate": ("app.evaluate.evaluate_commands", "evaluate"),
    "efficiency": ("app.efficiency.cost_commands", "efficiency"),
    "explain": ("app.diagnosis.diagnosis_commands", "explain"),
    "failures": ("app.failures.failures_commands", "failures"),
    "finetune": ("app.tuning.tuning_commands", "finetune"),
    "gate": ("app.compare.compare_commands", "gate"),
    "groups": ("app.groups.group_commands", "groups"),
    "import-report": ("app.catalogue.report_commands", "import_report"),
    "judge": ("app.judge.judge_commands", "judge"),
    "ledger": ("app.ledger.ledger_commands", "ledger"),
    "match": ("app.match.match_commands", "match"),
    "search": ("app.search.search_commands", "search"),
    "report": ("app.dossier.dossier_commands", "report"),
    "towers": ("app.diagnosis.diagnosis_commands", "towers"),
}


class Commands(click.Group):
    """The group of commands; errors people can mend are told in one line, without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, those in modules of their own among them."""
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, imported now when it has a module of its own; None when there is none."""
        if name not in ELSEWHERE:
            return super().get_command(ctx, name)
        module, function = ELSEWHERE[name]
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Exit codes: 2 wrong input, 3 something is not on this machine, 130 cancelled."""
        try:
            return super().invoke(ctx)
        except (Unavailable, Cancelled, KeyboardInterrupt, ValueError, LookupError, OSError) as problem:
            click.echo(f"uzor: {told(problem)}", err=True)
            sys.exit(exit_code(problem))


def told(problem: BaseException) -> str:
    """What the command line says of a problem that people can mend."""
    if isinstance(problem, Unavailable):
        return f"{problem.what}\n{problem.remedy}"
    if isinstance(problem, (Cancelled, KeyboardInterrupt)):
        return "Cancelled; what was finished is kept, the same command goes on from there."
    return str(problem.args[0] if isinstance(problem, KeyError) else problem)


def exit_code(problem: BaseException) -> int:
    """The exit code that goes with it."""
    if isinstance(problem, Unavailable):
        return EXIT_MISSING
    return EXIT_CANCELLED if isinstance(problem, (Cancelled, KeyboardInterrupt)) else EXIT_WRONG


def bench() -> Bench:
    """The Bench over `$UZOR_HOME`; imported here so that `uzor --help` answers at once."""
    from app.bench import Bench
    from eval.workspace import home_from_environment

    return Bench(home_from_environment())


class Bar:
    """A `Progress` drawn by tqdm on stderr, one bar for each kind of step; silent when stderr is not a screen."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.what = ""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Move the bar of `what` to `done`; a new `what` starts a new bar."""
        from tqdm import tqdm

        if self.bar is None or self.what != what:
            self.close()
            self.what = what
            self.bar = tqdm(total=total, desc=what, file=sys.stderr, disable=None, leave=False)
        self.bar.total = total
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self.bar is not None:
            self.bar.close()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """`("a=1", "b=2")` as a dict; ValueError naming the option when a value has no “=”."""
    for value in values:
        if "=" not in value:
            raise ValueError(f"{option} {value!r} has no “=”; write it as name=value")
    return dict(value.split("=", 1) for value in values)


def wanted(where: tuple[str, ...]) -> dict[str, list[str]] | None:
    """`--where` values as column → values; the same column twice means either value."""
    chosen: dict[str, list[str]] = {}
    for value in where:
        for column, one in pairs((value,), "--where").items():
            chosen.setdefault(column, []).append(one)
    return chosen or None


def something_left_out(exclude: tuple[str, ...], before_after: bool) -> None:
    """ValueError when before and after are asked for and nothing is left out."""
    if before_after and not exclude:
        raise ValueError("--before-after goes with --exclude GROUP: without it nothing changes")


def show(record: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """The record as JSON, or the lines a person reads."""
    click.echo(json.dumps(record, ensure_ascii=False, indent=2) if as_json else "\n".join(lines()))


def number(value: float | None) -> str:
    """Four decimals, a dash where there is no such number."""
    return "–" if value is None else f"{value:.4f}"


PATH = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
CATALOGUE = click.option("--catalogue", required=True, help="Name of an imported catalogue.")
PRECISION = click.option("--precision", type=click.Choice(["fp32", "bf16"]), default="fp32", show_default=True)
OF_A_RUN = ("id", "made", "spec", "catalogue", "query_set")  # what a line of the list of runs says
COLLAPSE = click.option("--collapse", is_flag=True, help="Show only the first of pictures that are nearly equal.")
CORRECTION = click.option("--correction", type=click.Choice(["none", "csls", "centred"]), default="none",
                          show_default=True, help="Rank by a correction against hubs.")  # fmt: skip
EXCLUDE = click.option("--exclude", multiple=True, metavar="GROUP", help="Leave out this group of items (uzor groups); "
                       "may be repeated.")  # fmt: skip
BEFORE_AFTER = click.option("--before-after", is_flag=True, help="With --exclude: also what it changes.")
WHERE = click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Only these items; may be repeated.")
