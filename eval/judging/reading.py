"""Judgments read from files, told apart by content: TREC qrels, CSV and JSON; every line that is wrong is told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data import cleaning
from data.collecting import Collector
from data.encodings import detected
from data.judgments import QuerySet, QuerySetError
from data.refusals import Refusal
from data.sniffing import best_delimiter
from data.tables import read_rows
from eval.judging.files import COLUMNS, FORMAT
from eval.judging.rows import IMPORTED, KINDS, Judgment, Seen, checked, wording

_PLAIN = ("rater", "source", "comment", "event", "made")


def read(
    path: Path, query_set: QuerySet, rater: str = "", source: str = IMPORTED, saw: Sequence[str] = ()
) -> list[Judgment]:
    """Judgments from a file of any of the three forms, told apart by content, for queries of `query_set`.

    `rater`, `source` and `saw` (models whose rankings proposed the items) are for rows that do not say it themselves:
    all of TREC's, and those of a CSV without these columns. Rows that carry their event are recognised when they come
    again; those that do not are for the query's words as the file gives them, or as they are now. QuerySetError
    (`data.judgments`) with every line that is wrong.
    """
    path, into = Path(path), Collector()
    into.queries.update({query.id: query for query in query_set.queries})
    given = {"rater": rater, "source": source, "saw": tuple(Seen(spec) for spec in saw)}
    if not path.is_file():
        into.problem("missing_table", str(path), 0)
        return _sound([], into)
    with open(path, "rb") as file:
        start = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{":
        return _sound(_from_json(path, query_set, into), into)
    fields = start.splitlines()[0].split() if start else []
    is_trec = len(fields) == 4 and re.fullmatch(rb"[+-]?\d+", fields[3]) is not None
    return _sound((_from_trec if is_trec else _from_csv)(path, query_set, into, given), into)


def guidelines(path: Path) -> str:
    """What raters went by, as a JSON of judgments says it; "" where the file says nothing of it."""
    try:
        record = json.loads(Path(path).read_bytes())
        return str(record.get("guidelines") or "") if record.get("format") == FORMAT else ""
    except (ValueError, AttributeError, RecursionError):
        return ""


def _sound(found: list[Judgment], into: Collector) -> list[Judgment]:
    if not found and not into.problems:
        into.problem("no_queries", "", 0)
    if into.problems:
        raise QuerySetError(into.problems)
    return found


def _made(into: Collector, place: tuple[str, int], query_set: QuerySet, fields: Mapping[str, Any]) -> list[Judgment]:
    """One judgment of these fields, or none and a problem."""
    query, grade = str(fields.get("query", "")).strip(), str(fields.get("grade", "")).strip()
    kind = str(fields.get("kind") or "grade")
    if query not in into.queries:
        into.problem("unknown_query", *place, found=query)
        return []
    if kind not in KINDS or (kind == "grade" and not re.fullmatch(r"[+-]?\d{1,9}", grade)):
        into.problem("bad_grade", *place, found=grade if kind in KINDS else kind, limit="0, 1, 2 …")
        return []
    plain: dict[str, Any] = {n: str(fields.get(n) or "") for n in (*_PLAIN, "wording")}
    if not plain["event"]:
        plain["wording"] = plain["wording"] or wording(str(fields.get("text") or into.queries[query].text))
    try:
        value = int(grade) if kind == "grade" else None
        seen = tuple(Seen(str(spec), str(run), int(rank)) for spec, run, rank in fields.get("saw") or ())
        if not re.fullmatch("(?:[0-9a-f]{64})?", plain["wording"]):
            raise ValueError(f"wording is 64 hex digits; {plain['wording'][:80]} came")
        one = Judgment(query_set.name, query, str(fields.get("item", "")), value, kind, saw=seen, **plain)
        return [checked(one)]
    except (TypeError, ValueError) as problem:
        into.problem("bad_line", *place, found=str(problem))
        return []


def _from_trec(path: Path, query_set: QuerySet, into: Collector, given: Mapping[str, Any]) -> list[Judgment]:
    found: list[Judgment] = []
    text = path.read_text(encoding=detected(path).name, errors="replace")
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        cells = line.split("\t") if line.count("\t") == 3 else line.split()
        if line.strip() and len(cells) != 4:
            into.problem("bad_line", path.name, number, found=line, limit="query 0 item grade")
        elif line.strip():
            fields = {**given, "query": cells[0], "item": cells[2], "grade": cells[3]}
            found += _made(into, (path.name, number), query_set, fields)
    return found


def _from_csv(path: Path, query_set: QuerySet, into: Collector, given: Mapping[str, Any]) -> list[Judgment]:
    encoding = detected(path).name
    delimiter = best_delimiter(path, encoding, lambda header: len(set(header) & set(COLUMNS)))
    rows = read_rows(path, encoding, delimiter)
    header = next(rows)
    if isinstance(header, Refusal):
        into.problems.append(header)
        return []
    names = [name.strip().lower().lstrip("\ufeff") for name in header.fields]
    if lacking := [name for name in ("item",) if name not in names]:
        into.problem("missing_column", path.name, 1, ", ".join(lacking), found=", ".join(names))
        return []
    ids, found = {query.text: query.id for query in query_set.queries}, []
    for row in rows:
        if isinstance(row, Refusal):
            into.problems.append(row)
        elif len(row.fields) != len(names):
            into.problem(
                "ragged", path.name, row.number, found=f"{len(row.fields)} fields", limit=f"{len(names)} fields"
            )
        else:
            cells = dict(zip(names, map(_unguarded, row.fields), strict=True))
            fields = {**given, **{name: value for name, value in cells.items() if value}, "item": cells["item"]}
            fields["query"] = cells.get("query_id") or ids.get(cells.get("query", ""), cells.get("query", ""))
            fields["text"] = cells.get("query", "") if cells.get("query_id") else ""
            fields["saw"] = _seen(cells.get("saw", "")) or given["saw"]
            found += _made(into, (path.name, row.number), query_set, fields)
    return found


def _unguarded(cell: str) -> str:
    """A cell as it was before `csv_safe`."""
    return cell[1:] if cell.startswith("'") and cleaning.csv_safe(cell[1:]) == cell else cell


def _seen(text: str) -> list[Any]:
    """What a cell of "saw" holds; names separated by commas will do."""
    try:
        return (
            list(json.loads(text))
            if text.startswith("[")
            else [(name.strip(), "", 0) for name in text.split(",") if name.strip()]
        )
    except ValueError:
        return [(text,)]  # told as a bad line


def _from_json(path: Path, query_set: QuerySet, into: Collector) -> list[Judgment]:
    try:
        record = json.loads(path.read_bytes())
        rows = list(record["judgments"]) if record.get("format") == FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        into.problem("bad_json", path.name, getattr(error, "lineno", 0), found=str(error))
        return []
    if rows is None:
        into.problem("bad_json", path.name, 1, "format", found=str(record.get("format")), limit=FORMAT)
        return []
    found: list[Judgment] = []
    texts = record.get("queries")
    for number, fields in enumerate(rows, 1):
        if isinstance(fields, dict):
            fields = {
                **fields,
                "text": texts.get(str(fields.get("query_id")), "") if isinstance(texts, dict) else "",
                "query": fields.get("query_id"),
                "grade": "" if fields.get("grade") is None else fields["grade"],
            }
            found += _made(into, (path.name, number), query_set, fields)
        else:
            into.problem("bad_json", path.name, number, found=type(fields).__name__, limit="{…}")
    return found
