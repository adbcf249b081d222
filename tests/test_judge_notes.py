"""What the Judging page tells: other words, what waits in a browser, damaged candidates, everything judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import test_judge_page
from test_judge_page import OUTBOX, URL, entry
from test_pages import LANGUAGES, opened, sound, words

from app.bench import Bench
from app.judge import judge_card, judge_waiting
from data import queries
from eval.contracts import Run
from eval.judging import candidates
from eval.judging.rows import HUMAN, Judgment, wording

bench, desks = test_judge_page.bench, test_judge_page.desks  # the fixtures


def changed(made: Bench, query: str, text: str) -> None:
    """The same query set, one query in other words."""
    asked = made.query_set("asked")
    after = tuple(replace(q, text=text) if q.id == query else q for q in asked.queries)
    queries.save(made.home, replace(asked, queries=after))


def all_judged(made: Bench, runs: list[str]) -> None:
    pool = made.pool("asked", runs, 5)
    judged = made.judged("asked").labels
    made.judge([Judgment("asked", q, i, int(n % 3 == 0), rater="anna", saw=seen)
                for n, ((q, i), seen) in enumerate(pool.items()) if i not in judged.get(q, {})])  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_judgments_made_for_other_words_are_told_and_can_be_judged_again(
    language: str,
    bench: Bench,
    desks: list[dict[str, Any]],
) -> None:
    runs = [run.id for run in bench.runs("shop", "asked")]
    pair = sorted(bench.pool("asked", runs, 5))[0]
    bench.judge([Judgment("asked", *pair, 2, rater="anna")])
    page = opened("judge", language, rater="anna", **URL)
    told = "для других слов" if language == "ru" else "made for other words"
    assert told not in words(page)
    changed(bench, pair[0], "совсем *другое*")
    sound(page.run())
    assert told in words(page) and "совсем *другое*" in words(page)
    sound(page.button(key="judge_reworded").click().run())
    shown = {(card["query"], card["item"]): card for card in desks[-1]["shown"]}
    assert pair in shown and {query for query, _item in shown} == {pair[0]}
    assert shown[pair]["wording"] == wording("совсем *другое*")
    came = len(bench.judged("asked").reworded_pairs)
    OUTBOX["entries"] = [entry(shown[pair], "anna", 1, wording=shown[pair]["wording"])]
    sound(page.run())
    held = bench.judged("asked").opinions[pair]["anna"]
    assert (held.grade, held.wording) == (1, wording("совсем *другое*"))
    assert len(bench.judged("asked").reworded_pairs) == came - 1, "what came with the set for the old words is left"


def test_a_press_on_an_old_screen_is_kept_for_the_words_that_were_on_it(bench: Bench) -> None:
    card = {"query": bench.query_set("asked").queries[0].id, "item": "north-star-2c5aa0"}
    before = wording(bench.query_set("asked").queries[0].text)
    changed(bench, card["query"], "другое")
    for sent, kept in ((before, before), ("junk", wording("другое")), ("", wording("другое"))):
        found, wrong = judge_card.entries({"n": 1, "entries": [entry(card, "anna", 2, wording=sent)]}, "asked", {})
        assert not wrong and bench.judge(found) == 1
        assert [row for row in bench.judgments.rows("asked") if row.source == HUMAN][-1].wording == kept


def test_another_turn_and_other_words_make_another_card(bench: Bench) -> None:
    shop = bench.catalogue("shop")
    made = [judge_card.cards(shop, [("1", shop.ids[0])], {"1": text}, turn)[0]["pair"]
            for text, turn in (("круг", ""), ("круг", ""), ("овал", ""), ("круг", "7"))]  # fmt: skip
    assert made[0] == made[1] and len(set(made)) == 3


WAITS = {"set": "asked", "rater": "b*b", "n": 2, "events": ["a" * 32, "b" * 32]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_waits_in_the_browser_for_another_desk_is_told_with_the_way_there(
    language: str,
    bench: Bench,
    desks: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent, seen = [WAITS, {**WAITS, "set": "gone", "n": 1, "events": ["c" * 32]}], []

    def component(data: dict[str, Any], **how: Any) -> dict[str, Any]:
        seen.append(data)
        return {"waiting": sent}

    monkeypatch.setattr(judge_waiting, "_waiting", component)
    page = opened("judge", language, rater="anna", **URL)
    said = words(page)
    assert (seen[-1]["set"], seen[-1]["rater"]) == ("asked", "anna")
    assert (
        "2 оценки ждут в этом браузере" if language == "ru" else "2 judgments wait in this browser"
    ) in said and "b*b" in said
    assert ("которого здесь больше нет" if language == "ru" else "not here any more") in said
    sound(page.button(key="judge_outbox_asked_b*b").click().run())
    assert page.text_input(key="rater").value == "b*b" and desks[-1]["rater"] == "b*b"
    assert (seen[-1]["set"], seen[-1]["rater"]) == ("asked", "b*b")
    assert not [button for button in page.button if button.key == "judge_outbox_asked_b*b"], "this desk sends its own"
    other = opened("judge", language, rater="b*b", judge_view="scores", **URL)
    assert other.button(key="judge_outbox_asked_b*b"), "its own waits too while the desk is not open"


def test_what_the_log_holds_already_does_not_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def component(data: dict[str, Any], **how: Any) -> dict[str, Any]:
        seen.append(data)
        return {"waiting": [WAITS]}

    monkeypatch.setattr(judge_waiting, "_waiting", component)
    query = bench.query_set("asked").queries[0].id
    bench.judge([Judgment("asked", query, f"i{n}", 1, rater="b*b", event=one) for n, one in enumerate(WAITS["events"])])
    page = opened("judge", "en", rater="anna", **URL)
    assert seen and "in this browser" not in words(page)
    page.session_state["judge_waiting"] = {"waiting": [WAITS]}
    sound(page.run())
    assert set(seen[-1]["written"]) == set(WAITS["events"]), "the browser is told, so that it lets go of them"


@pytest.mark.parametrize(
    "junk",
    [None, 3, {}, {"waiting": 3}, {"waiting": [3, None]}, {"waiting": [{"set": "a"}]},
     {"waiting": [{**WAITS, "rater": "x" * 61}]}, {"waiting": [{**WAITS, "events": ["<script>"]}]},
     {"waiting": [{**WAITS, "events": "ab"}]}, {"waiting": [{**WAITS, "set": ""}]}],
)  # fmt: skip
def test_junk_in_place_of_outboxes_is_nothing(junk: Any) -> None:
    assert judge_waiting.boxes(junk) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_everything_is_judged_the_page_says_so_and_shows_no_bounds(language: str, bench: Bench) -> None:
    runs = [run.id for run in bench.runs("shop", "asked")]
    told = "Всё размечено" if language == "ru" else "Everything is judged"
    before = opened("judge", language, judge_view="scores", judge_runs=runs, **URL)
    assert told not in words(before) and "…" in words(before)
    all_judged(bench, runs)
    page = opened("judge", language, judge_view="scores", judge_runs=runs, **URL)
    assert told in words(page)
    assert "check_circle" not in words(page) and "drag_handle" not in words(page)
    columns = list(page.dataframe[0].proto.column_order)
    assert columns == ["name", "reported", "interval", "shown"]
    desk = opened("judge", language, rater="anna", judge_runs=runs, **URL)
    assert told.lower() in words(desk)


def test_a_damaged_list_of_candidates_is_told_and_the_desk_goes_on(
    bench: Bench,
    desks: list[dict[str, Any]],
) -> None:
    bench.propose("asked", "bm25", 3)
    (bench.home / candidates.FOLDER / "asked" / "bm25.json").write_text("{", encoding="utf-8")
    page = opened("judge", "en", rater="anna", **URL)
    assert "cannot be read: bm25.json" in words(page) and desks[-1]["shown"]
    assert "cannot be read: bm25.json" in words(opened("judge", "en", judge_view="files", **URL))


def test_two_runs_of_one_model_are_told_apart_on_every_view(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = next(run for run in bench.runs("shop", "asked") if run.spec == "chance")
    whole: Run = bench.store.get(first.id)
    twin = replace(whole, id=f"{first.id}-b", settings={**whole.settings, "correction": "csls"},
                   rankings=tuple(replace(one, items=one.items[::-1]) for one in whole.rankings))  # fmt: skip
    bench.store.add(twin)
    runs = [first.id, twin.id]
    all_judged(bench, [first.id])
    scores = opened("judge", "en", judge_view="scores", judge_runs=runs, **URL)
    names = list(scores.dataframe[0].value["name"])
    assert len(set(names)) == 2 and any("CSLS" in name for name in names)
    assert "CSLS" in words(scores)
    sources = opened("judge", "en", judge_view="sources", judge_runs=runs, **URL)
    assert set(sources.dataframe[0].value["name"]) == set(names)
    assert set(names) <= set(sources.dataframe[1].value.columns)
