"""Query sets: three forms of file, every problem with its line, judgments the catalogue lacks counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import queries, storage
from data.queries import QuerySet, QuerySetError, TextQuery
from data.refusals import Note, Refused

SHARED = Path(__file__).parent.parent.parent / "shared"
EMOJI, EMBROIDERY = SHARED / "catalogues" / "emoji", SHARED / "reference" / "embroidery-24"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared catalogues (../shared) are not on this machine"
)


def files(folder: Path, texts: str, judged: str) -> tuple[Path, Path]:
    (folder / "queries.tsv").write_text(texts, "utf-8")
    (folder / "qrels.txt").write_text(judged, "utf-8")
    return folder / "queries.tsv", folder / "qrels.txt"


def problems(error: QuerySetError) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.row, problem.code) for problem in error.problems]


@pytest.fixture
def cats(tmp_path) -> QuerySet:
    paths = files(
        tmp_path, "q1\tкот\nq2\tсобака\tживотные|дом\nq3\tдом\n", "q1 0 a 2\nq1 0 b 0\nq1 0 c 1\nq2 0 d 1\nq2 0 z -1\n"
    )
    return queries.read_tsv(*paths, name="cats", catalogue="shop")


def test_queries_and_graded_judgments_are_read(cats):
    assert cats.queries == (
        TextQuery("q1", "кот"),
        TextQuery("q2", "собака", ("животные", "дом")),
        TextQuery("q3", "дом"),
    )
    assert cats.judgments == {"q1": {"a": 2, "b": 0, "c": 1}, "q2": {"d": 1, "z": -1}}
    assert cats.relevant("q1") == {"a", "c"} and cats.judged("q2") == {"d": 1, "z": -1}
    assert cats.relevant("q3") == frozenset() and cats.pool == {"a", "b", "c", "d", "z"}
    with pytest.raises(LookupError, match="cats has no query 'q9'"):
        cats.relevant("q9")


def test_judgments_that_the_catalogue_lacks_are_counted_and_named(cats):
    covered = cats.against(["a", "b", "x"])
    assert (covered.known, covered.unknown) == (2, 3)
    assert covered.unknown_items == {"q1": ("c",), "q2": ("d", "z")}
    assert covered.without_relevant == ("q2", "q3")
    whole = cats.against({"a", "b", "c", "d", "z"})
    assert (whole.known, whole.unknown, whole.unknown_items, whole.without_relevant) == (5, 0, {}, ("q3",))


def test_every_problem_is_named_with_its_line_all_at_once(tmp_path):
    texts = "q1\tкот\nнет табуляции\nq1\tопять\n\tбез ключа\nq4\t  \n\nq5\tдом\n"
    judged = "q1 0 a 1\nq1 0 a 0\nq1 0 b\nq9 0 a 1\nq1 0 c good\nq1 0 a 1\nq1 0 d 1.5\n"
    with pytest.raises(QuerySetError) as caught:
        queries.read_tsv(*files(tmp_path, texts, judged))
    assert problems(caught.value) == [
        ("queries.tsv", 2, "bad_line"), ("queries.tsv", 3, "duplicate_query"), ("queries.tsv", 4, "missing_field"),
        ("queries.tsv", 5, "empty_text"), ("qrels.txt", 2, "contradiction"), ("qrels.txt", 3, "bad_line"),
        ("qrels.txt", 4, "unknown_query"), ("qrels.txt", 5, "bad_grade"), ("qrels.txt", 7, "bad_grade"),
    ]  # fmt: skip
    assert str(caught.value).startswith("9 problems") and "row 5" in str(caught.value)
    assert caught.value.message("ru").count("\n") == 8 and "строка 5" in caught.value.message("ru")


def test_the_same_judgment_twice_is_noted_and_counts_once(tmp_path):
    read = queries.read_tsv(*files(tmp_path, "1\tкот\n", "1 0 a 1\n1 0 b 1\n1 0 a 1\n"))
    assert read.judgments == {"1": {"a": 1, "b": 1}} and read.notes == (Note("duplicate_judgment", 1, rows=(3,)),)


def test_a_header_and_a_byte_order_mark_do_no_harm(tmp_path):
    read = queries.read_tsv(*files(tmp_path, "\ufeffid\ttext\r\n1\tкот\r\n", "\ufeff1\t0\ta b\t1\r\n"))
    assert read.queries == (TextQuery("1", "кот"),) and read.judgments == {"1": {"a b": 1}}


def test_a_cp1251_file_is_read_and_a_broken_line_named(tmp_path):
    paths = files(tmp_path, "", "1 0 a 1\n")
    paths[0].write_bytes("1\tкрасивый котёнок\n".encode("cp1251"))
    assert queries.read_tsv(*paths).queries[0].text == "красивый котёнок"
    paths[0].write_bytes("1\tкот\n".encode() + "2\tпёс\n".encode("cp1251") + "3\tдом\n".encode())
    with pytest.raises(QuerySetError) as caught:
        queries.read_tsv(*paths)
    assert problems(caught.value) == [("queries.tsv", 2, "encoding")]


def test_texts_are_normalised_with_a_note(tmp_path):
    read = queries.read_tsv(*files(tmp_path, f"1\tи\u0306од\n2\t{'x' * 600}\n", "1 0 a 1\n"))
    assert [len(query.text) for query in read.queries] == [3, 500]
    assert read.notes == (Note("text_changed", 2, rows=(1, 2)),)


def test_a_file_without_queries_says_so(tmp_path):
    with pytest.raises(QuerySetError) as caught:
        queries.read_tsv(*files(tmp_path, "\n\n", "\n"))
    assert problems(caught.value) == [("queries.tsv", 0, "no_queries")]


# CSV


@pytest.mark.parametrize(
    "text",
    ["query,item,grade\nкот,a,2\nкот,b,0\n«дом, милый»,c,1\n".replace("«", '"').replace("»", '"'),
     'Запрос;Товар;Оценка\nкот;a;2\nкот;b;0\n"дом, милый";c;1\n',
     'grade\tquery\titem\n2\tкот\ta\n0\tкот\tb\n1\tдом, милый\tc\n'],
)  # fmt: skip
def test_a_table_of_judgments_is_read_in_any_order_and_separator(tmp_path, text):
    (tmp_path / "set.csv").write_text(text, "utf-8")
    read = queries.read_csv(tmp_path / "set.csv")
    assert read.queries == (TextQuery("1", "кот"), TextQuery("2", "дом, милый"))
    assert read.judgments == {"1": {"a": 2, "b": 0}, "2": {"c": 1}} and read.name == "set"
    assert Note("ids_made", 2, rows=(2, 4)) in read.notes


def test_a_table_may_bring_its_own_query_ids_and_no_grades(tmp_path):
    (tmp_path / "set.csv").write_text("query_id,query,item\nq7,кот,a\nq7,кот,b\n", "utf-8")
    read = queries.read_csv(tmp_path / "set.csv")
    assert read.queries == (TextQuery("q7", "кот"),) and read.judgments == {"q7": {"a": 1, "b": 1}}


def test_every_wrong_row_of_a_table_is_named(tmp_path):
    text = 'query,item,grade\nкот,a,1\nкот,a\n,b,1\nкот,,1\nкот,c,x\nкот,a,0\n"кот,d,1\n'
    (tmp_path / "set.csv").write_text(text, "utf-8")
    with pytest.raises(QuerySetError) as caught:
        queries.read_csv(tmp_path / "set.csv")
    assert [(row, code) for _, row, code in problems(caught.value)] == [
        (3, "ragged"), (4, "empty_text"), (5, "missing_field"), (6, "bad_grade"), (7, "contradiction"), (8, "quote"),
    ]  # fmt: skip


def test_a_table_without_the_columns_names_those_it_has(tmp_path):
    (tmp_path / "set.csv").write_text("a,b,c\n1,2,3\n", "utf-8")
    with pytest.raises(QuerySetError) as caught:
        queries.read_csv(tmp_path / "set.csv")
    assert caught.value.problems[0].code == "missing_column" and caught.value.problems[0].found == "a, b, c"


# JSON of the original project


def test_the_json_of_the_original_project_is_read(tmp_path):
    record = {
        "кот": [{"id": 5, "local_image_path": "data/x/5.jpg", "text": "котик"}, {"id": "a7", "grade": 2}, 9],
        "дом": [],
    }
    (tmp_path / "set.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
    read = queries.read_json(tmp_path / "set.json")
    assert read.queries == (TextQuery("1", "кот"), TextQuery("2", "дом"))
    assert read.judgments == {"1": {"5": 1, "a7": 2, "9": 1}}
    assert read.pictures == {"5": "data/x/5.jpg"}


def test_judgments_can_be_moved_to_the_ids_of_the_catalogue_by_their_pictures(tmp_path):
    record = {"кот": [{"id": n, "local_image_path": f"img/{n}.jpg"} for n in (1, 2, 3)]}
    (tmp_path / "set.json").write_text(json.dumps(record), "utf-8")
    read = queries.read_json(tmp_path / "set.json")
    images = {"img/1.jpg": "first", "img/2.jpg": "second"}
    assert read.against(["first", "second"], images).by_picture == 2
    moved = read.rekeyed(images)
    assert moved.judgments == {"1": {"first": 1, "second": 1, "3": 1}}
    covered = moved.against(["first", "second"], images)
    assert (covered.known, covered.unknown, covered.by_picture) == (2, 1, 0)


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"a": [1],\n "b": [}', [(2, "bad_json")]),
        ("[1]", [(1, "bad_json")]),
        ('{\n"a": 5,\n"b": [true, null, {}]}', [(2, "bad_json"), (3, "bad_json"), (3, "bad_json"), (3, "bad_json")]),
        ('{"a": [1],\n"a": [2]}', [(1, "duplicate_query")]),
        ('{"a": [{"id": 1, "grade": 1},\n{"id": 1, "grade": 2}]}', [(1, "contradiction")]),
        ('{"": [1]}', [(1, "empty_text")]),
        ("{}", [(0, "no_queries")]),
        ("[" * 100_000, [(0, "bad_json")]),
    ],
)
def test_wrong_json_is_named_by_line(tmp_path, text, expected):
    (tmp_path / "set.json").write_text(text, "utf-8")
    with pytest.raises(QuerySetError) as caught:
        queries.read_json(tmp_path / "set.json")
    assert [(row, code) for _, row, code in problems(caught.value)] == expected


def test_json_with_a_broken_byte_names_its_line(tmp_path):
    (tmp_path / "set.json").write_bytes('{"кот": [1],\n"'.encode() + b"\xef\xb8\xf1" + '": [2],\n"дом": [3]}'.encode())
    with pytest.raises(QuerySetError) as caught:
        queries.read_json(tmp_path / "set.json")
    assert problems(caught.value) == [("set.json", 2, "encoding")]


@needs_shared
def test_the_query_set_of_the_2025_report_is_read():
    read = queries.read_query_set(EMBROIDERY / "semantic_test_queries.json")
    assert (len(read), sum(map(len, read.judgments.values())), len(read.pool)) == (24, 335, 328)
    assert {len(read.relevant(query.id)) for query in read.queries} <= set(range(6, 19))
    assert read.queries[0].text == "котенок" and "1855" in read.relevant("1")
    assert read.pictures["1855"] == "data/embroteka_imgs/2299.jpg"


@needs_shared
def test_the_query_sets_of_the_emoji_catalogue_are_read_and_told_apart():
    noto = queries.read_query_set([EMOJI / "queries.tsv", EMOJI / "qrels-noto.txt"], catalogue="emoji")
    blob = queries.read_query_set([EMOJI / "qrels-blob.txt", EMOJI / "queries.tsv"], catalogue="emoji")
    assert (noto.name, blob.name) == ("emoji-queries-noto", "emoji-queries-blob") and noto.queries == blob.queries
    assert noto.fingerprint != blob.fingerprint
    assert all(4 <= len(noto.relevant(query.id)) <= 20 for query in noto.queries)


# which form a file has


def test_the_form_is_told_by_content(tmp_path):
    (tmp_path / "x.txt").write_text('{"кот": [1]}', "utf-8")
    (tmp_path / "y.txt").write_text("query;item\nкот;1\n", "utf-8")
    assert (
        queries.read_query_set(tmp_path / "x.txt").judgments == queries.read_query_set([tmp_path / "y.txt"]).judgments
    )


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(QuerySetError) as caught:
        queries.read_query_set([tmp_path / "a.tsv", tmp_path / "b.txt"])
    assert [problem.code for problem in caught.value.problems] == ["missing_table", "missing_table"]
    with pytest.raises(ValueError, match="3 were given"):
        queries.read_query_set([__file__] * 3)


# kept in the workspace


def test_a_query_set_is_kept_and_found_again(tmp_path, cats):
    path = queries.save(tmp_path, cats)
    assert path.name == f"cats-{cats.fingerprint[:16]}.json"
    assert queries.load(tmp_path, "cats") == cats
    assert queries.names(tmp_path) == queries.names(tmp_path, "shop") == ["cats"] and queries.names(tmp_path, "x") == []
    before = {path: path.stat().st_mtime_ns for path in storage.files_below(tmp_path)}
    queries.save(tmp_path, cats)
    assert {path: path.stat().st_mtime_ns for path in storage.files_below(tmp_path)} == before


def test_runs_find_the_version_they_were_scored_with(tmp_path, cats):
    from dataclasses import replace

    queries.save(tmp_path, cats)
    newer = replace(cats, judgments={"q1": {"a": 1}})
    queries.save(tmp_path, newer)
    assert queries.load(tmp_path, "cats").judgments == {"q1": {"a": 1}}
    assert queries.load(tmp_path, "cats", cats.fingerprint) == cats
    with pytest.raises(LookupError, match="with fingerprint 00000000"):
        queries.load(tmp_path, "cats", "0" * 64)


def test_a_name_taken_by_another_catalogue_is_not_overwritten(tmp_path, cats):
    from dataclasses import replace

    queries.save(tmp_path, cats)
    with pytest.raises(ValueError, match="belongs to catalogue 'shop'"):
        queries.save(tmp_path, replace(cats, catalogue="other"))
    for name in ("../x", "a-0123456789abcdef", ""):
        with pytest.raises(Refused):
            queries.save(tmp_path, replace(cats, name=name))


def test_a_set_that_is_not_here_names_those_that_are(tmp_path, cats):
    queries.save(tmp_path, cats)
    with pytest.raises(LookupError, match="no query set 'dogs'; there are: cats"):
        queries.load(tmp_path, "dogs")


@pytest.mark.parametrize("damage", ["grade", "cut", "text"])
def test_a_damaged_query_set_is_refused_not_scored(tmp_path, cats, damage):
    path = queries.save(tmp_path, cats)
    text = path.read_text("utf-8")
    changed = {"grade": text.replace('"a": 2', '"a": 1'), "cut": text[:-9], "text": text.replace("собака", "собаки")}
    assert changed[damage] != text
    path.write_text(changed[damage], "utf-8")
    with pytest.raises(Refused, match="uzor doctor"):
        queries.load(tmp_path, "cats")


# out again


def test_judgments_go_out_as_trec_and_come_back(tmp_path, cats):
    queries.write_qrels(cats, tmp_path / "q.txt")
    queries.write_queries(cats, tmp_path / "q.tsv")
    assert (tmp_path / "q.txt").read_text() == "q1 0 a 2\nq1 0 b 0\nq1 0 c 1\nq2 0 d 1\nq2 0 z -1\n"
    back = queries.read_tsv(tmp_path / "q.tsv", tmp_path / "q.txt", "cats", "shop")
    assert back == cats and back.fingerprint == cats.fingerprint


def test_an_id_that_trec_cannot_hold_is_said_to_be_so(tmp_path):
    spaced = QuerySet("s", "1", "c", (TextQuery("1", "кот"),), {"1": {"a b": 1}})
    with pytest.raises(ValueError, match=r"has a space.*use CSV"):
        queries.write_qrels(spaced, tmp_path / "q.txt")


KEY = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEY, st.dictionaries(KEY, st.integers(-2, 4), min_size=1, max_size=4), min_size=1, max_size=4))
def test_any_judgments_survive_csv_and_the_workspace(tmp_path, judged):
    made = QuerySet("s", "1", "c", tuple(TextQuery(key, "x" + key) for key in judged), judged)
    queries.save(tmp_path, made)
    assert queries.load(tmp_path, "s") == made
    queries.write_judgments_csv(made, tmp_path / "s.csv", raw=True)
    back = queries.read_csv(tmp_path / "s.csv", "s", "c")
    assert {query.id for query in back.queries} == set(judged)
    assert back.judgments == judged


def test_the_fingerprint_depends_on_content_only(cats):
    from dataclasses import replace

    turned = {query: dict(reversed(judged.items())) for query, judged in cats.judgments.items()}
    assert replace(cats, name="x", judgments=turned).fingerprint == cats.fingerprint
    assert replace(cats, queries=cats.queries[::-1]).fingerprint != cats.fingerprint
    assert replace(cats, judgments={}).fingerprint != cats.fingerprint
    assert hash(replace(cats, judgments=turned)) == hash(cats)


def test_a_set_of_another_projects_ids_is_fitted_by_the_paths_of_its_pictures_and_says_so(tmp_path):
    asked = QuerySet("q", "1", "c", (TextQuery("1", "кот"),), {"1": {"foreign": 2, "own": 1}},
                     pictures={"foreign": "img/1.png"})  # fmt: skip
    fitted = asked.fitted(["a", "own"], {"img/1.png": "a"})
    assert fitted.judgments == {"1": {"a": 2, "own": 1}}
    assert [(note.code, note.count) for note in fitted.notes] == [("rekeyed", 1)]
    assert asked.fitted(["foreign", "own"], {"img/1.png": "foreign"}) is asked
