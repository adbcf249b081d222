"""The loop of tuning: batches in a seeded order, Adam, a schedule, a look after each epoch; goes on after a kill."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from data.progress import Progress, silent
from eval.finetuning import saving
from eval.finetuning.recipe import Recipe
from eval.finetuning.saving import Standing

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Parameter
    from torch.optim import Optimizer

SAVE_SECONDS = 5.0  # between two savings of where the work stands; more where saving takes long
SAVE_SHARE = 0.05  # of the time at most goes into saving


class Lesson(Protocol):
    """What is learnt: `pairs` training pairs, the tensors that may change, and a loss for some pairs."""

    pairs: int
    parameters: dict[str, Parameter]

    def loss(self, chosen: Tensor, upcoming: Tensor, epoch: int) -> Tensor:
        """The loss of the pairs `chosen` (int64 numbers); `upcoming` are those of the next step, to prepare them."""

    def figures(self) -> dict[str, float]:
        """How the held-out pairs fare now; without `validation_loss` when there are none."""


def learn(lesson: Lesson, recipe: Recipe, place: Path, progress: Progress = silent,
          save_seconds: float = SAVE_SECONDS) -> Standing:  # fmt: skip
    """Tune `lesson.parameters` in place, or go on from what `place` holds; returns the finished standing.

    Where the work stands is written to the file `place` every few seconds and when `progress` raises Cancelled. Which
    pairs meet in a step depends on seed and epoch alone, so a run that was killed ends bit for bit like one that was
    not (on the same machine with as many threads). ValueError when the loss is no longer finite.
    """
    optimizer = _optimizer(lesson, recipe)
    standing = saving.restore(place, lesson.parameters, optimizer) or Standing()
    steps, started = -(-lesson.pairs // recipe.batch), time.monotonic() - standing.seconds
    saver = _Saver(place, lesson, optimizer, save_seconds, started)
    if not standing.curve:
        standing.curve.append(_look(lesson, optimizer, standing, 0, started))
    while standing.step < recipe.epochs * steps:
        epoch, at = divmod(standing.step, steps)
        if at == 0 and len(standing.curve) == epoch + 1:
            standing.total, standing.seen = 0.0, 0
        with saver.on_trouble(standing):
            progress(standing.step, recipe.epochs * steps, "finetune")
        _set_rate(optimizer, recipe, standing, recipe.epochs * steps)
        _step(lesson, optimizer, recipe, standing)
        if standing.step % steps == 0:
            _close_epoch(lesson, optimizer, recipe, standing, started)
            saver.save(standing)
        else:
            saver.when_due(standing)
    progress(standing.step, standing.step, "finetune")
    return standing


def _optimizer(lesson: Lesson, recipe: Recipe) -> Optimizer:
    import torch

    kind = torch.optim.AdamW if recipe.decoupled else torch.optim.Adam
    chosen = list(lesson.parameters.values())
    return kind(
        chosen, lr=recipe.rate, betas=recipe.betas, eps=recipe.eps, weight_decay=recipe.weight_decay, fused=True
    )


@lru_cache(maxsize=2)
def order(pairs: int, seed: int, epoch: int) -> Tensor:
    """The order of the pairs in an epoch, int64 (pairs,); depends on nothing else."""
    import torch

    return torch.randperm(pairs, generator=torch.Generator().manual_seed(seed * 100_003 + epoch))


def _chosen(lesson: Lesson, recipe: Recipe, step: int) -> Tensor:
    """The pairs of a step, none after the last."""
    epoch, at = divmod(step, -(-lesson.pairs // recipe.batch))
    if epoch >= recipe.epochs:
        return order(lesson.pairs, recipe.seed, 0)[:0]
    return order(lesson.pairs, recipe.seed, epoch)[at * recipe.batch : (at + 1) * recipe.batch]


def _step(lesson: Lesson, optimizer: Optimizer, recipe: Recipe, standing: Standing) -> None:
    import torch

    epoch = standing.step // -(-lesson.pairs // recipe.batch)
    chosen = _chosen(lesson, recipe, standing.step)
    optimizer.zero_grad(set_to_none=True)
    loss = lesson.loss(chosen, _chosen(lesson, recipe, standing.step + 1), epoch)
    loss.backward()  # type: ignore[no-untyped-call]
    value = float(loss.detach())
    if not torch.isfinite(loss):
        raise ValueError(
            f"The loss is no longer finite at step {standing.step + 1}; take a smaller rate than {recipe.rate}"
        )
    optimizer.step()
    standing.total += value * len(chosen)
    standing.seen += len(chosen)
    standing.step += 1


def _set_rate(optimizer: Optimizer, recipe: Recipe, standing: Standing, steps: int) -> None:
    """The rate of this step: as the plateau left it, or by the step's number."""
    import math

    rate = recipe.rate * recipe.factor**standing.drops
    if recipe.schedule != "plateau":
        done = standing.step / steps
        rate = recipe.rate * min(1.0, (standing.step + 1) / (recipe.warmup * steps)) if recipe.warmup else recipe.rate
        if recipe.schedule == "cosine" and done >= recipe.warmup:
            rate = recipe.rate * 0.5 * (1 + math.cos(math.pi * (done - recipe.warmup) / (1 - recipe.warmup)))
    for group in optimizer.param_groups:
        group["lr"] = rate


def _close_epoch(lesson: Lesson, optimizer: Optimizer, recipe: Recipe, standing: Standing, started: float) -> None:
    """Look at the held-out pairs, keep the epoch if it is the best, drop the rate on a plateau."""
    epoch = len(standing.curve)
    row = _look(lesson, optimizer, standing, epoch, started)
    standing.curve.append(row)
    loss = row.get("validation_loss")
    if recipe.keep == "last" or loss is None or loss < standing.best_loss:
        standing.best_loss = standing.best_loss if loss is None else loss
        standing.best_epoch = epoch
        standing.best = {name: value.detach().clone() for name, value in lesson.parameters.items()}
    if recipe.schedule == "plateau" and loss is not None:
        _plateau(standing, loss, recipe.patience)


def _plateau(standing: Standing, loss: float, patience: int) -> None:
    """torch's ReduceLROnPlateau with its defaults: a loss counts as better when it is below 0.9999 of the best."""
    if loss < standing.plateau_best * (1 - 1e-4):
        standing.plateau_best, standing.bad_epochs = loss, 0
    else:
        standing.bad_epochs += 1
    if standing.bad_epochs > patience:
        standing.drops, standing.bad_epochs = standing.drops + 1, 0


def _look(lesson: Lesson, optimizer: Optimizer, standing: Standing, epoch: int, started: float) -> dict[str, float]:
    trained = {"train_loss": standing.total / standing.seen} if standing.seen else {}
    standing.seconds = time.monotonic() - started
    told = {"epoch": epoch, "step": standing.step, "seconds": round(standing.seconds, 3)}
    return {**told, "rate": float(optimizer.param_groups[0]["lr"]), **trained, **lesson.figures()}


class _Saver:
    """Writes where the work stands, when it is time and when it is interrupted."""

    def __init__(self, place: Path, lesson: Lesson, optimizer: Optimizer, every: float, started: float) -> None:
        self.place, self.lesson, self.optimizer, self.every, self.started = place, lesson, optimizer, every, started
        self.due = time.monotonic() + every

    def save(self, standing: Standing) -> None:
        """Write it now; the next time is at least twenty times as far off as this took."""
        begun = time.monotonic()
        standing.seconds = begun - self.started
        saving.save(self.place, standing, self.lesson.parameters, self.optimizer)
        took = time.monotonic() - begun
        self.due = time.monotonic() + max(self.every, took / SAVE_SHARE)

    def when_due(self, standing: Standing) -> None:
        """Write it if it is time."""
        if time.monotonic() >= self.due:
            self.save(standing)

    @contextmanager
    def on_trouble(self, standing: Standing) -> Iterator[None]:
        """Write it when the block is interrupted."""
        try:
            yield
        except BaseException:
            self.save(standing)
            raise
