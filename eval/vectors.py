"""A catalogue seen by an encoder: computed once, in parallel, resumable to the batch, checked, memory-mapped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data import storage
from data.errors import Cancelled
from data.progress import Progress, silent
from eval import vector_batches, vector_files
from eval.contracts import Encoder, Vectors
from eval.vector_batches import Plan
from eval.vector_files import VectorError, check
from eval.workspace import locked

if TYPE_CHECKING:
    from data.catalogue import Catalogue

__all__ = ["BATCH", "VectorError", "cached", "check", "vectors"]

BATCH = 32
Done = tuple[int, dict[str, str]]  # a batch's number, and item → problem where it has unusable ones


def vectors(
    catalogue: Catalogue,
    encoder: Encoder,
    home: Path,
    progress: Progress = silent,
    batch: int = BATCH,
    threads: int | None = None,
) -> Vectors:
    """The catalogue's vectors, found in `home` or computed there, one row an item in the catalogue's order.

    Each of `threads` workers (one a usable core) decodes a batch and runs the encoder on it; equal pictures are
    computed once. Every finished batch is on the disk, and the next call goes on from there with the batches of the
    first, so the result is the same bit for bit. VectorError names the items whose pictures cannot be read or gave NaN,
    infinity or zero; Unavailable [disk_full]; may raise Cancelled, which keeps the finished batches.
    """
    found = encoder.vectors_of(catalogue) if hasattr(encoder, "vectors_of") else cached(catalogue, encoder, home)
    if found is not None:
        return found
    key = vector_files.key(catalogue, encoder)
    with locked(home, f"vectors-{key}", progress):
        found = cached(catalogue, encoder, home)  # somebody else may have computed them while we waited
        if found is not None:
            return found
        plan = vector_batches.plan(catalogue, encoder, home, batch)
        storage.free_space(home, 2 * 4 * len(catalogue) * encoder.size)
        _compute(plan, catalogue, encoder, progress, threads or vector_files.usable_cores())
        return vector_batches.complete(plan, catalogue, encoder)


def cached(catalogue: Catalogue, encoder: Encoder, home: Path) -> Vectors | None:
    """The catalogue's vectors if they are complete and intact, else None; damaged ones are set aside with a warning.

    An encoder that came with vectors (`vectors_of`, see eval/models/ready.py) gives its own.
    """
    if hasattr(encoder, "vectors_of"):
        with suppress(LookupError):
            own: Vectors = encoder.vectors_of(catalogue)
            return own
        return None
    return vector_files.read(home, vector_files.key(catalogue, encoder), catalogue, encoder)


def _compute(plan: Plan, catalogue: Catalogue, encoder: Encoder, progress: Progress, threads: int) -> None:
    """Compute every batch that is not on the disk; VectorError after all others are done when some are unusable."""
    stop = threading.Event()
    problems: dict[str, str] = {}
    missing = plan.missing()
    done = len(plan.items) - sum(len(plan.batch(number)) for number in missing)
    progress(done, len(plan.items), "embed")
    work = partial(_work, plan, catalogue, encoder, stop)
    with _one_thread_each(), ThreadPoolExecutor(threads, "embed", _one_thread) as pool:
        try:
            for number, found in _finished(pool, 2 * threads, missing, work):
                problems |= found
                done += len(plan.batch(number))
                progress(done, len(plan.items), "embed")
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    if problems:
        raise VectorError(problems, catalogue.name, str(encoder.spec))


def _finished(
    pool: ThreadPoolExecutor, ahead: int, numbers: Sequence[int], work: Callable[[int], Done]
) -> Iterator[Done]:
    """Keep the workers busy without queueing everything; yields each finished batch's number and its problems."""
    waiting, running = iter(numbers), set[Future[Done]]()
    while True:
        while len(running) < ahead and (number := next(waiting, None)) is not None:
            running.add(pool.submit(work, number))
        if not running:
            return
        ended, running = wait(running, return_when=FIRST_COMPLETED)
        for one in ended:
            yield one.result()


def _work(plan: Plan, catalogue: Catalogue, encoder: Encoder, stop: threading.Event, number: int) -> Done:
    """Decode, prepare and encode one batch and write it, unless an item of it is unusable: then say which and why."""
    prepared, problems = [], {}
    for item in plan.batch(number):
        if stop.is_set():
            raise Cancelled("Stopped between two pictures")
        try:
            prepared.append(encoder.prepare(catalogue.picture(item)))
        except (ValueError, OSError) as error:
            problems[item] = f"unreadable ({error})"
    if problems:
        return number, problems
    rows = encoder.encode(np.stack(prepared))
    problems = vector_files.problems(rows, plan.batch(number), encoder.size)
    if not problems:
        plan.write(number, rows)
    return number, problems


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """While several workers compute, torch uses one thread in each; afterwards as many as before."""
    torch = vector_files.torch_if_loaded()
    before = torch.get_num_threads() if torch else 0
    try:
        _one_thread()
        yield
    finally:
        if torch:
            torch.set_num_threads(before)


def _one_thread() -> None:
    torch = vector_files.torch_if_loaded()
    if torch:
        torch.set_num_threads(1)
