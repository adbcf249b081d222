"""How long does searching 25,000 × 512 vectors take, against the report's way and the bare arithmetic?"""

from __future__ import annotations

import numpy as np

from bench import timing

ROWS, SIZE, QUERIES, K, SEED = 25_000, 512, 24, 10, 7


def unit(rows: int, seed: int) -> np.ndarray:
    """Random unit rows float32 (rows, SIZE)."""
    drawn = np.random.default_rng(seed).standard_normal((rows, SIZE), dtype=np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def measure() -> str:
    """24 queries at once and one alone, to ranked ids."""
    import torch

    from eval import registry

    matrix, queries = unit(ROWS, SEED), unit(QUERIES, SEED + 1)
    ids = np.array([f"item-{row}" for row in range(ROWS)])
    indexes = {name: module.make() for name, module in registry.indexes().items()}
    for index in indexes.values():
        index.add(matrix)
    gallery, asked = torch.from_numpy(matrix), torch.from_numpy(queries)

    def notebook(many: torch.Tensor) -> None:
        for query in many:
            near = torch.cosine_similarity(query.unsqueeze(0), gallery)
            ids[near.argsort(descending=True)[:K].numpy()].tolist()

    def bare(many: torch.Tensor) -> None:
        torch.topk(many @ gallery.T, K)

    parts = []
    for count in (QUERIES, 1):
        ways = {
            "the 2025 report's way: cosine_similarity over the whole matrix, query by query": lambda n=count: notebook(
                asked[:n]
            )
        }
        for name, index in indexes.items():
            ways[f"Uzor `{name}`, to ranked ids"] = lambda i=index, n=count: [
                ids[row].tolist() for row in i.search(queries[:n], K)[1]
            ]
        ways["ceiling: bare matrix product and top-k"] = lambda n=count: bare(asked[:n])
        title = f"Search among {ROWS:,} × {SIZE}, {count} quer{'ies at once' if count > 1 else 'y'}, top {K}"
        parts.append(timing.table(title, timing.side_by_side(ways, 15), count, "query"))
    return "\n".join(parts)
