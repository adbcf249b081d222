"""`uzor doctor`: every file of the workspace against its checksum; mends what can be, deletes nothing that cannot.

Models that the user put into `models/` have no checksum here; loading one checks it. Jobs, their logs and unfinished
tunings hold nothing that is not elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from data.progress import Progress, silent
from eval.checks_of_catalogues import check_catalogues
from eval.checks_of_groups import check_groups
from eval.checks_of_judgments import check_candidates, check_judgments
from eval.checks_of_models import check_features, check_models
from eval.checks_of_pointers import check_query_sets
from eval.checks_of_results import (
    check_diagnoses,
    check_matchings,
    check_projections,
    check_runs,
    check_vectors,
)
from eval.findings import Finding

CHECKS: tuple[Callable[[Path, Progress], Iterator[Finding]], ...] = (
    check_catalogues,
    check_query_sets,
    check_vectors,
    check_projections,
    check_diagnoses,
    check_matchings,
    check_models,
    check_features,
    check_runs,
    check_judgments,
    check_candidates,
    check_groups,
)


def examine(home: Path, progress: Progress = silent) -> list[Finding]:
    """One finding a file, those that are well among them; what was mended is "rebuilt" and is "ok" the next time.

    Needs no readable database. May raise Cancelled between two files; what was mended by then stays mended.
    """
    return [finding for check in CHECKS for finding in check(home, progress)]
