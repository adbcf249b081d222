"""Where an unfinished tuning stands: weights, optimizer and curve in one file, written whole or not at all."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import storage

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Parameter
    from torch.optim import Optimizer

ADAM = ("exp_avg", "exp_avg_sq")
_log = logging.getLogger(__name__)


@dataclass
class Standing:
    """How far the work is; `curve` has a row before the first step and one after each epoch."""

    step: int = 0
    seconds: float = 0.0
    total: float = 0.0  # sum of the losses of this epoch's pairs
    seen: int = 0
    drops: int = 0  # times the plateau lowered the rate
    plateau_best: float = math.inf
    bad_epochs: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    curve: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)  # the tensors of the epoch that stays


def save(place: Path, standing: Standing, parameters: Mapping[str, Parameter], optimizer: Optimizer) -> None:
    """Write everything that going on needs, in one step."""
    import torch
    from safetensors.torch import save as packed

    tensors = {f"now {name}": value.detach() for name, value in parameters.items()}
    tensors |= {f"best {name}": value for name, value in standing.best.items()}
    for name, value in parameters.items():
        state = optimizer.state.get(value, {})
        tensors |= {f"{part} {name}": state[part] for part in ADAM if part in state}
        if "step" in state:
            tensors[f"step {name}"] = torch.as_tensor(state["step"])
    numbers = {name: value for name, value in vars(standing).items() if name != "best"}
    plain = {name: value.cpu().contiguous().clone() for name, value in tensors.items()}
    storage.write_bytes(place, packed(plain, {"standing": json.dumps(numbers)}))


def restore(place: Path, parameters: Mapping[str, Parameter], optimizer: Optimizer) -> Standing | None:
    """Put weights and optimizer back as `save` wrote them; None when there is nothing, or nothing that fits."""
    from safetensors import SafetensorError, safe_open

    if not place.is_file():
        return None
    try:
        with safe_open(place, "pt") as file:
            numbers = json.loads(file.metadata()["standing"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        if any(tensors[f"now {name}"].shape != value.shape for name, value in parameters.items()):
            raise ValueError("its tensors have other shapes")
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s cannot be gone on from (%s); the work begins anew", place, error)
        return None
    _put(parameters, optimizer, tensors)
    best = {name.partition(" ")[2]: value for name, value in tensors.items() if name.startswith("best ")}
    return Standing(**numbers, best=best)


def _put(parameters: Mapping[str, Parameter], optimizer: Optimizer, tensors: Mapping[str, Any]) -> None:
    import torch

    for name, value in parameters.items():
        with torch.no_grad():
            value.copy_(tensors[f"now {name}"])
        if f"step {name}" in tensors:
            kept = {part: tensors[f"{part} {name}"].to(value.device) for part in ADAM}
            optimizer.state[value] = {"step": tensors[f"step {name}"].to(value.device), **kept}
