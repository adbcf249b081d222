"""`uzor match`: the table of thresholds for two shops, two catalogues, or the duplicates of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from app import console
from eval.matching.sweep import THRESHOLDS, Point
from eval.matching.tally import RULES

if TYPE_CHECKING:
    from app.bench import Bench
    from eval.tasks.matching import Side


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC [SPEC …]")
@console.CATALOGUE
@click.option("--with", "other", help="Another catalogue to match with.")
@click.option("--between", nargs=2, metavar="SHOP SHOP", help="Two shops (values of the column source).")
@click.option("--duplicates", is_flag=True, help="Look for duplicates within the catalogue, or within --shop.")
@click.option("--shop", default="", help="Only this shop, with --duplicates.")
@click.option("--truth", metavar="COLUMN[=COLUMN]", help="Equal values mean a match; default: sku or the like.")
@click.option("--threshold", "thresholds", multiple=True, type=float, help="May be repeated.  [default: 0.85 0.90 "
              "0.95 0.99]")  # fmt: skip
@click.option("--rule", type=click.Choice(RULES), default="all", show_default=True,
              help="Every pair, each item's nearest only, or only pairs nearest to each other.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@console.JSON
def match(specs: tuple[str, ...], thresholds: tuple[float, ...], rule: str, seed: int, as_json: bool, **asked: Any) -> None:
    """Match items of two shops by the cosine of their pictures and print what each threshold gives.

    `uzor match ruclip:bundled/mini-ruclip --catalogue emoji --between noto blob --truth sku`
    """
    from eval.tasks import matching

    bench = console.bench()
    left, right = sides(bench, **asked)
    record, lines = [], [heading(left, right, rule)]
    for spec in specs:
        with console.Bar() as bar:
            found = bench.match(spec, left, right, seed, progress=bar)
        points = matching.scores(found, thresholds or THRESHOLDS, rule)
        tally = found.tally(rule)
        record.append({"spec": spec, "rule": rule, "matches": tally.whole.matches, "others": tally.whole.others,
                       "points": [point.record() for point in points]})  # fmt: skip
        lines += ["", f"{spec}: {tally.whole.matches} matches among {tally.whole.matches + tally.whole.others} pairs"]
        lines += table(points)
    console.show(record, as_json, lambda: lines)


def sides(
    bench: Bench, catalogue: str, other: str | None, between: tuple[str, str] | None, duplicates: bool, shop: str,
    truth: str | None,
) -> tuple[Side, Side]:  # fmt: skip
    """The two sides that the options name; ValueError when they name none or several ways."""
    ways = [bool(other), bool(between), duplicates]
    if sum(ways) != 1:
        raise ValueError("Say what to match: --between SHOP SHOP, --with CATALOGUE, or --duplicates")
    keys: tuple[str | None, str | None] = (None, None)
    if truth is not None:
        first, _equals, second = truth.partition("=")
        keys = (first, second or first)
    shops = between or (shop, shop if duplicates else "")
    return bench.side(catalogue, shops[0], keys[0]), bench.side(other or catalogue, shops[1], keys[1])


def heading(left: Side, right: Side, rule: str) -> str:
    """What is matched with what, and by which column it is checked."""
    names = [f"{side.catalogue.name}{f'/{side.source}' if side.source else ''} ({len(side.rows)})" for side in (left, right)]
    truth = " = ".join(dict.fromkeys(filter(None, (left.key, right.key)))) or "nothing but labels"
    return f"{names[0]} × {names[1]}; a match is equal {truth}; rule: {rule}"


def table(points: Sequence[Point]) -> list[str]:
    """A line a threshold."""
    lines = [f"  {'cosine ≥':>9}{'TP':>8}{'FP':>10}{'FN':>8}{'recall':>9}{'precision':>11}{'FPR':>11}{'FP/TP':>11}"]
    for p in points:
        lines.append(f"  {p.threshold:>9.3f}{p.tp:>8}{p.fp:>10}{p.fn:>8}{_ratio(p.recall):>9}{_ratio(p.precision):>11}"
                     f"{_ratio(p.fpr, 6):>11}{_ratio(p.fp_tp):>11}")  # fmt: skip
    return lines


def _ratio(value: float, digits: int = 4) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"
