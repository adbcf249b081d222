"""Judgments in and out: TREC, CSV, JSON; candidates by description; the Bench's use cases and the commands."""

from __future__ import annotations

import json
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as some
from tiny_shop import tiny_shop

from app.bench import Bench
from app.cli import main
from data.errors import Unavailable
from data.judgments import QuerySetError
from data.queries import QuerySet, TextQuery
from eval.doctor import examine
from eval.judging import candidates, files, reading
from eval.judging.rows import Judgment, Seen

ASKED = QuerySet("asked", "1", "shop", (TextQuery("1", "круг"), TextQuery("2", "=квадрат")), {"1": {"a": 2}})
TEXT = some.text(some.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
NAME = TEXT.map(lambda t: "n" + t)
ROWS = some.lists(
    some.builds(
        lambda q, item, grade, rater, source, saw, comment: Judgment(
            "asked", q, item, grade, "grade" if grade is not None else "unsure", rater, source, saw, comment
        ),
        some.sampled_from("12"), NAME, some.one_of(some.none(), some.integers(0, 2)), NAME,
        some.sampled_from(["rater", "imported", "jury"]),
        some.lists(some.builds(Seen, NAME, TEXT, some.integers(1, 99)), max_size=2).map(tuple), TEXT,
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def stored(rows: list[Judgment]) -> list[Judgment]:
    return [replace(row, event=f"{n:032x}", made="2026-11-21T00:00:00.000+00:00") for n, row in enumerate(rows)]


@settings(max_examples=80, deadline=None)
@given(ROWS, some.booleans())
def test_what_goes_out_as_csv_or_json_comes_back_the_same(rows: list[Judgment], raw: bool) -> None:
    import tempfile

    rows = stored(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "judgments"
        for text in (files.csv(rows, ASKED, raw), files.to_json(rows, ASKED, "be fair")):
            path.write_text(text, encoding="utf-8", newline="")
            assert reading.read(path, ASKED) == rows


def test_a_csv_for_people_runs_no_formula() -> None:
    rows = stored([Judgment("asked", "2", "=1+1", 2, rater="@anna", comment="=HYPERLINK(1)")])
    text = files.csv(rows, ASKED)
    cells = text.splitlines()[1].split(",")
    assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "@", "+", "-"))], cells
    assert ",=1+1," in files.csv(rows, ASKED, raw=True)


def test_trec_is_read_with_what_is_known_of_it_and_written_as_it_should_be(tmp_path: Path) -> None:
    path = tmp_path / "qrels.txt"
    path.write_text("1 0 a 2\n2 0 b 0\n", encoding="utf-8")
    first, second = reading.read(path, ASKED, "anna", "rater", ["ruclip:a"])
    assert (first.pair, first.grade, first.rater, first.saw) == (("1", "a"), 2, "anna", (Seen("ruclip:a"),))
    assert second.grade == 0
    assert files.trec({"1": {"a": 2}, "2": {"b": 0}}) == "1 0 a 2\n2 0 b 0\n"
    with pytest.raises(ValueError, match="TREC"):
        files.trec({"1": {"a b": 1}})


@pytest.mark.parametrize(
    ("text", "codes"),
    [("1 0 a\n1 0 b 1\n", ["no"]), ("1 0 a 1\n9 0 b 1\n1 0 c\n", ["unknown_query", "bad_line"]),
     ("query_id,item,grade\n1,a,good\n1,b\n", ["bad_grade", "ragged"]), ("a,b\n1,2\n", ["missing_column"]),
     ('{"format": "other"}', ["bad_json"]), ("{", ["bad_json"]), ("", ["no"]),
     ('{"format": "uzor judgments 1", "judgments": [{"query_id": "1", "item": "a", "kind": "loud"}, 7]}',
      ["bad_grade", "bad_json"])],
)  # fmt: skip
def test_every_line_that_is_wrong_is_told_and_nothing_is_taken(text: str, codes: list[str], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((QuerySetError, ValueError)) as caught:
        reading.read(path, ASKED)
    if codes != ["no"]:
        assert [problem.code for problem in caught.value.problems] == codes  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("judge")
    shop, made = tiny_shop(folder / "shop"), Bench(folder / "home")
    made.import_catalogue(shop.csv, name="shop")
    made.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    made.evaluate(["bm25", "chance"], "shop", "asked")
    return made


def test_the_bench_judges_undoes_merges_and_a_run_keeps_its_judgments(bench: Bench) -> None:
    runs = [run.id for run in bench.runs("shop", "asked")]
    before = bench.evaluation(runs[0]).metrics
    judged = bench.judged("asked")
    pool = bench.pool("asked", runs, 10)
    left = bench.waiting(judged, pool, "anna")
    assert left and all(item not in judged.query_set.judgments[query] for query, item in left)
    pair = left[0]
    bench.judge([Judgment("asked", *pair, 2, rater="anna", saw=pool[pair])])
    assert pair not in bench.waiting(bench.judged("asked"), pool, "anna")
    assert pair not in bench.waiting(bench.judged("asked"), pool, "boris"), "somebody has graded it"
    assert pair in bench.waiting(bench.judged("asked"), pool, "boris", "second")
    assert bench.judged("asked").labels[pair[0]][pair[1]] == 2
    back = bench.withdraw("asked", "anna")
    assert back is not None and back.pair == pair and bench.withdraw("asked", "anna") is None
    assert pair in bench.waiting(bench.judged("asked"), pool, "anna")
    bench.judge([Judgment("asked", *pair, 1, rater="anna", saw=pool[pair])])
    made = bench.adopt("asked")
    assert bench.query_set("asked").fingerprint == made.fingerprint and made.judgments[pair[0]][pair[1]] == 1
    assert bench.evaluation(runs[0]).metrics == before
    again = bench.evaluate(["bm25"], "shop", "asked")[0]
    assert again.run.facts["judgments"][pair[0]][pair[1]] == 1


def test_bounds_of_the_bench_contain_what_the_evaluation_says(bench: Bench) -> None:
    run = bench.evaluate(["chance"], "shop", "asked")[0].run
    stand = bench.standing(bench.judged("asked"), [run.id], 5)
    value = bench.evaluation(run.id, 5).metrics["P@5"]
    assert stand.bounds[0].pessimistic == pytest.approx(value) and stand.bounds[0].optimistic >= value


def test_candidates_by_words_join_the_pool(bench: Bench) -> None:
    runs = [run.id for run in bench.runs("shop", "asked") if run.spec == "chance"][:1]
    found = bench.propose("asked", "bm25", 3)
    assert found.name == "bm25" and max(map(len, found.items.values())) == 3
    plain, more = bench.pool("asked", runs, 3), bench.pool("asked", runs, 3, described=True)
    assert set(more) - set(plain) and any(Seen("bm25", "", 1) in seen for seen in more.values())
    with pytest.raises(LookupError, match="bm25"):
        bench.propose("asked", "ruclip:x")


def test_sentence_models_that_are_not_here_are_told_with_the_way_to_get_them(bench: Bench, monkeypatch: Any) -> None:
    with pytest.raises(Unavailable, match="sbert-ru") as caught:
        bench.propose("asked", "sbert:sbert-ru")
    assert "modules.json" in caught.value.remedy
    folder = bench.home / "models" / "sbert-ru"
    folder.mkdir()
    (folder / "modules.json").write_text("[]", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(Unavailable, match="sentence-transformers") as caught:
        bench.propose("asked", "sbert:sbert-ru")
    assert caught.value.remedy == "pip install sentence-transformers"


def test_a_sentence_model_ranks_items_by_the_cosine_of_texts(bench: Bench, monkeypatch: Any) -> None:
    class Model:
        def __init__(self, place: str, **how: Any) -> None:
            assert Path(place).is_dir() and how["local_files_only"]

        def encode(self, texts: list[str], **how: Any) -> np.ndarray:
            letters = np.array(
                [[text.lower().count(c) for c in "абвгдежзиклмнопрстуфхцчшщыьюя"] for text in texts], float
            )
            return letters / np.maximum(np.linalg.norm(letters, axis=1, keepdims=True), 1e-9)

    monkeypatch.setitem(sys.modules, "sentence_transformers", types.SimpleNamespace(SentenceTransformer=Model))
    (bench.home / "models" / "sbert-ru").mkdir(exist_ok=True)
    (bench.home / "models" / "sbert-ru" / "modules.json").write_text("[]", encoding="utf-8")
    found = bench.propose("asked", "sbert:sbert-ru", 8)
    assert candidates.known(bench.home) == ["sbert-ru"] and found.name == "sbert:sbert-ru"
    triangles = next(q.id for q in bench.query_set("asked").queries if q.text == "треугольник")
    assert all("triangle" in item for item in found.items[triangles])
    assert {one.name for one in candidates.kept(bench.home, bench.query_set("asked"))} >= {"sbert:sbert-ru"}


@pytest.fixture
def uzor(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("UZOR_HOME", str(bench.home))
    return lambda *words: CliRunner().invoke(main, ["judge", *map(str, words)])


def test_the_commands_export_and_import_without_doubling(uzor: Any, bench: Bench, tmp_path: Path) -> None:
    out = tmp_path / "all.json"
    assert uzor("export", out, "--queries", "asked").exit_code == 0
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record["format"] == files.FORMAT and len(record["judgments"]) == len(bench.judgments.rows("asked"))
    again = uzor("import", out, "--queries", "asked", "--json")
    known = len(record["judgments"])
    assert json.loads(again.stdout) == {"query_set": "asked", "new": 0, "known": known, "guidelines": ""}
    qrels = tmp_path / "qrels.txt"
    uzor("export", qrels, "--queries", "asked", "--rule", "strictest")
    assert len(qrels.read_text().splitlines()) == sum(map(len, bench.judged("asked", "strictest").labels.values()))
    new = uzor("import", qrels, "--queries", "asked", "--rater", "eva", "--saw", "bm25", "--json")
    assert json.loads(new.stdout)["new"] == len(qrels.read_text().splitlines())
    again = uzor("import", qrels, "--queries", "asked", "--rater", "eva", "--saw", "bm25", "--json")
    assert json.loads(again.stdout)["new"] == 0, "eva says nothing new"
    table = tmp_path / "all.csv"
    assert uzor("export", table, "--queries", "asked").exit_code == 0 and "eva" in table.read_text(encoding="utf-8")
    found = uzor("agreement", "--queries", "asked")
    assert found.exit_code == 0 and found.stdout.startswith("alpha")
    assert "judged" in uzor("merge", "--queries", "asked").stdout
    assert "bm25" in uzor("candidates", "--queries", "asked", "--depth", 2).stdout
    wrong = uzor("import", tmp_path / "nothing", "--queries", "asked")
    assert wrong.exit_code == 2 and "nothing" in wrong.stderr


def test_the_doctor_reads_every_judgment(bench: Bench) -> None:
    import sqlite3

    def kinds() -> list[str]:
        return [finding.state for finding in examine(bench.home) if finding.kind == "judgments"]

    assert kinds() == ["ok"]
    with sqlite3.connect(bench.home / "uzor.db") as raw:
        raw.execute("UPDATE judgments SET grade = 1 WHERE sequence = 1")
    raw.close()
    assert kinds() == ["damaged"]
    with sqlite3.connect(bench.home / "uzor.db") as raw:
        raw.execute("UPDATE judgments SET grade = 2 WHERE sequence = 1")
    raw.close()
    assert kinds() == ["ok"]
