"""Runs and judgments as TREC files that other tools score to the same numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from urllib.parse import quote

import numpy as np

from eval.contracts import Run


def word(name: str) -> str:
    """A name without white space, which TREC files cannot hold: such characters and `%` become `%20`, `%25` …

    Different names stay different.
    """
    return re.sub(r"[\s%\x00-\x1f]", lambda found: quote(found[0], safe=""), name) or "%"


def run_lines(run: Run, tag: str) -> Iterator[str]:
    """`query Q0 item rank score tag` a line, ranks from 1, for every place the run recorded.

    The score is the run's own as float32, lowered by the least step where it does not fall: readers sort by score and
    break ties by item, which would change the order of equal pictures.
    """
    known = cache(word)
    for ranking in run.rankings:
        head, tail = f"{word(ranking.query)} Q0 ", f" {word(tag)}\n"
        placed = zip(ranking.items, falling(ranking.scores).tolist(), strict=True)
        for rank, (item, score) in enumerate(placed, 1):
            yield f"{head}{known(item)} {rank} {score:.9g}{tail}"  # nine digits tell any two float32 apart


def falling(scores: Sequence[float]) -> np.ndarray:
    """The scores as float32 (n,), each less than the one before it: lowered by the least step where it is not."""
    values = np.asarray(scores, np.float32)
    for place in np.flatnonzero(np.diff(values) >= 0) + 1:
        while place < len(values) and values[place] >= values[place - 1]:
            values[place] = np.nextafter(values[place - 1], np.float32(-np.inf))
            place += 1
    return values


def qrels_lines(judgments: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """`query 0 item grade` a line, only of queries that have a relevant item: the others have no value and no place in
    a mean, but readers would count them as zero.
    """
    for query, judged in judgments.items():
        if any(grade >= 1 for grade in judged.values()):
            yield from (f"{word(query)} 0 {word(item)} {grade}\n" for item, grade in judged.items())
