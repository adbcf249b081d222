"""Diagnoses on the disk: one file a run's content, sealed by its digest; opening one touches no model."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from data import storage
from eval import workspace
from eval.failures.causes import Limits
from eval.failures.diagnosis import Diagnosis
from eval.failures.heard import Polluted
from eval.failures.observed import Observed
from eval.failures.remedies import Remedy

VERSION = 3  # goes up when the same run would be observed differently
SETTINGS = ("k", "pool", "where", "depth", "correction")


class Made(Protocol):
    """What a diagnosis belongs to: a run, or its line in the list of runs."""

    @property
    def spec(self) -> str:
        """Which model answered."""

    @property
    def settings(self) -> dict[str, Any]:
        """How it was asked."""

    @property
    def fingerprints(self) -> dict[str, str]:
        """What catalogue, query set and searcher were."""


def key(run: Made) -> str:
    """The content key of a run's diagnosis: equal for runs of the same searcher, catalogue, queries and settings."""
    parts = [run.fingerprints[name] for name in ("catalogue", "query_set", "searcher")]
    return workspace.key("diagnosis", VERSION, run.spec, parts, {name: run.settings.get(name) for name in SETTINGS})


def path(home: Path, run: Made) -> Path:
    """Where that diagnosis lies, or would lie."""
    return home / "diagnoses" / f"{key(run)}.json.z"


def save(home: Path, run: Made, diagnosis: Diagnosis) -> None:
    """Keep a diagnosis; the file appears whole or not at all."""
    record = asdict(diagnosis) | {
        "observed": [seen.record() for seen in diagnosis.observed.values()],
        "remedies": [remedy.record() for remedy in diagnosis.remedies],
    }
    storage.make_folder(home / "diagnoses")
    storage.write_bytes(path(home, run), sealed(record))


def load(home: Path, run: Made) -> Diagnosis | None:
    """The run's diagnosis if it was made and is intact, else None; a damaged one is set aside."""
    place = path(home, run)
    if not place.is_file():
        return None
    try:
        record = opened(place.read_bytes())
        seen = [Observed.read(one) for one in record["observed"]]
        return Diagnosis(
            **{
                **record,
                "observed": {one.query: one for one in seen},
                "limits": Limits(**record["limits"]),
                "pollutes": {
                    item: Polluted(**{**one, "captions": tuple(one["captions"])})
                    for item, one in record["pollutes"].items()
                },
                "remedies": tuple(Remedy.read(one) for one in record["remedies"]),
                "notes": tuple(record["notes"]),
            }
        )
    except (ValueError, KeyError, TypeError, zlib.error):
        workspace.set_aside(home, place)
        return None


def sealed(record: dict[str, Any]) -> bytes:
    """A record as bytes: the sha256 of its JSON, then the JSON, deflated."""
    text = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode()
    return zlib.compress(storage.sha256_bytes(text).encode() + text, 3)


def opened(data: bytes) -> dict[str, Any]:
    """What `sealed` closed; ValueError or zlib.error when it is not that any more."""
    raw = zlib.decompress(data)
    if storage.sha256_bytes(raw[64:]).encode() != raw[:64]:
        raise ValueError("the content does not match its digest")
    record: dict[str, Any] = json.loads(raw[64:])
    return record
