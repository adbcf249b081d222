"""`uzor groups`: items that were named on the map, in the terminal: list, make, change, take in and out, measure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console, searched
from data import cleaning
from eval.grouping.files import COLUMNS

if TYPE_CHECKING:
    from app.bench import Bench
    from eval.grouping.effect import Effect
    from eval.grouping.kept import Group

TAGS = click.option("--tag", "tags", multiple=True, help="May be repeated.")


@click.group()
def groups() -> None:
    """Named groups of a catalogue's items, to be left out of a task with --exclude NAME."""


@groups.command("list")
@console.CATALOGUE
@console.JSON
def list_(catalogue: str, as_json: bool) -> None:
    """The groups of a catalogue, with how many of their items are in it."""
    bench = console.bench()
    record = [_record(bench, group) for group in bench.groups(catalogue)]
    nothing = [f"No groups of {catalogue} yet: select some on the Map page, or uzor groups make"]
    console.show(record, as_json, lambda: [_line(one) for one in record] or nothing)


@groups.command()
@click.argument("name")
@console.CATALOGUE
@click.option("--item", "items", multiple=True, help="An item's id; may be repeated.")
@console.WHERE
@TAGS
@click.option("--add", is_flag=True, help="The items join the group of that name.")
@console.JSON
def make(
    name: str, catalogue: str, items: tuple[str, ...], where: tuple[str, ...], as_json: bool, **how: Any
) -> None:  # fmt: skip
    """Name the items given one by one, by a filter, or both."""
    bench = console.bench()
    chosen = bench.catalogue(catalogue)
    wanted = console.wanted(where)
    filtered = [chosen.ids[row] for row in chosen.rows(wanted)] if wanted else []
    record = _record(bench, bench.save_group(catalogue, name, [*items, *filtered], **how))
    console.show(record, as_json, lambda: [_line(record)])


@groups.command()
@click.argument("name")
@click.argument("to")
@console.CATALOGUE
def rename(name: str, to: str, catalogue: str) -> None:
    """Give a group another name; runs keep the one that it had."""
    bench = console.bench()
    click.echo(_line(_record(bench, bench.rename_group(catalogue, name, to))))


@groups.command()
@click.argument("name")
@console.CATALOGUE
@TAGS
def tag(name: str, catalogue: str, tags: tuple[str, ...]) -> None:
    """Give a group these tags in place of its own; none takes them all away."""
    bench = console.bench()
    click.echo(_line(_record(bench, bench.tag_group(catalogue, name, tags))))


@groups.command()
@click.argument("name")
@console.CATALOGUE
@click.confirmation_option(prompt="Delete this group?")
def delete(name: str, catalogue: str) -> None:
    """Show a group no longer; runs that left it out stay what they are."""
    console.bench().remove_group(catalogue, name)
    click.echo(f"Deleted: {name}")


@groups.command("export")
@console.CATALOGUE
@click.option("--out", required=True, type=console.PATH, help="The CSV to write: item, group, tags.")
@click.option("--raw", is_flag=True, help="Without the guard against formulas of spreadsheets.")
def export(catalogue: str, out: Path, raw: bool) -> None:
    """Write every group of a catalogue as one CSV."""
    rows = console.bench().groups_csv(catalogue)
    cleaning.write_csv(out, COLUMNS, rows, raw)
    click.echo(f"{len(rows)} rows written to {out}")


@groups.command("import")
@click.argument("path", type=console.PATH)
@console.CATALOGUE
@console.JSON
def import_(path: Path, catalogue: str, as_json: bool) -> None:
    """Take groups from such a CSV: items join the groups that are there; a wrong row is told, the others are taken."""
    bench = console.bench()
    found = bench.bring_groups(path, catalogue)
    made = [_record(bench, bench.group(catalogue, one.name)) for one in found.groups]
    record = {"rows": found.rows, "groups": made, "refused": [one.record() for one in found.refused]}  # fmt: skip
    lines = [f"{found.rows} rows taken, {len(found.refused)} refused", *map(_line, made)]
    console.show(record, as_json, lambda: [*lines, *(f"  {one.message()}" for one in found.refused[:20])])
    if not found.rows:
        raise click.exceptions.Exit(console.EXIT_WRONG)


@groups.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME [NAME …]")
@console.CATALOGUE
@click.option("--queries", required=True, help="A stored query set that models were evaluated on.")
@click.option("--metric", "metrics", multiple=True, help="May be repeated.  [default: P@k and R@k]")
@click.option("--pool", type=click.Choice(["judged", "catalogue"]), help="Which runs; default: the newest.")
@console.JSON
def effect(
    names: tuple[str, ...], catalogue: str, queries: str, metrics: tuple[str, ...], pool: str | None, as_json: bool
) -> None:  # fmt: skip
    """Before and after: the metric of every stored run with the whole gallery and without the groups."""
    bench = console.bench()
    bench.query_set(queries)
    runs = [group for group in bench.measurable(catalogue, queries, names) if pool in (None, group[0].settings["pool"])]
    if not runs:
        raise LookupError(f"No run of {queries} searched these groups, too: uzor evaluate without --exclude first")
    found, failed = bench.group_effect(catalogue, names, runs[0], metrics)
    record = {
        "effects": [one.record() for one in found],
        "failed": {run: str(why) for run, why in failed.items()},
        "settings": runs[0][0].settings,
    }
    where = f"searched: {searched.of(runs[0][0].settings)}"
    console.show(record, as_json, lambda: [where, *_effects(found), *map(str, failed.values())])


def _effects(found: list[Effect]) -> list[str]:
    if not found:
        return []
    one, wide = found[0], max(len(effect.spec) for effect in found) + 2
    lines = [
        f"gallery {one.gallery[0]} → {one.gallery[1]}; {one.verdict.queries} queries count in both; "
        f"{one.lost} judgments of {one.lost_items} relevant items were in the groups and count no more",
        f"{'':<{wide}}{'metric':<8}{'before':>9}{'after':>9}{'change':>9}   95 % interval",
    ]
    lines += [
        f"{e.spec:<{wide}}{e.metric:<8}{e.before:>9.4f}{e.after:>9.4f}{_signed(e.verdict.difference):>9}   "
        f"{_signed(e.verdict.low)} … {_signed(e.verdict.high)}"
        for e in found
    ]
    if one.dark:
        lines.append(f"{len(one.dark)} queries have no relevant item left: {', '.join(one.dark[:10])}")
    if one.unasked:
        lines.append(f"{len(one.unasked)} queries are pictures of the groups and do not ask any more")
    return lines


def _signed(value: float) -> str:
    return f"{round(value, 4) + 0.0:+.4f}"  # adding 0 takes the sign from −0


def _record(bench: Bench, group: Group) -> dict[str, Any]:
    here, gone = group.here(bench.catalogue(group.catalogue).ids)
    return {"name": group.name, "items": len(here), "tags": list(group.tags), "gone": gone, "label": group.label,
            "made": group.made}  # fmt: skip


def _line(record: dict[str, Any]) -> str:
    gone = f"; {len(record['gone'])} more are not in the catalogue any more" if record["gone"] else ""
    tags = f"  [{', '.join(record['tags'])}]" if record["tags"] else ""
    return f"{record['items']:>6}  {record['name']}{tags}{gone}"
