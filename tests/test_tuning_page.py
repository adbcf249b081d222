"""The Tuning page: a model is taught there, its curves and lineage are shown, what was interrupted goes on."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import in_url, opened, sound, until, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import jobs
from app.bench import Bench
from app.tuning import curves, tunings
from eval.finetuning import recipe
from eval.tuned import Tuned

BASE = "ruclip:tiny"
CHANGES: dict[str, Any] = {"epochs": 2, "batch": 8, "views": 0}


@pytest.fixture(scope="module")
def tuned_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop, two query sets, a tiny model, and what was tuned from it."""
    folder = tmp_path_factory.mktemp("tuning")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    lines = "query,item\nквадрат,north-square-c0392b\nквадрат,south-square-c0392b\n"
    for name in ("few", "same"):
        (folder / f"{name}.csv").write_text(lines, encoding="utf-8")
        bench.add_query_set([folder / f"{name}.csv"], "shop", name)
    bench.finetune(BASE, "shop", name="first", near=False, **CHANGES)
    return bench.home


@pytest.fixture
def home(tuned_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    shutil.copytree(tuned_home, home)
    monkeypatch.setenv("UZOR_HOME", str(home))
    return home


def page(language: str = "ru", **params: str) -> AppTest:
    return opened("tuning", language, catalogue="shop", base=BASE, **params)


def own(test: AppTest) -> pd.DataFrame:
    """The lines of what was tuned here; others may ship with Uzor."""
    shown = test.dataframe[0].value
    return shown[shown["base"] == "tiny"]


def over(test: AppTest) -> bool:
    """The tuning ended; a failed one ends the wait, too."""
    assert "не получилось" not in words(test) and "failed" not in words(test), words(test)
    return bool(test.success)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_model_is_tuned_on_the_page_and_its_evaluation_is_one_click_away(language: str, home: Path) -> None:
    test = page(language)
    assert {"ru": "2 из них размечены", "en": "2 of them are judged"}[language] in words(test)
    for name, value in CHANGES.items():
        test.number_input(key=f"tune_default_{name}").set_value(value)
    test.text_input(key="tune_name").set_value("mine").run()
    sound(test.button(key="start_tuning").click().run())
    until(test, over, 120)
    assert "mine" in sound(test).success[0].value and test.session_state["tuned"] == "mine"
    lineage = next(one.lineage for one in Bench(home).tuned() if one.name == "mine")
    assert lineage["recipe"] | CHANGES == lineage["recipe"] and lineage["base"] == BASE
    assert lineage["tests"] == ["few", "same"] and lineage["items"]["test"] == 2
    shown = own(test)
    assert list(shown["name"]) == ["first", "mine"]
    last = Bench(home).curve("mine")
    assert shown["before"].iloc[1] == last[0]["R@5"] and shown["after"].iloc[1] == last[lineage["kept_epoch"]]["R@5"]
    sound(test.button(key="evaluate_tuned").click().run())
    assert in_url(test, "models") == [BASE, f"{BASE}+mine"] and test.session_state["catalogue"] == "shop"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_lineage_says_base_data_recipe_seed_and_choice(language: str, home: Path) -> None:
    test = page(language, tuned="first")
    said = dict(zip(test.table[0].value.iloc[:, 0], test.table[0].value.iloc[:, 1], strict=True))
    lineage = next(one.lineage for one in Bench(home).tuned() if one.name == "first")
    names = {"ru": ("Базовая модель", "Каталог", "Рецепт", "Зерно", "Оставлена эпоха"),
             "en": ("Base model", "Catalogue", "Recipe", "Seed", "Epoch kept")}[language]  # fmt: skip
    base, catalogue, numbers, seed, epoch = (said[name].replace("\\", "") for name in names)
    assert base.startswith(BASE) and lineage["base_weights"][:16] in base
    assert catalogue.startswith("shop") and lineage["catalogue_fingerprint"][:16] in catalogue
    assert {"ru": "0,00005", "en": "0.00005"}[language] in numbers and "8" in numbers and seed == "0"
    assert epoch.startswith(str(lineage["kept_epoch"]))


def test_another_query_set_may_be_learnt_from_and_the_result_is_stamped(home: Path) -> None:
    test = page()
    for name, value in CHANGES.items():
        test.number_input(key=f"tune_default_{name}").set_value(value)
    test.multiselect(key="tune_tests").set_value([]).run()
    assert "из них размечен" not in words(test)
    sound(test.button(key="start_tuning").click().run())
    until(test, over, 120)
    shown = own(test)
    assert "училась на позициях, размеченных в few" in shown["stamp"].iloc[1] and shown["stamp"].iloc[1] in words(test)


def test_each_recipe_begins_from_its_own_numbers(home: Path) -> None:
    test = page()
    test.session_state["tune_recipe"] = "report"
    test.run()
    report = recipe.RECIPES["report"]
    assert test.number_input(key="tune_report_crop").value == report.crop == 1.0
    test.session_state["tune_mode"] = "towers"
    sound(test.run())
    assert test.number_input(key="tune_towers_rate").value == recipe.RECIPES["towers"].rate
    assert in_url(test, "tune_mode") == ["towers"] and not [n for n in test.number_input if "report" in n.key]


def test_a_name_that_is_taken_or_none_is_told_before_the_work(home: Path) -> None:
    test = page()
    test.text_input(key="tune_name").set_value("first").run()
    assert "first уже есть" in words(sound(test))
    test.text_input(key="tune_name").set_value("../x").run()
    assert "cannot name tuned weights" in words(test) and not [b for b in test.button if b.key == "start_tuning"]
    assert not jobs.recent(home, "finetune")


def test_what_was_cancelled_goes_on_with_the_same_numbers(home: Path) -> None:
    arguments = {"base": BASE, "catalogue": "shop", "name": "later", "near": False, **CHANGES}
    folder = home / "jobs" / "1700000000000-abcdef12"
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(
        json.dumps({"id": folder.name, "kind": "finetune", "arguments": arguments, "made": time.time() - 99})
    )
    (folder / "result.json").write_text(json.dumps({"status": "cancelled", "done": 3, "total": 10}))
    test = page()
    assert "Не закончено" in words(test) and "3 из 10" in words(test)
    sound(test.button(key=f"go_on_{folder.name}").click().run())
    assert jobs.recent(home, "finetune")[0].arguments == arguments
    until(test, over, 120)
    assert "later" in {one.name for one in Bench(home).tuned()}
    assert "Не закончено" not in words(sound(test))  # the same arguments have been done since


def test_the_curves_say_which_epoch_was_kept_and_leave_out_what_was_not_measured() -> None:
    rows = [{"epoch": 0.0, "validation_loss": 2.0}, {"epoch": 1.0, "validation_loss": 1.0, "train_loss": 3.0}]
    table = curves.table(rows, {"train_loss": "learning", "validation_loss": "held-out", "R@5": "found"})
    assert list(table.columns) == ["epoch", "learning", "held-out"]
    spec = curves.spec(table, 1, "kept")
    lines = [line for line in spec["series"] if "name" in line]  # the other one writes the numbers at the axis
    assert [line["name"] for line in lines] == ["learning", "held-out"]
    assert [line.get("markLine", {}).get("data") for line in lines] == [[{"xAxis": 1}], None]
    assert "markLine" not in curves.spec(table, None, "kept")["series"][0]


def test_weights_without_a_curve_or_with_little_lineage_are_still_shown(home: Path) -> None:
    bare = home / "models" / "heads" / "first"
    (bare / "curve.csv").unlink()
    assert "нет кривой" in words(page(tuned="first"))
    assert tunings.facts(Tuned("x", bare, {"base": BASE}))[0][1] == "ruclip\\:tiny\\+x"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_second_round_says_where_it_began_and_what_both_brought_where_that_is_measured(
    language: str, home: Path
) -> None:
    first = Bench(home)
    folder = home / "models" / "heads" / "first"
    lineage = json.loads((folder / "lineage.json").read_text(encoding="utf-8"))
    assert {"ru": "предобученной", "en": "the pretrained model"}[language] in own(page(language))["began"].iloc[0]
    assert {"ru": "не измерен", "en": "Not measured"}[language] in words(page(language, tuned="first"))
    lineage["base_head"] = "round-1"
    retold(folder, lineage)
    first.evaluate([BASE, f"{BASE}+first"], "shop", "few")
    first.evaluate([BASE], "shop", "same")  # without the tuned model there is nothing to tell
    test = page(language, tuned="first")
    assert "round-1" in own(test)["began"].iloc[0] and "round-1" in words(test)
    gains = test.dataframe[1].value
    assert list(gains["queries"]) == ["few", "few"] and list(gains["metric"]) == ["P@5", "R@5"]
    means = {run.spec: first.evaluation(run.id).metrics for run in first.runs("shop", "few")}
    for _n, line in gains.iterrows():
        assert line["base"] == pytest.approx(means[BASE][line["metric"]], abs=5e-4)
        assert line["tuned"] == pytest.approx(means[f"{BASE}+first"][line["metric"]], abs=5e-4)


def retold(folder: Path, lineage: dict[str, Any]) -> None:
    """Write another lineage and the manifest that vouches for it."""
    text = json.dumps(lineage).encode()
    (folder / "lineage.json").write_bytes(text)
    manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))
    manifest["lineage.json"] = {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")
