"""The registry finds what files declare, and says what there is when asked for something else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import tiny_openclip, tiny_ruclip

from data.errors import Unavailable
from eval import registry
from eval.contracts import Family, IndexInfo, KnownModel, ModelSpec, TaskInfo

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "open_clip", "faiss", "umap", "sklearn", "scipy", "bm25s", "pymorphy3", "streamlit", "plotly")


def test_every_file_of_a_kind_is_found_under_the_name_it_declares():
    for package, found in (
        ("models", registry.families()),
        ("indexes", registry.indexes()),
        ("tasks", registry.tasks()),
    ):
        files = {path.stem for path in (ROOT / "eval" / package).glob("*.py")} - {"__init__", "settling"}
        assert {module.__name__.rpartition(".")[2] for module in found.values()} == files
    assert {"openclip", "ruclip", "bm25", "chance"} <= set(registry.families())
    assert {"exact", "faiss"} <= set(registry.indexes()) and "retrieval" in registry.tasks()


def test_every_declaration_is_whole():
    for name, module in registry.families().items():
        assert isinstance(module.FAMILY, Family) and module.FAMILY.name == name and module.FAMILY.says
        assert module.FAMILY.kind in ("encoder", "lexical") and callable(module.known)
        assert callable(getattr(module, "lexical" if module.FAMILY.kind == "lexical" else "load"))
    for name, module in registry.indexes().items():
        assert isinstance(module.INDEX, IndexInfo) and module.INDEX.name == name and module.INDEX.says
    for name, module in registry.tasks().items():
        assert isinstance(module.TASK, TaskInfo) and module.TASK.name == name and module.TASK.says


@pytest.mark.parametrize(("family", "tiny"), [("ruclip", tiny_ruclip), ("openclip", tiny_openclip)])
def test_the_state_of_a_model_changes_with_each_of_its_files_and_no_other(family, tiny, tmp_path):
    folder, tuned = tiny(tmp_path / "model"), tmp_path / "tuned.pt"
    tuned.write_bytes(b"tuned")
    specs = [ModelSpec(family, str(folder)), ModelSpec(family, f"{folder}@{tuned}")]
    before = [registry.state(spec, tmp_path) for spec in specs]
    assert [registry.state(spec, tmp_path) for spec in specs] == before and registry.state(
        ModelSpec("bm25"), tmp_path
    ) == ()
    for path in sorted(folder.iterdir()):
        os.utime(path, (1, 1))
        after = [registry.state(spec, tmp_path) for spec in specs]
        assert after[0] != before[0] and after[1] != before[1]
        before = after
    tuned.write_bytes(b"tuned again")
    after = [registry.state(spec, tmp_path) for spec in specs]
    assert after[0] == before[0] and after[1] != before[1]
    with pytest.raises(LookupError, match="absent"):
        registry.state(ModelSpec(family, str(tmp_path / "absent")), tmp_path)


def test_every_known_model_names_its_family_its_place_and_a_remedy_when_it_is_not_here(tmp_path):
    models = registry.models(tmp_path)
    assert all(isinstance(model, KnownModel) for model in models)
    assert len({str(model.spec) for model in models}) == len(models)
    for model in models:
        assert model.spec.family in registry.families() and model.title and model.where
        assert ModelSpec.parse(str(model.spec)) == model.spec
        assert model.here or model.remedy, model
    for group in {model.group for model in models}:
        here = [model.here for model in models if model.group == group]
        assert here == sorted(here, reverse=True), "what is here stands first in its group"


def test_listing_everything_imports_no_heavy_package(tmp_path):
    code = (
        "import sys; from pathlib import Path; from eval import registry\n"
        f"registry.models(Path({str(tmp_path)!r})); registry.indexes(); registry.tasks()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: registry.family("opencip"), "did you mean openclip"),
        (lambda: registry.family("zzz"), "there are bm25, chance"),
        (lambda: registry.index("faisss"), "did you mean faiss"),
        (lambda: registry.task("retrieve"), "there are .*retrieval"),
        (lambda: registry.load(ModelSpec("nope", "x"), Path()), "there are bm25"),
        (lambda: registry.load(ModelSpec("bm25"), Path()), "searches words"),
        (lambda: registry.words(ModelSpec("ruclip", "x"), None), "lexical are bm25, chance"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_those_that_are(ask, says):
    with pytest.raises(LookupError, match=says):
        ask()


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="fp32, bf16"):
        registry.load(ModelSpec("ruclip", "x"), Path(), "fp8")


def test_a_family_without_downloads_says_so(tmp_path):
    with pytest.raises(Unavailable, match="nothing to download"):
        registry.fetch(ModelSpec("bm25"), tmp_path)
