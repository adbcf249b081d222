"""What frozen towers give before their projections: computed once for every picture, view and caption, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import likeness as looks_alike
from data import storage
from data.progress import Progress, silent
from eval import dual_encoder, workspace
from eval.finetuning import views
from eval.precision import device, one_thread
from eval.vector_batches import Plan
from eval.vector_files import torch_if_loaded, usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.catalogue import Catalogue
    from eval.dual_encoder import DualEncoder

BATCH = 64
HEADS = ("visual.proj", "text_projection")


class Frozen:
    """The two towers of an encoder without their projections; takes the encoder over, nobody else may use it then.

    `projections` holds the two matrices (features, size) that were taken off, by the names of `HEADS`. ValueError for
    an architecture whose projections are no two plain matrices: only its towers can be tuned.
    """

    def __init__(self, encoder: DualEncoder) -> None:
        import torch

        self.encoder, self.model = encoder, encoder.model
        found = {"visual.proj": getattr(self.model.visual, "proj", None),
                 "text_projection": getattr(self.model, "text_projection", None)}  # fmt: skip
        if not all(isinstance(matrix, torch.nn.Parameter) for matrix in found.values()):
            raise ValueError(
                f"{encoder.spec} has no two projection matrices ({' and '.join(HEADS)}); tune it with --mode towers"
            )
        self.projections = {name: matrix.detach().clone() for name, matrix in found.items() if matrix is not None}
        self.model.visual.proj = None
        self.model.text_projection = None

    def pictures(self, prepared: np.ndarray) -> np.ndarray:
        """Prepared pictures float32 (n, 3, H, W) → features float32 (n, width of the picture tower)."""
        import torch

        one_thread()
        with torch.inference_mode():
            return self.model.visual(torch.from_numpy(prepared).to(device())).float().cpu().numpy()

    def texts(self, words: Sequence[str]) -> np.ndarray:
        """Texts → features float32 (n, width of the text tower)."""
        import torch

        one_thread()
        rows = torch.from_numpy(self.encoder.tokens.rows(list(words))).to(device())
        with torch.inference_mode():
            return dual_encoder.text_features(self.model, rows).float().cpu().numpy()


def of_pictures(
    towers: Frozen, catalogue: Catalogue, digests: Sequence[str], count: int, looks: Mapping[str, float], home: Path,
    progress: Progress = silent,
) -> np.ndarray:  # fmt: skip
    """Features float32 (1 + count, n, width) of pictures by their content: the plain view, then the augmented ones.

    Every finished batch is on the disk, under a key of model, pictures and view; any later recipe finds them there. A
    killed computation goes on. May raise Cancelled.
    """
    item = dict(zip(catalogue.table["sha256"], catalogue.ids, strict=True))
    width = towers.projections["visual.proj"].shape[0]
    storage.free_space(home, 4 * width * len(digests) * (1 + count))
    found = []
    for number in range(1 + count):

        def make(part: Sequence[str], number: int = number) -> np.ndarray:
            seen = (views.view(catalogue.picture(item[digest]), number, digest, looks) for digest in part)
            return towers.pictures(np.stack([towers.encoder.prepare(picture) for picture in seen]))

        look: Any = [number, dict(looks)] if number else "plain"
        about = (towers.encoder.fingerprint, catalogue.background, look)
        done = (number * len(digests), (1 + count) * len(digests))
        found.append(_kept(about, digests, width, home, make, progress, "features", done))
    return np.stack(found)


def likeness(catalogue: Catalogue, home: Path, progress: Progress = silent) -> np.ndarray:
    """`data.likeness.of_catalogue`, uint64 (n, 4), kept like features: as 16 whole numbers a row."""
    about = (catalogue.pictures_fingerprint, looks_alike.SIDE, looks_alike.STEP)
    key = workspace.key("likeness 1", *about)
    plan = Plan(storage.make_folder(home / "features" / key), key, catalogue.ids, len(catalogue), 16)
    kept = plan.rows(0)
    if kept is None:
        bits = looks_alike.of_catalogue(catalogue, progress, usable_cores())
        plan.write(0, bits.view(np.uint16).astype(np.float32))
        return bits
    return np.ascontiguousarray(kept.astype(np.uint16)).view(np.uint64)


def of_texts(towers: Frozen, texts: Sequence[str], home: Path, progress: Progress = silent) -> np.ndarray:
    """Features float32 (n, width) of different texts; kept like those of pictures."""
    width = towers.projections["text_projection"].shape[0]
    return _kept((towers.encoder.fingerprint, "texts"), texts, width, home, towers.texts, progress, "texts",
                 (0, len(texts)))  # fmt: skip


def _kept(
    about: tuple[Any, ...], things: Sequence[str], width: int, home: Path,
    make: Callable[[Sequence[str]], np.ndarray], progress: Progress, what: str, done: tuple[int, int],
) -> np.ndarray:  # fmt: skip
    key = workspace.key("features 1", *about, width, BATCH, list(things))
    plan = Plan(storage.make_folder(home / "features" / key), key, tuple(things), BATCH, width)
    with workspace.locked(home, f"features-{key}", progress):
        storage.sweep(plan.folder)
        missing = plan.missing()
        before = len(things) - sum(len(plan.batch(number)) for number in missing)
        progress(done[0] + before, done[1], what)
        with _workers() as pool:

            def work(number: int) -> int:
                rows = make(plan.batch(number))
                if not np.isfinite(rows).all():
                    raise ValueError(
                        f"The model gives numbers that are not finite for some of {plan.batch(number)[:3]} …"
                    )
                plan.write(number, rows)
                return len(rows)

            for count in _in_turn(pool, work, missing):
                before += count
                progress(done[0] + before, done[1], what)
        rows = [plan.rows(number) for number in range(plan.batches)]
    return np.concatenate([part for part in rows if part is not None])


def _in_turn(pool: ThreadPoolExecutor, work: Callable[[int], int], numbers: Sequence[int]) -> Iterator[int]:
    """Results in order, a few batches ahead; what has not begun is dropped when the consumer stops."""
    ahead, waiting = 2 * usable_cores(), list(numbers)
    running = [pool.submit(work, number) for number in waiting[:ahead]]
    try:
        for place in range(len(waiting)):
            result = running[place].result()
            if place + ahead < len(waiting):
                running.append(pool.submit(work, waiting[place + ahead]))
            yield result
    finally:
        for future in running:
            future.cancel()


@contextmanager
def _workers() -> Iterator[ThreadPoolExecutor]:
    """A thread a core, torch using one in each; afterwards torch has as many as before."""
    torch = torch_if_loaded()
    before = torch.get_num_threads() if torch else 0
    try:
        with ThreadPoolExecutor(usable_cores(), "features", one_thread) as pool:
            yield pool
    finally:
        if torch:
            torch.set_num_threads(before)
