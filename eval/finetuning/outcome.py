"""What is left of a tuning: tensors, lineage and curve in one folder, where the registry finds them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import cleaning, storage
from eval import environment
from eval.checkpoints import read_tensors
from eval.contracts import ModelSpec
from eval.tuned import CURVE, LINEAGE, TENSORS, Tuned

if TYPE_CHECKING:
    from torch import Tensor

    from data.splits import Split
    from eval.dual_encoder import DualEncoder
    from eval.finetune import Plan
    from eval.finetuning.saving import Standing

COLUMNS = (
    "epoch",
    "step",
    "seconds",
    "rate",
    "train_loss",
    "validation_loss",
    "pair_cosine",
    "match_probability",
    "R@5",
)


def lineage(plan: Plan, split: Split, encoder: DualEncoder, standing: Standing, key: str) -> dict[str, Any]:
    """Where tuned weights come from: base, data, recipe with its seed, the epoch that was kept and what chose it."""
    recipe, base = plan.recipe, ModelSpec(plan.base.family, plan.base.checkpoint)
    return {
        "key": key,
        "base": str(base),
        "base_head": plan.base.head,  # tuned weights that this tuning began from
        "base_weights": encoder.parts["weights"],
        "base_encoder": encoder.fingerprint,
        "mode": recipe.mode,
        "recipe": recipe.facts(),
        "catalogue": plan.catalogue.name,
        "catalogue_fingerprint": plan.catalogue.fingerprint,
        "captions": plan.captions.source,
        "captions_fingerprint": plan.captions.fingerprint,
        "pairs": len(plan.captions),
        "items": split.counts,
        "split_fingerprint": split.fingerprint,
        "tests": list(plan.tests),
        "kept_epoch": standing.best_epoch,
        "chosen_on": recipe.chosen_on if recipe.watches else "nothing",
        "stamp": stamp(plan, split, standing.curve, standing.best_epoch),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": environment.describe(),
    }


def stamp(plan: Plan, split: Split, curve: Sequence[Mapping[str, float]], kept: int) -> str:
    """What has to be said wherever its numbers are shown, or nothing."""
    said = []
    if plan.recipe.chosen_on == "test" and plan.recipe.watches:
        said.append("chosen on the test set")
    learnt = set(split.train)
    said += [f"learnt from items that {name} judges" for name, pool in plan.others.items() if learnt & set(pool)]
    losses = [row.get("validation_loss") for row in curve]
    before, after = losses[0], losses[kept]
    if before is not None and after is not None and after >= before:
        said.append("no better than its base on held-out pairs")
    return "; ".join(said)


def keep(folder: Path, tensors: Mapping[str, Tensor], curve: Sequence[Mapping[str, float]],
         told: Mapping[str, Any], base: Tuned | None = None, half: bool = False) -> Tuned:  # fmt: skip
    """Write the folder of tuned weights whole or not at all; `tensors` go over those it began from, if any (`base`).

    Tensors are kept in fp32, or in fp16 when `half`. FileExistsError when something lies there already.
    """
    from safetensors.torch import save

    before = read_tensors(base.folder / TENSORS) if base else {}
    kept = {name: value.detach().cpu().contiguous() for name, value in {**before, **tensors}.items()}
    packed = save({name: value.half() if half else value.float() for name, value in kept.items()})
    staged = storage.make_folder(folder.parent / storage.temporary_name())
    try:
        storage.write_bytes(staged / TENSORS, packed, durable=False)
        storage.write_json(staged / LINEAGE, dict(told), durable=False)
        storage.write_text(staged / CURVE, table(curve), durable=False)
        storage.write_json(staged / storage.MANIFEST, storage.manifest(staged), durable=False)
        storage.commit_folder(staged, folder)
    finally:
        storage.remove(staged)
    return Tuned(folder.name, folder, dict(told))


def table(curve: Sequence[Mapping[str, float]]) -> str:
    """The curve as CSV; what was not measured is empty."""
    target = io.StringIO(newline="")
    cleaning.write_csv(target, COLUMNS, [[row.get(name, "") for name in COLUMNS] for row in curve], raw=True)
    return target.getvalue()


def curve(tuned: Tuned) -> list[dict[str, float]]:
    """The curve of tuned weights, a row an epoch, the first before any step; what was not measured is left out."""
    import csv

    with open(tuned.folder / CURVE, encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
    return rows
