"""What stands behind the pages: choices in the URL, tables, charts, files in and out, advice; without a browser."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from tiny_worlds import catalogue as tiny_catalogue

from app.answers import Evaluation
from app.catalogue import browse, uploads
from app.evaluate import run_files, tables
from app.map import charts, selection
from app.overview import advice
from eval.contracts import Ranking, Run

ROOT = Path(__file__).resolve().parents[1]


def evaluation(spec: str, p: float, ap: dict[str, float], judged: float = 1.0) -> Evaluation:
    table = pd.DataFrame(
        {"text": [f"=text {q}" for q in ap], "relevant": 2, "P@5": p, "AP": list(ap.values())}, index=list(ap)
    )
    rankings = tuple(Ranking(q, ("a", "b c"), (0.5, 0.1)) for q in ap)
    run = Run(spec + "-run", "2026-11-21T04:00:00+00:00", "retrieval", spec, "shop", "asked", rankings)
    means = {"P@5": p, "AP": sum(ap.values()) / len(ap), "Judged@5": judged}
    return Evaluation(run, 5, means, {"P@5": 0.1, "AP": 0.2}, {"P@5": 0.9, "AP": 1.0}, table)


# choices in the URL

PAGE = """
import streamlit as st
from app import state
state.arrive(st.session_state.get("page_now", "one"))
state.seed("k", 5, range(1, 11)); state.seed("m", ["a"], {"a", "b", "c"}); state.seed("w", "")
st.text_input("w", key="w")
for name, default in (("k", 5), ("m", ["a"]), ("w", "")):
    state.publish(name, default)
st.text(repr([st.session_state[n] for n in ("k", "m", "w")]))
"""


def page(**url: Any) -> AppTest:
    test = AppTest.from_string(PAGE)
    for name, value in url.items():
        test.query_params[name] = value
    return test.run()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ({}, [5, ["a"], ""]),
        ({"k": "7", "m": ["b", "c"], "w": "кот"}, [7, ["b", "c"], "кот"]),
        ({"k": "0", "m": ["b", "x"]}, [5, ["b"], ""]),
        ({"k": "7; drop", "m": "<script>"}, [5, [], ""]),
        ({"k": "9" * 30}, [5, ["a"], ""]),
    ],
)
def test_choices_are_read_from_the_url_and_nonsense_is_not(url: dict[str, Any], expected: list[Any]) -> None:
    assert page(**url).text[0].value == repr(expected)


def test_defaults_leave_no_trace_in_the_url_and_choices_do() -> None:
    test = page(k="5", w="кот")
    assert "k" not in test.query_params and test.query_params["w"] in ("кот", ["кот"])
    test.text_input(key="w").set_value("").run()
    assert "w" not in test.query_params


def test_the_session_wins_on_the_same_page_and_the_url_on_arrival() -> None:
    test = page(k="7")
    test.query_params["k"] = "9"
    assert test.run().text[0].value == "[7, ['a'], '']"
    test.session_state["page_now"] = "two"
    test.query_params["k"] = "9"
    assert test.run().text[0].value == "[9, ['a'], '']"


def test_choices_for_later_are_made_before_the_next_run_draws() -> None:
    body = PAGE + "\nif st.button('go'):\n    state.later(w='later', k=2)\n    st.rerun()"
    test = AppTest.from_string(body).run()
    assert test.button[0].click().run().text[0].value == "[2, ['a'], 'later']"


# tables


def test_the_leaderboard_ends_with_chance_and_ceiling() -> None:  # fmt: skip
    runs = [evaluation("x", 0.6, {"1": 0.5}), evaluation("y", 0.4, {"1": 0.3})]
    board = tables.leaderboard(runs, {"x": "X"}, "chance", "ceiling")
    assert list(board["name"]) == ["X", "y", "chance", "ceiling"]
    assert list(board["P@5"]) == [0.6, 0.4, 0.1, 0.9] and np.isnan(board["Judged@5"].iloc[2])


def test_other_runs_stand_beside_the_first_metric_query_by_query() -> None:
    table = tables.by_query(evaluation("x", 0.6, {"1": 0.5, "2": 0.1}), [evaluation("y", 0.4, {"2": 0.3})], {"y": "Y"})
    assert list(table.columns) == ["text", "relevant", "P@5", "P@5 · Y", "AP"]
    assert np.isnan(table.loc["1", "P@5 · Y"]) and table.loc["2", "P@5 · Y"] == 0.4


def test_marks_and_missed_follow_the_judgments() -> None:
    judged = {"a": 2, "b": 0, "c": 1, "d": 1}
    assert tables.marks(judged, ["a", "b", "x"]) == ["hit", "miss", "unjudged"]
    assert tables.missed(judged, ["a", "x", "d", "b"], 2) == [("d", 3), ("c", 0)]
    assert tables.missed(judged, ["a", "c", "d"], 3) == []


# charts


def test_a_map_has_no_progressive_drawing_and_one_colour_a_group() -> None:  # fmt: skip
    values = pd.Series([f"v{i % 30}" for i in range(300)] + [""])
    grouped, order = charts.groups(values, limit=10)
    assert len(order) == 11 and order[-1] == charts.REST and set(grouped) == set(order)
    points = pd.DataFrame({"x": 0.0, "y": 0.0, "group": grouped, "title": "", "about": "", "thumb": ""})
    words = {"rect": "r", "polygon": "l", "clear": "c"}
    queries = pd.DataFrame({"x": [0.0], "y": [0.0], "text": ["q"]})
    spec = charts.map_spec(points, order, "thumbs/shop", words, False, queries)
    assert [series["progressive"] for series in spec["series"]] == [0, 0]
    colours = spec["visualMap"]["inRange"]["color"]
    assert len(colours) == len(set(colours)) == len(order) == len(spec["visualMap"]["categories"])
    assert spec["dataset"][0]["source"] is points and "thumbs/shop/{@thumb}.webp" in spec["tooltip"]["formatter"]
    assert len(charts.map_spec(points, order, "t", words, True)["series"]) == 1
    ringed = charts.map_spec(points, order, "t", words, True, None, points[["x", "y"]][:2])
    assert ringed["series"][1]["datasetIndex"] == 1 and len(ringed["dataset"][1]["source"]) == 2


def test_a_selection_is_short_in_a_link_and_a_broken_link_selects_what_it_can() -> None:
    assert selection.write([9, 3, 5, 4, 3]) == "3-5.9" and selection.write([]) == ""
    assert selection.read("3-5.9", 24) == [3, 4, 5, 9] and selection.read("3-5.9", 5) == [3, 4]
    assert selection.read("x.-1.7-.2-1.٣.1e3.6", 24) == [6] and selection.read("0-999999999", 3) == [0, 1, 2]
    assert selection.write(range(0, 20_000, 2)) == ""  # too long for a link
    assert selection.read(selection.write(range(20_000)), 20_000) == list(range(20_000))


@pytest.mark.parametrize("dark", [False, True])
def test_colours_can_be_told_apart(dark: bool) -> None:
    assert len(set(charts.palette(charts.GROUPS, dark))) == charts.GROUPS


# files in and out


class Upload:  # fmt: skip
    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content

    def getvalue(self) -> bytes:
        return self.content


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [("../../x.csv", "x.csv"), ("/etc/passwd", "passwd"), ("C:\\my files\\Кот 1.PES", "Кот 1.pes"), ("..", "file"),
     ("<img onerror=1>.csv", "img onerror1.csv"), ("a\x00b.csv", "ab.csv"), (".htaccess", "htaccess"),
     ("x" * 300 + ".csv", "x" * 80 + ".csv"), ("\u202etxt.exe", "txt.exe"), ("", "file"), ("a/", "file"),
     ("test_embeddings_clip (1).pkl", "test_embeddings_clip (1).pkl"), ("и\u0306.csv", "й.csv")],
)  # fmt: skip
def test_an_upload_keeps_its_name_and_that_is_never_a_path(name: str, kept_as: str, tmp_path: Path) -> None:
    kept = uploads.keep(tmp_path, Upload(name, b"id,title\n"))
    assert kept.parent.parent == tmp_path / "uploads" and kept.name == kept_as
    assert (
        kept.read_bytes() == b"id,title\n"
        and uploads.keep(tmp_path, Upload("other.csv", b"id,title\n")).parent == kept.parent
    )
    assert uploads.plain_name(name) and not set(uploads.plain_name(name)) & set("/\\<>\x00 ")
    together = uploads.folder(tmp_path)
    assert uploads.keep_in(together, Upload(name, b"1")).parent == together and together.parent == tmp_path / "uploads"


def test_yesterdays_uploads_are_removed(tmp_path: Path) -> None:
    old = uploads.keep(tmp_path, Upload("a.csv", b"1"))
    before = time.time() - 2 * uploads.KEEP_SECONDS
    os.utime(old.parent, (before, before))
    new = uploads.keep(tmp_path, Upload("b.csv", b"2"))
    assert not old.exists() and new.exists()


def test_the_csv_of_queries_opens_in_a_spreadsheet_without_running_anything() -> None:
    content = run_files.queries_csv(evaluation("x", 0.6, {"1": 1 / 3}))
    assert content.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert header == ["query", "text", "relevant", "P@5", "AP"]
    assert row[1] == "'=text 1" and float(row[4]) == 1 / 3


def test_the_trec_run_has_six_columns_a_line_and_falls_in_score() -> None:
    lines = run_files.trec_run(evaluation("ruclip:a b", 0.6, {"1": 0.5}).run).decode().splitlines()
    assert lines == ["1 Q0 a 1 0.5 ruclip:a_b", "1 Q0 b_c 2 0.1 ruclip:a_b"]


# looking through, and what to look at next


def test_every_word_must_be_somewhere_in_the_item(tmp_path: Path) -> None:  # fmt: skip
    titles = ["Роза красная", "роза белая", "красный кот"]
    shop = tiny_catalogue(tmp_path, [1, 2, 3], columns={"title": titles, "source": ["a", "b", "a"]})
    assert browse.rows(shop, "роза", {}).tolist() == [0, 1]
    assert browse.rows(shop, "РОЗА красн", {}).tolist() == [0]
    assert browse.rows(shop, "", {"source": ["a"]}).tolist() == [0, 2]
    assert browse.rows(shop, "роза.*", {}).tolist() == []
    assert len(browse.sample(shop, 2)) == 2 and browse.sample(shop, 99) == list(shop.ids)


def test_the_most_useful_step_comes_first() -> None:
    def pages(*given: Any) -> list[str]:
        return [
            f"{step.page}:{step.choices.get('view') or step.choices.get('query', '')}"
            for step in advice.next_steps(*given)
        ]

    good, poor = evaluation("x", 0.6, {"1": 0.5, "2": 0.1}), evaluation("y", 0.2, {"1": 0.2}, judged=0.1)
    assert pages("shop", [], [], 0) == ["evaluate:", "search:"]
    assert pages("shop", ["asked"], [], 3) == ["evaluate:", "catalogue:report"]
    assert pages("shop", ["asked"], [good], 0) == ["evaluate:", "evaluate:2"]
    assert pages("shop", ["asked"], [poor, good], 0) == ["evaluate:2", "search:"]
    steps = advice.next_steps("shop", ["asked"], [evaluation("y", 0.2, {"1": 0.2}, judged=0.1)], 0)
    assert "10" in steps[0].text and steps[0].choices["run"] == "y-run"


def test_an_unexpected_error_shows_an_id_and_hides_what_it_said() -> None:
    body = "from app.asgi import told\ntold(RuntimeError('the secret path'))"
    test = AppTest.from_string(body).run()
    assert len(test.error) == 1 and "secret" not in test.error[0].value


# the process

LIGHT = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/tests"]
from streamlit.testing.v1 import AppTest
from tiny_shop import tiny_shop
from app.bench import Bench
bench, shop = Bench(Path(sys.argv[1]) / "home"), tiny_shop(Path(sys.argv[1]) / "shop")
bench.import_catalogue(shop.csv, name="shop")
bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
bench.evaluate(["bm25"], "shop", "asked")
for page in ("overview", "catalogue", "evaluate", "search", "tuning"):
    test = AppTest.from_file(sys.argv[2] + "/app/main.py", default_timeout=60)
    test.switch_page(f"{sys.argv[2]}/pages/{page}.py").run()
    assert not test.exception and test.title
print(sorted({"torch", "open_clip", "umap", "sklearn"} & set(sys.modules)))
"""


def test_tables_and_pictures_are_shown_without_loading_torch(tmp_path: Path) -> None:
    (tmp_path / "light.py").write_text(LIGHT, encoding="utf-8")
    environment = {**os.environ, "UZOR_HOME": str(tmp_path / "home")}
    command = [sys.executable, str(tmp_path / "light.py"), str(tmp_path), str(ROOT)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_wrong_port_is_told_in_one_line(port: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "app", port]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1 and done.stderr.strip().startswith(f"uzor: {port!r} is not a port")
    assert len(done.stderr.strip().splitlines()) == 1
