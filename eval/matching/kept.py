"""Matchings on the disk: one file each under its content key, sealed by its digest; opening one touches no model."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from data import storage
from eval import workspace
from eval.matching.blocks import Found
from eval.matching.tally import Counted
from eval.matching.truth import Truth
from eval.tasks.matching import Matches

FOLDER = "matchings"
SUFFIX = ".matching"
_FOUND = ("seen", "asked", "best_right", "best_right_cosine", "best_left", "left", "right", "cosine")
_ABOUT = ("spec", "sides", "settings", "fingerprints", "environment", "made", "seconds")


def path(home: Path, key: str) -> Path:
    """Where the matching of that key lies, or would lie."""
    return home / FOLDER / f"{key}{SUFFIX}"


def save(home: Path, key: str, matches: Matches) -> None:
    """Keep a matching (without labels, which stand in the log of judgments); it appears whole or not at all."""
    storage.make_folder(home / FOLDER)
    storage.write_bytes(path(home, key), sealed(matches))


def load(home: Path, key: str) -> Matches | None:
    """The matching if it was made and is intact, else None; a damaged one is set aside, for it can be made again."""
    place = path(home, key)
    if not place.is_file():
        return None
    try:
        return opened(place.read_bytes())
    except (ValueError, KeyError, TypeError, OSError):
        workspace.set_aside(home, place)
        return None


def about(data: bytes) -> dict[str, Any]:
    """What is said of a sealed matching, its arrays unread; ValueError when it is not what was closed."""
    with _arrays(data) as arrays:
        found: dict[str, Any] = json.loads(arrays["about"].tobytes())
        return found


def _arrays(data: bytes) -> Any:
    if storage.sha256_bytes(data[64:]).encode() != data[:64]:
        raise ValueError("the content does not match its digest")
    return np.load(io.BytesIO(data[64:]), allow_pickle=False)


def every(home: Path) -> list[Path]:
    """The files of all matchings, newest first."""
    return sorted((home / FOLDER).glob(f"*{SUFFIX}"), key=lambda place: (-place.stat().st_mtime_ns, place.name))


def sealed(matches: Matches) -> bytes:
    """A matching as bytes: the sha256 of what follows, then its arrays and what is said of them, as npz."""
    counted = matches.counted
    about = {name: getattr(matches, name) for name in _ABOUT}
    about |= {"complete": counted.found.complete, "same": counted.truth.same}
    arrays = {name: getattr(counted.found, name) for name in _FOUND}
    arrays |= {"true_left": counted.true_left, "true_right": counted.true_right}
    arrays |= {f"truth_{name}": getattr(counted.truth, name) for name in ("left", "right", "groups")}
    file = io.BytesIO()
    np.savez_compressed(file, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
    data = file.getvalue()
    return storage.sha256_bytes(data).encode() + data


def opened(data: bytes) -> Matches:
    """What `sealed` closed; ValueError when it is not that any more."""
    with _arrays(data) as arrays:
        about = json.loads(arrays["about"].tobytes())
        known = Truth(arrays["truth_left"], arrays["truth_right"], arrays["truth_groups"], about.pop("same"))
        found = Found(**{name: arrays[name] for name in _FOUND}, complete=about.pop("complete"))
        counted = Counted(known, found, arrays["true_left"], arrays["true_right"])
    return Matches(counted=counted, **{**about, "sides": tuple(about["sides"])})
