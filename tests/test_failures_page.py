"""The Failures page: opened from stored runs without torch, in both languages; causes, notes, hubs and corrections."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import in_url, opened, sound, until, words
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import gallery as gallery_module
from app.bench import Bench
from app.failures import failure_advice
from app.failures.failure_words import CAUSES, EVIDENCE, evidence
from eval.contracts import Run
from eval.failures.causes import FOUND, RULES_OF, UNEXPLAINED, Cause
from eval.notes import Note, Notes, scope
from eval.store import Store

ROOT = Path(__file__).resolve().parents[1]
SPEC = "ruclip:tiny"


@pytest.fixture(scope="module")
def failing_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop, runs of BM25 and a random model, and the diagnosis of both."""
    folder = tmp_path_factory.mktemp("failing")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    for evaluation in bench.evaluate(["bm25", SPEC], "shop", "asked", k=3):
        bench.diagnose(evaluation.run.id)
    return bench.home


@pytest.fixture
def home(failing_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(failing_home))
    return failing_home


@pytest.fixture
def grids(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """The cards each grid was given, by the grid's key."""
    drawn: dict[str, list[Any]] = {}

    def recorded(shown: Any, key: str, label: str, picked: str = "", wide: int = 150) -> str | None:
        drawn[key] = list(shown)
        return None

    for module in ("failure_missed", "failure_hubs", "failure_pollution", "failure_dark"):
        monkeypatch.setattr(f"app.failures.{module}.gallery", recorded)
    monkeypatch.setattr(gallery_module, "gallery", recorded)
    return drawn


def run_of(home: Path, spec: str = SPEC) -> str:
    return next(run.id for run in Bench(home).runs("shop") if run.spec == spec and "correction" not in run.settings)


def page(home: Path, language: str = "ru", **params: str) -> AppTest:
    return opened("failures", language, **{"run": run_of(home), **params})


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("view", ["queries", "causes", "hubs"])
def test_every_view_opens_in_both_languages(view: str, language: str, home: Path, grids: dict[str, list[Any]]) -> None:
    test = page(home, language, failures_view=view)
    assert test.title[0].value == {"ru": "Разбор неудач", "en": "Failures"}[language]
    expected = {"queries": ("почему", "Why"), "causes": ("Причины по моделям", "Causes by model"),
                "hubs": ("Хабы", "Hubs")}[view]  # fmt: skip
    assert expected[language == "en"].casefold() in words(test).casefold()


def test_queries_stand_by_falling_loss_with_what_was_missed(home: Path, grids: dict[str, list[Any]]) -> None:
    test, bench = page(home), Bench(home)
    table = test.dataframe[0].value
    assert list(table["loss"]) == sorted(table["loss"], reverse=True) and len(table) == 7
    evaluation = bench.evaluation(run_of(home))
    values = {row["text"]: row["value"] for _, row in table.iterrows()}
    assert values == dict(
        zip(evaluation.per_query["text"], evaluation.per_query["P@3"].round(2), strict=True)
    )  # as it is written
    query = test.session_state["query"]
    ranking = bench.ranking(run_of(home), query)
    judged = evaluation.run.facts["judgments"][query]
    assert [card.id for card in grids["failed_shown"]] == list(ranking.items[:10])
    missed = sorted((ranking.items.index(item), item) for item in judged if item not in ranking.items[:3])
    assert [card.id for card in grids["failed_missed"]] == [item for _rank, item in missed]
    first = missed[0]
    assert [card.id for card in grids["failed_before"]] == list(ranking.items[: first[0]])[-12:]
    ranks = test.dataframe[1].value
    assert set(ranks["order"]) == {first[0] + 1, bench.ranking(run_of(home, "bm25"), query).items.index(first[1]) + 1}


def test_a_missed_item_leads_to_what_keeps_it_away(home: Path, grids: dict[str, list[Any]]) -> None:
    test = page(home)
    text = test.dataframe[0].value["text"].iloc[0]
    item = grids["failed_missed"][0].id
    kept = Bench(home).explain(SPEC, text, item, "shop")
    test.button(key="why_missed").click().run()
    assert sound(test).title[0].value == "Поиск" and in_url(test, "why") == [item]
    assert in_url(test, "q") == [text] and in_url(test, "model") == [SPEC] and f"№ {kept['rank']}" in words(test)
    shown = page(home, item=grids["failed_shown"][0].id, item_of="failures")
    Bench(home).explain(SPEC, text, grids["failed_shown"][0].id, "shop")
    shown.button(key="why_found").click().run()
    assert sound(shown).title[0].value == "Поиск" and in_url(shown, "why") == [grids["failed_shown"][0].id]


def test_a_query_that_lost_nothing_has_missed_nothing(home: Path, grids: dict[str, list[Any]]) -> None:
    table = page(home, run=run_of(home, "bm25")).dataframe[0].value
    whole = table[(table["loss"] == 0) & (table["hits"] == 3)]
    assert len(whole)
    grids.clear()
    test = page(home, run=run_of(home, "bm25"), query=str(whole["query"].iloc[0]))
    assert "failed_shown" in grids and "failed_missed" not in grids and "failed_before" not in grids
    assert "Почему пропущена" not in words(test) and "Ничего не пропущено" in words(test)


def test_a_hub_that_spoils_nothing_is_said_to_spoil_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.failures import failure_pollution
    from eval.failures.heard import Polluted

    told: list[str] = []
    monkeypatch.setattr(failure_pollution.st, "markdown", told.append)
    bench = Bench(home)
    run, shop = bench.store.get(run_of(home, "bm25")), bench.catalogue("shop")
    shown = {item for ranking in run.rankings for item in ranking.items[:3]}
    failure_pollution.wrongly(run, shop, next(item for item in shop.ids if item not in shown))
    failure_pollution.by_captions(Polluted(4, 0, ()), shop)
    assert told[0].startswith("No query of the set gets") and told[1].endswith("a telling word in common with it.")
    assert " 0 " not in told[0] + told[1]


def test_a_person_overrules_a_cause_and_it_stays(home: Path, grids: dict[str, list[Any]]) -> None:
    test = page(home)
    query = test.session_state["query"]  # the worst one
    spec_query = f"{SPEC}_{query}"
    test.selectbox(key=f"note_cause_{spec_query}").set_value("picture")
    test.text_area(key=f"note_words_{spec_query}").set_value("контур вместо заливки")
    test.text_input(key=f"note_tags_{spec_query}").set_value("стиль, стиль, позже ")
    test.text_input(key="note_author").set_value("Аня")
    test.button(key=f"note_keep_{spec_query}").click().run()
    said = words(sound(test))
    assert "Картинки не поняты" in said and "контур вместо заливки" in said and "Аня" in said
    note = Bench(home).notes.history("asked", SPEC, query)[-1]
    assert (note.cause, note.tags, note.author) == ("picture", ("стиль", "позже"), "Аня")
    summary = next(run for run in Bench(home).runs("shop") if run.id == run_of(home))
    assert (Bench(home).causes(summary, "asked") or {})[query] == "picture"
    automatic = Bench(home).diagnosis(summary).named()[query]
    test.selectbox(key=f"note_cause_{spec_query}").set_value(automatic)
    test.text_area(key=f"note_words_{spec_query}").set_value("всё-таки как сказано")
    test.button(key=f"note_keep_{spec_query}").click().run()
    assert Bench(home).notes.history("asked", SPEC, query)[-1].cause == ""  # what it is anyway is no overrule
    assert (Bench(home).causes(summary, "asked") or {})[query] == automatic
    assert "Картинки не поняты" not in [h.value for h in sound(test).markdown if h.value.startswith("####")]
    assert not [c.value for c in test.caption if c.value.startswith(":material/edit:")]


def test_a_note_counts_for_runs_made_like_the_one_it_was_said_of(home: Path) -> None:
    bench = Bench(home)
    plain = next(run for run in bench.runs("shop") if run.id == run_of(home))
    named = dict.fromkeys(("1", "2"), "hub")
    bench.note_failure(Note("shop", "asked", SPEC, "2", plain.id, "text", scope=scope(plain.settings)))
    assert bench.overruled(named, "asked", plain)["2"] == "text"
    again = replace(plain, id="again", settings={**plain.settings, "seed": 7, "depth": 10})
    assert bench.overruled(named, "asked", again)["2"] == "text"
    for changed in ({"correction": "csls"}, {"pool": "another"}, {"k": 9}, {"where": {"category": ["x"]}}):
        other = replace(plain, settings={**plain.settings, **changed})
        assert bench.overruled(named, "asked", other) == named and bench.said_of(other, "asked", "2") == []


OLD = """CREATE TABLE failure_notes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, made VARCHAR(40) NOT NULL,
catalogue TEXT NOT NULL, query_set TEXT NOT NULL, spec TEXT NOT NULL, query TEXT NOT NULL, run VARCHAR(64) NOT NULL,
cause VARCHAR(40) NOT NULL, note TEXT NOT NULL, tags TEXT NOT NULL, author TEXT NOT NULL)"""


def test_notes_of_an_older_database_belong_to_their_run_and_without_it_to_plain_ones(tmp_path: Path) -> None:
    store = Store(tmp_path, url="")
    settings = {"k": 5, "pool": "judged", "where": None, "correction": "csls"}
    store.add(Run("known", "", "retrieval", "m", "c", "q", (), settings))
    with store.engine.begin() as connection:
        connection.exec_driver_sql(OLD)
        for query, run in (("1", "known"), ("2", "gone")):
            row = f"('', 'c', 'q', 'm', '{query}', '{run}', 'hub', '', '[]', '')"
            connection.exec_driver_sql(
                "INSERT INTO failure_notes (made, catalogue, query_set, spec, query, run, cause, note, tags, author)"
                f" VALUES {row}"
            )
    notes, plain = Notes(store), {"k": 3, "pool": "catalogue", "where": {}}
    of = lambda made: [note.query for note in notes.history("q", "m", scope=scope(made))]  # noqa: E731
    assert of(settings) == ["1"] and of(plain) == ["2"] and of({**settings, "k": 6}) == []
    notes.add(Note("c", "q", "m", "3", "known", "text", scope=scope(plain)))  # the table learns of scopes
    assert of(settings) == ["1"] and of(plain) == ["2", "3"] and len(notes.history("q")) == 3


def test_a_run_without_a_diagnosis_offers_one_and_a_job_makes_it(home: Path, grids: dict[str, list[Any]]) -> None:
    fresh = Bench(home).evaluate(["bm25"], "shop", "asked", k=4)[0].run.id
    test = page(home, run=fresh)
    assert "causes" not in [b.key for b in test.button] and len(test.dataframe[0].value) == 7
    test.button(key="diagnose").click().run()
    until(test, lambda t: not [b for b in t.button if b.key in ("diagnose", "diagnose_job_cancel")])
    assert set(sound(test).dataframe[0].value["cause"]) != {"—"}


def test_a_correction_goes_into_the_search_and_into_a_run(home: Path, grids: dict[str, list[Any]]) -> None:
    test = page(home, failures_view="hubs")
    tried = next(frame.value for frame in test.dataframe if "gini" in frame.value.columns)
    assert len(tried) == 3
    assert tried["value"].iloc[0] == round(Bench(home).evaluation(run_of(home)).metrics["P@3"], 3)
    test.button(key="evaluate_correction").click().run()
    until(test, lambda t: Bench(home).runs("shop")[0].settings.get("correction") == "csls")
    run = Bench(home).runs("shop")[0]
    assert round(Bench(home).evaluation(run.id).metrics["P@3"], 3) == tried["value"].iloc[1]  # as it is written
    test = page(home, failures_view="hubs")
    test.button(key="use_correction").click().run()
    assert sound(test).title[0].value == "Поиск" and in_url(test, "correction") == ["csls"]
    test.text_input(key="q").set_value("круг").run()
    assert "CSLS" in words(sound(test))


def test_the_page_opens_without_torch(home: Path) -> None:
    command = [sys.executable, "-m", "bench.failures", str(home), "asked"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["torch"] is False and found["lines"] == 7


def test_every_cause_has_words_and_a_sentence_for_its_evidence() -> None:
    rules = {code for of_asked in RULES_OF.values() for code in of_asked}
    assert set(CAUSES) == {*rules, UNEXPLAINED, FOUND} and set(EVIDENCE) == rules
    said = evidence(Cause("near_miss", {"n": 2, "k": 5, "to": 20, "first": 7}))
    assert said == "2 relevant items stand at ranks 6–20."


def test_a_tuned_model_is_not_told_to_be_tuned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    base, tuned = "ruclip:bundled/mini-ruclip", "ruclip:bundled/mini-ruclip+mini-ruclip-embroidery"
    for code in (code for code, about in CAUSES.items() if "Fine-tune" in about.helps or "learns" in about.helps):
        assert code in failure_advice.TUNED and failure_advice.helps(code, base) == CAUSES[code].helps
        said = failure_advice.helps(code, tuned)
        assert said.startswith("This model is tuned already, on ") and "Fine-tune" not in said
        assert "training pairs" in said
    assert failure_advice.helps("near_miss", tuned) == CAUSES["near_miss"].helps
    assert failure_advice.helps("text", "ruclip:x+gone").startswith("This model is tuned already. ")


WRITER = """
import sys
from pathlib import Path
from eval.notes import Note, Notes
from eval.store import Store
notes = Notes(Store(Path(sys.argv[1]), url=""))
for number in range(100000):
    notes.add(Note("c", "q", "m", str(number), "r", note=f"number {number}"))
    print(number, flush=True)
"""


def test_a_note_that_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    Store(tmp_path, url="").close()
    told = -1
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert process.stdout
        for _line in range(15):
            told = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        stored = [note.query for note in Notes(Store(tmp_path, url="")).history("q")]
        assert stored[-1] >= str(told) or len(stored) >= told + 1
        assert len([query for query in stored if query == str(told)]) >= 1
    assert len(Notes(Store(tmp_path, url="")).history("q")) >= 45


def test_a_later_note_takes_the_place_of_an_earlier_one_and_a_long_one_is_refused(tmp_path: Path) -> None:
    notes = Notes(Store(tmp_path, url=""))
    assert notes.history("q") == []
    first = notes.add(Note("c", "q", "m", "1", "r", "hub", "a"))
    second = notes.add(Note("c", "q", "m", "1", "r", "", "b", ("t",)))
    assert notes.history("q", "m", "1") == notes.history("q") == [first, second]
    with pytest.raises(ValueError, match="4000"):
        notes.add(Note("c", "q", "m", "1", "r", note="x" * 4001))


WRITES_AND_LEAVES = """
import sys
from pathlib import Path
from eval.notes import Note, Notes
from eval.store import Store
store = Store(Path(sys.argv[1]), url="")
Notes(store).add(Note("c", "q", "m", "theirs", "r"))
store.close()
"""


def test_a_second_store_of_one_process_gives_up_no_lock_of_the_first(tmp_path: Path) -> None:
    first = Store(tmp_path, url="")
    Notes(first).add(Note("c", "q", "m", "before", "r"))
    Store(tmp_path, url="")  # looks at the file's head; closing that handle would drop the first one's locks
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", WRITES_AND_LEAVES, str(tmp_path)], cwd=ROOT, env=environment, check=True)
    Notes(first).add(Note("c", "q", "m", "after", "r"))
    look = "import sys; from pathlib import Path; from eval.notes import Notes; from eval.store import Store; "
    look += "print(*[n.query for n in Notes(Store(Path(sys.argv[1]), url='')).history('q')])"
    told = subprocess.run([sys.executable, "-c", look, str(tmp_path)], cwd=ROOT, env=environment, check=True,
                          capture_output=True, text=True)  # fmt: skip
    assert told.stdout.split() == ["before", "theirs", "after"]
