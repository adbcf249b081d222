"""How long does tuning the heads take, against re-running both towers for every batch and the bare matrix products?"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from bench import timing, vit

PAIRS, EPOCHS, BATCH, WIDTHS, SIZE = 20_798, 5, 128, (768, 512), 512  # the 2025 report's training on ViT-B/32
TEXTS = 15_000  # different captions among them
WHOLE_STEPS = 3  # steps through the towers that are timed, and whose weights are compared


def measure() -> str:
    """Whole trainings from cached features; the towers are timed on a few steps and scaled up, which is said."""
    import torch

    from eval import finetune
    from eval.finetuning import heads, learning
    from eval.finetuning.recipe import recipe

    chosen = recipe(epochs=EPOCHS, batch=BATCH, views=0, schedule="constant", keep="last", validation=0.0)
    drawn = np.random.default_rng(0)
    pictures = drawn.standard_normal((1, PAIRS, WIDTHS[0]), dtype=np.float32)
    texts = drawn.standard_normal((TEXTS, WIDTHS[1]), dtype=np.float32)
    pairs = np.stack([np.arange(PAIRS), drawn.integers(0, TEXTS, PAIRS)], axis=1)
    begun = {
        name: torch.from_numpy(0.03 * drawn.standard_normal((width, SIZE), dtype=np.float32))
        for name, width in zip(("visual.proj", "text_projection"), WIDTHS, strict=True)
    }
    steps = -(-PAIRS // BATCH) * EPOCHS
    with tempfile.TemporaryDirectory() as name, finetune.threads():
        numbers = iter(range(100))

        def cached() -> None:
            lesson = heads.Heads(pictures, texts, pairs, pairs[:0], begun, 100.0, chosen)
            learning.learn(lesson, chosen, Path(name) / str(next(numbers)))

        whole, apart = through_towers(Path(name))
        ways = {
            "Uzor: heads over cached features": cached,
            "ceiling: the bare matrix products of the same steps": lambda: bare(pictures[0], texts, pairs, begun),
        }
        timings = timing.side_by_side(ways, 3)
        threads = torch.get_num_threads()
    naive = timing.Timing(f"both towers in every step, as the report did (scaled up from {WHOLE_STEPS} steps)",
                          whole * steps, whole * steps, whole * steps)  # fmt: skip
    note = (
        f"After {WHOLE_STEPS} steps the weights of the first two ways differ by at most {apart:.1e}."
        f" {threads} threads, {steps} steps of {BATCH} pairs. Computing the features once takes"
        f" one pass of the towers, as long as {-(-PAIRS // BATCH)} of the report's steps."
    )
    title = f"Heads of ViT-B/32 tuned on {PAIRS:,} pairs × {EPOCHS} epochs, CPU, fp32"
    return timing.table(title, [naive, *timings], 1, "training", note)


def bare(pictures: np.ndarray, texts: np.ndarray, pairs: np.ndarray, begun) -> None:  # type: ignore[no-untyped-def]
    """The nine products that a step cannot do without, on the same rows in the same order; nothing else."""
    import torch

    seen, said = torch.from_numpy(pictures), torch.from_numpy(texts)
    rows, words = torch.from_numpy(pairs[:, 0].copy()), torch.from_numpy(pairs[:, 1].copy())
    of_picture, of_text = begun["visual.proj"], begun["text_projection"]
    for epoch in range(EPOCHS):
        order = torch.randperm(PAIRS, generator=torch.Generator().manual_seed(epoch))
        for chosen in order.split(BATCH):
            left, right = seen[rows[chosen]], said[words[chosen]]
            shown, spoken = left @ of_picture, right @ of_text
            logits = shown @ spoken.T
            left.T @ (logits @ spoken)
            right.T @ (logits.T @ shown)


def through_towers(root: Path) -> tuple[float, float]:
    """Seconds of one step through both towers of ViT-B/32, and how far cached features take its weights from it."""
    import torch

    from eval import finetune
    from eval.finetuning import features, heads, learning
    from eval.finetuning.recipe import recipe

    count = BATCH * WHOLE_STEPS
    chosen = recipe(epochs=1, batch=BATCH, views=0, schedule="constant", keep="last", validation=0.0)
    prepared = np.random.default_rng(1).standard_normal((count, 3, 224, 224), dtype=np.float32)
    words = [f"дизайн {number} цветы" for number in range(count)]
    pairs = np.stack([np.arange(count), np.arange(count)], axis=1)
    encoder = vit.encoder(root)
    model = encoder.model
    rows = torch.from_numpy(encoder.tokens.rows(words))
    heads_of = {"visual.proj": model.visual.proj, "text_projection": model.text_projection}
    begun = {name: value.detach().clone() for name, value in heads_of.items()}
    adam = torch.optim.Adam([value.requires_grad_(True) for value in heads_of.values()], lr=chosen.rate,
                            betas=chosen.betas, eps=chosen.eps, weight_decay=chosen.weight_decay)  # fmt: skip
    with finetune.threads():
        started = time.perf_counter()
        for part in learning.order(count, chosen.seed, 0).split(BATCH):
            adam.zero_grad()
            shown = torch.nn.functional.normalize(model.encode_image(torch.from_numpy(prepared)[part]), dim=-1)
            said = torch.nn.functional.normalize(model.encode_text(rows[part]), dim=-1)
            logits = model.logit_scale.exp().clamp(max=100) * shown @ said.T
            right = torch.arange(len(part))
            both = (
                torch.nn.functional.cross_entropy(logits, right),
                torch.nn.functional.cross_entropy(logits.T, right),
            )
            ((both[0] + both[1]) / 2).backward()
            adam.step()
        seconds = (time.perf_counter() - started) / WHOLE_STEPS
        frozen = features.Frozen(vit.encoder(root))
        seen = np.concatenate([frozen.pictures(prepared[at : at + 64]) for at in range(0, count, 64)])[None]
        lesson = heads.Heads(seen, frozen.texts(words), pairs, pairs[:0], begun, encoder.logit_scale, chosen)
        learning.learn(lesson, chosen, root / "compared")
    apart = [float((heads_of[name].detach() - value.detach()).abs().max()) for name, value in lesson.parameters.items()]
    return seconds, max(apart)
