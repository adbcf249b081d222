"""A folder of pictures read as a table: id = path without extension, title = file name, category = first subfolder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from data.kinds import PICTURE_EXTENSIONS
from data.refusals import Note, Refusal, Refused
from data.sniffing import Sniffed
from data.tables import Row

HEADER = ("id", "title", "image", "category")


def pictures_below(root: Path) -> tuple[list[str], list[str], int]:
    """Relative paths of the pictures below `root` and of the linked folders (not entered), and how many other files."""
    pictures, links, others = [], [], 0
    for where, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links += [os.path.relpath(os.path.join(where, name), root) for name in folders
                  if os.path.islink(os.path.join(where, name))]  # fmt: skip
        for name in names:
            if Path(name).suffix.lower() in PICTURE_EXTENSIONS and not name.startswith("."):
                pictures.append(Path(os.path.relpath(os.path.join(where, name), root)).as_posix())
            else:
                others += 1
    return sorted(pictures), sorted(links), others


def sniff_folder(root: Path) -> tuple[Sniffed, list[Row | Refusal]]:
    """The table a folder makes and its rows, numbered as if below a header; Refused [no_pictures]."""
    pictures, links, others = pictures_below(root)
    if not pictures and not links:
        raise Refused("no_pictures", file=str(root), found=f"{others} other files")
    rows: list[Row | Refusal] = []
    seen: set[str] = set()
    clashes = []
    for relative in pictures:
        if re.search("[\ud800-\udfff]", relative):
            shown = os.fsencode(relative)
            rows.append(Refusal("encoding", repr(shown)[2:-1], len(rows) + 2, found="file name", limit="utf-8"))
            continue
        stem = relative[: -len(Path(relative).suffix)]
        if stem in seen:
            clashes.append(stem := relative)
        seen.add(stem)
        category = relative.split("/")[0] if "/" in relative else ""
        rows.append(Row(len(rows) + 2, [stem, title_of(relative), relative, category]))
    rows += [Refusal("unsafe_path", link, len(rows) + 2 + at, found="linked folder") for at, link in enumerate(links)]
    notes = [Note("other_files", others)] if others else []
    notes += [Note("id_with_extension", len(clashes), found=clashes[0])] if clashes else []
    preview = tuple(tuple(row.fields) for row in _whole(rows[:5]))
    mapping = {name: name for name in HEADER}
    return Sniffed(root, "", "", HEADER, mapping, preview, tuple(notes), 1), rows


def _whole(rows: list[Row | Refusal]) -> Iterator[Row]:
    return (row for row in rows if isinstance(row, Row))


def title_of(relative: str) -> str:
    """The file's stem with separators turned to spaces; the stem itself when nothing else is in it."""
    stem = Path(relative).stem
    return re.sub(r"[\s_\-.+]+", " ", stem).strip() or stem
