"""How fast do pictures become vectors, against the report's one-by-one loop and the bare forward pass?"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import drawn, timing, vit

PICTURES, REPEATS = 128, 3
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared(work: Callable[[object], object], pieces: Iterable[object]) -> None:
    """All pieces through `work`, one thread a core, torch with one thread in each."""
    import torch

    with ThreadPoolExecutor(CORES, initializer=lambda: torch.set_num_threads(1)) as pool:
        list(pool.map(work, pieces))


def measure() -> str:
    """`PICTURES` JPEGs of 600–1,000 px through ViT-B/32: every way in turn, in one run."""
    import numpy as np
    import torch
    from PIL import Image

    from data import catalogue as catalogues
    from data.importers import import_catalogue
    from eval import precision, vectors

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        import_catalogue(drawn.catalogue_csv(root / "shop", PICTURES, 600, 1000), root, name="shop")
        catalogue = catalogues.load(root, "shop")
        paths = [catalogue.picture_path(item) for item in catalogue.ids]
        model, preprocess, _ = vit.original(root)
        encoder = vit.encoder(root)
        torch.set_num_threads(torch.get_num_threads())

        def report() -> np.ndarray:
            torch.set_num_threads(CORES)  # as the loop finds it; loading our encoder has set one thread
            rows = []
            with torch.inference_mode():
                for path in paths:
                    ready = preprocess(Image.open(path).convert("RGB")).unsqueeze(0)
                    rows.append(torch.nn.functional.normalize(model.encode_image(ready), dim=-1).numpy())
            return np.concatenate(rows)

        def ours(coder) -> np.ndarray:  # type: ignore[no-untyped-def]
            shutil.rmtree(root / "vectors", ignore_errors=True)
            return vectors.vectors(catalogue, coder, root).matrix

        ready = np.stack([encoder.prepare(catalogue.picture(item)) for item in catalogue.ids])
        apart = float(np.abs(report() - ours(encoder)).max())
        ways = {
            "the 2025 report's loop: open, preprocess, forward, one by one, fp32": report,
            "Uzor fp32": lambda: ours(encoder),
        }
        if "bf16" in precision.supported_precisions():
            narrow = vit.encoder(root, "bf16")
            ways["Uzor bf16"] = lambda: ours(narrow)
        ways[f"decoding and preprocessing alone, {CORES} threads"] = lambda: shared(
            lambda i: encoder.prepare(catalogue.picture(i)), catalogue.ids
        )
        ways[f"bare forward pass on ready tensors alone, {CORES} threads, fp32"] = lambda: shared(
            encoder.encode, np.array_split(ready, max(1, len(ready) // vectors.BATCH))
        )
        timings = timing.side_by_side(ways, REPEATS)
        ceiling = timings[-1].median + timings[-2].median
        note = (
            f"Largest difference between the loop's vectors and Uzor's in fp32: {apart:.1e}. Ceiling (the last two "
            f"rows together: no core ever idle): {PICTURES / ceiling:.1f} pictures/s; Uzor fp32 reaches "
            f"{ceiling / timings[1].median:.2f} of it."
        )
        return timing.table(
            f"{PICTURES} pictures of 600–1,000 px → vectors, ViT-B/32", timings, PICTURES, "picture", note
        )
