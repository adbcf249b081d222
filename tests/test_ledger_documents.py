"""The tables of all five documents in the ledger: unknown ones say what to bring, brought ones are held to account."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from published_files import FILES, tables, write
from streamlit.testing.v1 import AppTest

from app.bench import Bench
from app.cli import main
from app.ledger import ledger_words
from data import published_tables
from data.published_layouts import DOCUMENTS, LAYOUTS, layout
from data.published_tables import RefusedRows
from data.refusals import Refused
from eval import architectures, claims_of_documents
from eval.evidence import Evidence
from eval.ledger import Entry, check, everything

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def entries(home: Path, networks: bool = False) -> dict[str, Entry]:
    """The documents' part of the ledger, by claim."""
    evidence = Evidence(home, Bench(home).store, networks)
    return {claim.id: check(claim, evidence) for claim in claims_of_documents.published(home)}


# Unknown tables


def test_every_table_of_every_document_has_a_row_without_its_values(home: Path) -> None:
    found = entries(home)
    assert set(DOCUMENTS) == {"electrical-goods", "sneakers", "groceries", "vova"}
    assert len(found) == len(LAYOUTS) == len({entry.claim.table for entry in found.values()}) == 9
    for entry in found.values():
        assert (entry.state, entry.why, entry.claim.expected) == ("absent", "published_unknown", None)
        table = layout(entry.values["file"])
        why = ledger_words.why(entry)
        assert all(text in why for text in (f"published/{table.key}.csv", table.header[-1], "uzor ledger --template"))
        assert ledger_words.claimed(entry) == ledger_words.found(entry) == "—"
        assert json.loads(json.dumps(entry.record()))["expected"] is None
    parts = [ledger_words.part(claim.table) for claim in everything(home)]
    assert list(dict.fromkeys(parts)) == ["report", "traps", *DOCUMENTS, "uzor"]


# Brought tables


def test_a_brought_number_is_held_to_those_beside_it(home: Path) -> None:
    found = entries(tables(home))
    state = {name: entry.state for name, entry in found.items()}
    assert state["matching net 0.85 precision"] == "reproduced"  # 1 / (1 + 3)
    wrong = found["matching net 0.9 precision"]
    assert wrong.wrong and wrong.value == pytest.approx(0.5)  # 1 / (1 + 1), not 0.6
    size = found["electrical-goods ResNet-18 size (MB)"]
    assert size.state == "reproduced" and size.value == pytest.approx(46.8)  # 11.7 million of four bytes
    beyond = found["vova net R@5"]  # nobody finds more of the relevant than he finds at all
    assert (beyond.state, beyond.wrong, beyond.why, beyond.value) == ("differs", True, "beyond_most", 0.7)
    assert "0.7" in ledger_words.why(beyond)
    times = found["groceries-timing as matrices times"]
    assert times.state == "reproduced" and times.value == pytest.approx(970)
    assert found["sneakers HOG CatBoost"].state == "incomparable"
    assert found["electrical-goods-items net Top-1"].claim.expected == pytest.approx(0.4)
    assert found["electrical-goods-online net RAM (MB)"].why == "other_shops"
    assert sum(entry.wrong for entry in found.values()) == 3


def test_recall_cannot_rise_with_the_threshold(home: Path) -> None:
    write(
        home,
        "matching",
        "model,threshold,recall,tp,fp,precision\na,0.85,0.30,30,10,0.75\na,0.9,0.40,20,0,\nb,0.99,0.9,,,\n",
    )
    found = entries(home)
    assert (found["matching a 0.85 recall"].why, found["matching a 0.85 recall"].value) == ("beyond_least", 0.4)
    assert (found["matching a 0.9 recall"].why, found["matching a 0.9 recall"].value) == ("beyond_most", 0.3)
    assert found["matching b 0.99 recall"].state == "incomparable"  # another model's threshold says nothing
    assert found["matching a 0.85 precision"].state == "reproduced"  # 30 / 40


def test_a_networks_parameters_are_counted_when_they_are_asked_for(home: Path) -> None:
    write(home, "electrical-goods")
    name = "electrical-goods ResNet-18 parameters (millions)"
    unasked = entries(home)
    assert (unasked[name].state, unasked[name].why) == ("absent", "networks_unasked")
    assert unasked["electrical-goods our own net parameters (millions)"].why == "no_architecture"
    asked = entries(home, networks=True)[name]
    assert asked.state == "reproduced" and asked.value == pytest.approx(11.689512)  # torchvision says the same number
    write(home, "electrical-goods", "model,parameters\nmobilenetv2_100,34\nresnet9999,1\n")
    found = entries(home, networks=True)
    assert found["electrical-goods mobilenetv2_100 parameters (millions)"].value == pytest.approx(3.504872)
    assert found["electrical-goods mobilenetv2_100 parameters (millions)"].wrong
    assert found["electrical-goods resnet9999 parameters (millions)"].why == "no_architecture"


@pytest.mark.parametrize(
    ("network", "published", "found"),
    [("MobileNetV2", "2.35", 2.34941),  # 2,223,872 without a head, and 1,281 for each of 98 classes
     ("MobileNetV2", "2.2", 2.223872), ("MobileNetV2", "3.58", 3.504872), ("MobileNetV2", "2.05", None),
     ("MobileNetV2", "3.8", None), ("EfficientNet-B0", "4.2", 4.199698)],
)  # fmt: skip
def test_a_network_may_have_a_head_of_its_own(network: str, published: str, found: float | None, home: Path) -> None:
    write(home, "electrical-goods", f"model,parameters\n{network},{published}\n")
    entry = entries(home, networks=True)[f"electrical-goods {network} parameters (millions)"]
    assert entry.state == ("differs" if found is None else "reproduced")
    assert found is None or entry.value == pytest.approx(found)


def test_rounding_is_no_contradiction(home: Path) -> None:
    text = "model,Top-1,RR,Top-3\na,0.944,0.94,0.94\nb,0.946,0.94,\nc,94.4 %,94 %,\nd,0.947,0.94,\n"
    write(home, "vova", text)
    write(
        home,
        "matching",
        "model,threshold,recall,precision,fp_tp,tp,fp\na,0.8,,0.69,0.4,,\na,0.9,,0.74,0.4,,\nb,0.8,,0.68,0.4,,\n"
        "c,0.8,,0.75,0.4,,\nd,0.8,,,,30,10\nd,0.9,,,,31,10\n",
    )
    write(home, "groceries-timing", "way,pairs,seconds,times\nby pairs,9,97,1\nas one,9,0.1,1900\nhalf,9,0.1,500\n")
    found = entries(home)
    assert {name for name, entry in found.items() if entry.wrong} == {
        "groceries-timing half times",  # 97.5 / 0.05 = 1,950 at most, 96.5 / 0.15 = 643 at least
        "matching b 0.8 precision", "matching c 0.8 precision",  # 1 / 1.45 = 0.690 to 1 / 1.35 = 0.741
        "matching d 0.8 tp", "matching d 0.9 tp",  # counts are not rounded
        "vova b Top-1", "vova b RR", "vova d Top-1", "vova d RR",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "meant"),
    [("MobileNetV2", "mobilenetv2_100"), ("ResNet-50", "resnet50"), ("resnet 101", "resnet101"),
     ("EfficientNet-B0", "efficientnet_b0"), ("ViT-B/16", "vit_base_patch16_224"), ("our net", ""), ("", "")],
)  # fmt: skip
def test_networks_are_known_by_the_names_that_documents_give_them(written: str, meant: str) -> None:
    assert architectures.named(written) == meant


# Reading


def test_wrong_rows_are_told_and_the_others_stand(home: Path) -> None:
    path = write(home, "vova", "model,Top-1,RR\na,0.5,0.6\nb,87,0.6\na,0.1,0.2\n,0.5,\nc,0.4\nd,—,n/a\ne,45 %,\n")
    table = published_tables.looked_at(path, LAYOUTS["vova"])
    assert [row.name for row in table.read] == ["a", "e"] and table.read[1].numbers == {"Top-1": 0.45}
    assert [(one.row, one.code) for one in table.refused] == [
        (3, "bad_number"), (4, "published_twice"), (5, "bad_number"), (6, "ragged"), (7, "bad_number"),
    ]  # fmt: skip
    assert "или с %" in table.refused[0].message("ru") and "87" in table.refused[0].message("ru")
    found = entries(home)
    assert found["vova a Top-1"].state == "incomparable"
    assert found["vova row 3"].state == "absent" and "row 3" in ledger_words.why(found["vova row 3"])
    with pytest.raises(RefusedRows, match="row 7"):
        published_tables.whole(path, LAYOUTS["vova"])


@pytest.mark.parametrize(
    ("text", "says"),
    [("nonsense", "one column"), ("", "nothing in the file"), ("features,knn\n", "nothing in the file"),
     ("knn,svm\n1,2\n", "lacks a column"), ("features,knn,KNN\nx,0,1\n", "same name"),
     ("features,knn\n" + "".join(f"r{n},0.5\n" for n in range(201)), "too many rows (allowed: 200 rows)")],
)  # fmt: skip
def test_a_file_that_is_no_such_table_is_one_row_that_says_why(text: str, says: str, home: Path) -> None:
    path = write(home, "sneakers", "x")
    path.write_text(text, encoding="utf-8")
    found = entries(home)["sneakers values"]
    assert (found.state, found.why) == ("absent", "published_unreadable") and says in ledger_words.why(found)


def test_a_table_that_is_too_long_is_refused_in_both_languages(home: Path) -> None:
    path = write(home, "vova", "model,Top-1\n" + "".join(f"r{n},0.5\n" for n in range(201)))
    with pytest.raises(Refused) as refused:
        published_tables.whole(path, LAYOUTS["vova"])
    said = refused.value.message("ru")
    assert said.startswith("vova.csv: В таблице слишком много строк (допустимо: строк: 200). ")
    assert "слишком много строк" in claims_of_documents.published(home)[-1].of["ru"]


@pytest.mark.parametrize("written", ['"1,234"', "1.234", '"1,0"', "2.0", "-1", "1e3"])
def test_a_count_with_a_point_or_a_comma_is_refused(written: str, home: Path) -> None:
    path = write(home, "groceries-timing", f"way,pairs,seconds\nby pairs,{written},97\nas one,1 234,0.1\n")
    table = published_tables.looked_at(path, LAYOUTS["groceries-timing"])
    assert [row.numbers["pairs"] for row in table.read] == [1234]
    assert [(one.row, one.field, one.code) for one in table.refused] == [(2, "pairs", "bad_number")]
    assert "целое число без точки и запятой" in table.refused[0].message("ru")


def test_a_refused_file_never_replaces_the_good_one(home: Path, tmp_path: Path) -> None:
    bench = Bench(home)
    good, bad = write(tmp_path, "vova"), tmp_path / "other.csv"
    assert len(bench.bring_published(good).rows) == 1
    bad.write_text("model,Top-1\nx,0.5\ny,five\n", encoding="utf-8")
    with pytest.raises(RefusedRows, match="row 3"):
        bench.bring_published(bad, "vova")
    assert (home / "published/vova.csv").read_text(encoding="utf-8") == FILES["vova"]
    with pytest.raises(LookupError, match=r"vova\.csv"):
        bench.bring_published(bad)


# The command line


def said(*words: str | Path, code: int = 0) -> Any:
    result = CliRunner().invoke(main, ["ledger", *map(str, words)])
    assert result.exit_code == code, result.output + result.stderr
    return result


@pytest.mark.parametrize("key", LAYOUTS)
def test_an_empty_table_is_written_and_comes_back_filled_in(key: str, home: Path, tmp_path: Path) -> None:
    path = tmp_path / f"{key}.csv"
    assert "--bring" in said("--template", path).stdout
    header = path.read_text(encoding="utf-8")
    assert header == LAYOUTS[key].empty() and "there already" in said("--template", path, code=2).stderr
    assert path.read_text(encoding="utf-8") == header
    names = header.strip().split(",")
    path.write_text(header + ",".join(["net", *("1" for _ in names[1:])]) + "\n", encoding="utf-8")
    Bench(home).bring_published(path)
    assert sum(entry.claim.expected == 1 for entry in entries(home).values()) == len(names) - LAYOUTS[key].keys


def test_the_command_takes_a_table_in_or_tells_every_row(home: Path, tmp_path: Path) -> None:
    bad = write(tmp_path, "vova", "model,Top-1\nx,five\ny,six\n")
    told = said("--bring", bad, code=2).stderr
    assert "row 2" in told and "row 3" in told and not (home / "published").exists()
    found = said("--bring", write(tmp_path, "vova"), code=1).stdout
    assert "ours in this layout: uzor evaluate" in found
    assert "taken in, rows: 1" in found and "net: Top-1" in found and "DIFFERS" in found
    assert "nowhere" in said("--template", tmp_path / "nowhere.csv", code=2).stderr


# The screen


def opened(language: str = "en", **params: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=120)
    test.context = {"locale": "ru-RU" if language == "ru" else "en-US"}
    for name, value in params.items():
        test.query_params[name] = value
    test.switch_page(str(ROOT / "pages/ledger.py"))
    return well(test.run())


def well(test: AppTest) -> AppTest:
    assert not test.exception, test.exception
    return test


def words(test: AppTest) -> str:
    kinds = ("title", "header", "markdown", "caption", "success")
    return "\n".join(str(e.value) for kind in kinds for e in test.get(kind)).replace("\\", "")


def cells(test: AppTest) -> str:
    return "\n".join(str(cell) for table in test.table for cell in table.value.to_numpy().ravel()).replace("\\", "")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_has_a_section_for_every_table(language: str, home: Path) -> None:
    test = opened(language)
    headings = [h.value for h in test.header]
    for key in LAYOUTS:
        assert ledger_words.TABLES[f"document-{key}"] in headings or language == "ru"
    russian = {"VOVA: фото → товар", "Кроссовки: признаки × классификаторы"}
    assert language == "en" or russian <= set(headings)
    assert cells(test).count("published/") == len(LAYOUTS)
    one = opened(language, ledger_part="groceries")
    assert len(one.header) == 2 and cells(one).count("published/") == 2
    about = cells(opened(language, ledger_part="vova", claim="vova values"))
    assert {"ru": "только если кто-то переписал", "en": "only where somebody copied"}[language] in about
    assert opened(language, ledger_part="<b>").session_state["ledger_part"] == ""


def test_a_table_is_brought_on_the_page_and_a_wrong_one_leaves_it(home: Path) -> None:
    test = opened(ledger_part="vova", published="vova")
    test.get("file_uploader")[0].set_value(("table.csv", FILES["vova"].encode(), "text/csv"))
    well(test.run())
    well(test.button(key="published_go").click().run())
    assert "VOVA: photo → item: 1 row taken in." in words(test)
    assert "net: Top-1" in cells(test) and cells(test).count(":red-badge") == 2  # R@5 and Top-5 disagree
    test.get("file_uploader")[0].set_value(("table.csv", b"model,Top-1\nx,five\ny,0.4\nz,six\n", "text/csv"))
    well(test.run())
    well(test.button(key="published_go").click().run())
    assert "row 2" in words(test) and "row 4" in words(test) and "net: Top-1" in cells(test)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_published_words_are_shown_and_never_obeyed(language: str, home: Path) -> None:
    write(home, "vova", "model,Top-1\n<img src=x>![a](http://b/c),0.5\n")
    test = opened(language, ledger_part="vova")
    shown = "\n".join(str(cell) for table in test.table for cell in table.value.to_numpy().ravel())
    assert "\\!\\[a\\]" in shown and not re.search(r"(?<!\\)!\[", shown)


def test_the_page_needs_no_torch_and_no_timm(home: Path, tmp_path: Path) -> None:
    tables(home)
    light = tmp_path / "light.py"
    light.write_text(
        f"import sys\nsys.path[:0] = [{str(ROOT)!r}]\nfrom streamlit.testing.v1 import AppTest\n"
        f"test = AppTest.from_file({str(ROOT / 'app/main.py')!r}, default_timeout=120)\n"
        f"test.switch_page({str(ROOT / 'pages/ledger.py')!r}).run()\n"
        "assert not test.exception and len(test.table) > 20, test.exception\n"
        "print(sorted({'torch', 'timm', 'open_clip', 'umap', 'sklearn'} & set(sys.modules)))\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(light)], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"
