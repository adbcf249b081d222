"""A folder of pictures and designs as a table: id = path without extension, title = file name, category = folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from data.kinds import DESIGNS, PICTURE_EXTENSIONS, UNREAD_DESIGNS
from data.refusals import Note, Refusal, Refused
from data.sniffing import Sniffed
from data.tables import Row

HEADER = ("id", "title", "image", "category")


@dataclass
class Found:
    """What lies below a folder, as relative paths: pictures, embroidery files, linked folders (not entered), others."""

    pictures: list[str] = field(default_factory=list)
    designs: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def kind(self, suffix: str) -> list[str]:
        """Where a file with this suffix belongs."""
        if suffix in PICTURE_EXTENSIONS:
            return self.pictures
        return self.designs if suffix in DESIGNS else self.unread if suffix in UNREAD_DESIGNS else self.others


def files_below(root: Path) -> Found:
    """Everything below `root` but hidden files and folders, sorted."""
    found = Found()
    for where, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.links += [os.path.relpath(os.path.join(where, name), root) for name in folders
                        if os.path.islink(os.path.join(where, name))]  # fmt: skip
        for name in names:
            path = Path(os.path.relpath(os.path.join(where, name), root)).as_posix()
            (found.others if name.startswith(".") else found.kind(Path(name).suffix.lower())).append(path)
    for paths in (found.pictures, found.designs, found.unread, found.links, found.others):
        paths.sort()
    return found


def sniff_folder(root: Path, only: str = "") -> tuple[Sniffed, list[Row | Refusal], dict[str, tuple[str, ...]]]:
    """The table a folder makes, its rows numbered as if below a header, and the other files of each image.

    An embroidery file belongs to the picture of the same name beside it; without one, the files of a design in several
    formats are one row, whose image is the format that says most. With `only`, that one file is the
    table. Refused [no_pictures].
    """
    found = files_below(root)
    if only:
        found = Found()
        found.kind(Path(only).suffix.lower()).append(only)
    if not found.pictures and not found.links and not found.designs and not found.unread:
        raise Refused("no_pictures", file=str(root), found=f"{len(found.others)} other files")
    rows: list[Row | Refusal] = []
    clashes: list[str] = []
    others = _gathered(found)
    seen: set[str] = set()
    for relative in sorted({*found.pictures, *others}):
        rows.append(_row(relative, len(rows) + 2, seen, clashes))
    for path, code, what in _refused(found):
        rows.append(Refusal(code, path, len(rows) + 2, found=what))
    notes = [Note("other_files", len(found.others), ", ".join(map(_shown, found.others[:5])))] if found.others else []
    notes += [Note("id_with_extension", len(clashes), found=clashes[0])] if clashes else []
    preview = tuple(tuple(row.fields) for row in _whole(rows[:5]))
    mapping = {name: name for name in HEADER}
    return Sniffed(root, "", "", HEADER, mapping, preview, tuple(notes), 1), rows, others


def _gathered(found: Found) -> dict[str, tuple[str, ...]]:
    """Image → other files of the same design, best format first; images that are designs, and pictures beside them."""
    order = {extension: at for at, extension in enumerate(DESIGNS)}
    groups: dict[str, list[str]] = {}
    for design in sorted(found.designs, key=lambda path: (order[Path(path).suffix.lower()], path)):
        groups.setdefault(_stem(design), []).append(design)
    beside = {_stem(picture): picture for picture in reversed(found.pictures)}
    return {
        beside.get(stem, designs[0]): tuple(designs if stem in beside else designs[1:])
        for stem, designs in groups.items()
    }


def _stem(relative: str) -> str:
    return relative[: len(relative) - len(Path(relative).suffix)]


def _row(relative: str, number: int, seen: set[str], clashes: list[str]) -> Row | Refusal:
    if re.search("[\ud800-\udfff]", relative):
        return Refusal("encoding", _shown(relative), number, found="file name", limit="utf-8")
    stem = _stem(relative)
    if stem in seen:
        clashes.append(stem := relative)
    seen.add(stem)
    return Row(number, [stem, title_of(relative), relative, relative.split("/")[0] if "/" in relative else ""])


def _shown(relative: str) -> str:
    """A path as it can be written down, bytes that are no text as escapes."""
    return repr(os.fsencode(relative))[2:-1] if re.search("[\ud800-\udfff]", relative) else relative


def _refused(found: Found) -> Iterator[tuple[str, str, str]]:
    yield from ((link, "unsafe_path", "linked folder") for link in found.links)
    yield from ((_shown(path), "unknown_design", Path(path).suffix.lower()) for path in found.unread)


def _whole(rows: list[Row | Refusal]) -> Iterator[Row]:
    return (row for row in rows if isinstance(row, Row))


def title_of(relative: str) -> str:
    """The file's stem with separators turned to spaces; the stem itself when nothing else is in it."""
    stem = Path(relative).stem
    return re.sub(r"[\s_\-.+]+", " ", stem).strip() or stem
