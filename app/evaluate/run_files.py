"""Runs as files for other tools: a CSV of the queries and a TREC run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from app.answers import Evaluation
from data import cleaning
from eval.contracts import Run

_SPACE = re.compile(r"\s+")


def queries_csv(evaluation: Evaluation) -> bytes:
    """Query by query: id, text, relevant, every metric unrounded; UTF-8 with BOM, safe to open in a spreadsheet.

    Where pictures asked, the second column has the item or the kept file that did.
    """
    table, pictures = evaluation.per_query, evaluation.run.facts.get("pictures") or {}
    seen = ["picture"] if pictures else []
    rows = (
        [query, *([pictures.get(query, "")] if seen else []), *row]
        for query, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return table_csv(["query", *seen, *map(str, table.columns)], rows)


def table_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows under a header as CSV bytes: UTF-8 with BOM, cells that a spreadsheet would run as formulas guarded."""
    text = io.StringIO()
    cleaning.write_csv(text, header, rows)
    return text.getvalue().encode("utf-8-sig")


def trec_run(run: Run) -> bytes:
    """`query Q0 item rank score tag` a line, ranks from 1; white space inside a name becomes "_"."""
    tag = _SPACE.sub("_", run.spec)
    lines = [
        f"{_SPACE.sub('_', r.query)} Q0 {_SPACE.sub('_', item)} {rank} {score!r} {tag}\n"
        for r in run.rankings
        for rank, (item, score) in enumerate(zip(r.items, r.scores, strict=True), 1)
    ]
    return "".join(lines).encode()
