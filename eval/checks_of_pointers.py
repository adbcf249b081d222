"""The doctor's look at query sets, and at the small files that say which version of something is current."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from data import picture_files, queries, storage
from data.progress import Progress
from eval.findings import Finding, Report, read

AGAIN = "import the catalogue again from its source"
QUERY_SET = re.compile(r"(.+)-([0-9a-f]{16})")


def check_catalogue_pointer(home: Path, name: str, versions_there: list[Path]) -> Finding:
    """A catalogue's pointer must name a version that is there; with just one version, it can be written again."""
    path, report = home / "catalogues" / f"{name}.json", Report(home, "catalogue")
    try:
        said = read(path)
        there = {folder.name for folder in versions_there}
        if set(said) != {"fingerprint", "folder", "previous"} or said["previous"] not in {"", *there} - {
            said["folder"]
        }:
            raise ValueError("it does not name two versions")
        if said["folder"] != said["fingerprint"][:16] or said["folder"] not in there:
            raise ValueError(f"it names version {said['folder']}, which is not here")
        described = storage.read_json(path.parent / name / said["folder"] / "catalogue.json")["fingerprint"]
        if described != said["fingerprint"]:
            raise ValueError("its fingerprint is not the version's")
        return report(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        state, why = ("damaged" if path.exists() else "missing"), str(error)
    if len(versions_there) != 1 or not (versions_there[0] / "catalogue.json").exists():
        return report(path, state, f"{why}; {len(versions_there)} versions lie in {name}/: {AGAIN}")
    try:
        fingerprint = read(versions_there[0] / "catalogue.json")["fingerprint"]
    except (ValueError, KeyError) as error:
        return report(path, state, f"{why}; and the version cannot be read ({error}): {AGAIN}")
    storage.write_json(path, {"fingerprint": fingerprint, "folder": versions_there[0].name, "previous": ""})
    return report(path, "rebuilt", f"{state}; written again for the one version there is")


def check_query_sets(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every version of every query set by its fingerprint, then the pointers that say which version is current."""
    place, report = home / "query_sets", Report(home, "query_set")
    current: dict[str, list[tuple[Path, dict[str, str]]]] = {}
    pointers = set()
    for path in sorted(place.glob("*.json")):
        named = QUERY_SET.fullmatch(path.stem)
        if named is None:
            pointers.add(path.stem)
            continue
        try:
            saved = queries.read_saved(path)
            if saved.name != named[1] or saved.fingerprint[:16] != named[2]:
                raise ValueError(f"it holds {saved.name} {saved.fingerprint[:16]}")
            if broken := picture_files.damaged(home, saved):
                raise ValueError(f"its picture {broken[0]} is not what was kept ({len(broken)} in all)")
            current.setdefault(named[1], []).append((path, queries.pointer(saved)))
            yield report(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            current.setdefault(named[1], [])
            yield report(path, "damaged", f"{error}; add the query set again from its files")
    for name in sorted(pointers | current.keys()):
        yield _query_pointer(home, name, [pointer for _, pointer in current.get(name, [])])


def _query_pointer(home: Path, name: str, sound: list[dict[str, str]]) -> Finding:
    """A query set's pointer must name a sound version; with just one, it can be written again."""
    path, report = home / "query_sets" / f"{name}.json", Report(home, "query_set")
    try:
        if read(path) in sound:
            return report(path)
        why = "it names no version that is here and intact"
    except (OSError, ValueError) as error:
        why = str(error)
    state = "damaged" if path.exists() else "missing"
    if len(sound) == 1 and len(list(path.parent.glob(f"{name}-{'[0-9a-f]' * 16}.json"))) == 1:
        storage.write_json(path, sound[0])
        return report(path, "rebuilt", f"{state}; written again for the one version there is")
    return report(path, state, f"{why}; add the query set again from its files")
