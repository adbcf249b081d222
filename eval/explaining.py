"""Explaining a result without looking into the model: ask with words left out, look with squares greyed out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from data.progress import Progress, silent
from data.queries import TextQuery
from eval import workspace
from eval.contracts import Encoder, Searcher
from eval.corrections import NONE, CorrectedSearcher
from eval.explanations import Explanation, Variant
from eval.lexicon import WORD, word
from eval.search import VectorSearcher

if TYPE_CHECKING:
    from PIL import Image

    from data.catalogue import Catalogue

GRID = 8  # squares a side
GREY = (128, 128, 128)
MOST_ADDED = 16  # words of the item that are tried
SHORTEST = 3  # letters of such a word
AT_ONCE = 8  # queries or squares between two looks at whether the user cancelled
VERSION = 1


def key(spec: str, catalogue: Catalogue, text: str, item: str, k: int, correction: str = NONE) -> str:
    """The key of an explanation: what was asked of which item; the record says which weights answered."""
    how = () if correction == NONE else (correction,)
    return workspace.key("explanation", VERSION, spec, catalogue.fingerprint, text, item, k, GRID, *how)


def explain(
    catalogue: Catalogue, searcher: Searcher, text: str, item: str, k: int = 5, progress: Progress = silent
) -> Explanation:
    """Explain why `item` stands where it stands for `text`, in the searcher's own ranking: a corrected one, too.

    LookupError for an unknown item, ValueError for an empty query; may raise Cancelled between a few queries or
    squares. A model that sees no pictures gets no heat map.
    """
    started = time.perf_counter()
    catalogue.row(item)
    words = text.split()
    if not words:
        raise ValueError("The query is empty; there are no words to leave out")
    asking = _Asking(catalogue, searcher, item, progress)
    whole = asking([("", text)])[0]
    dropped = asking([(words[i], _without(words, i, 1)) for i in range(len(words))] if len(words) > 1 else [])
    pairs = [(" ".join(words[i : i + 2]), _without(words, i, 2)) for i in range(len(words) - 1)]
    phrases = asking(pairs if len(words) > 2 else [])
    alone = asking([(one, one) for one in words] if len(words) > 1 else [])
    outside = not 0 < whole.rank <= k
    added = asking([(one, f"{text} {one}") for one in own_words(catalogue, item, text)] if outside else [])
    heat, seen, why = _heat(catalogue, searcher, text, item, progress)
    return Explanation(
        str(searcher.spec), catalogue.name, text, item, k, len(catalogue), whole.score, whole.rank,
        dropped, phrases, alone, added, heat, seen, why, time.perf_counter() - started,
        {"catalogue": catalogue.fingerprint, "searcher": searcher.fingerprint},
        searcher.correction.kind if isinstance(searcher, CorrectedSearcher) else NONE,
    )  # fmt: skip


def _without(words: Sequence[str], start: int, count: int) -> str:
    return " ".join([*words[:start], *words[start + count :]])


class _Asking:
    """Asks variants of the query over the whole catalogue and looks where one item stands."""

    def __init__(self, catalogue: Catalogue, searcher: Searcher, item: str, progress: Progress) -> None:
        self.catalogue, self.searcher, self.item, self.progress = catalogue, searcher, item, progress

    def __call__(self, asked: Sequence[tuple[str, str]]) -> tuple[Variant, ...]:
        found: list[Variant] = []
        for start in range(0, len(asked), AT_ONCE):
            self.progress(start, len(asked), "words")
            part = asked[start : start + AT_ONCE]
            queries = [TextQuery(str(place), said) for place, (_words, said) in enumerate(part)]
            for (words, said), ranking in zip(part, self.searcher.search(queries, len(self.catalogue)), strict=True):
                rank = ranking.items.index(self.item) + 1 if self.item in ranking.items else 0
                found.append(Variant(words, said, float(ranking.scores[rank - 1]) if rank else 0.0, rank))
        return tuple(found)


def own_words(catalogue: Catalogue, item: str, text: str) -> tuple[str, ...]:
    """Words of the item's title, then description, that the query does not say in any form; at most `MOST_ADDED`."""
    row = catalogue.item(item)
    said = {word(one) for one in WORD.findall(text.casefold())}
    found: dict[str, str] = {}
    for one in WORD.findall(f"{row['title']} {row['description']}".casefold()):
        if len(one) >= SHORTEST and not one.isdigit() and word(one) not in said:
            found.setdefault(word(one), one)
    return tuple(list(found.values())[:MOST_ADDED])


def _heat(
    catalogue: Catalogue, searcher: Searcher, text: str, item: str, progress: Progress
) -> tuple[tuple[tuple[float, ...], ...], float, str]:
    """The heat map, the score of the whole picture, and why there is none where there is none."""
    plain = searcher.plain if isinstance(searcher, CorrectedSearcher) else searcher
    if not isinstance(plain, VectorSearcher):
        return (), 0.0, "words"
    try:
        query, seen = plain.texts([text]), _as_seen
        if isinstance(searcher, CorrectedSearcher):
            query, seen = searcher.correction.texts(query), searcher.correction.seen
        whole, heat = occlusion(plain.encoder, catalogue.picture(item), query[0], GRID, progress, seen)
    except LookupError:  # ready-made vectors: nothing there can see a picture
        return (), 0.0, "ready"
    return tuple(tuple(map(float, line)) for line in heat), whole, ""


def _as_seen(rows: np.ndarray) -> np.ndarray:
    return rows


def occlusion(
    encoder: Encoder, picture: Image.Image, query: np.ndarray, grid: int = GRID, progress: Progress = silent,
    seen: Callable[[np.ndarray], np.ndarray] = _as_seen,
) -> tuple[float, np.ndarray]:  # fmt: skip
    """Score of the whole picture for `query` (size,), and how far it falls with each square grey: (grid, grid).

    The score is the inner product with what `seen` makes of the picture's unit row: by default the cosine. Zeiler and
    Fergus 2014, arXiv:1311.2901: no gradients, so it works for every encoder. Row 0 is the top.
    """
    whole = float(seen(encoder.encode(encoder.prepare(picture)[None]))[0] @ query)
    cells = [(row, column) for row in range(grid) for column in range(grid)]
    fallen = np.zeros((grid, grid))
    for start in range(0, len(cells), AT_ONCE):
        progress(start, len(cells), "squares")
        part = cells[start : start + AT_ONCE]
        rows = seen(encoder.encode(np.stack([encoder.prepare(_greyed(picture, *cell, grid)) for cell in part])))
        for cell, row in zip(part, rows, strict=True):
            fallen[cell] = whole - float(row @ query)
    progress(len(cells), len(cells), "squares")
    return whole, fallen


def _greyed(picture: Image.Image, row: int, column: int, grid: int) -> Image.Image:
    wide, high = picture.size
    box = (column * wide // grid, row * high // grid, (column + 1) * wide // grid, (row + 1) * high // grid)
    hidden = picture.convert("RGB")  # a copy
    hidden.paste(GREY, box)
    return hidden
