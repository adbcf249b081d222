"""Queries that are photos: a table of picture files with the items that are right for each; the files are kept."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from data import storage
from data.brought import LIMITS, WHITE
from data.collecting import Collector, whole_file
from data.columns import cleaned_header, plain
from data.decoding import Taken, Task
from data.encodings import detected
from data.judgments import PictureQuery, QuerySet, QuerySetError
from data.pixels import colour
from data.refusals import Refusal, Refused
from data.shelf import plain_name
from data.sniffing import best_delimiter
from data.tables import Row, read_rows
from data.untrusted import inside, open_picture
from data.workers import Decoders, Request

COLUMNS = {
    "picture": ("picture", "photo", "image", "image path", "file", "картинка", "фото", "изображение", "файл"),
    "item": ("item", "item id", "id", "product", "product id", "товар", "id товара", "doc"),
    "grade": ("grade", "relevance", "score", "rel", "label", "оценка", "релевантность"),
}
KEPT = re.compile(r"pictures/[0-9a-f]{2}/[0-9a-f]{64}\.\w+")  # how a query names its file
WORDS = ("query", "text", "запрос", "текст", "query text", "текст запроса")


def folder(home: Path) -> Path:
    """Where the pictures of query sets lie in a workspace, by their content."""
    return home / "query_sets" / "files"


def opened(home: Path, query: PictureQuery) -> Image.Image:
    """The picture of a query that is a file, upright RGB; Refused [missing_file] when it is gone."""
    return open_picture(inside(folder(home), query.image), LIMITS, colour(WHITE)).picture


def filed(one: str) -> bool:
    """True for the name of a kept file, false for an item's id."""
    return bool(KEPT.fullmatch(one))


def thumbnail(home: Path, image: str) -> Path:
    """Where the small picture of a kept file lies; Refused for a name that leads elsewhere or is not there."""
    digest = Path(image).stem
    return inside(folder(home), f"thumbs/{digest[:2]}/{digest}.webp")


def damaged(home: Path, query_set: QuerySet) -> list[str]:
    """The kept pictures of a query set that are gone or are not what was kept."""
    kept = {query.image for query in query_set.queries if isinstance(query, PictureQuery) and query.image}
    return [image for image in sorted(kept) if not _intact(folder(home), image)]


def _intact(place: Path, image: str) -> bool:
    try:
        path = inside(place, image)
        return storage.sha256_file(path) == path.stem
    except (Refused, OSError):
        return False


def holds_pictures(path: Path) -> bool:
    """True for a table that names pictures and their items, or pictures alone; never for one with words to search for.

    A table of pictures with other columns is none: what it judges would be lost without a word.
    """
    try:
        header = _header(path)
    except (QuerySetError, ValueError, OSError):
        return False
    places = _places(header)
    whole = "item" in places or len(header) == 1
    return "picture" in places and whole and not {plain(name) for name in header} & set(WORDS)


def read(path: Path, home: Path, catalogue: str, name: str | None = None) -> QuerySet:
    """A table with a header: picture (a file beside it), item, and, where there is one, grade (else 1).

    Without a column of items nothing is judged yet: the set is one to be judged. Every picture is opened in the
    decoding process and kept. QuerySetError with every row that is wrong: [ragged], [bad_grade], [contradiction], and
    what refuses a picture ([damaged], [unsafe_path] …).
    """
    path, into = Path(path), Collector()
    with whole_file(into):
        rows = list(_rows(path, into))
        kept = _kept(sorted({picture for _number, picture, _item, _grade in rows}), path, home, into)
        for number, picture, item, grade in rows:
            if picture in kept and item is not None:
                into.judgment(picture, item, grade, path.name, number)
    if into.problems:
        raise QuerySetError(into.problems)
    if not kept:
        raise QuerySetError([Refusal("no_queries", path.name, 0)])
    queries = tuple(PictureQuery(file, Path(file).stem, (), "", taken.picture) for file, taken in kept.items())
    called = plain_name(name or f"{catalogue}-{path.stem}", "queries")
    return QuerySet(called, "1", catalogue, queries, into.judgments)


def _header(path: Path) -> list[str]:
    encoding = detected(path).name
    delimiter = best_delimiter(path, encoding, lambda header: len(_places(list(header))))
    first = next(read_rows(path, encoding, delimiter))
    return cleaned_header(first.fields)[0] if isinstance(first, Row) else []


def _places(header: list[str]) -> dict[str, int]:
    by_name = {plain(name): position for position, name in reversed(list(enumerate(header)))}
    found = {}
    for field, names in COLUMNS.items():
        place = next((by_name[name] for name in names if name in by_name), None)
        if place is not None:
            found[field] = place
    return found


def _rows(path: Path, into: Collector) -> list[tuple[int, str, str | None, str]]:
    """Line number, picture, item (None without such a column) and grade of each sound row."""
    header, encoding = _header(path), detected(path).name
    places, found = _places(header), []
    delimiter = best_delimiter(path, encoding, lambda names: len(_places(list(names))))
    for position, row in enumerate(read_rows(path, encoding, delimiter)):
        if isinstance(row, Refusal):
            into.problems.append(row)
        elif position and len(row.fields) != len(header):
            into.problem(
                "ragged", path.name, row.number, found=f"{len(row.fields)} fields", limit=f"{len(header)} fields"
            )
        elif position:
            grade = row.fields[places["grade"]] if "grade" in places else "1"
            item = row.fields[places["item"]].strip() if "item" in places else None
            found.append((row.number, row.fields[places["picture"]].strip(), item, grade))
    return found


def _kept(pictures: list[str], path: Path, home: Path, into: Collector) -> dict[str, Taken]:
    """Picture as the table names it → the kept file; one that is refused is a problem."""
    target = storage.make_folder(folder(home))
    for name in ("pictures", "thumbs"):
        storage.make_folder(target / name)
    asked = [Request(number, str(path.parent.resolve()), picture) for number, picture in enumerate(pictures)]
    found = {}
    with Decoders(Task(str(target), WHITE, LIMITS)) as decoders:
        for number, answer in decoders.take(asked):
            if isinstance(answer, Taken):
                found[pictures[number]] = answer
            else:
                into.problems.append(answer)
    return {picture: found[picture] for picture in pictures if picture in found}
