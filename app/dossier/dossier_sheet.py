"""A sheet of the printed report: what every section of it needs, and its building blocks; words are always escaped."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from app.language import _, number
from app.text import plain
from data.picture_files import filed
from data.refusals import Refused
from data.untrusted import open_picture
from eval.dossier import Dossier

if TYPE_CHECKING:
    from data.catalogue import Catalogue

SIDE = 176  # pixels of a picture's longer side, twice what it measures on paper
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Sheet:
    """One report: its numbers, what runs are called, and the catalogue for pictures (None when it is gone).

    `lineage` says of tuned runs how they came about, `stamps` what has to be said of them.
    """

    found: Dossier
    names: Mapping[str, str]  # run id → the model's name
    catalogue: Catalogue | None
    made: str  # UTC ISO 8601
    lineage: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    photos: Callable[[str], Path | None] | None = None  # kept file → its small picture
    _pictures: dict[str, Markup] = field(default_factory=dict)

    def letter(self, run: str) -> str:
        """A for the run that stands first, B for the next …"""
        return chr(65 + [one.id for one in self.found.runs].index(run))

    def chip(self, run: str) -> Markup:
        """The run's letter in a box."""
        return Markup('<b class="chip chip-{0}">{0}</b>').format(self.letter(run))

    def called(self, run: str) -> Markup:
        """The run's letter and name."""
        return self.chip(run) + Markup(" {}").format(said(self.names[run]))

    def query(self, query: str) -> str:
        """The words of a query, in each language it was asked in."""
        one = self.asking(query)
        mark = f" · {query if filed(one) else one}" if one else ""  # titles of items often are the same
        return said(" / ".join(self.found.texts(query)) + mark)

    def asking(self, query: str) -> str:
        """The item or kept file that asked with its picture, "" where words did."""
        return str((self.found.runs[0].facts.get("pictures") or {}).get(query, ""))

    def asked(self, query: str) -> Markup:
        """The picture that asked, small and inside the page; nothing where words did."""
        one = self.asking(query)
        if not one:
            return Markup("")
        if not filed(one):
            return self.picture(one)
        if one not in self._pictures:
            path = self.photos(one) if self.photos else None
            self._pictures[one] = self._inside(path, said(query))
        return self._pictures[one]

    def title(self, item: str) -> str:
        """What the catalogue calls an item; its id when it has no title or is gone."""
        try:
            return said((self.catalogue.item(item)["title"] if self.catalogue else "") or item)
        except LookupError:
            return said(item)

    def picture(self, item: str) -> Markup:
        """The item's picture, small and inside the page; a tile of words where it cannot be shown."""
        if item not in self._pictures:
            self._pictures[item] = self._drawn(item)
        return self._pictures[item]

    def _drawn(self, item: str) -> Markup:
        try:
            path = self.catalogue.thumbnail(item) if self.catalogue else None
        except LookupError:
            path = None
        return self._inside(path, self.title(item))

    def _inside(self, path: Path | None, title: str) -> Markup:
        if path is None:
            return Markup('<span class="gone">{}</span>').format(_("no longer in the catalogue"))
        try:
            picture = open_picture(path).picture
        except Refused:
            return Markup('<span class="gone">{}</span>').format(_("the picture cannot be opened"))
        picture.thumbnail((SIDE, SIDE))
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=74, method=4)
        data = base64.b64encode(file.getvalue()).decode()
        return Markup('<img src="data:image/webp;base64,{}" alt="{}">').format(data, title)


def said(words: object) -> str:
    """Words of people and catalogues on one line, without characters that no page can hold."""
    return plain(_UNSAFE.sub("\ufffd", str(words)))


def join(parts: Iterable[object], between: str = "") -> Markup:
    """The parts one after the other, each escaped unless it is markup already."""
    return escape(between).join(escape(part) for part in parts)


def block(name: str, title: str, *parts: object, source: str = "") -> Markup:
    """A section under its heading; `source` says where its figures come from."""
    under = Markup('<p class="source">{}</p>').format(source) if source else Markup("")
    return Markup('<section id="{}"><h2>{}</h2>{}{}</section>\n').format(name, title, join(parts), under)


def table(head: Sequence[object], rows: Iterable[Sequence[object]], kinds: str, wide: str = "") -> Markup:
    """A table; `kinds` has a letter a column: l words, r numbers, c centred."""
    heads = join(Markup('<th class="{}">{}</th>').format(kind, cell) for kind, cell in zip(kinds, head, strict=True))
    lines = (
        Markup("<tr>{}</tr>\n").format(
            join(Markup('<td class="{}">{}</td>').format(kind, cell) for kind, cell in zip(kinds, row, strict=True))
        )
        for row in rows
    )
    return Markup('<table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        wide, heads, join(lines)
    )


def facts(pairs: Iterable[tuple[object, object]], wide: str = "") -> Markup:
    """Names and values beside each other; those without a value are left out."""
    lines = (Markup("<tr><th>{}</th><td>{}</td></tr>").format(name, value) for name, value in pairs if value != "")
    return Markup('<table class="facts {}"><tbody>{}</tbody></table>').format(wide, join(lines))


def bar(value: float, run: str = "", digits: int | None = 2) -> Markup:
    """A bar as long as a share (0 … 1), in the colour of the run's letter, with its number unless `digits` is None."""
    share = max(0.0, min(1.0, value)) * 100 if value == value else 0.0
    drawn = Markup('<span class="bar bar-{}"><i style="width:{:.1f}%"></i></span>').format(run, share)
    return drawn if digits is None else drawn + Markup('<span class="n">{}</span>').format(number(value, digits))
