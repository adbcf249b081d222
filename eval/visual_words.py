"""The vocabulary of key points: centres that RootSIFT descriptors are counted by; learnt once, small, shipped."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from data import storage
from data.errors import Unavailable
from data.progress import Progress, silent
from eval import descriptors

if TYPE_CHECKING:
    from data.catalogue import Catalogue

FILE = Path(__file__).resolve().parents[1] / "data" / "bundled" / "words" / "sift-512.npy"
WORDS = 512
EACH = 60  # key points of one picture that take part in learning


def read(path: Path = FILE) -> np.ndarray:
    """The words, float32 (m, 128); Unavailable when the file is missing, ValueError when it holds something else."""
    if not path.is_file():
        raise Unavailable(f"The vocabulary {path} is missing.", "Run: make words")
    found = np.load(path, allow_pickle=False)
    if found.ndim != 2 or found.shape[1] != 128 or not np.isfinite(found).all():
        raise ValueError(f"{path} holds {found.dtype} {found.shape}, not finite words of 128 numbers; run: make words")
    return found.astype(np.float32)


def learn(catalogue: Catalogue, words: int = WORDS, seed: int = 0, progress: Progress = silent) -> np.ndarray:
    """k-means over the key points of a catalogue's pictures: float16 (words, 128).

    ValueError when the pictures have fewer key points than words.
    """
    from sklearn.cluster import MiniBatchKMeans

    rng = np.random.default_rng(seed)
    seen = []
    for done, item in enumerate(catalogue.ids):
        progress(done, len(catalogue), "key points")
        found = descriptors.key_points(catalogue.picture(item))
        seen.append(found[rng.permutation(len(found))[:EACH]])
    rows = np.concatenate(seen) if seen else np.zeros((0, 128), np.float32)
    if len(rows) < words:
        raise ValueError(f"The pictures of {catalogue.name} have {len(rows)} key points; {words} words need as many")
    made = MiniBatchKMeans(words, batch_size=4096, n_init=3, max_iter=50, random_state=seed).fit(rows)
    centres: np.ndarray = made.cluster_centers_.astype(np.float16)
    return centres


@click.command()
@click.argument("catalogue")
@click.option("--out", default=FILE, show_default=True, type=click.Path(path_type=Path))
def main(catalogue: str, out: Path) -> None:
    """Learn the vocabulary from a catalogue of $UZOR_HOME."""
    from data.catalogue import load
    from eval.workspace import home_from_environment

    kept = io.BytesIO()
    np.save(kept, learn(load(home_from_environment(), catalogue)), allow_pickle=False)
    storage.write_bytes(out, kept.getvalue())
    click.echo(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
