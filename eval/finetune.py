"""Fine-tuning from a base, a catalogue and a recipe to tuned weights with their lineage and curves; resumable."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import splits, storage
from data.errors import Unavailable
from data.progress import Progress, silent
from data.splits import Split
from eval import registry, tuned, workspace
from eval.contracts import ModelSpec
from eval.finetuning import features, heads, learning, outcome, whole
from eval.finetuning.recipe import Recipe
from eval.tuned import Tuned
from eval.vector_files import usable_cores

if TYPE_CHECKING:
    from data.captions import Captions
    from data.catalogue import Catalogue
    from eval.dual_encoder import DualEncoder
    from eval.finetuning.saving import Standing


@dataclass(frozen=True)
class Plan:
    """All that a tuning is made from; the same plan gives the same weights, and goes on where it stood."""

    base: ModelSpec
    catalogue: Catalogue
    captions: Captions
    recipe: Recipe = field(default_factory=Recipe)
    test: Collection[str] = ()  # items of the test: never learnt from, nor what resembles them
    tests: Sequence[str] = ()  # names of the query sets they come from
    others: Mapping[str, Collection[str]] = field(default_factory=dict)  # judged items that may be learnt from, by set
    together: Sequence[str] = ()  # columns whose equal values keep items on one side of the split
    near: bool = True  # keep nearly equal pictures on one side


def finetune(plan: Plan, home: Path, name: str = "", progress: Progress = silent,
             save_seconds: float = learning.SAVE_SECONDS) -> Tuned:  # fmt: skip
    """Tune, and keep the result as `models/heads/<name>`; by default the name says mode and content.

    The same plan under the same name is found rather than computed again. `progress` hears "likeness", "features",
    "texts", "finetune" and may raise Cancelled: the next call goes on. LookupError and Unavailable as
    `eval.registry.load`; ValueError for a name that is taken, for too few pairs, for a test that would be chosen on
    but is not there, and for a loss that is no longer finite.
    """
    encoder = _loaded(plan.base, home)
    bits = features.likeness(plan.catalogue, home, progress) if plan.near else None
    group = splits.groups(plan.catalogue, plan.together, bits)
    split = _split(plan, group)
    key = workspace.key("finetune 1", encoder.fingerprint, plan.captions.fingerprint,
                        plan.catalogue.pictures_fingerprint, split.fingerprint, plan.recipe.facts())  # fmt: skip
    name = name or f"{plan.recipe.mode}-{key[:8]}"
    if found := _made(tuned.place(home, name), key):
        return found
    with workspace.locked(home, f"finetune-{key}", progress):
        if found := _made(tuned.place(home, name), key):
            return found
        work = storage.make_folder(home / "tunings" / key)
        storage.sweep(work)
        started = time.monotonic()
        standing, tensors = _learnt(plan, split, encoder, home, work, progress, save_seconds)
        told = outcome.lineage(plan, split, encoder, standing, key) | {"seconds": round(time.monotonic() - started, 1)}
        began = tuned.find(plan.base, home)
        result = outcome.keep(tuned.place(home, name), tensors, standing.curve, told, began, plan.recipe.half_precision)
        storage.remove(work)
        return result


def _loaded(base: ModelSpec, home: Path) -> DualEncoder:
    """The base, loaded for this tuning alone; LookupError for a model that cannot be tuned."""
    from eval.dual_encoder import DualEncoder

    encoder = registry.load(base, home)
    if not isinstance(encoder, DualEncoder):
        raise LookupError(f"{base} has no towers to tune; choose an openclip or ruclip model")
    return encoder


def _made(folder: Path, key: str) -> Tuned | None:
    """What lies under that name if it is this very tuning; ValueError when it is another."""
    if not (folder / storage.MANIFEST).is_file():
        return None
    found = tuned.read(folder)
    if found.lineage.get("key") != key:
        raise ValueError(f"There are tuned weights {folder.name!r} already, made otherwise; choose another name")
    return found


def _split(plan: Plan, group: np.ndarray) -> Split:
    """Who learns and who judges; ValueError when there is nobody to judge by."""
    recipe = plan.recipe
    on_test = recipe.chosen_on == "test"
    share = 0.0 if on_test else recipe.validation
    split = splits.split(plan.catalogue.ids, group, set(plan.test), share, recipe.seed)
    if on_test and not split.test:
        raise ValueError("There is no test to choose on: no query set judges an item of this catalogue")
    judges = split.test if on_test else split.validation
    with_words = set(plan.captions.items)
    for part, what in (
        (split.train, "train on"),
        (judges if recipe.watches else split.train, "choose the best epoch by"),
    ):
        if not with_words & set(part):
            raise ValueError(f"There is no pair to {what}: {split.counts} items, {len(plan.captions)} pairs")
    return split


def pairs(plan: Plan, split: Split) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Different pictures (content hashes), different texts, and the numbers of both for each pair of train and held.

    `held` is the validation part, or the test where the recipe says so.
    """
    digest = dict(zip(plan.catalogue.ids, plan.catalogue.table["sha256"], strict=True))
    sides = {**dict.fromkeys(split.train, 0), **dict.fromkeys(split.validation, 1)}
    if plan.recipe.chosen_on == "test":
        sides |= dict.fromkeys(split.test, 1)
    used = [(item, text) for item, text in zip(plan.captions.items, plan.captions.texts, strict=True) if item in sides]
    pictures = sorted({digest[item] for item, _ in used})
    texts = sorted({text for _, text in used})
    place, said = {d: n for n, d in enumerate(pictures)}, {t: n for n, t in enumerate(texts)}
    rows: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for item, text in used:
        rows[sides[item]].append((place[digest[item]], said[text]))
    return pictures, texts, *(np.array(side, np.int64).reshape(-1, 2) for side in rows)  # type: ignore[return-value]


def _learnt(plan: Plan, split: Split, encoder: DualEncoder, home: Path, work: Path, progress: Progress,
            save_seconds: float) -> tuple[Standing, dict[str, Any]]:  # fmt: skip
    """Tune, and return how it went and the tensors that tuning changed."""
    pictures, texts, train, held = pairs(plan, split)
    recipe, place = plan.recipe, work / "standing.safetensors"
    if recipe.mode == "towers":
        lesson = whole.Towers(encoder, plan.catalogue, pictures, texts, train, held, recipe)
        try:
            with threads():
                standing = learning.learn(lesson, recipe, place, progress, save_seconds)
        finally:
            lesson.close()
        return standing, standing.best
    if encoder.logit_scale is None:
        raise Unavailable(f"{plan.base} has no logit scale.", "Choose a CLIP-like model.")
    frozen = features.Frozen(encoder)
    seen = features.of_pictures(frozen, plan.catalogue, pictures, recipe.views, recipe.looks(), home, progress)
    said = features.of_texts(frozen, texts, home, progress)
    head = heads.Heads(seen, said, train, held, frozen.projections, encoder.logit_scale, recipe)
    with threads():
        standing = learning.learn(head, recipe, place, progress, save_seconds)
    return standing, standing.best


@contextmanager
def threads() -> Iterator[None]:
    """Let torch use every core in this thread (or what OMP_NUM_THREADS says), and as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or usable_cores()))
    try:
        yield
    finally:
        torch.set_num_threads(before)
