"""What is new to the log: merged sets, grades that go back, files of elsewhere, words that change."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_shop import tiny_shop

from app.bench import Bench
from data import queries
from data.judgments import QuerySet, TextQuery
from eval import workspace
from eval.judging import files, merging, rows
from eval.judging.log import JudgmentLog
from eval.judging.rows import IMPORTED, Judgment

ASKED = QuerySet(
    "asked", "1", "shop", (TextQuery("1", "круг"), TextQuery("2", "квадрат")), {"1": {"a": 2}, "2": {"b": 1, "c": 0}}
)


def said(query: str, item: str, grade: int | None, rater: str = "anna", **more: object) -> Judgment:
    kind = "grade" if grade is not None else "unsure"
    return Judgment("asked", query, item, grade, **{"kind": kind, "rater": rater, **more})  # type: ignore[arg-type]


def graded(query_set: QuerySet, query: str, item: str, grade: int) -> QuerySet:
    changed = {**query_set.judgments, query: {**query_set.judgments.get(query, {}), item: grade}}
    return replace(query_set, judgments=changed)


# query sets


def test_a_merged_set_is_taken_in_by_a_log_that_does_not_know_it_and_not_doubled_by_the_one_it_came_from(
    tmp_path: Path,
) -> None:
    own, fresh = JudgmentLog(tmp_path / "own"), JudgmentLog(tmp_path / "fresh")
    own.begin(ASKED)
    own.append([said("2", "b", 0), said("1", "new", 1)])
    merged = merging.version(ASKED, own.rows("asked"))
    assert own.begin(merged) == 0
    assert [fresh.begin(merged), fresh.begin(merged)] == [4, 0]
    assert merging.labels(merging.opinions(fresh.rows("asked"))) == merged.judgments
    own.append([said("1", "a", 0)])
    assert own.begin(merged) == 0, "what was said since does not make the version strange"
    again = JudgmentLog(tmp_path / "own")
    assert [again.begin(ASKED), again.begin(merged)] == [0, 0]


def test_a_merged_set_of_elsewhere_adds_only_what_is_not_known(tmp_path: Path) -> None:
    there, here = JudgmentLog(tmp_path / "there"), JudgmentLog(tmp_path / "here")
    for log in (there, here):
        log.begin(ASKED)
    there.append([said("1", "new", 2), said("2", "c", 1)])
    here.append([said("1", "new", 2, "boris")])
    merged = merging.version(ASKED, there.rows("asked"))
    assert here.begin(merged) == 1 and here.begin(merged) == 0
    newest = here.rows("asked")[-1]
    assert (newest.pair, newest.grade, newest.source) == (("2", "c"), 1, IMPORTED)


def test_a_name_that_only_looks_merged_is_taken_in_like_any(tmp_path: Path) -> None:
    assert JudgmentLog(tmp_path).begin(replace(ASKED, version="judged by hand")) == 3


def test_a_grade_that_goes_back_and_forth_with_the_set_is_followed(tmp_path: Path) -> None:
    log, lower = JudgmentLog(tmp_path), graded(ASKED, "1", "a", 1)
    assert [log.begin(one) for one in (ASKED, lower, ASKED, lower, ASKED, ASKED)] == [3, 1, 1, 1, 1, 0]
    assert [row.grade for row in log.rows("asked") if row.pair == ("1", "a")] == [2, 1, 2, 1, 2]
    assert merging.labels(merging.opinions(log.rows("asked")))["1"]["a"] == 2
    assert JudgmentLog(tmp_path).damaged() == {}


def test_what_was_imported_since_is_not_undone_by_the_set_it_corrects(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    log.begin(ASKED)
    log.append([Judgment("asked", "1", "a", 0, source=IMPORTED)])
    assert log.begin(ASKED) == JudgmentLog(tmp_path).begin(ASKED) == 0
    log.begin(graded(ASKED, "2", "c", 2))
    assert merging.labels(merging.opinions(log.rows("asked"))) == {"1": {"a": 0}, "2": {"b": 1, "c": 2}}


def test_a_log_of_before_knows_what_came_with_its_set(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    came = [(q, i, g) for q, judged in ASKED.judgments.items() for i, g in judged.items()]
    log.append([Judgment("asked", q, i, g, source=IMPORTED, event=workspace.key("imported", "asked", q, i, g))
                for q, i, g in came])  # fmt: skip
    assert log.begin(ASKED) == 0 and log.begin(graded(ASKED, "1", "a", 1)) == 1 and log.begin(ASKED) == 1


def test_two_that_begin_at_once_write_each_judgment_once(tmp_path: Path) -> None:
    one, two = JudgmentLog(tmp_path), JudgmentLog(tmp_path)
    before = two.rows("asked")
    one.begin(ASKED)
    assert two.append(rows_of_a_set(before)) == 0


def rows_of_a_set(known: tuple[Judgment, ...]) -> list[Judgment]:
    from eval.judging import arriving

    return arriving.came(ASKED, known)


def test_two_workspaces_with_unlike_sets_over_one_log_do_not_answer_each_other_for_ever(tmp_path: Path) -> None:
    ours, theirs, lower = JudgmentLog(tmp_path), JudgmentLog(tmp_path), graded(ASKED, "1", "a", 1)
    assert [log.begin(one) for log, one in ((ours, ASKED), (theirs, lower), (ours, ASKED), (theirs, lower))] == [
        3, 1, 0, 0]  # fmt: skip


def test_a_set_that_another_process_changed_and_changed_back_is_looked_at_again(bench: Bench) -> None:
    asked, item = bench.query_set("asked"), "north-star-2c5aa0"
    query = asked.queries[0].id
    first = graded(asked, query, item, 2)
    queries.save(bench.home, first)
    bench.judged("asked")
    queries.save(bench.home, graded(asked, query, item, 1))
    Bench(bench.home).judged("asked")
    queries.save(bench.home, first)
    assert bench.judged("asked").labels[query][item] == 2
    assert [row.grade for row in bench.judgments.rows("asked") if row.pair == (query, item)] == [2, 1, 2]


# taking back


def test_taking_a_second_judgment_back_brings_the_first_one_back() -> None:
    rows_ = [said("1", "x", 2), said("1", "x", 0), said("1", "x", 1, "boris"), said("1", "x", None, kind="withdrawn")]
    numbered = [replace(row, sequence=n) for n, row in enumerate(rows_, 1)]
    held = merging.opinions(numbered)
    assert {who: row.grade for who, row in held["1", "x"].items()} == {"anna": 2, "boris": 1}
    more = [*numbered, replace(rows_[-1], sequence=5), replace(rows_[-1], sequence=6)]
    assert {who: row.grade for who, row in merging.opinions(more)["1", "x"].items()} == {"boris": 1}


# words


def test_a_row_keeps_what_the_querys_words_were_and_the_chain_covers_it(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    log.begin(ASKED)
    log.append([said("1", "x", 2, wording=rows.wording("круг")), said("1", "y", 2)])
    kept = {row.item: row.wording for row in JudgmentLog(tmp_path).rows("asked")}
    assert kept == {"a": rows.wording("круг"), "b": rows.wording("квадрат"), "c": rows.wording("квадрат"),
                    "x": rows.wording("круг"), "y": ""}  # fmt: skip
    assert log.damaged() == {}
    log.close()
    for change in ("NULL", f"'{rows.wording('овал')}'"):
        with sqlite3.connect(tmp_path / "uzor.db") as raw:
            raw.execute(f"UPDATE judgments SET wording = {change} WHERE sequence = 4")
        raw.close()
        assert list(JudgmentLog(tmp_path).damaged()) == [4]


def test_a_log_without_the_column_gets_it_and_its_rows_stay_whole(tmp_path: Path) -> None:
    log = JudgmentLog(tmp_path)
    log.append([said("1", "x", 2), said("1", "y", 1)])
    log.close()
    with sqlite3.connect(tmp_path / "uzor.db") as raw:
        raw.execute("ALTER TABLE judgments DROP COLUMN wording")
    raw.close()
    one, two = JudgmentLog(tmp_path), JudgmentLog(tmp_path)
    assert [row.wording for row in one.rows("asked")] == ["", ""] and one.damaged() == {}
    two.append([said("1", "z", 0, wording=rows.wording("круг"))])
    assert one.rows("asked")[-1].wording == rows.wording("круг") and one.damaged() == {}


# files


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    shop, made = tiny_shop(tmp_path / "shop"), Bench(tmp_path / "home")
    made.import_catalogue(shop.csv, name="shop")
    made.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    made.add_query_set([shop.queries, shop.qrels], "shop", name="other")
    return made


def pair_of(bench: Bench) -> tuple[str, str]:
    query = bench.query_set("asked").queries[0].id
    return query, "north-star-2c5aa0"


def test_a_file_of_another_set_with_the_same_queries_is_taken_whole_and_only_once(bench: Bench, tmp_path: Path) -> None:
    pair = pair_of(bench)
    bench.judge([Judgment("asked", *pair, 2, rater="anna"), Judgment("asked", *pair, 0, rater="boris")])
    for form in ("json", "csv"):
        path = tmp_path / f"asked.{form}"
        bench.write_judgments("asked", path, form)
        count = len(bench.judgments.rows("asked"))
        found = bench.import_judgments(path, "other")
        assert (found.new, found.known) == ((count, 0) if form == "json" else (0, count))
    held = bench.judged("other").opinions[pair]
    assert {who: row.grade for who, row in held.items() if row.rater} == {"anna": 2, "boris": 0}
    assert bench.import_judgments(tmp_path / "asked.json", "asked").new == 0
    assert bench.judgments.damaged() == {}


def test_a_grade_changed_in_an_exported_file_is_a_judgment_of_its_own(bench: Bench, tmp_path: Path) -> None:
    pair, path = pair_of(bench), tmp_path / "asked.json"
    bench.judge([Judgment("asked", *pair, 2, rater="anna")])
    bench.write_judgments("asked", path, "json")
    record = json.loads(path.read_text(encoding="utf-8"))
    next(row for row in record["judgments"] if row["rater"] == "anna")["grade"] = 0
    path.write_text(json.dumps(record), encoding="utf-8")
    assert [bench.import_judgments(path, "asked").new for _ in range(2)] == [1, 0]
    assert bench.judged("asked").labels[pair[0]][pair[1]] == 0


def test_rows_of_one_file_follow_one_another(bench: Bench, tmp_path: Path) -> None:
    query, item = pair_of(bench)
    path = tmp_path / "qrels.txt"
    path.write_text(f"{query} 0 {item} 2\n", encoding="utf-8")
    assert bench.import_judgments(path, "asked", "eva").new == 1
    path.write_text(f"{query} 0 {item} 1\n{query} 0 {item} 2\n{query} 0 {item} 2\n", encoding="utf-8")
    found = bench.import_judgments(path, "asked", "eva")
    assert (found.new, found.known) == (2, 1) and bench.judged("asked").labels[query][item] == 2


def test_one_event_for_two_judgments_in_a_file_loses_neither(bench: Bench, tmp_path: Path) -> None:
    query, item = pair_of(bench)
    rows_ = [
        Judgment("asked", query, one, 1, rater="eva", event="e" * 32, made="2026-01-01") for one in (item, "other")
    ]
    path = tmp_path / "two.json"
    path.write_text(files.to_json(rows_, bench.query_set("asked")), encoding="utf-8")
    assert bench.import_judgments(path, "asked").new == 2 and bench.import_judgments(path, "asked").new == 0


def test_guidelines_come_with_a_file_where_nobody_has_written_any(bench: Bench, tmp_path: Path) -> None:
    bench.judge([Judgment("asked", *pair_of(bench), 2, rater="anna")])
    bench.judgments.guide("asked", "Only what is seen counts.", "anna")
    path = tmp_path / "asked.json"
    bench.write_judgments("asked", path, "json")
    assert bench.import_judgments(path, "asked").guidelines == ""
    assert bench.import_judgments(path, "other").guidelines == "taken"
    assert bench.judgments.guidelines("other") == "Only what is seen counts."
    bench.judgments.guide("other", "Our own.", "boris")
    assert bench.import_judgments(path, "other").guidelines == "kept"
    assert bench.judgments.guidelines("other") == "Our own."


def test_a_judgment_is_for_the_words_of_its_moment_also_out_and_in_again(bench: Bench, tmp_path: Path) -> None:
    pair, asked = pair_of(bench), bench.query_set("asked")
    words = asked.query(pair[0]).text
    bench.judge([Judgment("asked", *pair, 2, rater="anna")])
    bench.write_judgments("asked", tmp_path / "a.csv", "csv")
    changed = tuple(replace(q, text="совсем другое") if q.id == pair[0] else q for q in asked.queries)
    queries.save(bench.home, replace(asked, queries=changed))
    bench.judge([Judgment("asked", *pair, 1, rater="boris")])
    bench.import_judgments(tmp_path / "a.csv", "other")
    kept = {(row.query_set, row.rater): row.wording for name in ("asked", "other")
            for row in bench.judgments.rows(name) if row.rater}  # fmt: skip
    assert kept == {("asked", "anna"): rows.wording(words), ("asked", "boris"): rows.wording("совсем другое"),
                    ("other", "anna"): rows.wording(words)}  # fmt: skip
