"""Collects queries and judgments line by line, with every problem and its line number, and makes the query set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from data.cleaning import normalise
from data.judgments import Query, QuerySet, QuerySetError, TextQuery
from data.refusals import Note, Refusal, Refused


@dataclass
class Collector:
    """A query set in the making; `done` raises `QuerySetError` with all problems."""

    queries: dict[str, Query] = field(default_factory=dict)
    judgments: dict[str, dict[str, int]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    problems: list[Refusal] = field(default_factory=list)
    notes: dict[str, list[int]] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def problem(self, code: str, file: str, line: int, of: str = "", found: str = "", limit: str = "") -> None:
        """Remember something wrong."""
        self.problems.append(Refusal(code, file, line, of, found[:100], limit))

    def note(self, code: str, line: int) -> None:
        """Remember something worth saying that is not wrong."""
        self.notes.setdefault(code, []).append(line)

    def query(self, query: str, text: str, file: str, line: int, tags: tuple[str, ...] = ()) -> None:
        """Add a query: [missing_field] without an id, [empty_text], [duplicate_query]."""
        query, asked = query.strip(), normalise(text)
        if not query:
            self.problem("missing_field", file, line, "id")
        elif not asked.text:
            self.problem("empty_text", file, line, found=query)
        elif query in self.queries:
            self.problem("duplicate_query", file, line, found=query)
        else:
            self.queries[query] = TextQuery(query, asked.text, tags)
            if asked.text != text.strip():
                self.note("text_changed", line)

    def numbered(self, text: str, file: str, line: int) -> str:
        """The id of the query with this text, made from its place when it is new; "" when the text is empty."""
        asked = normalise(text).text
        if not asked:
            self.problem("empty_text", file, line)
        elif asked not in self._texts:
            self._texts[asked] = str(len(self.queries) + 1)
            self.query(self._texts[asked], text, file, line)
            self.note("ids_made", line)
        return self._texts.get(asked, "")

    def judgment(self, query: str, item: str, grade: str, file: str, line: int) -> None:
        """Add a judgment: [missing_field], [bad_grade], [contradiction]; the same twice is noted."""
        if not query or not item.strip():
            self.problem("missing_field", file, line, "item" if query else "query")
            return
        if not re.fullmatch(r"[+-]?\d{1,9}", grade.strip()):
            self.problem("bad_grade", file, line, found=grade, limit="0, 1, 2 …")
            return
        judged = self.judgments.setdefault(query, {})
        if item not in judged:
            judged[item] = int(grade)
        elif judged[item] == int(grade):
            self.note("duplicate_judgment", line)
        else:
            self.problem("contradiction", file, line, found=f"{query} {item}: {judged[item]}, {int(grade)}")

    def done(self, name: str, catalogue: str, file: str) -> QuerySet:
        """The query set; QuerySetError when anything was wrong or there is no query."""
        if not self.queries and not self.problems:
            self.problem("no_queries", file, 0)
        if self.problems:
            raise QuerySetError(self.problems)
        notes = tuple(Note(code, len(lines), rows=tuple(lines[:10])) for code, lines in self.notes.items())
        judgments = {query: self.judgments[query] for query in self.queries if query in self.judgments}
        return QuerySet(name, "1", catalogue, tuple(self.queries.values()), judgments, notes, self.pictures)


@contextmanager
def whole_file(into: Collector) -> Iterator[None]:
    """Turn what refuses a whole file into a `QuerySetError`, beside the problems already found."""
    try:
        yield
    except Refused as refused:
        raise QuerySetError([*into.problems, refused.refusal]) from refused
    except FileNotFoundError as error:
        raise QuerySetError([Refusal("missing_table", str(error.filename))]) from error
