"""What the columns of a table mean: recognised by their Russian and English names, overridable by the user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from data.refusals import Note, Refused

CORE = ("id", "title", "image", "sha256", "description", "category", "source", "price", "url")
FIELDS = ("id", "title", "image", "description", "category", "source", "price", "url", "tags")
REQUIRED = ("id", "title", "image")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]"
)

# In the order of preference; compared in lower case, ё as е, runs of spaces, hyphens and underscores as one space.
NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "item id", "product id", "offer id", "ид", "идентификатор", "id товара", "код товара", "код", "артикул",
        "sku", "article", "uid", "uuid", "номер",
    ),
    "title": (
        "title", "name", "product name", "item name", "название", "наименование", "имя", "заголовок", "название товара",
        "наименование товара", "товар", "product", "title ru", "name ru", "text", "текст", "caption", "подпись",
    ),
    "image": (
        "image", "image path", "picture", "picture path", "photo", "photo path", "img", "img path", "image file",
        "filename", "file name", "file", "path", "local image path", "картинка", "изображение", "фото", "фотография",
        "рисунок", "файл", "имя файла", "путь", "путь к картинке", "путь к изображению", "путь к фото", "файл картинки",
    ),
    "description": ("description", "desc", "details", "описание", "описание товара", "подробности"),
    "category": ("category", "group", "section", "категория", "раздел", "группа", "рубрика", "тема"),
    "source": (
        "source", "shop", "vendor", "store", "seller", "merchant", "brand", "источник", "магазин", "продавец",
        "поставщик", "производитель", "бренд",
    ),
    "price": ("price", "cost", "цена", "стоимость", "цена руб"),
    "url": ("url", "link", "product url", "page", "href", "ссылка", "адрес", "страница", "ссылка на товар"),
    "tags": ("tags", "keywords", "labels", "теги", "тэги", "ключевые слова", "метки"),
}  # fmt: skip


def cleaned_header(names: Sequence[str]) -> tuple[list[str], list[Note]]:
    """Header names trimmed and without invisible characters, the unnamed given a name, with notes on what changed.

    A nameless first column (an index some program wrote) becomes "". Refused [duplicate_column].
    """
    header, notes = [], []
    for position, name in enumerate(names):
        clean = _INVISIBLE.sub("", name).strip()
        if clean != name:
            notes.append(Note("header_cleaned", found=repr(name)))
        if position == 0 and (not clean or clean == "Unnamed: 0") and len(names) > 1:
            notes.append(Note("index_column"))
            clean = ""
        elif not clean:
            clean = f"column {position + 1}"
            notes.append(Note("unnamed_column", found=clean))
        header.append(clean)
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise Refused("duplicate_column", row=1, field=twice[0], found=", ".join(header))
    return header, notes


def plain(name: str) -> str:
    """The form in which names of columns are compared."""
    return re.sub(r"[\s_\-./,:()№#]+", " ", name.lower().replace("ё", "е")).strip()


def recognised(header: Sequence[str], overrides: Mapping[str, str] | None = None) -> dict[str, str]:
    """Field → column for every field of `FIELDS` that was found or is given by `overrides`.

    LookupError for a field that does not exist; Refused [missing_column] for an override that names no column.
    """
    found: dict[str, str] = {}
    for field, column in (overrides or {}).items():
        if field not in FIELDS:
            raise LookupError(f"There is no field {field!r} to map to; the fields are {', '.join(FIELDS)}")
        if not (match := _same(column, header)):
            raise Refused("missing_column", row=1, field=column, found=", ".join(filter(None, header)))
        found[field] = match
    by_name = {plain(name): name for name in reversed(header) if name}
    if numbered := _numbered_picture(header):
        by_name["local image path"] = numbered
    taken = set(found.values())
    for field, names in NAMES.items():
        if field not in found:
            column = next((by_name[name] for name in names if name in by_name and by_name[name] not in taken), "")
            if column:
                found[field] = column
                taken.add(column)
    return {field: found[field] for field in FIELDS if field in found}


def require(mapping: Mapping[str, str], header: Sequence[str]) -> None:
    """Refused [missing_column] naming the required fields that lack and the columns there are."""
    lacking = [field for field in REQUIRED if field not in mapping]
    if lacking:
        raise Refused("missing_column", row=1, field=", ".join(lacking), found=", ".join(filter(None, header)))


def _same(column: str, header: Sequence[str]) -> str:
    wanted = column.strip()
    return wanted if wanted in header else next((name for name in header if name and plain(name) == plain(wanted)), "")


def _numbered_picture(header: Sequence[str]) -> str:
    """The first of local_image_path_1, _2 …, image_1 … when no plain one is there, else ""."""
    names = {plain(name) for name in header}
    if names & set(NAMES["image"]):
        return ""
    pattern = re.compile(r"(local image path|image path|image|picture|photo|картинка|фото) (\d+)")
    numbered = [(int(match[2]), name) for name in header if (match := pattern.fullmatch(plain(name)))]
    return min(numbered, default=(0, ""))[1]
