"""`python -m data.demo.training FOLDER`: draws the training set and writes the captions that models are tuned on."""

from __future__ import annotations

import sys
from pathlib import Path

from tqdm import tqdm

from data.demo import captions
from data.demo.building import build


def main(folder: Path) -> None:
    """Draw the training set into `folder`, unless it is there, and write two drawings of captions beside its table."""
    table = folder / "products.csv"
    if not table.exists():
        with tqdm(unit=" designs", file=sys.stderr) as bar:

            def progress(done: int, total: int, what: str) -> None:
                bar.total, bar.n = total, done
                bar.set_description(what, refresh=True)

            table = build(folder, "training", progress=progress)
    for seed, name in enumerate(captions.PAIRS):
        count = captions.write(table, folder / name, seed)
        sys.stdout.write(f"{folder / name}: {count} pairs\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
