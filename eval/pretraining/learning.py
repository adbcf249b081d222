"""The training loop of every stage: seeded by step, averaged weights, checkpoints that a killed run goes on from."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from data.progress import Progress, silent

Tensor = Any


class Stage(Protocol):
    """Something that learns: all that it learns is in `model`; `loss` may depend on nothing but weights and step."""

    name: str
    model: Any
    steps_per_epoch: int

    def loss(self, step: int) -> Tensor:
        """The scalar to lower at this step."""

    def optimizers(self) -> list[Any]:
        """torch optimizers over the model's parameters; their learning rates are multiplied by the schedule."""

    def figures(self, averaged: Any, epoch: int) -> dict[str, float]:
        """What the curve records after an epoch, measured on the averaged weights; empty when nothing is due."""


@dataclass(frozen=True)
class Pace:
    """How long and how evenly a stage learns; `keep` is the averaging of weights, `warm` the warm-up's steps."""

    epochs: int
    warm: int = 100
    keep: float = 0.998
    save_every: int = 100

    def rate(self, step: int, steps: int) -> float:
        """Share of the full learning rate at this step: linear warm-up, then half a cosine down to 0."""
        return min(1.0, (step + 1) / self.warm) * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))


class Run:
    """One stage on its way: weights, averaged weights, optimizers, step, seconds, curve."""

    def __init__(self, stage: Stage, pace: Pace, checkpoint: Path) -> None:
        self.stage, self.pace, self.checkpoint = stage, pace, checkpoint
        self.steps = pace.epochs * stage.steps_per_epoch
        self.averaged = copy.deepcopy(stage.model).eval()
        self.optimizers = stage.optimizers()
        self.base = [[group["lr"] for group in one.param_groups] for one in self.optimizers]
        self.step, self.seconds = 0, 0.0
        self.curve: list[dict[str, float]] = []
        if checkpoint.exists():
            self._restore()

    def learn(self, progress: Progress = silent) -> Any:
        """Train to the end, from the checkpoint where one is; returns the averaged model.

        `progress` may raise `Cancelled`: what was learnt is written first.
        """
        started = time.monotonic() - self.seconds
        try:
            while self.step < self.steps:
                progress(self.step, self.steps, self.stage.name)
                self._one()
                self.seconds = time.monotonic() - started
                if self.step % self.stage.steps_per_epoch == 0:
                    self._note()
                if self.step % self.pace.save_every == 0:
                    self.save()
        finally:
            self.save()
        progress(self.steps, self.steps, self.stage.name)
        return self.averaged

    def _one(self) -> None:
        import torch

        share = self.pace.rate(self.step, self.steps)
        for one, rates in zip(self.optimizers, self.base, strict=True):
            for group, rate in zip(one.param_groups, rates, strict=True):
                group["lr"] = rate * share
            one.zero_grad()
        self.stage.model.train()
        loss = self.stage.loss(self.step)
        if not math.isfinite(loss.item()):
            raise ValueError(f"{self.stage.name}: the loss became {loss.item()} at step {self.step}; lower the rate.")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.stage.model.parameters(), 5.0)
        for one in self.optimizers:
            one.step()
        self.step += 1
        self._average()

    def _average(self) -> None:
        import torch

        keep = min(self.pace.keep, self.step / (self.step + 20))
        with torch.no_grad():
            for mean, now in zip(
                self.averaged.state_dict().values(), self.stage.model.state_dict().values(), strict=True
            ):
                if mean.dtype.is_floating_point:
                    mean.lerp_(now, 1 - keep)
                else:
                    mean.copy_(now)

    def _note(self) -> None:
        epoch = self.step // self.stage.steps_per_epoch
        if found := self.stage.figures(self.averaged, epoch):
            self.curve.append({"epoch": epoch, "seconds": round(self.seconds), **found})

    def save(self) -> None:
        """Write everything the rest of the run depends on; the old checkpoint stays until the new one is whole."""
        from safetensors.torch import save_file

        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        part = self.checkpoint.with_suffix(".part")
        facts = {"stage": self.stage.name, "step": self.step, "seconds": self.seconds, "curve": self.curve}
        tensors = {name: value.detach().contiguous().clone() for name, value in self._tensors().items()}
        save_file(tensors, part, metadata={"run": json.dumps(facts)})
        os.replace(part, self.checkpoint)

    def _tensors(self) -> dict[str, Tensor]:
        """Weights, averaged weights and the optimizers' memory under names of their own."""
        found = {f"model/{name}": value for name, value in self.stage.model.state_dict().items()}
        found |= {f"averaged/{name}": value for name, value in self.averaged.state_dict().items()}
        for number, one in enumerate(self.optimizers):
            for place, memory in one.state_dict()["state"].items():
                found |= {f"optimizer/{number}/{place}/{name}": value for name, value in memory.items()}
        return found

    def _restore(self) -> None:
        """Go back to what `save` wrote; ValueError when another stage wrote it, RuntimeError when shapes differ."""
        from safetensors import safe_open

        with safe_open(self.checkpoint, "pt") as file:
            facts = json.loads(file.metadata()["run"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        if facts["stage"] != self.stage.name:
            raise ValueError(f"{self.checkpoint} was written by stage {facts['stage']!r}, not {self.stage.name!r}.")
        self.stage.model.load_state_dict(_below("model/", tensors))
        self.averaged.load_state_dict(_below("averaged/", tensors))
        for number, one in enumerate(self.optimizers):
            memory: dict[int, dict[str, Tensor]] = {}
            for name, value in _below(f"optimizer/{number}/", tensors).items():
                place, _, key = name.partition("/")
                memory.setdefault(int(place), {})[key] = value
            one.load_state_dict({"state": memory, "param_groups": one.state_dict()["param_groups"]})
        self.step, self.seconds, self.curve = facts["step"], facts["seconds"], facts["curve"]


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
