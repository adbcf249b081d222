"""What the Bench answers: plain records that pages, API and command line show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from data.catalogue import Catalogue
    from eval.contracts import Ranking, Run


@dataclass(frozen=True)
class Hit:
    """One item of an answer: `rank` starts at 1, `score` is the searcher's own (cosine, BM25, …)."""

    id: str
    score: float
    rank: int
    title: str
    source: str = ""
    category: str = ""
    sha256: str = ""  # of the picture: names its thumbnail


@dataclass(frozen=True)
class Answer:
    """What one search found, how long it took (seconds, without loading the model) and what has to be said about it."""

    spec: str
    text: str
    hits: tuple[Hit, ...]
    seconds: float
    gallery: int  # how many items were searched
    notes: tuple[
        str, ...
    ] = ()  # codes: "cut" (query longer than 500 characters), "cleaned", "truncated" (by the model)
    copies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # hit → near-duplicates hidden behind it

    def rows(self) -> list[dict[str, Any]]:
        """The hits as `{"id", "score", "title"}`, as `uzor search --json` prints them."""
        return [{"id": hit.id, "score": hit.score, "title": hit.title} for hit in self.hits]


@dataclass(frozen=True)
class Evaluation:
    """A run with its scores at one k: means, chance level, ceiling and the values query by query."""

    run: Run
    k: int
    metrics: dict[str, float]
    chance: dict[str, float]
    ceiling: dict[str, float]
    per_query: pd.DataFrame  # index: query id; columns: text, relevant, then a column a metric
    counts: dict[str, Any] = field(default_factory=dict)  # queries scored and left out, judgments without an item …

    def record(self) -> dict[str, Any]:
        """The evaluation as `uzor evaluate --json` prints it."""
        return {
            "run": self.run.id,
            "spec": self.run.spec,
            "queries": int(self.counts.get("queries", len(self.per_query))),
            "metrics": self.metrics,
            "chance": self.chance,
            "ceiling": self.ceiling,
            "per_query": self.per_query.to_dict(orient="index"),
            "counts": self.counts,
            "facts": self.run.facts,
            "settings": self.run.settings,
        }


X, Y = "map x", "map y"  # columns of coordinates; a catalogue may well have columns called x and y


@dataclass(frozen=True)
class Map:
    """A catalogue laid out in two dimensions: `table` has X, Y and the item's columns; `queries` X, Y, id and text."""

    table: pd.DataFrame
    queries: pd.DataFrame
    method: str
    trustworthiness: float
    seconds: float
    facts: dict[str, Any] = field(default_factory=dict)


def hits(catalogue: Catalogue, ranking: Ranking) -> tuple[Hit, ...]:
    """A ranking joined with what the catalogue says of its items."""
    found = []
    for rank, (item, score) in enumerate(zip(ranking.items, ranking.scores, strict=True), 1):
        row = catalogue.item(item)
        found.append(Hit(item, float(score), rank, row["title"], row["source"], row["category"], row["sha256"]))
    return tuple(found)
