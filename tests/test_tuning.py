"""`uzor finetune` and the job behind the button: words in, tuned weights in the picker, the test kept out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import jobs
from app.cli import main
from eval.contracts import ModelSpec


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace with the drawn shop, and the spec of a tiny model."""
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    run("import", tiny_shop(tmp_path / "shop").csv, "--name", "shop")
    return f"ruclip:{tiny_ruclip(tmp_path / 'random')}"


def run(*words: object, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output + result.stderr
    return json.loads(result.stdout) if "--json" in words and code == 0 else result


def test_finetune_prints_the_curve_and_the_result_is_evaluated_like_any_model(base: str, tmp_path: Path) -> None:
    words = ["finetune", base, "--catalogue", "shop", "--batch", 8, "--views", 1, "--no-near", "--name", "mine"]
    said = run(*words, "--json")
    assert said["spec"] == f"{base}+mine" and said["stamp"] in ("", "no better than its base on held-out pairs")
    assert [row["epoch"] for row in said["curve"]] == [0, 1, 2, 3, 4, 5]
    assert all({"train_loss", "validation_loss", "pair_cosine", "R@5"} <= set(row) for row in said["curve"][1:])
    again = run(*words)
    assert "epoch" in again.stdout and f"{base}+mine" in again.stdout
    assert any(model["spec"] == said["spec"] and model["tuned"] for model in run("models", "--json"))
    shop = tmp_path / "shop"
    found = run("evaluate", base, said["spec"], "--catalogue", "shop", "--queries", shop / "queries.tsv", "--qrels",
                shop / "qrels.txt", "--json")  # fmt: skip
    assert [one["spec"] for one in found] == [base, said["spec"]]
    assert run("search", said["spec"], "красный круг", "--catalogue", "shop", "--json")


def test_items_of_the_catalogues_query_sets_are_left_out_unless_another_test_is_named(
    base: str, tmp_path: Path
) -> None:
    (tmp_path / "few.csv").write_text(
        "query,item\nкруг,north-circle-c0392b\nкруг,south-circle-c0392b\n", encoding="utf-8"
    )
    run("evaluate", "bm25", "--catalogue", "shop", "--queries", tmp_path / "few.csv")
    said = run("finetune", base, "--catalogue", "shop", "--batch", 8, "--views", 0, "--no-near", "--json")
    assert said["lineage"]["items"]["test"] == 2 and said["lineage"]["tests"]
    words = ["finetune", base, "--catalogue", "shop", "--batch", 8, "--views", 0, "--no-near", "--json"]
    assert "judges" in run(*words, "--learn-from-judged")["stamp"]
    peeked = run(*words, "--choose-on-test")
    assert "chosen on the test set" in peeked["stamp"] and peeked["lineage"]["items"]["validation"] == 0
    assert "no query set" in run("finetune", base, "--catalogue", "shop", "--test", "none", code=2).stderr


def test_words_can_come_from_a_file_and_wrong_input_is_one_line(base: str, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    shapes = {"circle": "круг", "square": "квадрат"}
    rows = [f"{source}-{shape}-{code},{shapes[shape]}" for source in ("north", "south") for shape in shapes
            for code in ("c0392b", "2c5aa0")]  # fmt: skip
    pairs.write_text("\n".join(["item,text", *rows]), encoding="utf-8")
    said = run("finetune", base, "--catalogue", "shop", "--pairs", pairs, "--epochs", 1, "--batch", 4, "--no-near",
               "--validation", 0.5, "--json")  # fmt: skip
    assert said["lineage"]["pairs"] == 8 and said["lineage"]["captions"] == "file pairs.csv"
    assert "rate lies between" in run("finetune", base, "--catalogue", "shop", "--rate", 0, code=2).stderr
    assert "choose an encoder" in run("finetune", "bm25", "--catalogue", "shop", code=2).stderr
    assert "No item" in run("finetune", base, "--catalogue", "shop", "--caption", "price", code=2).stderr
    assert "shop" in run("finetune", base, "--catalogue", "nowhere", code=2).stderr


def test_the_job_tunes_in_a_process_of_its_own(base: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    job = jobs.start(home, "finetune", base=base, catalogue="shop", batch=8, views=0, near=False, epochs=1)
    deadline = time.monotonic() + 120
    while (state := jobs.state(home, job)).live and time.monotonic() < deadline:
        time.sleep(0.1)
    assert state.status == "done", state
    assert ModelSpec.parse(state.result["spec"]).head == state.result["name"]


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("openclip:/data/c++/model", ModelSpec("openclip", "/data/c++/model")),
        ("openclip:/data/c++", ModelSpec("openclip", "/data/c++")),
        ("openclip:/data/c++/model+heads-1", ModelSpec("openclip", "/data/c++/model", "heads-1")),
        ("openclip:ViT-B-32@/data/a+b.pt", ModelSpec("openclip", "ViT-B-32@/data/a+b.pt")),
        ("ruclip:x?pixels=bicubic+my_heads.2", ModelSpec("ruclip", "x?pixels=bicubic", "my_heads.2")),
        ("ruclip:a+b c", ModelSpec("ruclip", "a+b c")),
        ("chance", ModelSpec("chance")),
    ],
)
def test_a_head_is_one_word_without_a_slash(text: str, spec: ModelSpec) -> None:
    assert ModelSpec.parse(text) == spec and str(spec) == text
