"""How long does one Russian query take to become a vector, against the whole 77-token forward pass?"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench import timing, vit

QUERY = "котёнок в шляпе"


def measure() -> str:
    """One query: open_clip's own way, Uzor's (cut at the end of the text), in bf16 where there is, and repeated."""
    import numpy as np
    import torch

    from data.queries import TextQuery
    from eval import precision
    from eval.contracts import Vectors
    from eval.search import VectorSearcher

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        model, _, tokenizer = vit.original(root)
        encoder = vit.encoder(root)
        torch.set_num_threads(1)

        def naive() -> np.ndarray:
            with torch.inference_mode():
                return torch.nn.functional.normalize(model.encode_text(tokenizer([QUERY])), dim=-1).numpy()

        apart = float(np.abs(naive() - encoder.texts([QUERY])).max())
        ways = {
            "open_clip, all 77 tokens, fp32": naive,
            "Uzor fp32, cut at the end of the text": lambda: encoder.texts([QUERY]),
        }
        if "bf16" in precision.supported_precisions():
            narrow = vit.encoder(root, "bf16")
            ways["Uzor bf16"] = lambda: narrow.texts([QUERY])
        eight = Vectors(
            np.eye(8, encoder.size, dtype=np.float32), tuple("abcdefgh"), "eight", encoder.fingerprint, "eight"
        )
        searcher = VectorSearcher(encoder, eight)
        ways["Uzor, the same query again (whole search of 8 items)"] = lambda: searcher.search(
            [TextQuery("q", QUERY)], 5
        )
        note = f"Largest difference between open_clip's vector and Uzor's in fp32: {apart:.1e}."
        return timing.table(
            f"One query «{QUERY}» → vector, ViT-B/32, one thread", timing.side_by_side(ways, 15), note=note
        )
