"""The Judging page in both languages: empty, without runs, every view, what a browser sends, what is refused."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import LANGUAGES, opened, sound, words
from tiny_shop import tiny_shop

from app import gallery as gallery_module
from app.bench import Bench
from app.judge import judge_card
from data.errors import Unavailable
from eval.judging.rows import HUMAN, Judgment, Seen

VIEWS = ("judge", "scores", "raters", "sources", "files")
URL = {"catalogue": "shop", "queries": "asked"}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A shop with queries of which one item each is judged, and two runs."""
    shop, made = tiny_shop(tmp_path / "shop"), Bench(tmp_path / "home")
    made.import_catalogue(shop.csv, name="shop")
    lines = shop.qrels.read_text(encoding="utf-8").splitlines(keepends=True)
    shop.qrels.write_text("".join({line.split()[0]: line for line in reversed(lines)}.values()), encoding="utf-8")
    made.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    made.evaluate(["bm25", "chance"], "shop", "asked")
    monkeypatch.setenv("UZOR_HOME", str(made.home))
    return made


@pytest.fixture
def desks(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the desk was given each time it was drawn; `desks.outbox` is what the browser holds."""
    drawn: list[dict[str, Any]] = []

    def recorded(shown: Any, history: Any, query_set: str, rater: str, acked: Any, done: int, left: int, sign: str,
                 key: str) -> Any:  # fmt: skip
        drawn.append({"shown": list(shown), "history": list(history), "rater": rater, "acked": list(acked),
                      "done": done, "left": left})  # fmt: skip
        return OUTBOX["entries"] and dict(OUTBOX)

    monkeypatch.setattr(judge_card, "desk", recorded)
    OUTBOX["entries"] = []
    return drawn


OUTBOX: dict[str, Any] = {"n": 1, "entries": []}


def entry(card: dict[str, str], rater: str, grade: int | None, kind: str = "grade", **more: Any) -> dict[str, Any]:
    return {"event": str(uuid.uuid4()), "query": card["query"], "item": card["item"], "rater": rater, "set": "asked",
            "kind": kind, "grade": grade, "comment": "", **more}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_with_nothing_judged_and_with_two_raters(view: str, language: str, bench: Bench) -> None:
    opened("judge", language, judge_view=view, rater="anna", **URL)
    runs = [run.id for run in bench.runs("shop", "asked")]
    for n, pair in enumerate(sorted(bench.pool("asked", runs, 5))[:8]):
        saw = (Seen("bm25", "r", 1),)
        bench.judge(
            [Judgment("asked", *pair, n % 3, rater="anna", saw=saw), Judgment("asked", *pair, n % 2, rater="*b*")]
        )
    page = opened("judge", language, judge_view=view, rater="anna", judge_runs=runs, **URL)
    said = words(page)
    assert ("Судейство" if language == "ru" else "Judging") in said
    if view == "raters":
        assert f"{bench.agreement('asked').alpha:.2f}" in said.replace(",", ".") and "*b*" in said
    if view == "sources":
        assert ("Сравниваемая модель" if language == "ru" else "A compared model chose") in said


def test_an_empty_workspace_and_a_set_without_runs_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bench: Bench
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "nowhere"))
    assert "There is no catalogue yet" in words(opened("judge", "en"))
    shop, made = tiny_shop(tmp_path / "other"), Bench(tmp_path / "somewhere")
    made.import_catalogue(shop.csv, name="shop")
    monkeypatch.setenv("UZOR_HOME", str(made.home))
    assert "There is no query set" in words(opened("judge", "en", catalogue="shop"))
    made.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    assert "No model has answered these queries yet" in words(opened("judge", "en", **URL))


def test_without_a_name_nobody_judges(bench: Bench, desks: list[dict[str, Any]]) -> None:
    page = opened("judge", "en", **URL)
    assert "Who judges?" in words(page) and desks == []


def test_what_a_browser_sends_is_written_once_with_what_was_seen_and_acknowledged(
    bench: Bench, desks: list[dict[str, Any]]
) -> None:
    page = opened("judge", "en", rater="anna", **URL)
    first = desks[-1]
    assert first["shown"] and first["done"] == 0 and first["rater"] == "anna"
    flat = str(first["shown"])
    assert "bm25" not in flat and "chance" not in flat and "rank" not in flat, "who judges sees no model"
    one, two = first["shown"][:2]
    OUTBOX["entries"] = [entry(one, "anna", 2, comment="да"), entry(two, "anna", None, "unsure")]
    sound(page.run())
    rows = [row for row in bench.judgments.rows("asked") if row.source == HUMAN]
    assert [(row.pair, row.grade, row.kind, row.comment) for row in rows] == [
        ((one["query"], one["item"]), 2, "grade", "да"), ((two["query"], two["item"]), None, "unsure", "")]  # fmt: skip
    assert {seen.spec for row in rows for seen in row.saw} <= {"bm25", "chance"} and rows[0].saw
    assert set(desks[-1]["acked"]) >= {sent["event"] for sent in OUTBOX["entries"]} and desks[-1]["done"] == 2
    sound(page.run())
    again = opened("judge", "en", rater="anna", **URL)  # a new session after a restart is sent the same outbox
    assert len([row for row in bench.judgments.rows("asked") if row.source == HUMAN]) == 2
    OUTBOX["entries"] = [entry(one, "anna", None, "withdrawn")]
    sound(again.run())
    assert (one["query"], one["item"]) in {(card["query"], card["item"]) for card in desks[-1]["shown"]} or (
        desks[-1]["done"] == 1
    )


@pytest.mark.parametrize(
    "wrong",
    [{"grade": 7}, {"grade": "2"}, {"grade": None}, {"rater": ""}, {"rater": "x" * 61}, {"item": ""}, {"kind": "maybe"},
     {"event": "<script>"}, {"set": "other"}, {"kind": "withdrawn"}],
)  # fmt: skip
def test_what_no_browser_of_ours_sends_is_not_written(wrong: dict[str, Any]) -> None:
    sent = {**entry({"query": "1", "item": "a"}, "anna", 2), **wrong}
    written, refused = judge_card.entries({"n": 1, "entries": [sent]}, "asked", {})
    assert written == []
    assert refused == ([] if {"event", "set"} & set(wrong) else [sent["event"]])


@pytest.mark.parametrize("junk", [None, 3, "x", [], {}, {"entries": 3}, {"entries": "ab"}, {"entries": [1, None, {}]}])
def test_junk_in_place_of_an_outbox_is_nothing(junk: Any) -> None:
    assert judge_card.entries(junk, "asked", {}) == ([], [])


def test_a_pair_in_dispute_that_is_clicked_comes_up_on_the_desk(
    bench: Bench, desks: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [run.id for run in bench.runs("shop", "asked")]
    pair = sorted(bench.pool("asked", runs, 5))[0]
    bench.judge([Judgment("asked", *pair, 2, rater="anna"), Judgment("asked", *pair, 0, rater="boris")])
    picked = ["\x1f".join(pair)]

    def click(shown: Any, key: str, *more: Any, **how: Any) -> str | None:
        return picked.pop() if key == "judge_dispute" and picked else None

    monkeypatch.setattr(gallery_module, "gallery", click)
    monkeypatch.setattr("app.judge.judge_raters.gallery", click)
    page = opened("judge", "en", judge_view="raters", rater="anna", **URL)
    sound(page.run())
    assert (desks[-1]["shown"][0]["query"], desks[-1]["shown"][0]["item"]) == pair
    OUTBOX["entries"] = [entry(desks[-1]["shown"][0], "anna", 0)]
    sound(page.run())
    assert bench.agreement("asked").disagreements == ()
    assert (desks[-1]["shown"][0]["query"], desks[-1]["shown"][0]["item"]) != pair


def test_a_version_is_made_from_the_page(bench: Bench) -> None:
    runs = [run.id for run in bench.runs("shop", "asked")]
    pair = next(pair for pair in sorted(bench.pool("asked", runs, 5)))
    bench.judge([Judgment("asked", *pair, 2, rater="anna")])
    page: AppTest = opened("judge", "en", judge_view="raters", **URL)
    sound(page.button(key="judge_adopt").click().run())
    assert (
        bench.query_set("asked").version.startswith("judged")
        and bench.query_set("asked").judgments[pair[0]][pair[1]] == 2
    )


def test_candidates_are_found_from_the_page_and_guidelines_kept(bench: Bench) -> None:
    page = opened("judge", "en", judge_view="files", **URL)
    sound(page.button(key="judge_propose").click().run())
    assert "candidates" in words(page)
    page = opened("judge", "en", rater="anna", **URL)
    page.text_area(key="guide_words").set_value("Only cats.").run()
    sound(page.button(key="guide_save").click().run())
    assert bench.judgments.guidelines("asked") == "Only cats." and "Only cats." in words(page)


def test_what_could_not_be_written_is_not_acknowledged_and_is_written_when_it_comes_again(
    bench: Bench, desks: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("judge", "en", rater="anna", **URL)
    OUTBOX["entries"] = [entry(desks[-1]["shown"][0], "anna", 2)]
    with monkeypatch.context() as broken:
        broken.setattr(Bench, "judge", lambda self, given: (_ for _ in ()).throw(Unavailable("busy", "wait")))
        sound(page.run())
        assert "Not saved yet" in page.toast[0].value and OUTBOX["entries"][0]["event"] not in desks[-1]["acked"]
    sound(page.run())
    assert OUTBOX["entries"][0]["event"] in desks[-1]["acked"]
    assert [row.grade for row in bench.judgments.rows("asked") if row.source == HUMAN] == [2]
