"""What there is to learn: designs of one shop, their pictures' paths, names and keywords as label tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Tensor = Any

UNTURNED = ("arrow", "time", "symbols", "символы")
"""Categories and subcategories whose pictures change their meaning in a mirror."""


@dataclass(frozen=True)
class Lessons:
    """Designs in the catalogue's order; `tags[i]` are the keywords of design i."""

    skus: list[str]
    paths: list[Path]
    names: list[str]
    tags: list[list[str]]
    groups: list[str]
    may_flip: list[bool]

    def __len__(self) -> int:
        return len(self.skus)

    @cached_property
    def words(self) -> list[str]:
        """Every keyword once, sorted."""
        return sorted({tag for row in self.tags for tag in row})

    @cached_property
    def column(self) -> dict[str, int]:
        """Keyword → its place in `words` and column in `labels`."""
        return {word: column for column, word in enumerate(self.words)}

    @cached_property
    def labels(self) -> Tensor:
        """1 where a design has a keyword: float32 (designs, words)."""
        import torch

        table = torch.zeros(len(self), len(self.words))
        for row, tags in enumerate(self.tags):
            table[row, [self.column[tag] for tag in tags]] = 1
        return table

    @cached_property
    def same_name(self) -> Tensor:
        """1 where two designs have the same name: float32 (designs, designs)."""
        import torch

        place = {name: number for number, name in enumerate(self.names)}
        numbers = torch.tensor([place[name] for name in self.names])
        return (numbers[:, None] == numbers).float()

    @cached_property
    def group_names(self) -> list[str]:
        """Every subcategory once, sorted."""
        return sorted(set(self.groups))

    @cached_property
    def group_of(self) -> Tensor:
        """Number of each design's subcategory: int64 (designs,)."""
        import torch

        place = {name: number for number, name in enumerate(self.group_names)}
        return torch.tensor([place[name] for name in self.groups])

    @cached_property
    def flips(self) -> Tensor:
        """True where a mirrored picture still shows the same thing: bool (designs,)."""
        import torch

        return torch.tensor(self.may_flip)


def read_lessons(folder: Path, source: str = "noto", language: str = "ru") -> Lessons:
    """The designs that shop `source` drew in the catalogue at `folder`, with words of `language`, ru or en.

    ValueError for another language, a missing column, a shop that drew nothing; FileNotFoundError without products.csv.
    """
    import pandas as pd

    if language not in ("ru", "en"):
        raise ValueError(f"Words can be learnt in ru or en, not in {language!r}.")
    table = pd.read_csv(folder / "products.csv", dtype=str, keep_default_na=False)
    ending = "" if language == "ru" else "_en"
    needed = ["sku", "source", "image_path", f"name{ending}", f"tags{ending}", "category", "subcategory"]
    if missing := [column for column in needed if column not in table]:
        raise ValueError(f"{folder / 'products.csv'} has no column {', '.join(missing)}; training needs {needed}.")
    rows = table[table["source"] == source]
    if rows.empty:
        raise ValueError(f"{folder} holds nothing by {source!r}, only by {sorted(set(table['source']))}.")
    return Lessons(
        skus=list(rows["sku"]),
        paths=[folder / path for path in rows["image_path"]],
        names=[name.lower() for name in rows[f"name{ending}"]],
        tags=[split_tags(text) for text in rows[f"tags{ending}"]],
        groups=list(rows["subcategory"]),
        may_flip=[not {a, b} & set(UNTURNED) for a, b in zip(rows["category"], rows["subcategory"], strict=True)],
    )


def split_tags(text: str) -> list[str]:
    """`a|B|a` → `["a", "b"]`: lower case, each once, in the given order."""
    return list(dict.fromkeys(part.strip().lower() for part in text.split("|") if part.strip(" ,")))


def order(count: int, seed: int, epoch: int) -> Sequence[int]:
    """A shuffled order of 0 … count-1 that depends on nothing but seed and epoch."""
    import torch

    return torch.randperm(count, generator=torch.Generator().manual_seed(seed * 100_003 + epoch)).tolist()
