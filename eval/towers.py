"""Which side of a catalogue answers a query: its words, the vectors of its descriptions, or those of its pictures.

For every query four rankings (BM25 over titles and descriptions, text → description vectors, text → picture vectors,
their fusion) and the oracle, which takes the best of the three for each query and so says what a perfect choice would
bring. The advice rests on paired randomisation tests; fusion weights are tuned without the query they are used on.
Where items of the catalogue ask with their pictures, the two towers of texts are asked by the item's title and
description, the third by its picture; the item itself is no answer to any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from data.judgments import PictureQuery, TextQuery
from data.progress import Progress, silent
from eval import fusion, metrics, tower_verdicts, workspace
from eval.contracts import Encoder, Searcher, Vectors
from eval.search import VectorSearcher
from eval.tasks.retrieval import DEPTH, DEPTH_OF_PICTURES, POOLS
from eval.tower_verdicts import TOWERS, Verdict, verdict

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import Query, QuerySet

FIELDS = ("title", "description")
SHOWN = 9  # first results of each ranking that are kept for the screen
VERSION = 1


@dataclass(frozen=True)
class Towers:
    """The diagnosis of one model on one query set."""

    spec: str
    pool: str
    k: int
    gallery: int
    queries: tuple[str, ...]  # ids, in the order of the values
    texts: tuple[str, ...]
    relevant: tuple[int, ...]
    truncated: int  # descriptions of which the model reads only the beginning
    verdicts: dict[str, Verdict]
    first: dict[str, tuple[tuple[str, ...], ...]]  # words, text, image, rrf → first items, query by query
    fingerprints: dict[str, str]
    asks: str = "words"  # "pictures" where items asked with theirs

    def record(self) -> dict[str, Any]:
        """The diagnosis as JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Towers:
        """What `record` wrote."""
        verdicts = {name: tower_verdicts.read(one) for name, one in record["verdicts"].items()}
        plain = {name: record[name] for name in cls.__dataclass_fields__ if name in record and name != "verdicts"}
        plain |= {name: tuple(plain[name]) for name in ("queries", "texts", "relevant")}
        plain["first"] = {name: tuple(map(tuple, lists)) for name, lists in record["first"].items()}
        return cls(verdicts=verdicts, **plain)


def key(catalogue: Catalogue, query_set: QuerySet, encoder: Encoder, pool: str, k: int) -> str:
    """The content key of a diagnosis."""
    prints = (catalogue.fingerprint, query_set.fingerprint, encoder.fingerprint)
    return workspace.key("towers", VERSION, *prints, FIELDS, pool, k)


def names(k: int) -> tuple[str, ...]:
    """The metrics a diagnosis is made for."""
    return (f"P@{k}", f"R@{k}", f"nDCG@{k}", "RR", "AP")


def described(catalogue: Catalogue, encoder: Encoder, progress: Progress = silent, batch: int = 64) -> Vectors:
    """Each item's title and description as the model reads them; equal ones are read once. May raise Cancelled."""
    said = texts(catalogue)
    different = list(dict.fromkeys(said))
    rows = np.zeros((len(different), encoder.size), np.float32)
    for start in range(0, len(different), batch):
        progress(start, len(different), "texts")
        part = different[start : start + batch]
        rows[start : start + len(part)] = encoder.texts(part)
    progress(len(different), len(different), "texts")
    place = {text: row for row, text in enumerate(different)}
    matrix = rows[[place[text] for text in said]]
    named = workspace.key("described", encoder.fingerprint, catalogue.fingerprint, FIELDS)
    return Vectors(matrix, catalogue.ids, named, encoder.fingerprint, catalogue.fingerprint)


def texts(catalogue: Catalogue) -> list[str]:
    """Title and description of each item; a dot for an item that has neither, for a model reads no empty text."""
    joined = (" ".join(filter(None, map(str, row))) for row in zip(*(catalogue.table[f] for f in FIELDS), strict=True))
    return [text.strip() or "." for text in joined]


def towers(
    catalogue: Catalogue,
    query_set: QuerySet,
    pictures: VectorSearcher,
    words: Searcher,
    pool: str = "catalogue",
    k: int = 5,
    progress: Progress = silent,
) -> Towers:
    """Diagnose the model of `pictures` beside the word search `words`.

    ValueError for an unknown pool and where fewer than two queries have a relevant item; may raise Cancelled.
    """
    if pool not in POOLS:
        raise ValueError(f"There is no pool {pool!r}; there are {' and '.join(POOLS)}")
    rows = np.arange(len(catalogue))
    if pool == "judged":
        rows = rows[[item in query_set.pool for item in catalogue.ids]]
    inside = {catalogue.ids[row] for row in rows}
    judged = {q.id: {i: g for i, g in query_set.judged(q.id).items() if i in inside} for q in query_set.queries}
    asked = [q for q in query_set.queries if any(grade >= 1 for grade in judged[q.id].values())]
    depth = DEPTH_OF_PICTURES if query_set.of_pictures else DEPTH
    said_by = _said(asked, catalogue, query_set)
    if len(asked) < 2:
        raise ValueError(f"Two queries of {query_set.name} need a relevant item in this gallery; {len(asked)} have one")
    descriptions = VectorSearcher(pictures.encoder, described(catalogue, pictures.encoder, progress))
    ids = np.array(catalogue.ids, dtype=object)[rows]
    tried, chosen = fusion.grid(len(TOWERS)), [metrics.metric(name) for name in names(k)]
    values = np.zeros((len(chosen), len(tried) + 1, len(asked)))
    first: dict[str, list[tuple[str, ...]]] = {name: [] for name in (*TOWERS, "rrf")}
    ways = ((words, said_by), (descriptions, said_by), (pictures, asked))
    for place, ranks in enumerate(_ranks(ways, rows, catalogue, [getattr(q, "item", "") for q in asked])):
        progress(place, len(asked), "fusion")
        for at, weights in enumerate([*tried, fusion.equal(len(TOWERS))]):
            items = ids[fusion.fused(ranks, weights, depth)].tolist()
            values[:, at, place] = [metric(items, judged[asked[place].id]) for metric in chosen]
            if (name := _shown(weights)) and len(first[name]) == place:
                first[name].append(tuple(items[:SHOWN]))
    progress(len(asked), len(asked), "fusion")
    verdicts = {metric.name: verdict(metric.name, values[i], tried) for i, metric in enumerate(chosen)}
    return Towers(
        str(pictures.spec), pool, k, len(rows), tuple(q.id for q in asked), tuple(q.text for q in asked),
        tuple(sum(grade >= 1 for grade in judged[q.id].values()) for q in asked),
        sum(map(pictures.encoder.truncated, dict.fromkeys(texts(catalogue)))), verdicts,
        {name: tuple(lists) for name, lists in first.items()},
        {"catalogue": catalogue.fingerprint, "query_set": query_set.fingerprint, "encoder": pictures.fingerprint},
        "pictures" if query_set.of_pictures else "words",
    )  # fmt: skip


def _shown(weights: fusion.Weights) -> str:
    """Which ranking these weights are, when it is one that is shown."""
    if weights == fusion.equal(len(TOWERS)):
        return "rrf"
    return TOWERS[weights.index(1.0)] if 1.0 in weights else ""


def _said(asked: Sequence[Query], catalogue: Catalogue, query_set: QuerySet) -> list[TextQuery]:
    """What the towers of texts are asked with: the query's words, or title and description of the item that asks."""
    if any(isinstance(query, PictureQuery) and not query.item for query in asked):
        raise ValueError(
            f"Photos ask in {query_set.name}; they have no words, so there is no tower of texts to compare"
        )
    row = {item: place for place, item in enumerate(catalogue.ids)}
    own = texts(catalogue) if query_set.of_pictures else []
    return [
        TextQuery(query.id, own[row[query.item]] if isinstance(query, PictureQuery) else query.text) for query in asked
    ]


def _ranks(
    ways: Sequence[tuple[Searcher, Sequence[Query]]], rows: np.ndarray, catalogue: Catalogue, own: Sequence[str]
) -> Iterator[np.ndarray]:
    """For each query the rank of every searched row under every tower, float64 (towers, rows), infinite where none.

    `own` is the item that asks with its picture, "" where words do: no tower gives it a rank.
    """
    column = {catalogue.ids[row]: place for place, row in enumerate(rows)}
    part = None if len(rows) == len(catalogue) else rows
    for place, mine in enumerate(own):
        ranks = np.full((len(ways), len(rows)), np.inf)
        for tower, (searcher, queries) in enumerate(ways):
            items = searcher.search([queries[place]], len(rows), part)[0].items
            found = [column[item] for item in items if item != mine]
            ranks[tower, found] = np.arange(1, len(found) + 1)
        yield ranks
