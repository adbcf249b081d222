"""What a run records of the machine, without importing what it names."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

from eval import environment

ROOT = Path(__file__).resolve().parents[1]


def test_python_machine_and_library_versions_are_named():
    said = environment.describe()
    assert said["python"] == ".".join(map(str, sys.version_info[:3]))
    assert said["numpy"] == metadata.version("numpy") and said["torch"] == metadata.version("torch")
    assert int(said["usable_cores"]) >= 1 and said["processor"] and said["platform"]
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in said.items())


def test_a_library_that_is_not_installed_is_said_to_be_absent():
    assert environment._version("no-such-package-anywhere") == environment.ABSENT


def test_none_of_the_libraries_is_imported_for_it():
    code = (
        "import sys; from eval import environment; environment.describe()\n"
        "print([name for name in ('torch', 'numpy', 'faiss', 'umap', 'sklearn', 'open_clip') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_the_description_can_be_kept_as_json_and_does_not_change_between_calls():
    assert environment.describe() == environment.describe()
