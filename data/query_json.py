"""Query sets in the JSON form of the original project: query → list of {id, local_image_path, text}."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from data.collecting import Collector, whole_file
from data.encodings import detected
from data.judgments import QuerySet
from data.refusals import Refused


def read_json(path: Path, name: str | None = None, catalogue: str = "") -> QuerySet:
    """The original project's form: query → list of {id, local_image_path, text}; every item listed is relevant.

    Ids are kept as text; picture paths are kept for `QuerySet.rekeyed`. A `grade` beside an id is read.
    QuerySetError with line numbers.
    """
    path, into = Path(path), Collector()
    with whole_file(into):
        text = _decoded(path)
        try:
            pairs = json.loads(text, object_pairs_hook=_Pairs)
        except (json.JSONDecodeError, RecursionError) as error:
            raise Refused("bad_json", file=path.name, row=getattr(error, "lineno", 0), found=str(error)) from error
        if not isinstance(pairs, _Pairs):
            raise Refused("bad_json", file=path.name, row=1, found=type(pairs).__name__)
        for asked, items in pairs:
            line = _line_of(text, asked)
            before = len(into.queries)
            query = into.numbered(asked, path.name, line)
            if query and len(into.queries) == before:
                into.problem("duplicate_query", path.name, line, found=asked)
            elif query:
                _json_items(query, items, path.name, line, into)
    return into.done(name or path.stem, catalogue, path.name)


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode(detected(path).name)
    except UnicodeDecodeError as error:
        found, line = data[error.start : error.start + 8].hex(" "), data.count(b"\n", 0, error.start) + 1
        raise Refused("encoding", file=path.name, row=line, found=found, limit=error.encoding) from error


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its keys as they stand, the repeated ones too."""


def _json_items(query: str, items: object, file: str, line: int, into: Collector) -> None:
    if not isinstance(items, list) or isinstance(items, _Pairs):
        into.problem("bad_json", file, line, found=type(items).__name__, limit="[…]")
        return
    for item in items:
        fields = dict(item) if isinstance(item, _Pairs) else {"id": item}
        key = fields.get("id")
        if isinstance(key, bool) or not isinstance(key, (int, str)):
            into.problem("bad_json", file, line, "id", found=repr(key))
            continue
        into.judgment(query, str(key), str(fields.get("grade", 1)), file, line)
        if isinstance(picture := fields.get("local_image_path"), str):
            into.pictures[str(key)] = picture


def _line_of(text: str, key: str) -> int:
    """The line on which a key of the outer object stands, as far as its spelling allows to find it."""
    forms = (re.escape(json.dumps(key, ensure_ascii=escaped)) for escaped in (False, True))
    found = next((match for form in forms if (match := re.search(form + r"\s*:", text))), None)
    return text.count("\n", 0, found.start()) + 1 if found else 0
