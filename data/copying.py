"""The pictures of the rows that passed: opened, copied by content and thumbnailed; rows without one are refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from data import storage
from data.decoding import Taken, Task
from data.designs import ATTRIBUTES
from data.gathering import Gathered, Refusals
from data.progress import Progress
from data.refusals import Note, Refusal, Refused
from data.untrusted import PictureLimits, inside, safe_relative
from data.workers import Decoders, Request

if TYPE_CHECKING:
    import pyarrow as pa

_SMALL = 64  # pictures that one process decodes sooner than two have started
_THUMB_BYTES = 8_000  # what a thumbnail takes on disk, roughly
_GROUPS = 1_000  # groups of duplicates listed


@dataclass(frozen=True)
class Copied:
    """The table of a catalogue whose pictures lie in the staged folder."""

    table: pa.Table
    ids: list[str]
    pictures: int
    duplicates: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]
    hashes: dict[str, str]  # relative path → SHA-256 of pictures and thumbnails
    facts: dict[str, Any]


def copy_pictures(gathered: Gathered, root: Path, staged: Path, background: str, limits: PictureLimits,
                  refusals: Refusals, progress: Progress, stand_in: Path | None = None) -> Copied:  # fmt: skip
    """Decode every picture once, keep equal pixels once, refuse the rows whose picture cannot be taken.

    The file `stand_in`, when given, is taken for a picture that is not below `root`, with a note that counts the rows.
    """
    images = gathered.images()
    distinct = list(dict.fromkeys(images))
    _room(root, distinct, staged)
    lacking = {image for image in distinct if stand_in and not _there(root, image)}
    whence = [(stand_in.parent, stand_in.name) if stand_in and i in lacking else (root, i) for i in distinct]
    answers = _decoded(whence, gathered.others, Task(str(staged), background, limits), progress)
    of = dict(zip(distinct, answers, strict=True))
    taken = _once(of, staged, lambda: progress(len(distinct), len(distinct), "pictures"))
    kept, digests = [], []
    for row, image in enumerate(images):
        answer = taken.get(image) or of[image]
        if isinstance(answer, Taken):
            kept.append(row)
            digests.append(answer.sha256)
        else:
            refusals.add(replace(answer, row=gathered.numbers[row]))
    if rows := [gathered.numbers[row] for row, image in enumerate(images) if image in lacking]:
        gathered.notes.append(Note("stand_in", len(rows), rows=tuple(rows[:10])))
    return _assembled(gathered, images, kept, digests, taken)


def _there(root: Path, image: str) -> bool:
    try:
        return inside(root, image).is_file()
    except Refused as refused:
        return refused.code != "missing_file"  # anything else is to be refused by name


def _room(root: Path, distinct: list[str], staged: Path) -> None:
    needed = 0
    for image in distinct:
        try:
            needed += os.stat(root / safe_relative(image)).st_size + _THUMB_BYTES
        except (OSError, ValueError):
            continue
    storage.free_space(staged, needed)


def _decoded(distinct: list[tuple[Path, str]], others: Mapping[str, tuple[str, ...]], task: Task,
             progress: Progress) -> list[Taken | Refusal]:  # fmt: skip
    answers: list[Taken | Refusal | None] = [None] * len(distinct)
    requests = (
        Request(number, str(root), image, others.get(image, ())) for number, (root, image) in enumerate(distinct)
    )
    with Decoders(task, 1 if len(distinct) < _SMALL else None) as decoders:
        for number, answer in decoders.take(requests, lambda done: progress(done, len(distinct), "pictures")):
            answers[number] = answer
    progress(len(distinct), len(distinct), "pictures")
    return [answer for answer in answers if answer is not None]


def _once(of: dict[str, Taken | Refusal], staged: Path, tick: Callable[[], None]) -> dict[str, Taken]:
    """Image path → what is kept of it: of equal pixels only the first file stays. `tick` is called between removals."""
    first: dict[str, Taken] = {}
    whole = {image: answer for image, answer in of.items() if isinstance(answer, Taken)}
    taken = {image: first.setdefault(answer.pixels, answer) for image, answer in whole.items()}
    kept = {path for answer in first.values() for path in (answer.picture, answer.thumb)}
    for answer in whole.values():
        for path in {answer.picture, answer.thumb} - kept:
            storage.remove(staged / path)
            tick()
    return taken


def _assembled(gathered: Gathered, images: list[str], kept: list[int], digests: list[str],
               taken: dict[str, Taken]) -> Copied:  # fmt: skip
    import pyarrow as pa

    table = gathered.table().take(pa.array(kept, pa.int64()))
    place = table.column_names.index("sha256")
    table = table.set_column(place, "sha256", pa.array(digests, pa.string()))
    said = [taken[images[row]].attributes for row in kept]
    for name in ATTRIBUTES if any(said) else ():
        column = name if name not in table.column_names else f"{name} (design)"
        table = table.append_column(column, pa.array([one.get(name, "") for one in said], pa.string()))
    table = table.combine_chunks()
    ids = table.column("id").to_pylist()
    groups: dict[str, list[str]] = {}
    for item, digest in zip(ids, digests, strict=True):
        groups.setdefault(digest, []).append(item)
    several = [tuple(group) for group in groups.values() if len(group) > 1]
    unique = {answer.sha256: answer for answer in taken.values() if answer.sha256 in groups}
    hashes = {answer.picture: answer.sha256 for answer in unique.values()}
    hashes |= {answer.thumb: answer.thumb_sha256 for answer in unique.values()}
    notes, facts = _notes(gathered, images, kept, taken), _facts(list(unique.values()))
    if several:
        notes.append(Note("duplicate_picture", sum(map(len, several)), found=", ".join(several[0][:3])))
    return Copied(table, ids, len(unique), tuple(several[:_GROUPS]), tuple(notes), hashes, facts)


def _notes(gathered: Gathered, images: list[str], kept: list[int], taken: dict[str, Taken]) -> list[Note]:
    """The notes on pictures, each kind once with its count and first rows; a detail only where all agree."""
    rows: dict[str, list[int]] = {}
    details: dict[str, set[str]] = {}
    for row in kept:
        for note in taken[images[row]].notes:
            code, _, detail = note.partition(":")
            rows.setdefault(code, []).append(gathered.numbers[row])
            details.setdefault(code, set()).add(detail)
    return [
        Note(code, len(numbers), ", ".join(sorted(details[code])[:5]), tuple(numbers[:10]))
        for code, numbers in sorted(rows.items())
    ]


def _facts(pictures: list[Taken]) -> dict[str, Any]:
    formats: dict[str, int] = {}
    for picture in pictures:
        formats[picture.format] = formats.get(picture.format, 0) + 1
    widths, heights = sorted(picture.width for picture in pictures), sorted(picture.height for picture in pictures)
    return {
        "pictures": len(pictures),
        "suffixes": sorted({Path(picture.picture).suffix for picture in pictures}),
        "bytes": sum(picture.bytes for picture in pictures),
        "formats": formats,
        "widths": [widths[0], int(median(widths)), widths[-1]] if widths else [],
        "heights": [heights[0], int(median(heights)), heights[-1]] if heights else [],
    }
