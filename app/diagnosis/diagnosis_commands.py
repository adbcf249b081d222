"""`uzor curve`, `uzor towers`, `uzor explain`: the diagnoses on the command line, kept as on the screen."""

from __future__ import annotations

import click

from app import console

QUERIES = click.option("--queries", required=True, help="Name of a stored query set.")
K = click.option("--k", default=5, show_default=True, type=click.IntRange(1), help="Cut of P@k, R@k and the like.")


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC [SPEC …]")
@console.CATALOGUE
@QUERIES
@K
@click.option("--draws", default=20, show_default=True, type=click.IntRange(1), help="Random galleries of each size.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@console.JSON
def curve(
    specs: tuple[str, ...], catalogue: str, queries: str, k: int, draws: int, seed: int, as_json: bool
) -> None:  # fmt: skip
    """How models hold as the gallery grows from the judged items to the whole catalogue."""
    bench = console.bench()
    with console.Bar() as bar:
        made = bench.curves(specs, catalogue, queries, k, draws, seed, bar)
    found = [one for one in bench.measured_curves(catalogue, queries) if one.spec in made["made"] and one.k == k]
    lines = [f"{'P@' + str(k):<52}" + "".join(f"{size:>8}" for size in found[0].sizes)] if found else []
    lines += [f"{one.spec:<52}" + "".join(f"{p.median:>8.3f}" for p in one.metrics[f"P@{k}"]) for one in found]
    lines += [f"{spec}: {why}" for spec, why in made["failed"].items()]
    console.show([one.record() for one in found], as_json, lambda: lines)


@click.command()
@click.argument("spec")
@console.CATALOGUE
@QUERIES
@K
@click.option("--pool", type=click.Choice(["judged", "catalogue"]), default="catalogue", show_default=True)
@console.JSON
def towers(spec: str, catalogue: str, queries: str, k: int, pool: str, as_json: bool) -> None:
    """Which side answers: words, descriptions or pictures; and what their fusion would bring."""
    from eval.towers import Towers

    with console.Bar() as bar:
        record = console.bench().towers(spec, catalogue, queries, k, pool, bar)
    found = Towers.read(record)
    lines = [f"{spec}: {len(found.queries)} queries, gallery of {found.gallery} ({pool})"]
    for one in found.verdicts.values():
        means = "".join(f"  {name} {one.mean(name):.3f}" for name in one.values)
        lines.append(f"  {one.metric:<8}{one.advice:<11}{means}  (in-sample {one.in_sample:.3f}, no result)")
    console.show(record, as_json, lambda: lines)


@click.command()
@click.argument("spec")
@click.argument("text")
@click.argument("item")
@console.CATALOGUE
@console.CORRECTION
@console.JSON
def explain(spec: str, text: str, item: str, catalogue: str, correction: str, as_json: bool) -> None:
    """Why an item stands where it does: words left out in turn, squares of its picture made grey."""
    from eval.explanations import Explanation

    with console.Bar() as bar:
        record = console.bench().explain(spec, text, item, catalogue, progress=bar, correction=correction)
    found = Explanation.read(record)
    lines = [f"{item}: rank {found.rank or '–'} of {found.gallery}, score {found.score:.4f}"]
    for one in (*found.dropped, *found.phrases):
        lines.append(f"  without {one.words!r:<30} {-found.change(one):+.4f}  rank {one.rank or '–'}")
    lines += [f"  with    {one.words!r:<30} {one.score:.4f}   rank {one.rank or '–'}" for one in found.added]
    console.show(record, as_json, lambda: lines)
