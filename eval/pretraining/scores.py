"""P@5 of word vectors over picture vectors, on redrawn training pictures and on another shop's judged pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.pretraining.lessons import Lessons
from eval.pretraining.pictures import plain_views
from eval.pretraining.redrawing import Redrawing
from eval.pretraining.sewing import Sewing

Tensor = Any

HELD_OUT_SEED = 990_000
"""Steps of training never reach this number, so no training picture is drawn with these seeds."""


@dataclass(frozen=True)
class Gallery:
    """Pictures to be found: views (N, 3, S, S), the words asked for, relevance (words, N) of 0 and 1."""

    views: Tensor
    queries: list[str]
    relevant: Tensor

    @property
    def chance(self) -> float:
        """Mean share of relevant pictures, over the words that have one: what a random order's P@5 is on average."""
        counts = self.relevant.sum(1)
        return float(counts[counts > 0].mean() / len(self.views))

    def p5(self, words: Tensor, pictures: Tensor) -> float:
        """P@5 of unit rows for `queries` over unit rows for `views`; words without a relevant picture are left out."""
        asked = self.relevant.sum(1) > 0
        best = (words @ pictures.T).topk(5, dim=1).indices
        return float(self.relevant.gather(1, best)[asked].mean())


def read_queries(folder: Path) -> dict[str, str]:
    """queries.tsv of the catalogue folder: id → text."""
    lines = (folder / "queries.tsv").read_text("utf-8").splitlines()
    return {line.split("\t")[0]: line.split("\t")[1].lower() for line in lines if line}


def redrawn_gallery(lessons: Lessons, pictures: Tensor, queries: list[str], side: int) -> Gallery:
    """The training shop's own designs, redrawn harder (strength 1.3) than training does and with seeds of their own."""
    import torch

    redraw = Redrawing(side, strength=1.3)
    views = [redraw(some, HELD_OUT_SEED + number) for number, some in enumerate(pictures.split(128))]
    columns = [lessons.words.index(query) for query in queries]
    return Gallery(torch.cat(views), queries, lessons.labels[:, columns].T)


def sewn_gallery(lessons: Lessons, pictures: Tensor, queries: list[str], side: int) -> Gallery:
    """The training shop's own designs as embroideries, with seeds of their own."""
    import torch

    sew = Sewing(side)
    views = [sew(some, HELD_OUT_SEED + 5000 + number) for number, some in enumerate(pictures.split(128))]
    columns = [lessons.words.index(query) for query in queries]
    return Gallery(torch.cat(views), queries, lessons.labels[:, columns].T)


def judged_gallery(folder: Path, source: str, side: int) -> Gallery:
    """Everything shop `source` drew, with the judgments of qrels-<source>.txt (TREC; a grade of 1 or more counts)."""
    import pandas as pd
    import torch

    table = pd.read_csv(folder / "products.csv", dtype=str, keep_default_na=False)
    rows = table[table["source"] == source]
    place = {name: column for column, name in enumerate(rows["id"])}
    queries = read_queries(folder)
    line_of = {number: line for line, number in enumerate(queries)}
    relevant = torch.zeros(len(queries), len(rows))
    for line in (folder / f"qrels-{source}.txt").read_text("utf-8").splitlines():
        query, _, item, grade = line.split()
        if int(grade) >= 1:
            relevant[line_of[query], place[item]] = 1
    views = plain_views([folder / path for path in rows["image_path"]], side)
    return Gallery(views, list(queries.values()), relevant)


def keyword_gallery(folder: Path, source: str, lessons: Lessons, side: int) -> Gallery:
    """Everything shop `source` drew; queries are the keywords of 4 to 20 of the lessons' designs.

    A picture is relevant when its design (sku) is one of those; designs that the lessons lack are relevant to nothing.
    """
    import pandas as pd
    import torch

    table = pd.read_csv(folder / "products.csv", dtype=str, keep_default_na=False)
    rows = table[table["source"] == source]
    counts = lessons.labels.sum(0)
    columns = [column for column in range(len(lessons.words)) if 4 <= counts[column] <= 20]
    line_of = {sku: line for line, sku in enumerate(lessons.skus)}
    nothing = torch.zeros(len(columns))
    relevant = [lessons.labels[line_of[sku], columns] if sku in line_of else nothing for sku in rows["sku"]]
    views = plain_views([folder / path for path in rows["image_path"]], side)
    return Gallery(views, [lessons.words[column] for column in columns], torch.stack(relevant, 1))


def seen(visual: Any, views: Tensor) -> Tensor:
    """Unit rows of a picture tower for all views, in batches."""
    import torch
    from torch.nn import functional

    with torch.inference_mode():
        return torch.cat([functional.normalize(visual(some), dim=-1) for some in views.split(128)])
