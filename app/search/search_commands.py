"""`uzor search`: in words, with a picture or a part of it, with both, and away from items that are unwanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import console
from data.boxes import Box

if TYPE_CHECKING:
    from app.bench import Bench
    from app.search.seeing import Look


@click.command()
@click.argument("spec")
@click.argument("text", default="")
@console.CATALOGUE
@click.option("--image", type=console.FILE, help="A picture to search with: a file.")
@click.option("--like", default="", metavar="ITEM", help="The same: the picture of an item, which is left out.")
@click.option("--crop", metavar="L,T,R,B", help="Only this part, in shares of width and height: 0.5,0,1,0.5.")
@click.option("--propose", is_flag=True, help="Only the part where the object seems to be.")
@click.option("--detector", type=console.PATH, help="An ONNX file of the YOLO family that finds it (with --propose).")
@click.option("--share", default=0.5, show_default=True, type=click.FloatRange(0, 1),
              help="The picture's share where there are words as well.")  # fmt: skip
@click.option("--without", multiple=True, metavar="ITEM", help="Away from this item; may be repeated.")
@click.option("--k", default=5, show_default=True, type=click.IntRange(1), help="How many items to show.")
@console.WHERE
@console.PRECISION
@console.CORRECTION
@console.COLLAPSE
@console.JSON
def search(
    spec: str, text: str, catalogue: str, k: int, where: tuple[str, ...], as_json: bool, correction: str,
    precision: str, collapse: bool, **asked: Any,
) -> None:  # fmt: skip
    """Search a catalogue for a text in Russian or English, with a picture, or with both."""
    bench, kept = console.bench(), console.wanted(where)
    with console.Bar() as bar:
        if asked["image"] or asked["like"] or asked["without"]:
            if correction != "none":
                raise ValueError("A correction is fitted for words; leave --correction out where a picture is asked")
            look = _look(bench, catalogue, text, **asked)
            answer = bench.look(spec, look, catalogue, k, kept, precision=precision, collapse=collapse, progress=bar)
        elif asked["crop"] or asked["propose"]:
            raise ValueError("--crop and --propose are parts of a picture; name one with --image or --like")
        else:
            answer = bench.ask(
                spec,
                text,
                catalogue,
                k,
                kept,
                precision=precision,
                collapse=collapse,
                correction=correction,
                progress=bar,
            )
    lines = [f"{hit.rank:>3}  {hit.score:8.4f}  {hit.id:<24} {hit.title}" for hit in answer.hits]
    console.show(answer.rows(), as_json, lambda: lines or ["Nothing found"])


def _look(
    bench: Bench, catalogue: str, text: str, image: Path | None, like: str, crop: str | None, propose: bool,
    detector: Path | None, share: float, without: tuple[str, ...],
) -> Look:  # fmt: skip
    from app.search.seeing import Look

    if image and like:
        raise ValueError("--image and --like are two pictures; give one")
    box = Box.read(crop) if crop else None
    look = Look(text, like, bench.bring(image) if image else None, box, share, without)
    if not propose or box:
        return look
    found = bench.objects_in(catalogue, look, detector)
    click.echo(
        f"part {found[0].box} ({found[0].how})" if found else "no object stands out; the whole is asked", err=True
    )
    return Look(text, like, look.path, found[0].box if found else None, share, without)
