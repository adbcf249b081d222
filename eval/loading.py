"""Tensors into models: strict, fast and checked, so that a half-loaded or mixed-up model never answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from eval.checkpoints import Weights
from eval.damage import BadCheckpoint

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

PROJECTIONS = ("text_projection", "visual.proj")  # all that projection fine-tuning changes


def fill(model: Module, weights: Weights) -> Module:
    """Give a model built on the meta device its weights (fp32), without copying what is fp32; eval mode.

    BadCheckpoint ("wrong_model") when any tensor is missing, superfluous or of another shape, naming some of them.
    """
    expected = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    _check_fit(expected, weights)
    tensors = {name: value.float() if value.is_floating_point() else value for name, value in weights.tensors.items()}
    model.load_state_dict(tensors, strict=True, assign=True)
    left = [name for name, value in [*model.named_parameters(), *model.named_buffers()] if value.is_meta]
    if left:
        raise BadCheckpoint("wrong_model", weights.path, f"leaves {_some(left)} empty")
    return model.requires_grad_(False).eval()


def with_causal_mask(model: Any) -> Any:
    """A CLIP built on the meta device with its attention mask, which no checkpoint holds, made real."""
    import torch

    if getattr(model, "attn_mask", None) is not None:
        length = model.attn_mask.shape[0]
        mask = torch.full((length, length), float("-inf")).triu_(1)
        model.register_buffer("attn_mask", mask, persistent=False)
    return model


def _check_fit(expected: dict[str, tuple[int, ...]], weights: Weights) -> None:
    found = {name: tuple(value.shape) for name, value in weights.tensors.items()}
    faults = []
    if missing := expected.keys() - found.keys():
        faults.append(f"{len(missing)} of {len(expected)} tensors are missing ({_some(missing)})")
    if extra := found.keys() - expected.keys():
        faults.append(f"{len(extra)} do not belong to this architecture ({_some(extra)})")
    if wrong := [n for n in expected.keys() & found.keys() if expected[n] != found[n]]:
        first = sorted(wrong)[0]
        faults.append(f"{len(wrong)} have another shape (e.g. {first}: {found[first]}, needed {expected[first]})")
    if faults:
        raise BadCheckpoint("wrong_model", weights.path, "does not fit the model: " + "; ".join(faults))


def check_tuned(base: Weights, tuned: Weights, towers: bool = False) -> tuple[str, ...]:
    """The names of the tensors in which a fine-tuned file differs from its base; BadCheckpoint when it cannot be tuned.

    CLIP and ruCLIP share names and shapes, so a file tuned from one loads into the other. Projection tuning leaves all
    tensors but PROJECTIONS as they were, bit for bit, and that is asked for here; with `towers` any may differ.
    """
    if base.tensors.keys() != tuned.tensors.keys():
        other = base.tensors.keys() ^ tuned.tensors.keys()
        raise BadCheckpoint("wrong_model", tuned.path, f"and {base.path} do not name the same tensors ({_some(other)})")
    changed = tuple(sorted(n for n, value in tuned.tensors.items() if not _same(base.tensors[n], value)))
    if not changed:
        raise BadCheckpoint("wrong_model", tuned.path, f"equals {base.path} tensor by tensor: nothing in it is tuned")
    others = [name for name in changed if name not in PROJECTIONS]
    if others and not towers:
        raise BadCheckpoint(
            "wrong_model",
            tuned.path,
            f"differs from {base.path} in {len(others)} tensors beside the projections ({_some(others)}): it was tuned"
            " from another model, or as a whole; if you know it was the latter, add ?tuned=towers to the model's name",
        )
    return changed


def _same(base: Tensor, tuned: Tensor) -> bool:
    """Equal as far as the tuned file's own precision goes: OpenAI's CLIP keeps most weights in fp16 on a GPU."""
    return base.shape == tuned.shape and bool((base.to(tuned.dtype) == tuned).all())


def _some(names: Iterable[Any]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:3]) + (" …" if len(ordered) > 3 else "")
