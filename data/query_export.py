"""Query sets written to files that other programs read: TREC qrels, queries.tsv, CSV."""

from __future__ import annotations

import re
from pathlib import Path

from data import cleaning, storage
from data.judgments import QuerySet


def write_qrels(query_set: QuerySet, path: Path) -> None:
    """TREC judgments, `query 0 item grade` a line; ValueError for an id with a space in it, which TREC cannot hold."""
    lines = []
    for query in query_set.queries:
        for item, grade in query_set.judged(query.id).items():
            if re.search(r"\s", query.id + item) or not item:
                raise ValueError(f"Judgment {query.id!r} {item!r} has a space in an id; TREC cannot hold it, use CSV")
            lines.append(f"{query.id} 0 {item} {grade}\n")
    storage.write_text(Path(path), "".join(lines))


def write_queries(query_set: QuerySet, path: Path) -> None:
    """`id<TAB>text[<TAB>tag|tag]` a line."""
    rows = ([query.id, query.text, *(["|".join(query.tags)] if query.tags else [])] for query in query_set.queries)
    storage.write_text(Path(path), "".join("\t".join(re.sub(r"\s", " ", cell) for cell in row) + "\n" for row in rows))


def write_judgments_csv(query_set: QuerySet, path: Path, raw: bool = False) -> None:
    """CSV with query id, query, item, grade; guarded against formulas unless `raw`."""
    rows = [
        (query.id, query.text, item, grade)
        for query in query_set.queries
        for item, grade in query_set.judged(query.id).items()
    ]
    cleaning.write_csv(Path(path), ("query_id", "query", "item", "grade"), rows, raw)
