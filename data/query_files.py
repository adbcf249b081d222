"""Query sets read from text files: queries.tsv with TREC qrels, CSV (query, item, grade); told apart by content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from data import cleaning
from data.collecting import Collector, whole_file
from data.columns import cleaned_header, plain
from data.encodings import detected
from data.judgments import QuerySet, QuerySetError
from data.query_json import read_json
from data.refusals import Refusal, Refused
from data.shelf import plain_name
from data.sniffing import best_delimiter
from data.tables import read_rows

_COLUMNS = {
    "query": ("query", "text", "запрос", "текст", "query text", "текст запроса"),
    "query id": ("query id", "qid", "id запроса", "query_id"),
    "item": ("item", "item id", "id", "product", "product id", "товар", "id товара", "doc", "docid", "doc id"),
    "grade": ("grade", "relevance", "score", "rel", "label", "оценка", "релевантность"),
}
_HEADER_WORDS = {"id", "qid", "query", "query id", "text", "запрос", "текст", "id запроса"}


def _lines(path: Path, into: Collector) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not blank; one that is not in the file's encoding is a problem."""
    encoding = detected(path).name
    with open(path, encoding=encoding, errors="surrogateescape", newline=None) as file:
        for number, line in enumerate(file, 1):
            if re.search("[\ud800-\udfff]", line):
                into.problem("encoding", path.name, number, found=repr(line[:40]), limit=encoding)
            elif line.strip():
                yield number, line.rstrip("\n")


def read_tsv(queries_path: Path, qrels_path: Path, name: str | None = None, catalogue: str = "") -> QuerySet:
    """`id<TAB>text[<TAB>tag|tag]` and TREC judgments `query iteration item grade`.

    QuerySetError with every line that is wrong: [bad_line], [empty_text], [duplicate_query], [bad_grade],
    [contradiction], [unknown_query].
    """
    queries_path, qrels_path, into = Path(queries_path), Path(qrels_path), Collector()
    with whole_file(into):
        for number, line in _lines(queries_path, into):
            cells = line.split("\t")
            if number == 1 and len(cells) > 1 and {plain(cell) for cell in cells[:2]} <= _HEADER_WORDS:
                continue
            if len(cells) < 2:
                into.problem("bad_line", queries_path.name, number, found=line, limit="id<TAB>text")
            else:
                tags = tuple(filter(None, cells[2].split("|"))) if len(cells) > 2 else ()
                into.query(cells[0], cells[1], queries_path.name, number, tags)
        _judge(qrels_path, into)
    default = f"{queries_path.stem}-{re.sub('^qrels[-_. ]*', '', qrels_path.stem) or 'qrels'}"
    return into.done(name or default, catalogue, queries_path.name)


def _judge(path: Path, into: Collector) -> None:
    for number, line in _lines(path, into):
        cells = line.split("\t") if line.count("\t") == 3 else line.split()
        if len(cells) != 4:
            into.problem("bad_line", path.name, number, found=line, limit="query 0 item grade")
        elif cells[0].strip() not in into.queries:
            into.problem("unknown_query", path.name, number, found=cells[0])
        else:
            into.judgment(cells[0].strip(), cells[2], cells[3], path.name, number)


def read_csv(path: Path, name: str | None = None, catalogue: str = "") -> QuerySet:
    """A table with a header: query (its text), item, and, where there is one, grade (else 1) and query id.

    QuerySetError with every row that is wrong.
    """
    path, into = Path(path), Collector()
    with whole_file(into):
        encoding = detected(path).name
        delimiter = best_delimiter(path, encoding, lambda header: len(_places(header)))
        rows = read_rows(path, encoding, delimiter)
        header = next(rows)
        if isinstance(header, Refusal):
            raise Refused.of(header)
        names = cleaned_header(header.fields)[0]
        places = _places(names)
        if lacking := [field for field in ("query", "item") if field not in places]:
            raise Refused("missing_column", file=path.name, row=1, field=", ".join(lacking), found=", ".join(names))
        for row in rows:
            if isinstance(row, Refusal):
                into.problems.append(row)
            elif len(row.fields) != len(names):
                found, limit = f"{len(row.fields)} fields", f"{len(names)} fields"
                into.problem("ragged", path.name, row.number, found=found, limit=limit)
            else:
                _csv_row(row.fields, places, path.name, row.number, into)
    return into.done(name or path.stem, catalogue, path.name)


def _csv_row(fields: list[str], places: dict[str, int], file: str, number: int, into: Collector) -> None:
    text = fields[places["query"]]
    if "query id" in places:
        query = fields[places["query id"]].strip()
        if query not in into.queries:
            into.query(query, text, file, number)
        elif into.queries[query].text != cleaning.normalise(text).text:
            into.problem("duplicate_query", file, number, found=f"{query}: {text}")
    else:
        query = into.numbered(text, file, number)
    if query in into.queries:
        grade = fields[places["grade"]] if "grade" in places else "1"
        into.judgment(query, fields[places["item"]], grade, file, number)


def _places(header: Sequence[str]) -> dict[str, int]:
    by_name = {plain(name): position for position, name in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for field, names in _COLUMNS.items():
        place = next((by_name[name] for name in names if name in by_name), None)
        if place is not None and place not in found.values():
            found[field] = place
    return found


def read_query_set(paths: Path | str | Sequence[Path | str], catalogue: str = "", name: str | None = None) -> QuerySet:
    """Read a query set from one file (JSON or CSV) or two (queries and qrels, in any order), told by their content.

    Without `name` it is called after the catalogue and the files. QuerySetError as the readers raise it.
    """
    given = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    if missing := [path for path in given if not path.is_file()]:
        raise QuerySetError(Refusal("missing_table", str(path)) for path in missing)
    if len(given) == 2:
        queries, qrels = given if not _is_qrels(given[0]) or _is_qrels(given[1]) else given[::-1]
        read = read_tsv(queries, qrels, name, catalogue)
    elif len(given) == 1:
        with open(given[0], "rb") as file:
            start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
        read = (read_json if start[:1] in (b"{", b"[") else read_csv)(given[0], name, catalogue)
    else:
        raise ValueError(f"A query set is one file (JSON, CSV) or two (queries.tsv and qrels); {len(given)} were given")
    own = bool(name) or not catalogue or read.name.startswith(catalogue)
    read = read if own else replace(read, name=f"{catalogue}-{read.name}")
    return read if name else replace(read, name=plain_name(read.name, "queries"))


def _is_qrels(path: Path) -> bool:
    with open(path, "rb") as file:
        first = file.readline(4096).split()
    return len(first) == 4 and bool(re.fullmatch(rb"[+-]?\d+", first[3]))
