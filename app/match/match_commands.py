"""`uzor match`: the table of thresholds for two shops, two catalogues, or the duplicates of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console
from app.match import match_lines
from eval.matching.tally import RULES

if TYPE_CHECKING:
    from app.bench import Bench
    from eval.tasks.matching import Matches, Side

PATH = click.Path(path_type=Path)


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
@click.option("--recall", type=float, help="Compare the models where each just reaches this recall.")
@click.option("--price", nargs=2, type=float, metavar="MISS WRONG", help="What a missed and a wrong match cost.")
@click.option("--check-price", type=float, help="What a look by a person costs; with --price.")
@click.option("--probability", is_flag=True, help="The calibrated probability of a match at each threshold.")
@click.option("--out", type=PATH, help="Write the pairs that reach the one --threshold as CSV.")
@click.option("--raw", is_flag=True, help="CSV without the guard against formulas of spreadsheets.")
@click.option("--published", type=PATH, help="CSV of a document's table to print beside: model, threshold, recall …")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@console.EXCLUDE
@console.BEFORE_AFTER
@console.JSON
def match(
    specs: tuple[str, ...], as_json: bool, seed: int, exclude: tuple[str, ...], before_after: bool, **asked: Any
) -> None:  # fmt: skip
    """Match items of two shops by the cosine of their pictures and print what each threshold gives.

    `uzor match ruclip:bundled/mini-ruclip --catalogue emoji --between noto blob --truth sku`
    """
    bench = console.bench()
    ways = {name: asked.pop(name) for name in ("catalogue", "other", "between", "duplicates", "shop", "truth")}
    whole, (left, right) = sides(bench, **ways), sides(bench, **ways, exclude=exclude)
    console.something_left_out(exclude, before_after)
    asked = checked(asked, len(specs))
    found = _matched(bench, specs, left, right, seed)
    record = match_lines.record(found, seed, asked)
    record |= {"left": left.record(), "right": right.record()}
    lines = [match_lines.heading(left, right, asked["rule"]), *match_lines.lines(record)]
    if before_after:
        record["before"] = match_lines.record(_matched(bench, specs, *whole, seed), seed, asked)
        lines += ["", *match_lines.beside(record["before"], record)]
    if asked["out"]:
        (only,) = found.values()
        written = bench.export_matches(asked["out"], only, left, right, asked["thresholds"][0], asked["rule"],
                                       asked["raw"])  # fmt: skip
        lines += ["", f"{written} pairs written to {asked['out']}"]
        record["written"] = written
    console.show(record, as_json, lambda: lines)


def _matched(bench: Bench, specs: Sequence[str], left: Side, right: Side, seed: int) -> dict[str, Matches]:
    found = {}
    for spec in dict.fromkeys(specs):
        with console.Bar() as bar:
            found[spec] = bench.match(spec, left, right, seed, progress=bar)
    return found


def checked(asked: dict[str, Any], models: int) -> dict[str, Any]:
    """The options with their prices and thresholds in order; ValueError for what cannot be, before anything runs."""
    from data import published_matching
    from eval.matching import sweep
    from eval.matching.prices import Prices

    if asked["out"] and (models != 1 or len(asked["thresholds"]) != 1):
        raise ValueError("--out writes the pairs of one model at one --threshold; name one of each")
    if asked["check_price"] is not None and asked["price"] is None:
        raise ValueError("--check-price goes with --price MISS WRONG")
    if asked["recall"] is not None and not 0 < asked["recall"] <= 1:
        raise ValueError(f"A recall to compare at lies between 0 and 1; {asked['recall']} came")
    prices = Prices(asked["price"][0], asked["price"][1], asked["check_price"]) if asked["price"] else None
    published = published_matching.read(asked["published"]) if asked["published"] else ()
    thresholds = sweep.checked(asked["thresholds"] or sweep.THRESHOLDS)
    return {**asked, "prices": prices, "published": published, "thresholds": thresholds}


def sides(
    bench: Bench, catalogue: str, other: str | None, between: tuple[str, str] | None, duplicates: bool, shop: str,
    truth: str | None, exclude: Sequence[str] = (),
) -> tuple[Side, Side]:  # fmt: skip
    """The two sides that the options name; ValueError when they name none or several ways."""
    if sum([bool(other), bool(between), duplicates]) != 1:
        raise ValueError("Say what to match: --between SHOP SHOP, --with CATALOGUE, or --duplicates")
    if shop and not duplicates:
        raise ValueError("--shop goes with --duplicates; two shops are named by --between")
    if between and between[0] == between[1]:
        raise ValueError(f"--between names {between[0]} twice; for its duplicates: --duplicates --shop {between[0]}")
    keys: tuple[str | None, str | None] = (None, None)
    if truth is not None:
        first, _equals, second = truth.partition("=")
        keys = (first, second or first)
    shops = between or (shop, shop)
    names = (catalogue, other or catalogue)
    there = {one: [group for group in exclude if _has(bench, one, group)] for one in names}
    for group in exclude:
        if not any(group in groups for groups in there.values()):
            bench.excluded(catalogue, [group])  # says which there are
    left, right = (bench.side(one, shop, key, there[one]) for one, shop, key in zip(names, shops, keys, strict=True))
    return left, right


def _has(bench: Bench, catalogue: str, group: str) -> bool:
    try:
        return bool(bench.excluded(catalogue, [group]).groups)
    except LookupError:
        return False
