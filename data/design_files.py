"""A design that lies in several files, one a format: the first that can be read stands for it, the others are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.designs import Design, DesignLimits, opened
from data.kinds import DESIGNS
from data.refusals import Refused
from data.untrusted import inside, read_file


@dataclass(frozen=True)
class Read:
    """What came of a design's files: the design or why the first file was refused, and notes (`code:detail`)."""

    design: Design | None
    refused: Refused | None
    notes: tuple[str, ...]
    formats: str

    @property
    def attributes(self) -> dict[str, str]:
        """What the design says of itself, with all formats that are there; {} when none could be read."""
        return {**self.design.attributes, "formats": self.formats} if self.design else {}


def first_readable(root: str, paths: Sequence[str]) -> Read:
    """Read the files of one design, best format first, until one can be read."""
    formats = ", ".join(dict.fromkeys(DESIGNS[Path(path).suffix.lower()] for path in paths))
    first, notes = None, list[str]()
    for path in paths:
        try:
            design = _opened(root, path)
        except Refused as refused:
            first = first or refused
            notes.append(f"other_format:{path} [{refused.code}]")
            continue
        return Read(design, first, tuple(notes if design.known else [*notes, "colours_unknown"]), formats)
    return Read(None, first, tuple(notes), formats)


def _opened(root: str, relative: str) -> Design:
    path = inside(Path(root), relative)
    try:
        return opened(read_file(path, DesignLimits().bytes), path.name)
    except Refused as refused:
        raise Refused.of(replace(refused.refusal, file=relative)) from refused
