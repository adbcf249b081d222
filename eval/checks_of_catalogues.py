"""The doctor's look at catalogues: table, pictures and thumbnails of every version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data import storage, versions
from data.decoding import THUMBNAIL
from data.pixels import colour, thumbnail
from data.progress import Progress
from data.untrusted import PictureLimits, open_picture
from eval.checks_of_pointers import AGAIN, check_catalogue_pointer
from eval.findings import Finding, Report, read

STORED = PictureLimits(bytes=2**31, pixels=178_000_000, aspect=1e9, side=1)  # the import held the limits
VERSION = re.compile(r"[0-9a-f]{16}")


def check_catalogues(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every version of every catalogue by its manifest, then the pointers that say which version is current."""
    place = home / "catalogues"
    folders = [path for path in sorted(place.glob("*/*")) if path.is_dir() and VERSION.fullmatch(path.name)]
    for folder in folders:
        yield from _Version(home, folder).check(progress)
    names = {folder.parent.name for folder in folders} | {path.stem for path in place.glob("*.json")}
    for name in sorted(names):
        yield check_catalogue_pointer(home, name, [folder for folder in folders if folder.parent.name == name])


class _Version:
    """One version of a catalogue: `catalogues/<name>/<fingerprint16>`."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder, self.report = home, folder, Report(home, "catalogue")
        self.listing = folder / storage.MANIFEST

    def check(self, progress: Progress) -> Iterator[Finding]:
        storage.sweep(self.folder, deep=True)
        try:
            entries = read(self.listing)
            known = {name: (entry["size"], entry["sha256"]) for name, entry in entries.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            yield self._manifest("missing" if not self.listing.exists() else "damaged", str(error))
            return
        wrong: dict[str, str] = {}
        for number, (name, entry) in enumerate(known.items()):
            if number % 64 == 0:
                progress(number, len(known), "check")
            if (why := differs(self.folder / name, *entry)) is None:
                yield self._finding(name)
            else:
                wrong[name] = why
        yield from self._mend(entries, wrong)

    def _mend(self, entries: dict[str, Any], wrong: dict[str, str]) -> Iterator[Finding]:
        """Thumbnails are drawn again; pictures and table may be right and the manifest wrong; the rest is told."""
        told = ("catalogue.json", "report.json")
        extra = [path for path in self._files() if path not in entries]
        doubtful = [name for name in wrong if not name.startswith("thumbs/") and name not in told]
        doubtful += [name for name in extra if name.startswith(("pictures/", "thumbs/"))]
        if doubtful and not any(name in wrong for name in told) and self._sound():
            yield self._manifest("damaged", f"it is wrong about {doubtful[0]}")
            return
        thumbs = {name for name in wrong if name.startswith("thumbs/")}
        drawn = self._draw(thumbs, entries)
        for name, why in wrong.items():
            if name in drawn:
                yield self._finding(name, "rebuilt", f"{why}; drawn again from its picture")
            else:
                yield self._finding(name, "missing" if why == "no file" else "damaged", f"{why}; {AGAIN}")
        for name in extra:
            yield self._finding(name, "kept", "the manifest does not know it")
        yield self.report(self.listing)

    def _finding(self, name: str, state: str = "ok", says: str = "") -> Finding:
        kinds = {"pictures": "picture", "thumbs": "thumbnail"}
        return self.report(self.folder / name, state, says, kinds.get(name.partition("/")[0], "catalogue"))

    def _files(self) -> list[str]:
        names = [path.relative_to(self.folder).as_posix() for path in storage.files_below(self.folder)]
        return [name for name in names if name != storage.MANIFEST]

    def _sound(self) -> bool:
        """A second opinion without the manifest: the table has its fingerprint, each picture its name's hash."""
        try:
            import pyarrow.parquet as pq

            described = storage.read_json(self.folder / "catalogue.json")
            storage.read_json(self.folder / "report.json")
            table = pq.read_table(self.folder / "items.parquet")
            found = versions.fingerprints(table, described["background"])
            wanted = set(table.column("sha256").to_pylist())
            pictures = {path.stem: storage.sha256_file(path) for path in self._pictures()}
        except (OSError, ValueError, KeyError, TypeError):
            return False
        right = found == (described["fingerprint"], described["pictures_fingerprint"])
        return right and found[0][:16] == self.folder.name and pictures == {digest: digest for digest in wanted}

    def _manifest(self, state: str, why: str) -> Finding:
        """Write the manifest again when everything else is right; thumbnails, which only it vouches for, are drawn."""
        if not self._sound():
            return self.report(self.listing, state, f"{why}; and the files do not prove themselves without it: {AGAIN}")
        storage.remove(self.folder / "thumbs")
        entries: dict[str, Any] = {}
        self._draw({f"thumbs/{path.parent.name}/{path.stem}.webp" for path in self._pictures()}, entries)
        ours = ("pictures/", "thumbs/", "items.parquet", "catalogue.json", "report.json")
        listed = storage.manifest(self.folder)
        storage.write_json(self.listing, {name: entry for name, entry in listed.items() if name.startswith(ours)})
        return self.report(self.listing, "rebuilt", f"{why}; table and pictures are right, it is written again")

    def _pictures(self) -> list[Path]:
        return sorted((self.folder / "pictures").glob("*/*"))

    def _draw(self, names: set[str], entries: dict[str, Any]) -> set[str]:
        """Draw the thumbnails of these names from their pictures; which of them could be. `entries` follow."""
        drawn: dict[str, Any] = {}
        for name in sorted(names):
            data = self._thumbnail(Path(name).stem)
            if data is not None:
                storage.make_folder((self.folder / name).parent)
                storage.write_bytes(self.folder / name, data)
                drawn[name] = {"size": len(data), "sha256": storage.sha256_bytes(data)}
        if any(entries.get(name) != entry for name, entry in drawn.items()):
            entries.update(drawn)
            storage.write_json(self.listing, entries)
        return set(drawn)

    def _thumbnail(self, digest: str) -> bytes | None:
        """The thumbnail of the picture with that hash, as the import draws it; None when the picture is not intact."""
        try:
            background = colour(storage.read_json(self.folder / "catalogue.json")["background"])
            data = next((self.folder / "pictures" / digest[:2]).glob(f"{digest}.*")).read_bytes()
            if storage.sha256_bytes(data) != digest:
                return None
            opened = open_picture(data, STORED, background, draft=THUMBNAIL)
            return thumbnail(opened.picture, THUMBNAIL)
        except (OSError, ValueError, KeyError, StopIteration):
            return None


def differs(path: Path, size: int, digest: str) -> str | None:
    """How a file differs from its size and SHA-256, or None."""
    if not path.is_file():
        return "no file"
    if path.stat().st_size != size:
        return f"{path.stat().st_size} bytes instead of {size}"
    return None if storage.sha256_file(path) == digest else "its checksum is not the one it was written with"
