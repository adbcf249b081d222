"""The doctor's look at what tuning left: tuned weights, which only the user has, ready vectors, cached features."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data import storage
from data.progress import Progress
from eval import vector_batches
from eval.findings import Finding, Report, free

AGAIN = {"heads": "tune again, or bring the folder back from a backup", "ready": "run uzor import-report again"}


def check_models(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every folder in models/heads and models/ready by its manifest; other models are the user's own."""
    report = Report(home, "model")
    for kind, remedy in AGAIN.items():
        for folder in sorted(path for path in (home / "models" / kind).glob("*") if path.is_dir()):
            progress(0, 1, "check")
            damages = {damage.path: damage.kind for damage in storage.verify(folder)}
            for path in sorted({*storage.files_below(folder), *damages}):
                state = "damaged" if path.exists() else "missing"
                yield report(path, state, f"{damages[path]}: {remedy}") if path in damages else report(path)


def check_features(home: Path, progress: Progress) -> Iterator[Finding]:
    """Every batch of cached features by the digest in its name; a bad one is set aside and computed again."""
    report = Report(home, "features")
    for folder in sorted(path for path in (home / "features").glob("*") if path.is_dir()):
        progress(0, 1, "check")
        with free(home, f"features-{folder.name}") as ours:
            for path in storage.files_below(folder):
                if not ours or vector_batches.intact(path):
                    yield report(path)
                else:
                    yield report.aside(path, "it is not what its name says")
