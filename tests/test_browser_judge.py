"""Judging in a real browser: two raters at once while the server is killed, keys and undo, what everybody sees live."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import test_browser
from test_browser import CHROMIUM, ROOT, Server, Visitor, answers, free_port, serve
from tiny_shop import tiny_shop

from app.bench import Bench
from eval.judging.log import JudgmentLog
from eval.judging.rows import HUMAN, Judgment

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]
visitor = test_browser.visitor  # the fixture
EACH = 100
DESK = """() => {
  for (const host of document.querySelectorAll('[data-testid=stMain] *')) {
    const root = host.shadowRoot && host.shadowRoot.querySelector('.j');
    if (root) return root;
  }
  return document.querySelector('.j');
}"""
SHOWN = f"""() => {{
  const root = ({DESK})();
  const desk = root && root.querySelector('.d');
  return desk && !desk.hidden ? desk.dataset.pair.split('\\x1f').slice(0, 2) : null;
}}"""
WAITING = f"() => {{ const root = ({DESK})(); return root ? root.querySelector('.wait').textContent : '?'; }}"


def judged_home(folder: Path) -> Path:
    """A workspace with a shop of 24 items, 7 queries nobody has judged much of, and the runs of two models."""
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    bench.import_catalogue(shop.csv, name="shop")
    lines = shop.qrels.read_text(encoding="utf-8").splitlines(keepends=True)
    first = {line.split()[0]: line for line in reversed(lines)}
    shop.qrels.write_text("".join(first.values()), encoding="utf-8")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["bm25", "chance"], "shop", "asked")
    return bench.home


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("judging")
    yield from serve(judged_home(folder), folder)


class Mortal:
    """The app in a process that is killed and started again on the same port."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.port, self.home, self.log = free_port(), home, folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.server = Server(f"http://127.0.0.1:{self.port}", home, self.log)
        self.start()
        self.wait()

    def start(self) -> None:
        environment = {**os.environ, "UZOR_HOME": str(self.home), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", str(self.port)], cwd=ROOT, env=environment, stdout=out, stderr=out
            )

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while not answers(self.server):
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def press(page: Any, grade: int, said: dict[tuple[str, str], int]) -> bool:
    """Judge what is on the screen, if anything is; remember what was said of which pair."""
    pair = page.evaluate(SHOWN)
    if pair is None:
        return False
    page.keyboard.press(f"Digit{grade}")
    assert tuple(pair) not in said, "the same pair was shown twice"
    said[tuple(pair)] = grade
    return True


@pytest.mark.timeout(600)
def test_two_raters_at_once_lose_nothing_while_the_server_is_killed_five_times(chromium: Any, tmp_path: Path) -> None:
    home = judged_home(tmp_path)
    mortal = Mortal(home, tmp_path)
    said: dict[str, dict[tuple[str, str], int]] = {"anna": {}, "boris": {}}
    pages = {}
    try:
        for rater in said:
            page = chromium.new_context(viewport={"width": 1100, "height": 900}, reduced_motion="reduce").new_page()
            path = f"judge?catalogue=shop&queries=asked&rater={rater}&judge_wanted=all&judge_depth=30"
            page.set_default_timeout(90_000)
            page.goto(f"{mortal.server.url}/{path}&judge_runs=" + "&judge_runs=".join(runs(home)))
            page.wait_for_function(f"() => ({SHOWN})() !== null", timeout=90_000)
            pages[rater] = page
        kills, dead, turn = [20, 60, 100, 140, 180], 0.0, 0
        deadline = time.monotonic() + 480  # half a minute on an idle machine
        while any(len(each) < EACH for each in said.values()):
            assert time.monotonic() < deadline, {rater: len(each) for rater, each in said.items()}
            went = [press(page, turn % 3, said[rater]) for rater, page in pages.items() if len(said[rater]) < EACH]
            turn += 1
            if kills and sum(map(len, said.values())) >= kills[0]:
                kills.pop(0)
                mortal.kill()
                dead = time.monotonic()
            if dead and time.monotonic() - dead > 0.3:  # somebody judges while nothing answers
                dead = 0.0
                mortal.start()
                mortal.wait()
            if not any(went):
                time.sleep(0.1)
        if dead:  # a fast machine has said all it had to say before the server was back
            mortal.start()
            mortal.wait()
        for page in pages.values():
            page.wait_for_function(f"() => ({WAITING})() === ''", timeout=60_000)
    finally:
        for page in pages.values():
            page.context.close()
        mortal.kill()
    log = JudgmentLog(home)
    rows = [row for row in log.rows("asked") if row.source == HUMAN]
    assert len(rows) == 2 * EACH and len({row.event for row in rows}) == 2 * EACH
    for rater, each in said.items():
        assert {row.pair: row.grade for row in rows if row.rater == rater} == each
    assert log.damaged() == {} and not kills
    told = mortal.log.read_text(encoding="utf-8")
    assert "Traceback" not in told, told[told.index("Traceback") - 500 :][:6000]


def runs(home: Path) -> list[str]:
    return [run.id for run in Bench(home).runs("shop", "asked")]


def desk_of(one: Visitor) -> Any:
    return one.page.evaluate(SHOWN)


def settled(one: Visitor) -> None:
    one.page.wait_for_function(f"() => ({WAITING})() === ''", timeout=60_000)


def rows_of(home: Path, rater: str) -> list[tuple[str, int | None, str]]:
    return [(row.kind, row.grade, row.comment) for row in JudgmentLog(home).rows("asked") if row.rater == rater]


def test_keys_buttons_undo_and_comments_each_make_their_row(
    visitor: Callable[..., Visitor],
    server: Server,
) -> None:
    one = visitor(server=server)
    one.go("judge?catalogue=shop&queries=asked&judge_wanted=all&judge_depth=20").see("Напишите своё имя")
    one.write("Кто оценивает", "вера")
    one.page.wait_for_function(f"() => ({SHOWN})() !== null", timeout=60_000)
    first = desk_of(one)
    assert "bm25" not in one.text().lower() and "BM25" not in one.text(), "no model is named where people judge"
    one.page.keyboard.press("KeyC")
    one.page.keyboard.type("012 красиво")  # digits in a comment are no grades
    one.page.keyboard.press("Enter")
    assert desk_of(one) == first
    one.page.keyboard.press("Digit2")
    one.page.keyboard.press("KeyX")
    third = desk_of(one)
    one.page.get_by_role("button", name="Не подходит").click()
    one.page.keyboard.press("KeyU")
    assert desk_of(one) == third, "what was taken back is on the desk again"
    settled(one)
    assert rows_of(server.home, "вера") == [
        ("grade", 2, "012 красиво"), ("unsure", None, ""), ("grade", 0, ""), ("withdrawn", None, "")]  # fmt: skip
    one.page.reload()
    one.settle()
    one.page.wait_for_function(f"() => ({SHOWN})() !== null", timeout=60_000)
    assert desk_of(one) not in (first,) and "2 из" in one.page.evaluate(f"() => ({DESK})().innerText")
    one.page.keyboard.press("KeyU")  # after a reload the server knows what the last one was
    settled(one)
    assert len(rows_of(server.home, "вера")) == 5
    assert rows_of(server.home, "вера")[-1] == ("withdrawn", None, "")


def test_what_one_rater_says_shows_live_on_the_others_screen(
    visitor: Callable[..., Visitor],
    server: Server,
) -> None:
    where = "judge?catalogue=shop&queries=asked&judge_depth=20&judge_runs=" + "&judge_runs=".join(runs(server.home))
    watching = visitor(server=server, locale="en-US").go(f"{where}&rater=anna&judge_view=scores")
    before = watching.see("What the judgments fix").text()
    judging = visitor(server=server, locale="en-US").go(f"{where}&rater=boris")
    judging.page.wait_for_function(f"() => ({SHOWN})() !== null", timeout=60_000)
    for n in range(12):
        judging.page.keyboard.press(f"Digit{n % 3}")
    settled(judging)
    assert [grade for _kind, grade, _comment in rows_of(server.home, "boris")] == [0, 1, 2] * 4
    watching.page.wait_for_function(
        "before => document.querySelector('[data-testid=stMain]').innerText !== before", arg=before, timeout=60_000
    )
    assert watching.text() != before and "What the judgments fix" in watching.text()
    third = visitor(server=server, locale="en-US").go(f"{where}&rater=clara&judge_view=raters")
    assert "boris" in third.see("boris").text() and "in dispute" not in third.text()
    agreeing = visitor(server=server, locale="en-US").go(f"{where}&rater=anna&judge_wanted=second")
    agreeing.page.wait_for_function(f"() => ({SHOWN})() !== null", timeout=60_000)
    for n in range(8):
        agreeing.page.keyboard.press(f"Digit{n % 2}")
    settled(agreeing)
    found = Bench(server.home).agreement("asked")
    assert found.pairs == 8 and found.raters["anna"] == 8 and found.disagreements
    apart = len(found.disagreements)  # the last of them comes live, some time after the first
    said = f"{apart} pairs are in dispute" if apart > 1 else "1 pair is in dispute"
    assert said in third.see(said, 60).text()


def pairs_of(home: Path) -> list[tuple[str, str]]:
    return sorted(Bench(home).pool("asked", runs(home), 20))


def test_undo_after_judging_a_disputed_pair_again_leaves_what_was_said_before(
    visitor: Callable[..., Visitor],
    server: Server,
) -> None:
    pair = pairs_of(server.home)[-1]
    both = [Judgment("asked", *pair, 2, rater="galina"), Judgment("asked", *pair, 0, rater="dina")]
    Bench(server.home).judge(both)
    one = visitor(server=server, locale="en-US").go("judge?catalogue=shop&queries=asked&rater=galina&judge_view=raters")
    one.see("in dispute").page.locator(f'button.c[data-id="{pair[0]}\x1f{pair[1]}"]').click()
    one.page.wait_for_function(f"pair => ({SHOWN})()?.join() === pair", arg=",".join(pair), timeout=60_000)
    one.page.keyboard.press("Digit0")
    settled(one)
    assert Bench(server.home).judged("asked").opinions[pair]["galina"].grade == 0
    one.page.keyboard.press("KeyU")
    settled(one)
    assert [kind for kind, _grade, _comment in rows_of(server.home, "galina")] == ["grade", "grade", "withdrawn"]
    assert Bench(server.home).judged("asked").opinions[pair]["galina"].grade == 2


KEEP = """([set, rater, query, item]) => {
  const entries = [2, 1].map((grade, n) => ({ event: crypto.randomUUID(), query, item: item + "-".repeat(n),
    pair: query, set, rater, kind: "grade", grade, comment: "" }));
  sessionStorage.setItem(`uzor-outbox:${set}:${rater}`, JSON.stringify(entries));
}"""


def test_what_waits_for_another_desk_is_told_and_sent_when_that_desk_opens(
    visitor: Callable[..., Visitor],
    server: Server,
) -> None:
    pair = pairs_of(server.home)[0]
    one = visitor(server=server, locale="en-US").go("judge?catalogue=shop&queries=asked&rater=elena&judge_wanted=all")
    one.page.wait_for_function(f"() => ({SHOWN})() !== null", timeout=60_000)
    one.page.evaluate(KEEP, ["asked", "zoya", *pair])  # what a server that does not answer leaves behind
    one.see("2 judgments wait in this browser")
    assert rows_of(server.home, "zoya") == [] and "zoya" in one.text()
    one.press("Open that desk")
    one.page.wait_for_function("() => sessionStorage.getItem('uzor-outbox:asked:zoya') === '[]'", timeout=60_000)
    assert [row[:2] for row in rows_of(server.home, "zoya")] == [("grade", 2), ("grade", 1)]
    settled(one)
    assert one.page.get_by_label("Who judges", exact=True).first.input_value() == "zoya"
    assert "wait in this browser" not in one.settle().text()


def test_what_the_server_wrote_but_could_not_say_is_let_go_of_by_any_desk(
    visitor: Callable[..., Visitor],
    server: Server,
) -> None:
    pair = pairs_of(server.home)[0]
    one = visitor(server=server, locale="en-US").go("judge?catalogue=shop&queries=asked&rater=elena&judge_wanted=all")
    one.page.evaluate(KEEP, ["asked", "irma", *pair])
    one.see("2 judgments wait in this browser")
    sent = one.page.evaluate("() => JSON.parse(sessionStorage.getItem('uzor-outbox:asked:irma'))")
    Bench(server.home).judge(
        [Judgment("asked", e["query"], e["item"], e["grade"], rater="irma", event=e["event"]) for e in sent]
    )
    one.page.reload()
    one.page.wait_for_function("() => sessionStorage.getItem('uzor-outbox:asked:irma') === '[]'", timeout=60_000)
    assert "wait in this browser" not in one.settle().text()
