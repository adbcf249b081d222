"""ZIP archives that hold the original project's files: opened before the files are looked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from data import archives, storage
from data.archives import ArchiveLimits
from data.kinds import WANTED
from data.progress import Progress, silent
from data.refusals import Refused

KEPT = WANTED | {".json", ".pkl", ".pickle", ".pt", ".pth", ".safetensors"}
LIMITS = ArchiveLimits(member=2 * 2**30)  # fine-tuned weights are larger than any picture


@contextmanager
def opened(path: Path, home: Path, progress: Progress = silent) -> Iterator[tuple[Path, dict[str, str]]]:
    """The folder in which to look for files, and what was left out of archives, by its name.

    What a ZIP holds lies in the workspace until the block ends. ZIPs in a folder of uploads, which is the workspace's
    own, are opened where they lie; in a folder of anybody else nothing is written. Refused for a ZIP that is none.
    """
    left_out: dict[str, str] = {}
    if path.is_file() and path.suffix.lower() == ".zip":
        aside = storage.make_folder(storage.make_folder(home / "staging") / storage.temporary_name())
        try:
            _unpack(path, aside, left_out, progress)
            yield aside, left_out
        finally:
            storage.remove(aside)
        return
    if path.is_relative_to(home / "uploads"):
        for archive in sorted(path.glob("*.zip")):
            try:
                _unpack(archive, path, left_out, progress)
            except Refused as refused:
                left_out[archive.name] = str(refused)
    yield path, left_out


def _unpack(archive: Path, target: Path, left_out: dict[str, str], progress: Progress) -> None:
    refusals, _notes = archives.unpack(archive, target, LIMITS, progress, KEPT)
    left_out |= {f"{archive.name}: {refusal.file}": replace(refusal, file="").message("en") for refusal in refusals}
