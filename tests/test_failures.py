"""Causes of failures: a world with one planted case of each, rules at their limits, diagnoses on the disk, sums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import planted
import pytest

from eval.failures import causes, kept
from eval.failures.causes import FOUND, RULES, UNEXPLAINED
from eval.failures.changes import pareto, transition
from eval.failures.diagnosis import Diagnosis, diagnose
from eval.failures.losses import losses
from eval.failures.observed import Dropped, Observed
from eval.contracts import Run
from eval.tasks import retrieval


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Diagnosis, Path]:
    """The planted world's run and its diagnosis."""
    home = tmp_path_factory.mktemp("planted")
    catalogue, asked, searcher = planted.scene(home / "catalogue")
    run = retrieval.evaluate(catalogue, asked, searcher, k=planted.K)
    return run, diagnose(run, catalogue, searcher, home), home


def test_every_planted_cause_is_named_rightly(looked: tuple[Run, Diagnosis, Path]) -> None:
    run, found, _home = looked
    named = {run.facts["texts"][query]: code for query, code in found.named().items()}
    assert named == planted.CAUSES
    assert set(planted.CAUSES.values()) == {*RULES, FOUND}
