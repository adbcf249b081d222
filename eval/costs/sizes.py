"""How big a model is: its parameters, and the files that loading it reads; nothing is run for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval import registry
from eval.contracts import ModelSpec


def parameters(encoder: Any) -> int | None:
    """How many numbers the model learnt; None for an encoder without a torch model inside."""
    model = getattr(encoder, "model", None) or getattr(encoder, "_model", None)
    return (
        sum(one.numel() for one in model.parameters()) if model is not None and hasattr(model, "parameters") else None
    )


def file_bytes(spec: str, home: Path) -> int | None:
    """Bytes of the files that loading reads, each counted once; None for a model that reads none."""
    found = {path for path, *_rest in registry.state(ModelSpec.parse(spec), home)}
    return sum(Path(path).stat().st_size for path in found) or None
