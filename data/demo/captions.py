"""What shoppers might type for the designs of the training set: pairs of item and text to tune a model on, as a CSV."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Mapping
from pathlib import Path

from data import cleaning
from data.demo import vocabulary

PAIRS = ("pairs.csv", "pairs-again.csv")
"""Captions of seed 0 and of seed 1."""
_SHOP_TALK = re.compile(r"\bдизайн\w*|\bвышивк\w*|\bмашинн\w*|- \d+ размер\w*")
_MARKS = re.compile(r"[\[\],'\"/|«»]")
_STYLES = {"гладь", "заливка", "контур", "аппликация", "акварельный стиль", "вышивка крестом"}
_SHORT = 4
"""How many short captions an item gets beside the whole one."""


def write(table: Path, pairs: Path, seed: int = 0) -> int:
    """Write a CSV with the columns item and text for every row of a drawn `table`; returns how many pairs.

    Every item gets its title with its category, and up to four short texts: a part of its category, what the other
    shop calls that shelf, a name of the motif, a tag, a word or two of all these. Half of them say е for ё, as people
    type. Nothing but the table, the motifs' names and the shelves' names is used; no query set is read.
    """
    dice = random.Random(seed)
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    shelves = _shelves()
    found = [(row["id"], text) for row in rows for text in _said(row, shelves, dice)]
    cleaning.write_csv(pairs, ["item", "text"], found)
    return len(found)


def _shelves() -> dict[str, tuple[str, ...]]:
    """Theme → the names of its shelf in both shops."""
    return {row["theme"]: (*_parts(row["aisle"]), *_parts(row["shelf"])) for row in vocabulary.table("themes.tsv")}


def _said(row: Mapping[str, str], shelves: Mapping[str, tuple[str, ...]], dice: random.Random) -> list[str]:
    title, category, short = plain(row["title"]), plain(row["category"]), _short(row, shelves, dice)
    whole = title if title.endswith(category) else f"{title} {category}"
    chosen = {whole, *dice.sample(sorted(short), min(_SHORT, len(short)))}
    return [text.replace("ё", "е") if dice.random() < 0.5 else text for text in sorted(chosen)]


def _short(row: Mapping[str, str], shelves: Mapping[str, tuple[str, ...]], dice: random.Random) -> set[str]:
    tags = [plain(tag) for tag in row["tags"].split(",") if tag.strip() not in _STYLES]
    shown = [vocabulary.motifs()[slug.strip()] for slug in row["motif"].split(",") if slug.strip()]
    names = [noun.text for motif in shown for noun in motif.nouns]
    words = [word for word in f"{plain(row['title'])} {plain(row['category'])}".split() if len(word) > 2] + tags
    some = dice.sample(words, min(2, len(words)))
    found = {
        plain(row["title"]),
        *_parts(row["category"]),
        *_one(names, dice),
        *_one(tags, dice),
    }
    found |= {dice.choice(shelves[row["theme"]]), " ".join(some[: dice.randint(1, 2)])}
    found |= {f"надпись {row['words']}"} if row["words"] else set()
    return found - {""}


def _one(words: list[str], dice: random.Random) -> list[str]:
    return dice.sample(words, min(1, len(words)))


def _parts(category: str) -> list[str]:
    return [plain(part) for part in category.split("/")]


def plain(text: str) -> str:
    """Lower case without quotes, brackets and what every title of a shop says; words one space apart."""
    return " ".join(_SHOP_TALK.sub("", _MARKS.sub(" ", text.lower())).split())
