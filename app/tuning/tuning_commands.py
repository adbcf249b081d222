"""`uzor finetune`: every number of the recipe as an option, the curve on stdout when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console

if TYPE_CHECKING:
    from eval.tuned import Tuned

PATH = click.Path(path_type=Path)
SHOWN = ("train_loss", "validation_loss", "pair_cosine", "match_probability", "R@5")


@click.command()
@click.argument("base")
@console.CATALOGUE
@click.option("--pairs", type=PATH, help="CSV with the columns item and text; default: the catalogue's own words.")
@click.option("--caption", "captions", multiple=True, metavar="COLUMN", help="Column of the words; may be repeated.")
@click.option("--name", default="", help="Name of the tuned weights; default: made from mode and content.")
@click.option("--recipe", help="default, report (the 2025 report's plain form) or towers.")
@click.option("--mode", type=click.Choice(["heads", "towers"]), help="The two projections, or everything.")
@click.option("--epochs", type=click.IntRange(1))
@click.option("--batch", type=click.IntRange(2))
@click.option("--rate", type=float, help="Learning rate.")
@click.option("--weight-decay", type=float)
@click.option("--schedule", type=click.Choice(["plateau", "cosine", "constant"]))
@click.option("--views", type=click.IntRange(0), help="Cached augmented views of a picture; 0: the plain picture.")
@click.option("--flip", type=float, help="Chance of a mirrored view; 0 where words are to be read.")
@click.option("--crop", type=float, help="Smallest share of a side that a view keeps; 1: no crop.")
@click.option("--same-caption", type=click.Choice(["ignored", "negative"]),
              help="What pairs with the same caption or picture in a batch are to each other.")  # fmt: skip
@click.option("--validation", type=float, help="Share of the items that training never sees.")
@click.option("--keep", type=click.Choice(["best", "last"]), help="Which epoch stays.")
@click.option("--freeze", "frozen", multiple=True, metavar="PREFIX", help="Towers: tensors that stay as they are.")
@click.option("--half-precision", is_flag=True, default=None, help="Keep the result in fp16.")
@click.option("--set", "numbers", multiple=True, metavar="NUMBER=VALUE",
              help="Any other number of the recipe: patience, factor, warmup, half, decoupled …")  # fmt: skip
@click.option("--seed", type=click.IntRange(0))
@click.option("--test", "tests", multiple=True, metavar="QUERIES",
              help="Query set whose judged items are never learnt from; default: all of this catalogue.")  # fmt: skip
@click.option("--learn-from-judged", is_flag=True,
              help="Learn from items that query sets judge, too; the result is stamped.")  # fmt: skip
@click.option("--choose-on-test", is_flag=True,
              help="Let schedule and choice watch the test, as the report did; the result is stamped.")  # fmt: skip
@click.option("--together", multiple=True, metavar="COLUMN", help="Items with equal values stay on one side.")
@click.option("--near/--no-near", default=True, show_default=True, help="Nearly equal pictures stay on one side.")
@console.JSON
def finetune(
    base: str, catalogue: str, pairs: Path | None, captions: tuple[str, ...], name: str, recipe: str | None,
    tests: tuple[str, ...], learn_from_judged: bool, choose_on_test: bool, together: tuple[str, ...], near: bool,
    frozen: tuple[str, ...], numbers: tuple[str, ...], as_json: bool, **changes: Any,
) -> None:  # fmt: skip
    """Tune a model on a catalogue: the projection heads over cached features, or whole towers.

    By default with the recipe of the 2025 report: Adam 5e-5, batch 128, 5 epochs, symmetric InfoNCE. Items judged by
    the catalogue's query sets are never learnt from. Killed or cancelled, the same command goes on.
    """
    from eval.finetuning.recipe import number

    changes |= {name: number(name, text) for name, text in console.pairs(numbers, "--set").items()}
    held = () if learn_from_judged else tests or None
    changes |= {"frozen": frozen or None, "chosen_on": "test" if choose_on_test else None}
    with console.Bar() as bar:
        found = console.bench().finetune(
            base, catalogue, pairs, captions, name, recipe or "", held, together, near, bar, **changes
        )  # fmt: skip
    curve = console.bench().curve(found.name)
    record = {"spec": str(found.spec), "name": found.name, "folder": str(found.folder), "stamp": found.stamp,
              "lineage": found.lineage, "curve": curve}  # fmt: skip
    console.show(record, as_json, lambda: _lines(found, curve))


def _lines(found: Tuned, curve: list[dict[str, float]]) -> list[str]:
    told, items = found.lineage, found.lineage["items"]
    head = [
        f"{found.spec}" + (f" ({found.stamp})" if found.stamp else ""),
        f"  {items['train']} items learnt from, {items['validation']} for validation, {items['test']} of the test"
        f" and {items['held']} like them left out; epoch {told['kept_epoch']} kept, chosen on {told['chosen_on']}",
        "  epoch " + "".join(f"{name:>18}" for name in SHOWN),
    ]
    for row in curve:
        head.append(f"  {row['epoch']:>5.0f} " + "".join(f"{console.number(row.get(name)):>18}" for name in SHOWN))
    return [*head, f"  {found.folder}"]
