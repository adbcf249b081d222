"""Precisions are offered only where they are fast, and their agreement with fp32 is counted, not guessed."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.errors import Unavailable
from eval import precision

ROOT = Path(__file__).resolve().parents[1]


def test_agreement_is_counted_by_hand() -> None:
    items = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    queries = np.array([[1, 0], [0, 1]], dtype=np.float32)
    turned = np.array([[0.8, 0.6], [1, 0], [0, 1]], dtype=np.float32)  # items 0 and 1 change places
    found = precision.agreement(items, turned, queries, queries, k=2)
    # query 0: [0, 1] → [1, 0] keeps both, loses the first; query 1: [2, 1] → [2, 0] keeps one, and the first
    assert (found.k, found.queries, found.kept, found.first) == (2, 2, 0.75, 0.5)
    assert found.apart == pytest.approx(0.2)


def test_a_precision_agrees_with_itself_entirely() -> None:
    rows = np.eye(4, dtype=np.float32)
    found = precision.agreement(rows, rows, rows, rows, k=10)
    assert (found.k, found.kept, found.first, found.apart) == (4, 1.0, 1.0, 0.0)


def test_agreement_of_different_catalogues_is_refused() -> None:
    rows = np.eye(4, dtype=np.float32)
    with pytest.raises(ValueError, match="same items"):
        precision.agreement(rows, rows[:3], rows, rows)
    with pytest.raises(ValueError, match="same items"):
        precision.agreement(rows, rows, rows[:0], rows[:0])


def test_a_precision_the_machine_lacks_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "supported_precisions", lambda: ("fp32",))
    assert precision.check_precision("fp32") == "fp32"
    with pytest.raises(Unavailable, match="Choose fp32"):
        precision.check_precision("bf16")
    with pytest.raises(ValueError, match="fp16"):
        precision.check_precision("fp16")


def test_fp32_is_always_offered() -> None:
    assert precision.supported_precisions()[0] == "fp32"


@pytest.mark.skipif("bf16" not in precision.supported_precisions(), reason="no bf16 instructions here")
def test_the_speed_of_bf16_is_measured_once() -> None:
    assert 0.05 < precision.bf16_speedup() < 20
    assert precision.bf16_speedup() == precision.bf16_speedup()


def test_settling_takes_everything_out_of_the_collectors_sight() -> None:
    precision.settle()
    try:
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_a_process_that_loaded_a_model_ends_in_silence() -> None:
    code = (
        "import sys, tempfile; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path\nfrom tiny_models import tiny_ruclip\nfrom eval.contracts import ModelSpec\n"
        "from eval.models import ruclip\nhome = Path(tempfile.mkdtemp())\n"
        "ruclip.load(ModelSpec('ruclip', str(tiny_ruclip(home / 'r'))), home)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
