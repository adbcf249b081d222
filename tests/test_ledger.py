"""The ledger: every state is computed, a wrong number is seen, and the report's figures stand beside ours, apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from published_files import tables
from streamlit.testing.v1 import AppTest
from tiny_shop import tiny_shop

from app.bench import Bench
from app.cli import main
from app.ledger import ledger_words
from data import claims, published
from data.claims import Claim
from data.demo import query_sets
from eval import claims_of_documents, diagnoses
from eval.contracts import Ranking, Run
from eval.evidence import MEASURES, Evidence
from eval.ledger import STATES, Entry, check, everything
from eval.matching import loops

ROOT = Path(__file__).resolve().parents[1]
ORIGINAL = ROOT.parent / "shared/reference/embroidery-24/semantic_test_queries.json"
LANGUAGES = ("ru", "en")
SHIPPED = claims.read().claims
TEXTS = {str(query.number): query.text for query in published.queries()}


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    """The ledger of an empty workspace, by claim."""
    bench = Bench(tmp_path_factory.mktemp("ledger") / "home")
    return {entry.claim.id: entry for entry in bench.ledger()}


@pytest.fixture
def evidence(tmp_path: Path) -> Iterator[Evidence]:
    bench = Bench(tmp_path / "home")
    yield Evidence(bench.home, bench.store)


def shipped(claim_id: str) -> Claim:
    return next(claim for claim in SHIPPED if claim.id == claim_id)


def relevant() -> dict[str, list[str]]:
    """As many items for each query as the report judged, with names of our own."""
    return {str(query.number): [f"{query.number}-{n}" for n in range(query.relevant)] for query in published.queries()}


def asked(spec: str, hits: tuple[int, ...], gallery: int = 328, how: dict[str, Any] | None = None, **facts: Any) -> Run:
    """A run over the 24 queries that finds so many relevant items for each of them."""
    found = relevant()
    rankings = tuple(
        Ranking(query, (*items[:hit], *(f"other {n}" for n in range(5 - hit))), (5.0, 4.0, 3.0, 2.0, 1.0))
        for (query, items), hit in zip(found.items(), hits, strict=True)
    )
    settings = {"k": 5, "pool": "judged", "gallery": gallery, "depth": 1000, "where": {}, **(how or {})}
    judged = {query: dict.fromkeys(items, 1) for query, items in found.items()}
    return Run(
        id=f"run-{spec}-{'-'.join(how or ())}".replace(":", "-").replace("/", "-"),
        made="2026-11-21T00:00:00+00:00", task="retrieval", spec=spec,
        catalogue="report-328", query_set="report-queries", rankings=rankings, settings=settings,
        fingerprints={"catalogue": "c", "query_set": "q"}, environment={},
        facts={"judgments": judged, "texts": TEXTS, "absent": {}, "truncated": [], **facts}, seconds=1.0,
    )  # fmt: skip


@pytest.fixture
def ours_are_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the planted judgments pass for the report's own."""
    monkeypatch.setattr(published, "own_judgments", lambda texts, relevant: True)


# The file of claims


def test_every_claim_has_a_measurement_a_state_and_words_in_both_languages(
    nothing: dict[str, Entry], tmp_path: Path
) -> None:
    shared = claims.read()
    asked_for = [*SHIPPED, *claims_of_documents.published(tmp_path), *claims_of_documents.published(tables(tmp_path))]
    for claim in asked_for:
        assert claim.measure in MEASURES and claim.table in ledger_words.TABLES, claim.id
        assert ledger_words.part(claim.table) in ledger_words.PARTS
    for claim in SHIPPED:
        assert nothing[claim.id].state in STATES
        assert all(claim.says[lang] for lang in LANGUAGES) and claim.needs, claim.id
    assert {claim.measure for claim in asked_for} == set(MEASURES), "a measurement nobody asks for"
    used = (
        {claim.source for claim in asked_for},
        {c.definition for c in asked_for} - {""},
        {n for c in asked_for for n in c.needs},
    )
    assert used == (set(shared.sources), set(shared.definitions), set(shared.needs))


def test_what_uzors_pages_are_quoted_with_stands_in_them() -> None:
    quoted = [claim for claim in SHIPPED if claim.table.startswith("uzor-")]
    assert len(quoted) > 20
    for claim in quoted:
        text = " ".join((ROOT / claim.source).read_text(encoding="utf-8").split())
        assert claim.quote and claim.quote in text, f"{claim.id}: {claim.source} does not say {claim.quote!r} any more"


def test_the_number_of_a_quoted_claim_stands_in_its_quote() -> None:
    for claim in SHIPPED:
        digits = {f"{claim.expected:,.{n}f}" for n in range(5)} | {f"{claim.expected * 100:.0f}"}
        words = {"24": "24", "0.1": "tenth", "5": "Five", "0.357143": "5/14", "1": "not a cosine"}
        digits |= {words.get(f"{claim.expected:g}", "?")}
        if claim.quote:
            assert any(number in claim.quote for number in digits), (claim.id, claim.quote, digits)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"says": {"en": "x"}}, "both languages"), ({"source": "nowhere"}, "'nowhere'"), ({"relation": "<"}, "relation"),
     ({"needs": ["gold"]}, "'gold'"), ({"expected": "many"}, "many"), ({"colour": 1}, "colour")],
)  # fmt: skip
def test_a_claim_that_is_not_whole_is_refused_by_name(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=says):
        claims.read(written(tmp_path / "claims.json", **change))
    with pytest.raises(ValueError, match="lacks expected"):
        claims.read(written(tmp_path / "lacking.json", expected=None))
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="no file of claims"):
        claims.read(tmp_path / "other.json")


def written(path: Path, claim_id: str = "clip-pretrained-p5", **change: Any) -> Path:
    """The shipped file with only that claim in it, changed; a value of None takes the key away."""
    record = json.loads(claims.FILE.read_text(encoding="utf-8"))
    row = next(row for row in record["claims"] if row["id"] == claim_id) | change
    record["claims"] = [{key: value for key, value in row.items() if value is not None}]
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


# States


def test_in_an_empty_workspace_nothing_is_wrong_and_what_needs_data_says_so(nothing: dict[str, Entry]) -> None:
    assert [entry.claim.id for entry in nothing.values() if entry.wrong] == []
    for entry in nothing.values():
        ready = entry.claim.needs == ("nothing",)
        assert (entry.state in ("reproduced", "differs")) == ready, entry
        assert entry.state != "differs" or entry.why == "known"
    for name in ("ruclip-finetuned-p5-measured", "ruclip-finetuned-match", "pictures", "catalogue", "emoji"):
        assert nothing[name].state == "absent", name


def test_the_reports_figures_come_out_as_they_were_worked_by_hand(nothing: dict[str, Entry]) -> None:
    value = {name: entry.value for name, entry in nothing.items()}
    assert [value[f"{key}-hits"] for key in ("clip-pretrained", "clip-finetuned", "ruclip-pretrained")] == [10, 22, 98]
    assert value["ruclip-finetuned-p5"] == pytest.approx(100 / 120) and value["pairs"] == value["pairs-text"] == 335
    assert (value["ruclip-better"], value["ruclip-equal"], value["ruclip-worse"]) == (5, 15, 4)
    assert value["ruclip-p"] == pytest.approx(428 / 512)  # of 2⁹ patterns of the nine differences
    assert (value["fewest"], value["most"]) == (6, 18)
    # cosine 0.3: d² = 2 − 0.6 = 1.4, and 1 − 1.4² / 2 = 0.02
    assert value["shown-similarity"] == pytest.approx(0.02, abs=1e-6) and value["shown-order"] == 1
    assert value["cosine-sim-doubled"] == pytest.approx(0.5) and value["pair-cosine-doubled"] == pytest.approx(1)
    assert value["ceiling-14"] == pytest.approx(5 / 14)


@pytest.mark.parametrize("claim", [c for c in SHIPPED if c.needs == ("nothing",)], ids=lambda claim: claim.id)
def test_an_expected_value_off_by_more_than_its_tolerance_differs(claim: Claim, nothing: dict[str, Entry]) -> None:
    value = nothing[claim.id].value
    assert value is not None
    assert claim.holds(value) == (nothing[claim.id].state == "reproduced")
    below = replace(claim, expected=value - claim.tolerance - max(1e-6 * abs(value), 1e-12))
    assert not below.holds(value)
    above = replace(claim, expected=value + claim.tolerance + max(1e-6 * abs(value), 1e-12))
    assert above.holds(value) == (claim.relation == "≤")


def test_a_changed_claim_turns_its_row_to_differs_unless_that_is_known(evidence: Evidence) -> None:
    claim = shipped("ruclip-finetuned-p5")
    assert check(claim, evidence).state == "reproduced"
    off = check(replace(claim, expected=0.85), evidence)
    assert (off.state, off.wrong, off.value) == ("differs", True, pytest.approx(100 / 120))
    known = check(replace(claim, expected=0.85, known={"en": "because", "ru": "потому что"}), evidence)
    assert (known.state, known.wrong, known.why) == ("differs", False, "known")
    with pytest.raises(LookupError, match="no measurement 'guess'"):
        check(replace(claim, measure="guess"), evidence)
    with pytest.raises(ValueError, match=r"cannot be measured of \{\}"):
        check(replace(claim, of={}), evidence)


def test_a_missing_package_is_told_and_nothing_else_stops(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    entry = check(shipped("shown-similarity"), evidence)
    assert entry.state == "absent" and "faiss" in entry.values["what"]


@pytest.mark.parametrize("key", [model.key for model in published.models()])
@pytest.mark.usefixtures("ours_are_theirs")
def test_the_reports_models_over_its_own_pictures_are_compared(key: str, evidence: Evidence) -> None:
    evidence.store.add(asked(f"ready:{key}", published.model(key).hits, match_probability=0.5, pairs=335))
    for metric in ("p5", "r5"):
        entry = check(shipped(f"{key}-{metric}-measured"), evidence)
        assert entry.state == "reproduced", entry
    match = check(shipped(f"{key}-match"), evidence)
    assert (match.state, match.why, match.values["pairs"]) == ("incomparable", "other_pairs", 335)


@pytest.mark.usefixtures("ours_are_theirs")
def test_the_reports_models_with_other_hits_differ(evidence: Evidence) -> None:
    hits = (0, *published.model("ruclip-finetuned").hits[1:])
    evidence.store.add(asked("ready:ruclip-finetuned", hits, match_probability=0.2305, pairs=328))
    entry = check(shipped("ruclip-finetuned-p5-measured"), evidence)
    assert entry.wrong and entry.value == pytest.approx(95 / 120)
    assert check(shipped("ruclip-finetuned-match"), evidence).state == "reproduced"


@pytest.mark.parametrize("spec", ["ready:ruclip-finetuned", "ruclip:bundled/mini-ruclip+drawn"])
def test_the_same_queries_with_other_judgments_are_not_comparable(spec: str, evidence: Evidence) -> None:
    evidence.store.add(asked(spec, published.model("ruclip-finetuned").hits, match_probability=0.3, pairs=335))
    entry = check(shipped("ruclip-finetuned-p5-measured"), evidence)
    assert (entry.state, entry.why, entry.values["spec"]) == ("incomparable", "other_run", spec)
    assert spec in ledger_words.why(entry) and ledger_words.found(entry) == "—"
    assert check(shipped("ruclip-pretrained-p5-measured"), evidence).state == "absent"


@pytest.mark.usefixtures("ours_are_theirs")
def test_another_gallery_is_not_comparable(evidence: Evidence) -> None:
    evidence.store.add(asked("ready:ruclip-finetuned", published.model("ruclip-finetuned").hits, gallery=21126))
    assert check(shipped("ruclip-finetuned-r5-measured"), evidence).state == "incomparable"


def test_a_stored_run_holds_our_own_page_to_account(evidence: Evidence) -> None:
    claim = shipped("mini-ruclip-p5")
    of = {**claim.of, "queries": 24, "gallery": 328}
    assert check(replace(claim, of=of), evidence).why == "no_such_run"
    evidence.store.add(asked("ruclip:bundled/mini-ruclip", published.model("ruclip-pretrained").hits))
    assert check(claim, evidence).why == "no_such_run"  # asks for other numbers of queries and items
    assert check(replace(claim, of=of), evidence).wrong
    chance = check(replace(claim, of={**of, "chance": True}, expected=335 / 24 / 328), evidence)
    assert chance.state == "reproduced"


GROUP = {"where": {"source": ["s"], "!group": ["soles"]}}


@pytest.mark.parametrize(
    ("how", "asks"),
    [({"correction": "csls", "references": 9}, {"correction": "csls"}), ({"precision": "bf16"}, {"precision": "bf16"}),
     (GROUP, {"without": ["soles"]})],
)  # fmt: skip
def test_a_run_made_in_a_way_of_its_own_is_no_evidence_unless_it_is_asked_for(
    how: dict[str, Any], asks: dict[str, Any], evidence: Evidence
) -> None:
    claim, spec = shipped("mini-ruclip-p5"), "ruclip:bundled/mini-ruclip"
    plainly = replace(claim, of={**claim.of, "queries": 24, "gallery": 328}, expected=98 / 120)
    special = replace(plainly, of={**plainly.of, **asks}, expected=100 / 120)
    evidence.store.add(asked(spec, published.model("ruclip-pretrained").hits))
    assert check(special, evidence).why == "no_such_run"
    evidence.store.add(asked(spec, published.model("ruclip-finetuned").hits, how=how))  # the newest
    assert check(plainly, evidence).state == "reproduced"
    assert check(special, evidence).state == "reproduced"


@pytest.mark.usefixtures("ours_are_theirs")
def test_the_reports_numbers_are_not_measured_on_a_corrected_run(evidence: Evidence) -> None:
    spec, hits = "ready:ruclip-finetuned", published.model("ruclip-finetuned").hits
    evidence.store.add(asked(spec, (0, *hits[1:]), how={"correction": "csls"}))
    claim = shipped("ruclip-finetuned-p5-measured")
    assert check(claim, evidence).state == "absent"
    evidence.store.add(replace(asked(spec, hits), id="plain"))
    evidence.store.add(replace(asked(spec, (0, *hits[1:]), how={"correction": "csls"}), id="corrected-again"))
    assert check(claim, evidence).state == "reproduced"


def measured(evidence: Evidence, peak: float, **settings: Any) -> None:
    """Keep a measurement of mini-ruclip on emoji with that peak of memory, made with these settings."""
    told = {"peak_ram": peak, "items": 3098, "others": 0.0, "load_average": [0.0]}
    machine = dict(shipped("cost-memory").of["machine"])
    record = {"spec": "ruclip:bundled/mini-ruclip", "catalogue": "emoji", "settings": settings, "fingerprints": {},
              "machine": machine, "repeats": [told, told]}  # fmt: skip
    diagnoses.save(evidence.home, "efficiency", f"{peak:.0f}", record)


def test_what_a_model_costs_in_another_precision_index_or_batch_is_another_number(evidence: Evidence) -> None:
    claim, usual = shipped("cost-memory"), {"precision": "fp32", "index": "exact", "batch": 32, "threads": 1}
    for peak, other in ((700e6, {"precision": "bf16"}), (701e6, {"index": "faiss"}), (702e6, {"batch": 8})):
        measured(evidence, peak, **{**usual, **other})
        assert check(claim, evidence).why == "no_such_cost"
        named = check(replace(claim, of={**claim.of, **other}), evidence)
        assert named.wrong and named.value == pytest.approx(peak / 1e6)
    measured(evidence, 1002e6, **usual)
    assert check(claim, evidence).state == "reproduced"


def test_the_loop_and_the_product_are_compared_where_there_is_something_to_find(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, seen = shipped("trap-loop"), []
    by_elements = loops.by_elements
    monkeypatch.setattr(loops, "by_elements", lambda *sides: seen.append(by_elements(*sides)) or seen[-1])
    assert check(claim, evidence).state == "reproduced"
    assert seen[0] == [(row, row) for row in range(0, 24, 4)]
    for name in ("by_elements", "by_matrix"):
        monkeypatch.setattr(loops, name, lambda *sides: [])
    with pytest.raises(ValueError, match="or none"):
        check(claim, evidence)


# The report's own judgments, and its queries


def test_the_24_queries_are_known_by_their_words_only_when_all_are_there() -> None:
    assert {query.number for query in published.matched(TEXTS).values()} == set(range(1, 25))
    said = {**TEXTS, "1": " КОТЁНОК "}
    assert published.matched(said)["1"].number == 1
    assert published.matched({number: TEXTS[number] for number in list(TEXTS)[1:]}) == {}
    assert published.matched({**TEXTS, "25": "ещё один"}) == {} and published.matched({}) == {}
    for name in query_sets.shipped():
        texts = {query.id: query.text for query in query_sets.queries(name)}
        assert bool(published.matched(texts)) == (name == "embroidery-24"), name


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the original query file lies beside the project, not in it")
def test_the_reports_own_judgments_are_told_from_any_others() -> None:
    record = json.loads(ORIGINAL.read_text(encoding="utf-8"))
    texts = {str(n): text for n, text in enumerate(record)}
    items = {str(n): [str(item["id"]) for item in record[text]] for n, text in enumerate(record)}
    assert published.own_judgments(texts, items)
    assert not published.own_judgments(texts, {**items, "0": items["0"][1:]})
    assert not published.own_judgments(TEXTS, relevant())


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the original query file lies beside the project, not in it")
def test_the_original_files_decide_what_was_counted(tmp_path: Path) -> None:
    record = json.loads(ORIGINAL.read_text(encoding="utf-8"))
    items = sorted({str(item["id"]) for found in record.values() for item in found})
    lines = ["id,local_image_path,name,category,text,url", *(f"{item},,n,c,t," for item in items)]
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "semantic_test_queries.json").write_bytes(ORIGINAL.read_bytes())
    (folder / "test_data.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "train_data.csv").write_text("\n".join([lines[0], "x1,,n,c,t,", "x2,,n,c,t,"]), encoding="utf-8")
    bench = Bench(tmp_path / "home")
    bench.import_project(folder)
    evidence = Evidence(bench.home, bench.store)
    assert check(shipped("pictures"), evidence).state == "reproduced"
    training = check(shipped("training"), evidence)
    assert (training.wrong, training.value) == (True, 2)
    assert check(shipped("catalogue"), evidence).value == 330


# The command line


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def said(*words: str | Path, code: int = 0) -> Any:
    result = CliRunner().invoke(main, ["ledger", *map(str, words)])
    assert result.exit_code == code, result.output + result.stderr
    return json.loads(result.stdout) if "--json" in words else result.stdout + result.stderr


def test_the_command_prints_every_claim_and_is_content(home: Path) -> None:
    found = said("--json")
    assert [row["id"] for row in found] == [claim.id for claim in everything(home)]
    assert {claim.id for claim in SHIPPED} < {row["id"] for row in found}
    assert {row["state"] for row in found} <= set(STATES) and not any(row["wrong"] for row in found)
    row = next(row for row in found if row["id"] == "decay-text")
    assert (row["state"], row["expected"], row["value"], row["known"]["en"][:8]) == ("differs", 0.01, 0.2, "Its code")


def test_the_command_fails_when_a_number_differs_and_nobody_said_why(home: Path, tmp_path: Path) -> None:
    changed = written(tmp_path / "claims.json", expected=0.0834)
    assert "DIFFERS" in (text := said("--claims", changed, code=1)) and "differs: 1" in text
    assert said("--claims", changed, "--json", code=1)[0]["wrong"]
    assert "reproduced: 1" in said("--claims", written(tmp_path / "sound.json"))
    explained = written(tmp_path / "known.json", expected=0.0834, known={"en": "rounded up", "ru": "округлено"})
    assert "rounded up" in said("--claims", explained)
    assert "lacks expected" in said("--claims", written(tmp_path / "broken.json", expected=None), code=2)
    assert "nowhere.json" in said("--claims", tmp_path / "nowhere.json", code=2)


# The screen


def opened(page: str, language: str, **params: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=120)
    test.context = {"locale": "ru-RU" if language == "ru" else "en-US"}
    for name, value in params.items():
        test.query_params[name] = value
    if page != "overview":
        test.switch_page(str(ROOT / "pages" / f"{page}.py"))
    test.run()
    assert not test.exception, test.exception
    assert not re.search("Не получилось|This did not work", words(test)), words(test)
    return test


def words(test: AppTest) -> str:
    kinds = ("title", "header", "markdown", "caption")
    return "\n".join(str(e.value) for kind in kinds for e in test.get(kind)).replace("\\", "")


def cells(test: AppTest) -> str:
    return "\n".join(str(cell) for table in test.table for cell in table.value.to_numpy().ravel()).replace("\\", "")


@pytest.fixture(scope="module")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny shop with two query sets: its own, and the report's 24 queries over its pictures."""
    folder = tmp_path_factory.mktemp("beside")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    ids = bench.catalogue("shop").ids
    tsv, qrels = folder / "report.tsv", folder / "report.txt"
    tsv.write_text("".join(f"{number}\t{text}\n" for number, text in TEXTS.items()), encoding="utf-8")
    qrels.write_text("".join(f"{number} 0 {ids[place]} 1\n" for place, number in enumerate(TEXTS)), encoding="utf-8")
    bench.add_query_set([tsv, qrels], "shop", name="report")
    bench.evaluate(["chance"], "shop", "asked")
    bench.evaluate(["chance"], "shop", "report")
    return bench.home


@pytest.fixture
def here(shop_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(shop_home))
    return shop_home


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_claim_with_its_state(language: str, here: Path) -> None:
    test = opened("ledger", language)
    assert test.title[0].value == {"ru": "Сверка чисел", "en": "Ledger of numbers"}[language]
    shown, numbers = cells(test), {m.label: m.value for m in test.metric}
    for claim in SHIPPED:
        assert claim.says[language] in shown
    state = {"ru": "Воспроизведено", "en": "Reproduced"}[language]
    assert shown.count(f":green-badge[{state}]") == int(numbers[state]) > 50
    assert ":red-badge" not in shown and sum(map(int, numbers.values())) == len(everything(here))
    assert {"ru": "В его коде 0,2", "en": "Its code has 0.2"}[language] in shown


def test_states_and_claims_are_chosen_by_the_link(here: Path) -> None:
    test = opened("ledger", "en", state="differs", claim="shown-similarity")
    assert ":green-badge" not in cells(test) and cells(test).count(":orange-badge") == 9  # eight, and the one in full
    assert "IndexFlatL2 already answers d²" in cells(test) and "± 0.005" in cells(test)
    nonsense = opened("ledger", "en", state="<b>", claim="<img src=x>")
    assert "<b>" not in words(nonsense) and nonsense.session_state["state"] == ""


def test_a_wrong_number_is_red_on_the_page(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    listed = claims.read()
    wrong = tuple(replace(c, expected=25.0) if c.id == "queries" else c for c in listed.claims[:30])
    monkeypatch.setattr(claims, "read", lambda *a: replace(listed, claims=wrong))
    st.cache_resource.clear()
    test = opened("ledger", "ru")
    assert cells(test).count(":red-badge[Расходится]") == 1 and "без объяснения: 1" in [m.delta for m in test.metric]
    st.cache_resource.clear()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_stands_beside_a_run_of_its_24_queries_and_apart_from_ours(language: str, here: Path) -> None:
    run = Bench(here).runs("shop", "report")[0].id
    test = opened("evaluate", language, catalogue="shop", queries="report", run=run, query="23")
    title = {"ru": "Отчёт 2025 года рядом с нами", "en": "The 2025 report beside us"}[language]
    assert title in [h.value for h in test.header]
    table = test.table[0].value
    point = "," if language == "ru" else "."
    assert list(table.iloc[:, 1]) == [f"0{point}{digits}" for digits in ("0833", "1833", "8167", "8333")]
    assert list(table.iloc[:, 2]) == [f"0{point}{digits}" for digits in ("0282", "0615", "3154", "3225")]
    assert "cv-project" in words(test) and "328" in words(test)
    assert {"ru": "каталог нарисован", "en": "catalogue is drawn"}[language] in words(test)
    ours = test.dataframe[0].value  # the leaderboard holds this run, chance and ceiling, nobody of the report
    assert len(ours) == 3 and not ours["name"].str.contains("CLIP").any()
    beside = next(
        c.value for c in test.caption if {"ru": "Отчёт 2025 года, P@5", "en": "2025 report, P@5"}[language] in c.value
    )
    values = published.queries().index(next(q for q in published.queries() if q.number == 23))
    for model in published.models():
        assert f"{model.precision[values]:.2f}".replace(".", point) in beside


@pytest.mark.parametrize("language", LANGUAGES)
def test_overview_has_the_report_in_short(language: str, here: Path) -> None:
    test = opened("overview", language, catalogue="shop")
    assert {"ru": "Отчёт 2025 года рядом с нами", "en": "The 2025 report beside us"}[language] in words(test)
    assert "100" in cells(test) and len(test.table[0].value) == 4


def test_another_query_set_has_no_report_beside_it(here: Path) -> None:
    run = Bench(here).runs("shop", "asked")[0].id
    test = opened("evaluate", "en", catalogue="shop", queries="asked", run=run, query="1")
    assert "2025 report beside us" not in words(test) and "2025 report, P@5" not in words(test) and not test.table


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_in_an_empty_workspace(language: str, home: Path) -> None:
    test = opened("ledger", language)
    numbers = {m.label: int(m.value) for m in test.metric}
    assert (
        sum(numbers.values()) == len(everything(home))
        and numbers[{"ru": "Несравнимо", "en": "Not comparable"}[language]] == 1
    )
    assert "uzor import-report" in cells(test)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_was_added_is_seen_by_the_page(language: str, home: Path) -> None:
    before = cells(opened("ledger", language, state="incomparable"))
    Bench(home).store.add(asked("ruclip:bundled/mini-ruclip", published.model("ruclip-pretrained").hits))
    after = cells(opened("ledger", language, state="incomparable"))
    assert "mini-ruclip" in after and "mini-ruclip" not in before
