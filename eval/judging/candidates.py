"""Candidates by what is written of an item: the query against titles and descriptions, word by word or by sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data import storage
from data.cleaning import LONGEST_QUERY
from data.errors import Unavailable
from data.judgments import PictureQuery, TextQuery
from data.progress import Progress, silent
from data.shelf import plain_name
from eval.contracts import Searcher
from eval.judging.pooling import Ranked

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.judgments import QuerySet

FOLDER = "candidates"  # in the workspace
DEPTH = 15  # as many as the 2025 report looked through
FIELDS = ("title", "description")
SENTENCES = "sbert"  # family name of sentence-transformers models in the provenance of judgments
MARK = "modules.json"  # a folder with this file is a sentence-transformers model
_STEP = 64


def lexical(searcher: Searcher, query_set: QuerySet, depth: int = DEPTH) -> Ranked:
    """The best items by BM25 over titles and descriptions; called by the searcher's spec, as a run of it would be."""
    queries, own = said(query_set)
    found = searcher.search(queries, depth + bool(own))
    items = {r.query: tuple(item for item in r.items if item != own.get(r.query))[:depth] for r in found}
    return Ranked(str(searcher.spec), items=items)


def said(query_set: QuerySet) -> tuple[tuple[TextQuery, ...], dict[str, str]]:
    """The queries in words, and which item each must not find; where items ask with their pictures, by their titles.

    ValueError where nothing is said of any: photos have no words.
    """
    words = tuple(
        TextQuery(query.id, query.text, query.tags)
        for query in query_set.queries
        if query.text.strip() and (isinstance(query, TextQuery) or query.item)
    )
    if not words:
        raise ValueError(f"Photos ask in {query_set.name}; candidates by description need words, or items with titles")
    return words, {query.id: query.item for query in query_set.queries if isinstance(query, PictureQuery)}


def known(home: Path) -> list[str]:
    """The sentence-transformers models in the workspace's models/, by folder name."""
    return sorted(path.parent.name for path in (Path(home) / "models").glob(f"*/{MARK}"))


def by_sentences(
    name: str, home: Path, catalogue: Catalogue, query_set: QuerySet, depth: int = DEPTH, progress: Progress = silent
) -> Ranked:
    """The best items by cosine of sentence vectors of query and description, by the model in `models/<name>`.

    The 2025 report's step with sbert_large_mt_nlu_ru. Unavailable without the package or the weights; nothing is
    downloaded.
    """
    model = _loaded(name, home)
    texts = catalogue.table[list(FIELDS)].agg(". ".join, axis=1).str[: LONGEST_QUERY * 2].tolist()
    rows = []
    for start in range(0, len(texts), _STEP):
        progress(start, len(texts), "texts")
        rows.append(_unit(model, texts[start : start + _STEP]))
    progress(len(texts), len(texts), "texts")
    queries, own = said(query_set)
    scores = _unit(model, [query.text for query in queries]) @ np.concatenate(rows).T
    order = np.argsort(-scores, axis=1, kind="stable")[:, : depth + bool(own)]
    items = {
        query.id: tuple(catalogue.ids[row] for row in order[line] if catalogue.ids[row] != own.get(query.id))[:depth]
        for line, query in enumerate(queries)
    }
    return Ranked(f"{SENTENCES}:{name}", items=items)


def _unit(model: Any, texts: list[str]) -> np.ndarray:
    found = np.asarray(model.encode(texts, normalize_embeddings=True, show_progress_bar=False), np.float32)
    return found.reshape(len(texts), -1)


def _loaded(name: str, home: Path) -> Any:
    folder = Path(home) / "models" / name
    if not name or not (folder / MARK).is_file():
        there = ", ".join(known(home)) or "none"
        raise Unavailable(
            f"There is no sentence-transformers model {name!r} in {folder.parent} (there are: {there})",
            f"Put the model's folder (the one with {MARK}) there; candidates by words (bm25) need none.",
        )
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise Unavailable(
            f"The package sentence-transformers is not installed ({error})", "pip install sentence-transformers"
        ) from error
    return SentenceTransformer(str(folder), local_files_only=True, device="cpu")


def keep(home: Path, query_set: QuerySet, found: Ranked) -> None:
    """Keep the candidates of a query set, replacing earlier ones found the same way."""
    record = {"name": found.name, "queries": _asked(query_set), "items": {q: list(i) for q, i in found.items.items()}}
    folder = storage.make_folder(_folder(home, query_set))
    sealed = {**record, "digest": _digest(record)}
    storage.write_json(folder / f"{plain_name(found.name, 'candidates')}.json", sealed)


def kept(home: Path, query_set: QuerySet) -> list[Ranked]:
    """The candidates kept for that query set; those found for other wordings of it are left out.

    Files that cannot be read are left out, too: `unreadable` says which.
    """
    found = []
    for path in sorted(_folder(home, query_set).glob("*.json")):
        try:
            record = opened(path)
        except (OSError, ValueError):
            continue
        if record["queries"] == _asked(query_set):
            found.append(Ranked(record["name"], items={q: tuple(i) for q, i in record["items"].items()}))
    return found


def unreadable(home: Path, query_set: QuerySet) -> dict[str, str]:
    """File name → what is wrong with it, for the candidates of that query set that cannot be read."""
    found = {}
    for path in sorted(_folder(home, query_set).glob("*.json")):
        try:
            opened(path)
        except (OSError, ValueError) as error:
            found[path.name] = str(error)
    return found


def opened(path: Path) -> dict[str, Any]:
    """A kept file's name, queries and items; ValueError when they are not what was kept."""
    record = storage.read_json(path)
    said = record.get("digest", "") if isinstance(record, dict) else ""
    plain = {name: record[name] for name in ("name", "queries", "items") if name in record} if said != "" else record
    if said != "" and said != _digest(plain):
        raise ValueError("it does not match its digest")
    if not isinstance(plain, dict) or not _formed(plain):
        raise ValueError("it does not hold candidates")
    return plain


def _formed(record: dict[str, Any]) -> bool:
    name, asked, items = (record.get(key) for key in ("name", "queries", "items"))
    lists = list(items.values()) if isinstance(items, dict) else [None]
    return (
        isinstance(name, str)
        and isinstance(asked, dict)
        and all(isinstance(one, list) and all(isinstance(item, str) for item in one) for one in lists)
    )


def _digest(record: dict[str, Any]) -> str:
    return storage.sha256_bytes(json.dumps(record, sort_keys=True).encode("ascii"))


def _folder(home: Path, query_set: QuerySet) -> Path:
    return Path(home) / FOLDER / query_set.name


def _asked(query_set: QuerySet) -> dict[str, str]:
    return {query.id: query.text for query in query_set.queries}
