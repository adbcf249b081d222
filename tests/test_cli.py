"""The command line as the README shows it: JSON on stdout, one line of error on stderr, honest exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tiny_models import tiny_ruclip
from tiny_shop import Shop, tiny_shop

from app.bench import Bench
from app.cli import main
from data.errors import Cancelled


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return tiny_shop(tmp_path / "shop")


def run(*words: object, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output + result.stderr
    return json.loads(result.stdout) if "--json" in words and code == 0 else result


def test_import_prints_what_was_taken_and_refused(home: Path, shop: Shop) -> None:
    (shop.csv.parent / "images" / "north-circle-c0392b.png").unlink()
    said = run("import", shop.csv, "--name", "shop", "--json")
    assert (said["catalogue"], said["ready"], said["refused"]) == ("shop", shop.items - 1, 1)
    assert list(said["reasons"].values()) == [1] and len(said["fingerprint"]) >= 16


def test_import_again_changes_nothing(home: Path, shop: Shop) -> None:
    first = run("import", shop.csv, "--name", "shop", "--json")
    again = run("import", shop.csv, "--name", "shop", "--json")
    assert again["fingerprint"] == first["fingerprint"] and again["unchanged"]


def test_columns_can_be_mapped_by_hand(home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop", "--map", "title=description")
    found = run("search", "bm25", "Вышивка", "--catalogue", "shop", "--json")
    assert found[0]["title"].startswith("Вышивка: ")
    assert "=" in run("import", shop.csv, "--map", "title", code=2).stderr


def test_evaluate_prints_scores_with_chance_and_ceiling_for_every_model(home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop")
    said = run("evaluate", "chance", "bm25", "--catalogue", "shop", "--queries", shop.queries, "--qrels", shop.qrels,
               "--json")  # fmt: skip
    assert [one["spec"] for one in said] == ["chance", "bm25"]
    bm25 = said[1]
    # 3 shapes with 8 relevant items and 4 colours with 6, all named in the titles: every first place is right
    assert bm25["queries"] == 7 and bm25["metrics"]["P@5"] == 1.0
    assert bm25["metrics"]["R@5"] == pytest.approx((3 * 5 / 8 + 4 * 5 / 6) / 7)
    assert bm25["ceiling"]["R@5"] == pytest.approx(bm25["metrics"]["R@5"])
    assert bm25["chance"]["P@5"] == pytest.approx((3 * 8 / 24 + 4 * 6 / 24) / 7)
    assert bm25["per_query"]["1"]["P@5"] == 1.0
    assert {"run", "spec", "queries", "metrics", "chance", "ceiling", "per_query"} <= set(bm25)


def test_a_refused_model_never_loses_the_good_ones_beside_it(home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop")
    words = ("evaluate", "chance", "bm26", "ruclip:ruclip-vit-base-patch32-224", "bm25", "--catalogue", "shop",
             "--queries", shop.queries, "--qrels", shop.qrels)  # fmt: skip
    said = run(*words, code=3)
    assert "chance: 7 queries" in said.stdout and "bm25: 7 queries" in said.stdout
    first, second = said.stderr.split("uzor: ")[1:]
    assert first.startswith("bm26: ") and "did you mean bm25" in first
    assert second.startswith("ruclip:ruclip-vit-base-patch32-224: ") and "uzor fetch" in second
    assert [one["spec"] for one in run("runs", "--json")] == ["bm25", "chance"]
    told = CliRunner().invoke(main, [*map(str, words), "--json"])
    assert told.exit_code == 3 and [one["spec"] for one in json.loads(told.stdout)] == ["chance", "bm25"]
    only = run("evaluate", "bm26", "bm27", "--catalogue", "shop", "--queries", shop.queries.stem, code=2)
    assert only.stdout == ""


def test_a_cancelled_evaluation_prints_what_was_done(home: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", shop.csv, "--name", "shop")
    evaluate = Bench.evaluate

    def cancelled(bench: Bench, specs: list[str], *args: Any, **how: Any) -> Any:
        if specs == ["bm25"]:
            raise Cancelled
        return evaluate(bench, specs, *args, **how)

    monkeypatch.setattr(Bench, "evaluate", cancelled)
    said = run("evaluate", "chance", "bm25", "chance", "--catalogue", "shop", "--queries", shop.queries,
               "--qrels", shop.qrels, code=130)  # fmt: skip
    assert said.stdout.count("chance: 7 queries") == 1 and "bm25: Cancelled" in said.stderr


def test_a_part_of_the_catalogue_can_be_evaluated(home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop")
    said = run("evaluate", "bm25", "--catalogue", "shop", "--queries", shop.queries, "--qrels", shop.qrels,
               "--where", "source=north", "--k", "3", "--json")  # fmt: skip
    assert said[0]["counts"]["gallery"] == 12 and "P@3" in said[0]["metrics"]
    assert "west" in run("evaluate", "bm25", "--catalogue", "shop", "--queries", shop.queries, "--qrels", shop.qrels,
                         "--where", "source=west", code=2).stderr  # fmt: skip


def test_a_folder_in_the_ruclip_layout_embeds_and_searches(home: Path, shop: Shop, tmp_path: Path) -> None:
    spec = f"ruclip:{tiny_ruclip(tmp_path / 'random')}"
    run("import", shop.csv, "--name", "shop")
    assert "24 vectors" in run("embed", spec, "--catalogue", "shop").stdout
    found = run("search", spec, "красный круг", "--catalogue", "shop", "--k", "4", "--json")
    assert len(found) == 4 and set(found[0]) == {"id", "score", "title"}
    assert found[0]["score"] >= found[3]["score"]


def test_a_map_is_written_as_one_file_without_outside_links(home: Path, shop: Shop, tmp_path: Path) -> None:
    spec, out = f"ruclip:{tiny_ruclip(tmp_path / 'random')}", tmp_path / "map.html"
    run("import", shop.csv, "--name", "shop")
    said = run("map", spec, "--catalogue", "shop", "--method", "pca", "--out", out).stdout
    page = out.read_text(encoding="utf-8")
    assert said.startswith("24 items, trustworthiness")
    assert "north-circle-c0392b" in page and '<script src="http' not in page
    assert (
        "category"
        in run("map", spec, "--catalogue", "shop", "--method", "pca", "--out", out, "--colour", "shape", code=2).stderr
    )


def test_models_are_listed_with_where_they_are_looked_for(home: Path) -> None:
    said = run("models", "--json")
    specs = {one["spec"]: one for one in said}
    assert {"chance", "bm25", "ruclip:ruclip-vit-base-patch32-224"} <= set(specs)
    assert all(one["here"] or one["remedy"] for one in said)


def test_missing_weights_are_told_with_what_to_do(home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop")
    said = run("search", "ruclip:ruclip-vit-base-patch32-224", "кот", "--catalogue", "shop", code=3).stderr
    assert "uzor fetch" in said and "Traceback" not in said


@pytest.mark.parametrize(("words", "names"), [
    (("search", "bm25", "кот", "--catalogue", "absent"), "'absent'; there are: shop"),
    (("embed", "ruclip:bundled/mini-ruclip", "--catalogue", "absent"), "'absent'; there are: shop"),
    (("evaluate", "bm25", "--catalogue", "absent", "--queries", "queries.tsv"), "'absent'; there are: shop"),
    (("map", "ruclip:bundled/mini-ruclip", "--catalogue", "absent", "--out", "map.html"), "'absent'; there are: shop"),
    (("search", "bm26", "кот", "--catalogue", "shop"), "'bm26' (did you mean bm25?)"),
    (("search", "ruclip:~nosuch/x", "кот", "--catalogue", "shop"), "~nosuch/x"),
    (("search", "bm25", "   ", "--catalogue", "shop"), "query is empty"),
    (("import", "absent.csv"), "absent.csv"),
    (("evaluate", "bm25", "--catalogue", "shop", "--queries", "absent.tsv"), "absent.tsv"),
])  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(words: tuple[str, ...], names: str, home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop")
    said = run(*words, code=2).stderr
    assert said.startswith("uzor: ") and names in said and "Traceback" not in said


def test_a_workspace_below_an_unknown_home_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", "~nosuch/home")
    assert run("runs", code=2).stderr.startswith("uzor: There is no home folder ~nosuch")


def test_queries_for_an_unknown_catalogue_leave_nothing_behind(home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop")
    words = ("--queries", shop.queries, "--qrels", shop.qrels)
    assert "'nope'; there are: shop" in run("evaluate", "bm25", "--catalogue", "nope", *words, code=2).stderr
    assert not list((home / "query_sets").iterdir())


def test_doctor_finds_a_flipped_byte(home: Path, shop: Shop) -> None:
    run("import", shop.csv, "--name", "shop")
    assert all(one["state"] == "ok" for one in run("doctor", "--json"))
    picture = next((home / "catalogues").rglob("pictures/*/*.png"))
    raw = bytearray(picture.read_bytes())
    raw[len(raw) // 2] ^= 1
    picture.write_bytes(raw)
    assert picture.name in run("doctor", code=1).stdout
