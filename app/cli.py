"""`uzor`: the Bench on the command line; progress on stderr, results on stdout, honest exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.errors import Cancelled, Unavailable

if TYPE_CHECKING:
    from app.bench import Bench

EXIT_WRONG, EXIT_MISSING, EXIT_CANCELLED = 2, 3, 130


class Commands(click.Group):
    """The group of commands; errors people can mend are told in one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Exit codes: 2 wrong input, 3 something is not on this machine, 130 cancelled."""
        try:
            return super().invoke(ctx)
        except Unavailable as problem:
            _fail(f"{problem.what}\n{problem.remedy}", EXIT_MISSING)
        except (Cancelled, KeyboardInterrupt):
            _fail("Cancelled; what was finished is kept, the same command goes on from there.", EXIT_CANCELLED)
        except (ValueError, LookupError, OSError) as problem:
            _fail(str(problem.args[0] if isinstance(problem, KeyError) else problem), EXIT_WRONG)


def _fail(message: str, code: int) -> None:
    click.echo(f"uzor: {message}", err=True)
    sys.exit(code)


def _bench() -> Bench:
    from app.bench import Bench
    from eval.workspace import home_from_environment

    return Bench(home_from_environment())


class Bar:
    """A `Progress` drawn by tqdm on stderr, one bar for each kind of step; silent when stderr is not a screen."""

    def __init__(self) -> None:
        self.bar: Any = None

    def __call__(self, done: int, total: int, what: str) -> None:
        """Move the bar of `what` to `done`; a new `what` starts a new bar."""
        from tqdm import tqdm

        if self.bar is None or self.bar.desc != f"{what}: ":
            self.close()
            self.bar = tqdm(total=total, desc=what, file=sys.stderr, disable=None, leave=False)
        self.bar.total = total
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self.bar is not None:
            self.bar.close()


def _pairs(values: tuple[str, ...], what: str) -> dict[str, str]:
    for value in values:
        if "=" not in value:
            raise ValueError(f"{what} {value!r} has no “=”; write it as name=value")
    return dict(value.split("=", 1) for value in values)


def _where(values: tuple[str, ...]) -> dict[str, list[str]] | None:
    where: dict[str, list[str]] = {}
    for value in values:
        for column, wanted in _pairs((value,), "--where").items():
            where.setdefault(column, []).append(wanted)
    return where or None


def _print(record: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines()))


JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
CATALOGUE = click.option("--catalogue", required=True, help="Name of an imported catalogue.")
PRECISION = click.option("--precision", type=click.Choice(["fp32", "bf16"]), default="fp32", show_default=True)
WHERE = click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Only these items; may be repeated.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Uzor: decide which model your visual and text search should run on.

    The workspace is $UZOR_HOME (default: workspace/ in the project's folder).
    """


@main.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the catalogue; default: the file's or folder's name.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="E.g. title=name; overrides what is recognised.")
@click.option("--encoding", help="Encoding of the file; default: recognised.")
@click.option("--delimiter", help="Delimiter of the file; default: recognised.")
@click.option("--pictures", type=click.Path(path_type=Path), help="Folder the picture paths start from; default: the file's own.")
@click.option("--background", default="#ffffff", show_default=True, help="What transparent pictures are laid on.")
@JSON
def import_(path: Path, mapping: tuple[str, ...], as_json: bool, **choices: Any) -> None:
    """Import a catalogue from a CSV file (with pictures beside it) or from a folder of pictures."""
    bar = Bar()
    report = _bench().import_catalogue(path, mapping=_pairs(mapping, "--map") or None, progress=bar, **choices)
    bar.close()
    record = {name: getattr(report, name) for name in ("catalogue", "fingerprint", "ready", "refused", "reasons", "unchanged")}

    def lines() -> list[str]:
        said = "unchanged" if report.unchanged else "imported"
        head = f"Catalogue {report.catalogue} {said}: {report.ready} of {report.ready + report.refused} rows ready, {report.refused} refused"
        return [head, *(f"  {count:>6}  {code}" for code, count in report.reasons.items()),
                *(f"  {refusal.message('en')}" for refusal in report.refusals[:20])]

    _print(record, as_json, lines)


@main.command()
@JSON
def models(as_json: bool) -> None:
    """Every model one can choose, whether its weights are here, and where they are looked for."""
    known = _bench().models()
    record = [{"spec": str(m.spec), "title": m.title, "group": m.group, "tuned": m.tuned, "here": m.here,
               "bundled": m.bundled, "where": m.where, "remedy": m.remedy} for m in known]
    _print(record, as_json, lambda: [
        f"{'here   ' if m.here else 'missing'}  {m.spec!s:<48} {m.title}\n         {m.where if m.here else m.remedy}"
        for m in known])


@main.command()
@click.argument("spec")
def fetch(spec: str) -> None:
    """Download a published model's weights: the only command that uses the network."""
    bar = Bar()
    path = _bench().fetch(spec, bar)
    bar.close()
    click.echo(f"{spec} is here: {path}")


@main.command()
@click.argument("spec")
@CATALOGUE
@PRECISION
def embed(spec: str, catalogue: str, precision: str) -> None:
    """Compute the vectors of a catalogue's pictures; a cancelled or killed run is resumed by the same command."""
    bar = Bar()
    found = _bench().embed(spec, catalogue, precision, bar)
    bar.close()
    click.echo(f"{len(found.ids)} vectors of {found.matrix.shape[1]} numbers, key {found.key}")


@main.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC [SPEC …]")
@CATALOGUE
@click.option("--queries", required=True, type=click.Path(path_type=Path), help="queries.tsv, CSV or JSON; or the name of a stored query set.")
@click.option("--qrels", type=click.Path(path_type=Path), help="TREC judgments that go with a queries.tsv.")
@click.option("--k", default=5, show_default=True, type=click.IntRange(1))
@click.option("--pool", type=click.Choice(["judged", "catalogue"]), default="catalogue", show_default=True,
              help="Search the judged items only, or the whole catalogue.")
@click.option("--index", default="exact", show_default=True)
@WHERE
@PRECISION
@JSON
def evaluate(
    specs: tuple[str, ...], catalogue: str, queries: Path, qrels: Path | None, where: tuple[str, ...], as_json: bool,
    **choices: Any,
) -> None:
    """Run a query set through one or several models: P@k, R@k and more, beside the chance level and the ceiling."""
    bench, bar = _bench(), Bar()
    known = not queries.exists() and not qrels and str(queries) in bench.query_sets()
    name = str(queries) if known else bench.add_query_set([queries, *([qrels] if qrels else [])], catalogue).name
    evaluations = bench.evaluate(specs, catalogue, name, where=_where(where), progress=bar, **choices)
    bar.close()
    _print([e.record() for e in evaluations], as_json, lambda: [line for e in evaluations for line in _table(e)])


def _table(evaluation: Any) -> list[str]:
    counts = evaluation.counts
    head = f"{evaluation.run.spec}  ({counts['queries']} queries, gallery {counts['gallery']}, pool: {evaluation.run.settings['pool']})"
    lines = [head, f"  {'metric':<12}{'value':>9}{'chance':>9}{'ceiling':>9}"]
    for name, value in evaluation.metrics.items():
        chance, ceiling = (_number(table.get(name)) for table in (evaluation.chance, evaluation.ceiling))
        lines.append(f"  {name:<12}{value:>9.4f}{chance:>9}{ceiling:>9}")
    return [*lines, f"  run {evaluation.run.id}", ""]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


@main.command()
@click.argument("spec")
@click.argument("text")
@CATALOGUE
@click.option("--k", default=5, show_default=True, type=click.IntRange(1))
@WHERE
@PRECISION
@JSON
def search(spec: str, text: str, catalogue: str, k: int, where: tuple[str, ...], precision: str, as_json: bool) -> None:
    """Search a catalogue for a text in Russian or English."""
    bar = Bar()
    answer = _bench().ask(spec, text, catalogue, k, _where(where), precision, bar)
    bar.close()
    _print(answer.rows(), as_json, lambda: [f"{h.rank:>3}  {h.score:8.4f}  {h.id:<24} {h.title}" for h in answer.hits])


@main.command()
@JSON
def runs(as_json: bool) -> None:
    """The stored runs, newest first."""
    known = _bench().runs()
    record = [{"id": r.id, "made": r.made, "spec": r.spec, "catalogue": r.catalogue, "query_set": r.query_set} for r in known]
    _print(record, as_json, lambda: ["  ".join(row.values()) for row in record] or ["No runs yet: uzor evaluate …"])


@main.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
def run(port: int) -> None:
    """Start the app on 127.0.0.1."""
    os.execv(sys.executable, [sys.executable, "-m", "app", str(port)])


@main.command()
@JSON
def doctor(as_json: bool) -> None:
    """Check every file of the workspace against its checksum; rebuild what can be rebuilt, delete nothing else."""
    bar = Bar()
    findings = _bench().doctor(bar)
    bar.close()
    record = [{"path": str(f.path), "kind": f.kind, "state": f.state, "says": f.says} for f in findings]
    bad = [row for row in record if row["state"] != "ok"]
    _print(record, as_json, lambda: [f"{len(record)} files checked, {len(bad)} with something to say",
                                     *(f"  {row['state']:<8} {row['path']}: {row['says']}" for row in bad)])
    sys.exit(1 if any(row["state"] in ("damaged", "missing", "kept") for row in record) else 0)


if __name__ == "__main__":
    main()
