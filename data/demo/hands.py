"""A process that draws its share of a set of offers: pictures into a folder, a JSON row a line to standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from data import storage
from data.demo.drawing import drawn
from data.demo.gallery import SETS
from data.demo.shops import Offer

_BLOCKS = 8  # for each process


def share(which: str, limit: int, number: int, of: int) -> list[Offer]:
    """The offers that process `number` of `of` draws.

    Offers of a motif lie together, so that each process reads few drawings; blocks of them are dealt in turn, so that
    all end at about the same time.
    """
    offers = sorted(SETS[which]()[:limit], key=lambda offer: (offer.recipe.motifs, offer.id))
    blocks = _BLOCKS * of
    return [offer for at, offer in enumerate(offers) if at * blocks // len(offers) % of == number]


def main(which: str, limit: int, number: int, of: int, side: int, kind: str, folder: Path) -> None:
    """Draw a share; every row is told as soon as its picture is written."""
    for offer in share(which, limit, number, of):
        made = drawn(offer, side, kind)
        storage.write_bytes(folder / made.row["image"], made.picture, durable=False)
        sys.stdout.write(json.dumps(made.row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _limit, _number, _of, _side = map(int, sys.argv[2:6])
    main(sys.argv[1], _limit, _number, _of, _side, sys.argv[6], Path(sys.argv[7]))
