"""Named groups of items: how they are kept, what leaving one out does to a task, and the same on the command line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sql
from click.testing import CliRunner
from test_retrieval import Known
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop
from tiny_worlds import PixelEncoder, catalogue

from app import searched
from app.bench import Bench
from app.cli import main
from app.language import speaking
from data.judgments import PictureQuery, QuerySet, TextQuery
from data.refusals import Refused
from eval.failures import scene
from eval.grouping import excluded, files
from eval.grouping.effect import effect
from eval.grouping.kept import GROUPS, Group, Groups
from eval.grouping.probes import changes
from eval.probing.parts import parts
from eval.records import StoreDamaged
from eval.search import VectorSearcher
from eval.store import Store
from eval.tasks import matching, probe, retrieval
from eval.tasks.matching import Side
from eval.vectors import vectors
from eval.workspace import Workspace


@pytest.fixture
def groups(tmp_path: Path) -> Groups:
    return Groups(Store(tmp_path, url=""))


def test_a_group_outlives_the_process_and_its_name_is_found_however_it_is_written(
    groups: Groups, tmp_path: Path
) -> None:
    assert groups.all("shop") == [] and not groups.any()
    made = groups.save(Group("shop", "  Подошвы  и коробки ", ("b", "a", "b"), (" вид сбоку ", "брак", "брак", "")))
    assert (made.name, made.items, made.tags) == ("Подошвы и коробки", ("b", "a"), ("вид сбоку", "брак"))
    again = Groups(Store(tmp_path, url=""))
    assert again.get("shop", "подошвы И коробки") == made and again.all("other") == []
    assert made.key == Group("x", "y", ("a", "b")).key != Group("x", "y", ("a",)).key  # what it holds, in any order


ODD = ["", "   ", "\u200d", "x" * 300, "a\u202eb", "tab\x00", "\u200b"]


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_cannot_be_one_is_refused_and_nothing_is_kept(name: str, groups: Groups) -> None:
    with pytest.raises(Refused) as told:
        groups.save(Group("shop", name, ("a",)))
    assert told.value.code == "group_name" and "80" in told.value.message("ru") and groups.all("shop") == []


@pytest.mark.parametrize(
    "name",
    ["подошвы 👟", "a/b:c", "<b>x</b>", "#1", "=1+1", "x" * 80, "«»\"';--", "..", "NUL", "семья 👨\u200d👩\u200d👧"],
)
def test_any_name_that_can_be_seen_is_kept_and_comes_back_from_its_label(name: str, groups: Groups) -> None:
    made = groups.save(Group("shop", name, ("a",)))
    assert groups.get("shop", name) == made and groups.of_label("shop", made.label) == made


def test_a_taken_name_no_items_and_too_many_tags_are_refused(groups: Groups) -> None:
    groups.save(Group("shop", "soles", ("a",)))
    groups.save(Group("shop", "boxes", ("b",)))
    for code, wrong in (
        ("group_taken", lambda: groups.save(Group("shop", "SOLES", ("b",)), new=True)),
        ("group_taken", lambda: groups.rename("shop", "boxes", "Soles")),
        ("group_empty", lambda: groups.save(Group("shop", "none", ()))),
        ("group_tags", lambda: groups.save(Group("shop", "x", ("a",), tuple(map(str, range(21)))))),
        ("group_tags", lambda: groups.save(Group("shop", "x", ("a",), ("x" * 41,)))),
        ("group_tags", lambda: groups.save(Group("shop", "x", ("a",), ("x;y",)))),
    ):
        with pytest.raises(Refused) as told:
            wrong()
        assert told.value.code == code
    assert [(g.name, g.items) for g in groups.all("shop")] == [("boxes", ("b",)), ("soles", ("a",))]
    with pytest.raises(LookupError, match="boxes, soles"):
        groups.get("shop", "laces")


def test_what_a_run_left_out_is_found_after_the_group_was_renamed_changed_and_deleted(groups: Groups) -> None:
    first = groups.save(Group("shop", "soles", ("a", "b"), ("t",)))
    renamed = groups.rename("shop", "soles", "Soles of shoes")
    assert renamed.tags == ("t",) and [g.name for g in groups.all("shop")] == ["Soles of shoes"]
    groups.save(dataclasses.replace(renamed, items=("a",)))
    groups.remove("shop", "soles of shoes")
    assert groups.all("shop") == [] and groups.of_label("shop", first.label).items == ("a", "b")
    groups.save(Group("shop", "soles", ("c",)), new=True)  # the name is free again
    with pytest.raises(LookupError, match="another workspace"):
        groups.of_label("shop", "soles#123456789abc")


def test_the_doctor_tells_a_row_that_was_changed(tmp_path: Path) -> None:
    Workspace(tmp_path).open()
    store = Store(tmp_path, url="")
    Groups(store).save(Group("shop", "soles", ("a",)))
    assert {f.state for f in Workspace(tmp_path).open().doctor() if f.kind == "groups"} == {"ok"}
    with store.engine.begin() as connection:
        connection.execute(sql.update(GROUPS).values(name="boxes"))
    told = [f for f in Workspace(tmp_path).open().doctor() if f.kind == "groups"]
    assert [f.state for f in told] == ["damaged"] and "group row 1" in told[0].says


def test_a_row_that_was_changed_is_never_used(tmp_path: Path) -> None:
    store = Store(tmp_path, url="")
    Groups(store).save(Group("shop", "soles", ("a",)))
    Groups(store).save(Group("other", "soles", ("b",)))
    with store.engine.begin() as connection:
        connection.execute(sql.update(GROUPS).where(GROUPS.c.catalogue == "shop").values(items=b"garbage"))
    with pytest.raises(StoreDamaged, match="Row 1 of the groups of shop"):
        Groups(store).all("shop")
    assert Groups(store).get("other", "soles").items == ("b",)


def test_a_row_that_comes_later_than_a_higher_one_is_seen(tmp_path: Path) -> None:
    """Servers give numbers before they commit, so that a lower one can appear after a higher one."""
    store = Store(tmp_path, url="")
    writer, reader = Groups(store), Groups(store)
    for name in ("first", "late", "third"):
        writer.save(Group("shop", name, (name,)))
    with store.engine.begin() as connection:
        late = connection.execute(sql.select(GROUPS).where(GROUPS.c.name == "late")).one()._asdict()
        connection.execute(sql.delete(GROUPS).where(GROUPS.c.name == "late"))
    assert [group.name for group in reader.all("shop")] == ["first", "third"]
    with store.engine.begin() as connection:
        connection.execute(sql.insert(GROUPS).values(late))
    assert [group.name for group in reader.history("shop")] == ["first", "late", "third"]


def out(items: Any, *ids: str, name: str = "soles") -> excluded.Excluded:
    return excluded.of([Group(items.name, name, ids)])


@pytest.fixture
def world(tmp_path: Path) -> tuple[Any, QuerySet, Known]:
    """Ten items; q1 has three relevant ones, q2 one, and q3 one that nobody else has."""
    items = catalogue(tmp_path, range(10))
    judgments = {"q1": {"i000": 2, "i001": 1, "i005": 1, "i002": 0}, "q2": {"i007": 1}, "q3": {"i003": 1}}
    asked = tuple(TextQuery(q, q) for q in judgments)
    orders = {
        "q1": ["i009", "i000", "i002", "i005", "i003", "i001", "i004", "i006", "i007", "i008"],
        "q2": ["i003", "i007", "i000", "i001", "i002", "i004", "i005", "i006", "i008", "i009"],
        "q3": ["i003", "i000", "i001", "i002", "i004", "i005", "i006", "i007", "i008", "i009"],
    }
    return items, QuerySet("asked", "1", "tiny", asked, judgments), Known(items, orders)


def test_a_group_that_is_left_out_is_neither_found_nor_counted(world: Any) -> None:
    items, asked, known = world
    run = retrieval.evaluate(items, asked, known, k=2, without=out(items, "i009", "i003", "i005", "gone"))
    scores = retrieval.scores(run, asked, ["P@2", "R@2"])
    # q1 finds i000, i002 of i000 and i001; q2 finds i007 first; q3 has no relevant item left
    assert scores.per_query["P@2"].to_dict() == {"q1": 0.5, "q2": 0.5}
    assert scores.per_query["R@2"].to_dict() == {"q1": 0.5, "q2": 1.0}
    assert scores.counts["gallery"] == 7 and scores.counts["left_out"] == ["q3"]
    assert run.settings["where"] == {excluded.WITHOUT: out(items, "i009", "i003", "i005", "gone").labels}
    assert run.facts["without"] == ["i003", "i005", "i009"]
    assert scene.gallery(run, items).tolist() == [0, 1, 2, 4, 6, 7, 8]
    with speaking("ru"):
        assert searched.parts(run.settings["where"]) == ["без группы «soles»"]
    assert searched.of(run.settings) == "catalogue, without soles"


def test_pictures_of_the_group_do_not_ask_and_the_judged_pool_stays_what_it_was(tmp_path: Path) -> None:
    items = catalogue(tmp_path, range(6))
    judgments = {"a": {"i001": 1}, "b": {"i000": 1}, "c": {"i004": 1, "i001": 1}}
    asked = tuple(PictureQuery(q, q, item=item) for q, item in (("a", "i000"), ("b", "i001"), ("c", "i005")))
    query_set = QuerySet("pictures", "1", "tiny", asked, judgments)
    encoder = PixelEncoder()
    searcher = VectorSearcher(encoder, vectors(items, encoder, tmp_path))
    run = retrieval.evaluate(items, query_set, searcher, pool="judged", k=2, without=out(items, "i000"))
    assert [r.query for r in run.rankings] == ["c"]  # a asks from the group, b has no answer outside of it
    assert set(run.facts["unasked"]) == {"a"} and retrieval.scores(run).counts["unasked"] == 1
    assert scene.gallery(run, items).tolist() == [1, 4]
    unjudged = QuerySet("pictures", "1", "tiny", asked, {})
    run = retrieval.evaluate(items, unjudged, searcher, k=2, without=out(items, "i000"))
    assert [r.query for r in run.rankings] == ["b", "c"] and run.settings["unjudged"]


def test_a_group_of_everything_or_of_every_answer_is_refused_with_what_to_do(world: Any) -> None:
    items, asked, known = world
    with pytest.raises(Refused, match="Leave out fewer groups") as told:
        retrieval.evaluate(items, asked, known, without=out(items, *items.ids))
    assert told.value.code == "group_all" and "Исключите меньше" in told.value.message("ru")
    with pytest.raises(Refused) as told:
        retrieval.evaluate(items, asked, known, without=out(items, "i000", "i001", "i005", "i007", "i003"))
    assert told.value.code == "group_answers"


def test_before_and_after_are_those_worked_by_hand(world: Any) -> None:
    items, asked, known = world
    found = effect(retrieval.evaluate(items, asked, known, k=2), {"i009", "i003"}, "P@2")
    # before: q1 i009 i000 → 1/2, q2 i003 i007 → 1/2, q3 1/2; after: q1 i000 i002 → 1/2, q2 i007 i000 → 1/2
    assert (found.before, found.after, found.whole) == (0.5, 0.5, 0.5)
    assert found.dark == ("q3",) and (found.lost, found.lost_items) == (1, 1) and found.gallery == (10, 8)
    assert found.shown == pytest.approx(3 / 6)  # i009 of q1, i003 of q2 and q3
    found = effect(retrieval.evaluate(items, asked, known, k=2), {"i009"}, "RR")
    assert found.before == pytest.approx((1 / 2 + 1 / 2 + 1) / 3) and found.after == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert found.verdict.difference == pytest.approx(1 / 6) and found.verdict.wins == 1


@pytest.mark.parametrize("metric", ["P@5", "R@5", "RR", "AP", "nDCG@5", "Rprec", "Hit@5", "Judged@5"])
@pytest.mark.parametrize("index", ["exact", "faiss"])
def test_a_stored_run_tells_what_a_run_without_the_group_finds(tmp_path: Path, metric: str, index: str) -> None:
    rng = np.random.default_rng(0)
    items, encoder = catalogue(tmp_path, range(60)), PixelEncoder()
    judged = {f"q{n}": {f"i{i:03d}": int(rng.integers(0, 3)) for i in rng.choice(60, 9, False)} for n in range(12)}
    query_set = QuerySet("asked", "1", "tiny", tuple(TextQuery(q, f"words {q}") for q in judged), judged)
    searcher = VectorSearcher(encoder, vectors(items, encoder, tmp_path), index)
    gone = [f"i{i:03d}" for i in range(0, 60, 4)]
    run = retrieval.evaluate(items, query_set, searcher)
    anew = retrieval.evaluate(items, query_set, searcher, without=out(items, *gone))
    told, measured = effect(run, gone, metric), effect(run, gone, metric, anew)
    assert dataclasses.replace(measured, measured="") == told
    assert told.after == pytest.approx(retrieval.scores(anew, chosen=[metric]).mean[metric])


def test_a_run_that_keeps_too_little_says_so(world: Any) -> None:
    items, asked, known = world
    run = retrieval.evaluate(items, asked, known, k=2, depth=3)
    with pytest.raises(Refused) as told:
        effect(run, {"i009", "i000"}, "P@2")
    assert told.value.code == "group_shallow" and "3 results" in str(told.value)
    assert effect(run, {"i004"}, "P@2").after == effect(run, {"i004"}, "P@2").before
    # i001 stands deeper than what was kept, and i004, i006, i008 stand in no list: a new run would keep the same lists
    assert effect(run, {"i004", "i006", "i008"}, "AP").after == effect(run, {"i004", "i006", "i008"}, "AP").before


def test_groups_come_back_from_their_csv_and_wrong_rows_are_told_by_number(tmp_path: Path) -> None:
    ids = ["a", "=b", "c"]
    groups = [Group("shop", "подошвы", ("a", "=b"), ("сбоку", "брак")), Group("shop", "-x", ("c",))]
    place = tmp_path / "groups.csv"
    from data import cleaning

    cleaning.write_csv(place, files.COLUMNS, files.rows(groups))
    back = files.read(place, "shop", ids)
    assert back.groups == tuple(groups) and back.rows == 3 and back.refused == ()
    wrong = ["item,group,tags", "a,soles,x", "zzz,soles,", "a,,", f"c,{'x' * 300},", "c,Soles,y", "a,soles", "c,soles,"]
    place.write_text("\n".join(wrong), encoding="utf-8")
    back = files.read(place, "shop", ids)
    assert [(g.name, g.items, g.tags) for g in back.groups] == [("soles", ("a", "c"), ("x", "y"))] and back.rows == 3
    told = [(r.row, r.code) for r in back.refused]
    assert told == [(3, "group_item"), (4, "group_name"), (5, "group_name"), (7, "ragged")]
    place.write_text("id,name\n1,2\n", encoding="utf-8")
    with pytest.raises(Refused, match="item, group"):
        files.read(place, "shop", ids)


def test_a_group_leaves_the_parts_of_a_classification_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = [f"k{n % 3}" for n in range(90)]
    items = catalogue(tmp_path, range(90), columns={"category": kinds})
    rows = np.arange(90)
    whole = parts(items, "category", rows)
    part = parts(items, "category", rows, away=frozenset(range(0, 90, 9)))
    for name in ("train", "validation", "test"):
        stay = [row for row in getattr(whole, name).tolist() if row % 9]
        assert getattr(part, name).tolist() == stay
    assert (part.truth[::9] == -1).all() and part.fingerprint != whole.fingerprint
    monkeypatch.setattr("eval.costs.sizes.file_bytes", lambda spec, home: None)  # these pixels have no files
    encoder = PixelEncoder()
    without = out(items, *(f"i{n:03d}" for n in range(0, 90, 9)))
    plain = probe.evaluate(items, encoder, tmp_path, probe.Question(near=False), ["knn"])
    other = probe.evaluate(items, encoder, tmp_path, probe.Question(near=False, without=without), ["knn"])
    assert other.settings["where"] == {excluded.WITHOUT: without.labels} and other.key != plain.key
    assert probe.asked(other, without).without == without
    with pytest.raises(ValueError, match="left out soles"):
        probe.asked(other)
    (told,) = changes(plain, other, "Top-1")
    assert told.items == len(part.test) and told.after == pytest.approx(other.cells["knn"].scores["Top-1"][0])
    right = [top[0] == true for top, true, item in zip(plain.cells["knn"].top, plain.truth, plain.test, strict=True)
             if item in set(other.test)]  # fmt: skip
    assert told.before == pytest.approx(np.mean(right)) and told.low <= told.difference <= told.high


def test_a_group_takes_no_part_in_a_matching(tmp_path: Path) -> None:
    items = catalogue(tmp_path, [0, 1, 2, 0, 1, 2], columns={"source": list("aaabbb"), "sku": list("xyzxyz")})
    encoder = PixelEncoder()
    seen = vectors(items, encoder, tmp_path)
    without = out(items, "i000", "i004")
    sides = [Side(items, source, "sku", without) for source in "ab"]
    assert [side.ids for side in sides] == [["i001", "i002"], ["i003", "i005"]]
    found = matching.evaluate(*sides, (seen, seen), "pixels")
    assert found.settings["left"] == found.settings["right"] == 2 and found.settings["pairs"] == 1
    plain = [Side(items, source, "sku") for source in "ab"]
    assert "without" not in plain[0].record() and sides[0].record() != plain[0].record()
    assert matching.key(*sides, (seen, seen), 0, 10) != matching.key(*plain, (seen, seen), 0, 10)
    with pytest.raises(ValueError, match="same groups out of both"):
        matching.overlap(sides[0], plain[1])


def run(*said: object, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(word) for word in said])
    assert result.exit_code == code, result.output + result.stderr
    return json.loads(result.stdout) if "--json" in said and code == 0 else result


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the drawn shop, its queries and two runs by words and by chance."""
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    shop = tiny_shop(tmp_path / "shop")
    run("import", shop.csv, "--name", "shop")
    run("evaluate", "bm25", "chance", "--catalogue", "shop", "--queries", shop.queries, "--qrels", shop.qrels)
    return tmp_path / "home"


AT = ("--catalogue", "shop")


def test_a_group_is_made_changed_and_deleted_on_the_command_line(home: Path) -> None:
    made = run("groups", "make", "круги", *AT, "--where", "category=круг", "--tag", "форма", "--json")
    assert made["items"] == 8 and made["tags"] == ["форма"] and made["gone"] == []
    assert "already" in run("groups", "make", "КРУГИ", *AT, "--item", "north-circle-c0392b", code=2).stderr
    assert "no item" in run("groups", "make", "x", *AT, "--item", "nowhere", code=2).stderr
    assert "1 characters" not in run("groups", "make", "", *AT, "--where", "category=круг", code=2).stderr
    assert run("groups", "make", "круги", *AT, "--item", "north-square-c0392b", "--add", "--json")["items"] == 9
    run("groups", "tag", "круги", *AT, "--tag", "a", "--tag", "b")
    run("groups", "rename", "круги", "Круглые", *AT)
    assert [(g["name"], g["tags"]) for g in run("groups", "list", *AT, "--json")] == [("Круглые", ["a", "b"])]
    run("groups", "export", *AT, "--out", home / "groups.csv")
    run("groups", "delete", "Круглые", *AT, "--yes")
    assert run("groups", "list", *AT, "--json") == []
    back = run("groups", "import", home / "groups.csv", *AT, "--json")
    assert back["rows"] == 9 and back["groups"][0]["items"] == 9 and back["refused"] == []
    (home / "bad.csv").write_text("item,group\nnowhere,x\n", encoding="utf-8")
    assert "row 2" in run("groups", "import", home / "bad.csv", *AT, code=2).output


def test_items_that_vanished_from_the_catalogue_are_told_and_come_back(home: Path, tmp_path: Path) -> None:
    run("groups", "make", "круги", *AT, "--where", "category=круг")
    table = (tmp_path / "shop" / "products.csv").read_text("utf-8")
    kept = [line for line in table.splitlines() if not line.startswith("north-circle-c0392b")]
    (tmp_path / "shop" / "products.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    run("import", tmp_path / "shop" / "products.csv", "--name", "shop")
    (told,) = run("groups", "list", *AT, "--json")
    assert told["items"] == 7 and told["gone"] == ["north-circle-c0392b"]
    assert "1 more are not in the catalogue" in run("groups", "list", *AT).output
    (tmp_path / "shop" / "products.csv").write_text(table, encoding="utf-8")
    run("import", tmp_path / "shop" / "products.csv", "--name", "shop")
    assert run("groups", "list", *AT, "--json")[0]["items"] == 8


def test_a_run_without_a_group_is_another_run_and_is_never_compared_with_the_whole(home: Path) -> None:
    bench = Bench(home)
    (queries,) = bench.query_sets("shop")
    run("groups", "make", "круги", *AT, "--where", "category=круг")
    said = run("evaluate", "bm25", *AT, "--queries", queries, "--exclude", "круги").output
    assert "gallery of 16 (catalogue, without круги)" in said and "1 queries without a relevant item" in said
    newest, *_rest = bench.runs("shop")
    whole = next(one for one in bench.runs("shop") if one.spec == "bm25" and not one.settings["where"])
    assert "catalogue, without круги" in run("runs").output
    with pytest.raises(ValueError, match="differ in the filter"):
        bench.compared([newest.id, whole.id])
    assert [len(group) for group in bench.comparable("shop", queries)] == [1, 2]
    assert "no group 'углы'" in run("evaluate", "bm25", *AT, "--queries", queries, "--exclude", "углы", code=2).stderr
    run("groups", "delete", "круги", *AT, "--yes")
    again = bench.evaluate(["bm25"], "shop", queries, where=newest.settings["where"])  # as its record says it
    assert again[0].run.settings["where"] == newest.settings["where"]
    assert again[0].metrics == bench.evaluation(newest.id).metrics


def test_before_and_after_on_the_command_line_agree_with_a_run_made_anew(home: Path) -> None:
    (queries,) = Bench(home).query_sets("shop")
    run("groups", "make", "юг", *AT, "--where", "source=south")
    asked = ("groups", "effect", "юг", *AT, "--queries", queries, "--json")
    told = {(e["spec"], e["metric"]): e for e in run(*asked)["effects"]}
    assert set(told) == {(spec, metric) for spec in ("bm25", "chance") for metric in ("P@5", "R@5")}
    assert told["bm25", "P@5"]["gallery"] == [24, 12] and told["bm25", "P@5"]["lost"] == 48 / 2
    for spec in ("bm25", "chance"):
        run("evaluate", spec, *AT, "--queries", queries, "--exclude", "юг")
    for key, e in {(e["spec"], e["metric"]): e for e in run(*asked)["effects"]}.items():
        assert e["measured"] and e["after"] == told[key]["after"] and e["verdict"] == told[key]["verdict"]
    assert "before" in run(*asked[:-1]).output
    assert "No run" in run("groups", "effect", "юг", *AT, "--queries", queries, "--pool", "judged", code=2).stderr
    assert "no query set" in run("groups", "effect", "юг", *AT, "--queries", "x", code=2).stderr.lower()


def test_matching_and_classification_say_what_a_group_changes(home: Path) -> None:
    tiny_ruclip(home / "models" / "tiny")
    run("groups", "make", "синие", *AT, *(w for s in ("north", "south") for w in ("--item", f"{s}-circle-2c5aa0")))
    asked = ("match", "ruclip:tiny", *AT, "--between", "north", "south", "--truth", "title", "--threshold", 0.5)
    said = run(*asked, "--exclude", "синие", "--before-after", "--json")
    assert said["before"]["models"][0]["matches"] == 12 and said["models"][0]["matches"] == 11
    assert "without синие" in run(*asked, "--exclude", "синие").output
    assert "before → after" in run(*asked, "--exclude", "синие", "--before-after").output
    assert "--exclude GROUP" in run(*asked, "--before-after", code=2).stderr
    assert "no group 'x'" in run(*asked, "--exclude", "x", code=2).stderr
    asked = ("classify", "ruclip:tiny", *AT, "--column", "category", "--classifier", "knn", "--no-near")
    said = run(*asked, "--exclude", "синие", "--before-after", "--json")
    (change,) = said["before_after"]
    assert change["items"] == said["probes"][0]["counts"]["test"] and change["classifier"] == "knn"
    assert "before → after" in run(*asked, "--exclude", "синие", "--before-after").output
