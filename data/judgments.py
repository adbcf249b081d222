"""Queries and what counts as right for them: words or pictures, graded judgments, and how they fit a catalogue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from data.refusals import Note, Refusal

RELEVANT = 1  # the lowest grade that counts as relevant


class Tagged:
    """What the tags `kind:…` and `variant-of:…` of a query say of it."""

    tags: tuple[str, ...]

    @property
    def kind(self) -> str:
        """What is hard about it ("homonym", "negation", "typo" …), "" where no tag says so."""
        return self._tagged("kind:")

    @property
    def variant_of(self) -> str:
        """The id of the query that this one says in another way, "" when it is none's variant."""
        return self._tagged("variant-of:")

    def _tagged(self, prefix: str) -> str:
        return next((tag.removeprefix(prefix) for tag in self.tags if tag.startswith(prefix)), "")


@dataclass(frozen=True)
class TextQuery(Tagged):
    """One thing that is searched for in words."""

    id: str
    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class PictureQuery(Tagged):
    """One picture that is searched for: that of a catalogue `item`, or a file kept as `image`; `text` only names it.

    An item is never an answer to its own query: it is left out by its id, wherever it ranks.
    """

    id: str
    text: str
    tags: tuple[str, ...] = ()
    item: str = ""  # the catalogue item whose picture is asked with, "" when it is a file
    image: str = ""  # name of the file in the workspace's query_sets/pictures: its SHA-256 and suffix


Query = TextQuery | PictureQuery


@dataclass(frozen=True)
class Coverage:
    """How judgments fit a catalogue: pairs of query and item whose item is there, and those whose item is not."""

    known: int
    unknown: int
    unknown_items: dict[str, tuple[str, ...]]  # query id → items that the catalogue lacks
    without_relevant: tuple[str, ...]  # queries with no relevant item in the catalogue
    by_picture: int = 0  # unknown pairs whose picture path does belong to an item: `QuerySet.rekeyed` mends them


@dataclass(frozen=True)
class QuerySet:
    """Queries with judgments {query id: {item id: grade}}; grade 1 and above is relevant, 0 and below is not.

    `pictures` remembers the picture path that came with an item, to find it where ids differ.
    """

    name: str
    version: str
    catalogue: str
    queries: tuple[Query, ...]
    judgments: dict[str, dict[str, int]]
    notes: tuple[Note, ...] = ()
    pictures: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.queries)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @property
    def of_pictures(self) -> bool:
        """True when its queries are pictures: words play no part in it."""
        return any(isinstance(query, PictureQuery) for query in self.queries)

    def query(self, query_id: str) -> Query:
        """The query of that id; LookupError when it is not in the set."""
        try:
            return self._by_id[query_id]
        except KeyError:
            raise LookupError(f"Query set {self.name} has no query {query_id!r}") from None

    @cached_property
    def _by_id(self) -> dict[str, Query]:
        return {query.id: query for query in self.queries}

    def judged(self, query_id: str) -> dict[str, int]:
        """Item id → grade of everything judged for a query; LookupError when it is not in the set."""
        return self.judgments.get(self.query(query_id).id, {})

    def relevant(self, query_id: str) -> frozenset[str]:
        """The relevant items of a query; LookupError when it is not in the set."""
        return frozenset(item for item, grade in self.judged(query_id).items() if grade >= RELEVANT)

    @cached_property
    def pool(self) -> frozenset[str]:
        """Every item judged for any query."""
        return frozenset(item for judged in self.judgments.values() for item in judged)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 in hex over ids, texts, tags and judgments; the order of judgments and the name do not count."""
        digest = hashlib.sha256(b"uzor queries 1\n")
        for query in self.queries:
            judged = sorted(self.judgments.get(query.id, {}).items())
            seen = [query.item, query.image] if isinstance(query, PictureQuery) else []
            said = json.dumps([query.id, query.text, list(query.tags), judged, *seen])
            digest.update(said.encode("ascii") + b"\n")
        return digest.hexdigest()

    def against(self, ids: Collection[str], images: Mapping[str, str] | None = None) -> Coverage:
        """How the judgments fit the items `ids`; `images` (picture path → id) shows what could be mended."""
        there = ids if isinstance(ids, (set, frozenset, dict)) else frozenset(ids)
        unknown_items, without, known, by_picture = {}, [], 0, 0
        for query in self.queries:
            judged = self.judgments.get(query.id, {})
            lacking = tuple(item for item in judged if item not in there)
            if lacking:
                unknown_items[query.id] = lacking
            known += len(judged) - len(lacking)
            by_picture += sum(self.pictures.get(item, "") in (images or {}) for item in lacking)
            if not any(grade >= RELEVANT and item in there for item, grade in judged.items()):
                without.append(query.id)
        unknown = sum(map(len, unknown_items.values()))
        return Coverage(known, unknown, unknown_items, tuple(without), by_picture)

    def fitted(self, ids: Collection[str], images: Mapping[str, str]) -> QuerySet:
        """Itself, or `rekeyed` with a note when that finds items which are not there by their ids."""
        count = self.against(ids, images).by_picture
        if not count:
            return self
        fitted = self.rekeyed(images)
        return replace(fitted, notes=(*fitted.notes, Note("rekeyed", count)))

    def rekeyed(self, images: Mapping[str, str]) -> QuerySet:
        """The same judgments by the catalogue's ids, found through picture paths (`images`: path → id).

        Items without a match keep their id. ValueError when two items of one query become one with different grades.
        """
        judgments: dict[str, dict[str, int]] = {}
        for query, judged in self.judgments.items():
            mended = judgments[query] = {}
            for item, grade in judged.items():
                new = images.get(self.pictures.get(item, ""), item)
                if mended.setdefault(new, grade) != grade:
                    raise ValueError(f"Items of query {query} become one ({new}) with grades {mended[new]} and {grade}")
        pictures = {images.get(path, item): path for item, path in self.pictures.items()}
        return replace(self, judgments=judgments, pictures=pictures)


class QuerySetError(ValueError):
    """A query set that cannot be read; `problems` holds every line that is wrong, all at once."""

    def __init__(self, problems: Iterable[Refusal]) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(problem.message("en") for problem in self.problems[:10])
        more = f"\n… and {len(self.problems) - 10} more" if len(self.problems) > 10 else ""
        super().__init__(f"{len(self.problems)} problems in the query set:\n{shown}{more}")

    def message(self, lang: str = "en") -> str:
        """All problems, a line each, in `lang` ("en" or "ru")."""
        return "\n".join(problem.message(lang) for problem in self.problems)
