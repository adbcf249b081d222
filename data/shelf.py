"""Where catalogues lie in a workspace, how they may be called, and which version of each is the current one."""

from __future__ import annotations

import re
from pathlib import Path

from data import storage
from data.refusals import Refused

_NAME = re.compile(r"[^\W_][\w .\-]{0,79}")


def catalogue_name(name: str) -> str:
    """`name` as a catalogue can be called; Refused [bad_name] for what is no safe file name."""
    clean = name.strip()
    if not _NAME.fullmatch(clean) or clean.endswith((".", ".json", ".lock")):
        raise Refused("bad_name", field="name", found=name[:100])
    return clean


def plain_name(text: str, otherwise: str = "shop") -> str:
    """A name made from any text, such as a file's: letters, digits, dots, dashes; `otherwise` when nothing is left."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-._")[:60].strip("-._") or otherwise


def folder(home: Path) -> Path:
    """Where catalogues lie in the workspace `home`."""
    return Path(home) / "catalogues"


def names(home: Path) -> list[str]:
    """The catalogues of a workspace, by name."""
    return sorted(path.stem for path in folder(home).glob("*.json"))


def pointer(home: Path, name: str) -> dict[str, str]:
    """{fingerprint, folder, previous} of the current version, {} when there is no such catalogue."""
    path = folder(home) / f"{name}.json"
    return storage.read_json(path) if _NAME.fullmatch(name) and path.is_file() else {}


def current(home: Path, name: str) -> dict[str, str]:
    """{fingerprint, folder, previous} of the current version; LookupError names the catalogues there are."""
    found = pointer(home, name)
    if not found:
        there = ", ".join(names(home)) or "none yet; import one with `uzor import PATH --name NAME`"
        raise LookupError(f"There is no catalogue {name!r}; there are: {there}")
    return found


def version(home: Path, name: str) -> Path:
    """The folder of the current version; LookupError names the catalogues there are."""
    return folder(home) / name / current(home, name)["folder"]


def fingerprint(home: Path, name: str) -> str:
    """The fingerprint of the current version without reading it; LookupError when there is no such catalogue."""
    return current(home, name)["fingerprint"]
