"""Judgments written for files: TREC qrels of the merged grades, CSV and JSON of every row with who, when, from what."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from data import cleaning
from data.judgments import PictureQuery, QuerySet
from eval.judging.merging import Labels
from eval.judging.rows import Judgment

FORMS = ("trec", "csv", "json")
COLUMNS = ("event", "made", "query_id", "query", "item", "kind", "grade", "rater", "source", "saw", "comment",
           "wording")  # fmt: skip
FORMAT = "uzor judgments 1"


def trec(graded: Labels) -> str:
    """`query 0 item grade` a line; ValueError for an id with a space in it, which TREC cannot hold."""
    lines = []
    for query, items in graded.items():
        for item, grade in items.items():
            if re.search(r"\s", query + item):
                raise ValueError(f"Judgment {query!r} {item!r} has a space in an id; TREC cannot hold it, use CSV")
            lines.append(f"{query} 0 {item} {grade}\n")
    return "".join(lines)


def csv(rows: Sequence[Judgment], query_set: QuerySet, raw: bool = False) -> str:
    """Every row of the log, oldest first, with the query's text; guarded against formulas unless `raw`.

    Where pictures ask, the last column has the item or the kept file that does.
    """
    texts = {query.id: query.text for query in query_set.queries}
    pictures = {q.id: q.item or q.image for q in query_set.queries if isinstance(q, PictureQuery)}
    target = io.StringIO(newline="")
    lines = ([*_cells(row, texts), *([pictures.get(row.query, "")] if pictures else [])] for row in rows)
    cleaning.write_csv(target, (*COLUMNS, *(["picture"] if pictures else [])), lines, raw)
    return target.getvalue()


def _cells(row: Judgment, texts: Mapping[str, str]) -> Iterator[str]:
    for column in COLUMNS:
        if column == "query":
            yield texts.get(row.query, "")
        elif column == "saw":
            yield json.dumps([list(one) for one in row.saw], ensure_ascii=False) if row.saw else ""
        else:
            value = getattr(row, {"query_id": "query"}.get(column, column))
            yield "" if value is None else str(value)


def to_json(rows: Sequence[Judgment], query_set: QuerySet, guidelines: str = "") -> str:
    """Every row with queries and guidelines; what `read` takes back without loss."""
    pictures = {q.id: q.item or q.image for q in query_set.queries if isinstance(q, PictureQuery)}
    record = {
        "format": FORMAT,
        "query_set": query_set.name,
        "catalogue": query_set.catalogue,
        "guidelines": guidelines,
        "queries": {query.id: query.text for query in query_set.queries},
        **({"pictures": pictures} if pictures else {}),
        "judgments": [
            {name: getattr(row, {"query_id": "query"}.get(name, name)) for name in COLUMNS if name != "query"}
            for row in rows
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=1)
