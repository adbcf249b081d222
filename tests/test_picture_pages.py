"""Every page with a set that pictures ask: items, photos, models that see pictures only, judging from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_pages import grids, opened, sound, words  # noqa: F401 - a fixture
from test_picture_queries import photos
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from app.cli import main
from app.judge import judge_card
from data import picture_queries
from eval.judging.rows import Judgment

HOG, SPEC, SET = "classical:hog", "ruclip:tiny", "shop-by-title"
PHOTOS = "shop-photos"


@pytest.fixture(scope="module")
def pictured_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose items ask for the other source's, and photos that ask; runs with diagnoses, curves and towers."""
    folder = tmp_path_factory.mktemp("pictured")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.pair_up("shop", "title")
    rows = "picture,item\nphotos/a.jpg,north-circle-c0392b\nphotos/b.png,north-square-2c5aa0\n"
    assert bench.add_query_set([photos(folder, rows)], "shop").name == PHOTOS
    for name in (SET, PHOTOS):
        for evaluation in bench.evaluate([HOG, SPEC], "shop", name):
            bench.diagnose(evaluation.run.id)
        bench.curves([HOG, SPEC], "shop", name, draws=2)
    bench.towers(SPEC, "shop", SET)
    for spec in (HOG, SPEC):
        bench.map(spec, "shop", "pca")
    return bench.home


@pytest.fixture
def home(pictured_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UZOR_HOME", str(pictured_home))
    return pictured_home


def run_of(home: Path, spec: str, name: str = SET) -> str:
    return next(run.id for run in Bench(home).runs("shop", name) if run.spec == spec)


PAGES = [("failures", {"failures_view": view}) for view in ("queries", "causes", "hubs")]
PAGES += [("judge", {"judge_view": view, "rater": "Аня"}) for view in ("judge", "scores", "raters", "sources", "files")]
PAGES += [("diagnosis", {"diagnosis": view}) for view in ("sizes", "towers")]
PAGES += [("evaluate", {}), ("compare", {}), ("overview", {}), ("search", {}), ("match", {}), ("efficiency", {})]


@pytest.mark.parametrize("spec", [HOG, SPEC])
@pytest.mark.parametrize("name", [SET, PHOTOS])
@pytest.mark.parametrize(("page", "params"), PAGES)
def test_a_page_opens_with_pictures_that_ask(
    home: Path, grids: dict[str, list[Any]], page: str, params: dict[str, str], name: str, spec: str  # noqa: F811
) -> None:  # fmt: skip
    more = {} if page in ("judge", "diagnosis", "compare", "overview") else {"run": run_of(home, spec, name)}
    test = opened(page, "ru", catalogue="shop", queries=name, **params, **more)
    assert "Не получилось" not in words(sound(test))
    if page == "compare":
        assert test.session_state["metric"] == "P@1"  # of one right answer P@5 tells little
    if page not in ("overview", "search", "match", "efficiency"):
        assert test.session_state["queries"] == name


def test_failures_show_the_asking_picture_and_leave_the_item_out(
    home: Path, grids: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    drawn: list[str] = []
    monkeypatch.setattr("app.asked.st.image", lambda path, **_how: drawn.append(Path(path).stem))
    test = sound(opened("failures", "en", catalogue="shop", queries=SET, run=run_of(home, SPEC)))
    table = test.dataframe[0].value
    assert list(table["asked"].str.startswith("thumbs/shop/")) == [True] * 24
    query = test.session_state["query"]
    assert table["text"].iloc[0].endswith(query) and drawn == [Bench(home).catalogue("shop").item(query)["sha256"]]
    assert query not in {card.id for card in grids.get("failed_shown", [])}
    assert "causes that lie in words do not apply" in words(test)
    assert "why_missed" not in [button.key for button in test.button]  # there are no words to leave out
    photo = sound(opened("failures", "en", catalogue="shop", queries=PHOTOS, run=run_of(home, HOG, PHOTOS)))
    assert photo.dataframe[0].value["asked"].str.match(r"asked/[0-9a-f]{64}\.webp").all()


def test_a_correction_for_pictures_is_evaluated_from_the_failures_page(home: Path) -> None:
    test = sound(opened("failures", "en", catalogue="shop", queries=SET, run=run_of(home, HOG), failures_view="hubs"))
    assert "use_correction" not in [button.key for button in test.button]  # the live search corrects words only
    assert "pictures of the catalogue, none its own neighbour" in words(test)
    made = Bench(home).evaluate([HOG], "shop", SET, correction="csls")[0].run
    assert made.settings["correction"] == "csls" and all(r.query not in r.items for r in made.rankings)
    found = Bench(home).diagnose(made.id)
    assert found.observed.keys() == {ranking.query for ranking in made.rankings}


def test_towers_are_told_not_to_hold_for_photos(home: Path) -> None:
    assert "Photos have no words" in words(sound(opened("diagnosis", "en", queries=PHOTOS, diagnosis="towers")))
    test = sound(opened("diagnosis", "en", queries=SET, diagnosis="towers"))
    assert "Picture → picture" in words(test) + str([metric.label for metric in test.metric])


@pytest.mark.parametrize("spec", [HOG, SPEC])
def test_the_map_shows_what_a_picture_hits_and_misses(home: Path, grids: dict[str, list[Any]], spec: str) -> None:  # noqa: F811
    item = "north-circle-c0392b"
    test = sound(opened("map", "en", model=spec, map_queries=SET, query=item, method="pca"))
    assert "stands where the asking item does" in words(test) and "Not done" not in words(test)
    shown = {card.id for cards in grids.values() for card in cards}
    assert "south-circle-c0392b" in shown and item not in shown
    photo = sound(opened("map", "en", model=spec, map_queries=PHOTOS, query="photos/a.jpg", method="pca"))
    assert "no item has no place on the map" in words(photo)


def test_the_report_holds_the_asking_pictures(home: Path) -> None:
    for name in (SET, PHOTOS):
        runs = [run_of(home, HOG, name), run_of(home, SPEC, name)]
        made = Bench(home).report(runs, "RR", "en")
        html, table = made["report.html"].decode(), made["queries.csv"].decode("utf-8-sig")
        if Bench(home).dossier(runs, "RR").failures:
            assert "The picture that asks" in html and "no longer in the catalogue" not in html
        asked = Bench(home).query_set(name).queries[0]
        assert (asked.item or asked.image) in table and table.splitlines()[0].startswith("query,text,picture")


def test_the_commands_know_pictures(home: Path) -> None:
    def told(*words_: str) -> str:
        done = CliRunner().invoke(main, [*words_], env={"UZOR_HOME": str(home)})
        assert done.exit_code == 0, done.output
        return done.output

    hog, tiny = run_of(home, HOG), run_of(home, SPEC)
    assert "of 24 queries lost something" in told("failures", tiny)
    assert '"asks": "pictures"' in told("failures", tiny, "--json")
    assert "classical:hog" in told("compare", hog, tiny, "--metric", "RR")
    assert "classical:hog" in told("curve", HOG, "--catalogue", "shop", "--queries", SET, "--draws", "2")
    assert "oracle" in told("towers", SPEC, "--catalogue", "shop", "--queries", SET)
    gate = CliRunner().invoke(main, ["gate", "--baseline", hog, "--candidate", tiny, "--metric", "RR"],
                              env={"UZOR_HOME": str(home)})  # fmt: skip
    assert gate.exit_code in (0, 1) and "Traceback" not in gate.output
    assert "alpha" in told("judge", "agreement", "--queries", SET)
    assert told("judge", "candidates", "--queries", SET).startswith("264 candidates for 24 queries")
    gone = CliRunner().invoke(main, ["judge", "candidates", "--queries", PHOTOS], env={"UZOR_HOME": str(home)})
    assert gone.exit_code and "Photos ask in shop-photos" in gone.output


def test_candidates_of_an_asking_item_are_never_itself(home: Path) -> None:
    found = Bench(home).propose(SET, "bm25", 5)
    assert all(len(items) == 5 and query not in items for query, items in found.items.items())


def test_pictures_are_judged_from_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grids: dict[str, list[Any]]  # noqa: F811
) -> None:  # fmt: skip
    """Items drawn, asked, judged on the desk, merged, evaluated; photos without judgments as well."""
    desks: list[dict[str, Any]] = []
    monkeypatch.setattr(judge_card, "desk", lambda shown, *rest: desks.append({"shown": list(shown)}))
    bench = Bench(home)
    made = bench.draw_askers("shop", 4, "from-nothing")
    assert made.of_pictures and made.judgments == {} and made == picture_queries.drawn(bench.catalogue("shop"), 4,
                                                                                      "from-nothing")  # fmt: skip
    with pytest.raises(ValueError, match="From 1 to 24 items of shop can ask; 25 came"):
        bench.draw_askers("shop", 25)
    runs = [one.run for one in bench.evaluate([HOG, SPEC], "shop", made.name)]
    assert all(len(run.rankings) == 4 and run.settings["unjudged"] for run in runs)
    with pytest.raises(ValueError, match="Nobody had judged from-nothing when run"):
        bench.diagnose(runs[0].id)
    with pytest.raises(ValueError):
        bench.report([run.id for run in runs], "RR", "en")
    assert bench.runs("shop", made.name) == [] and len(bench.runs("shop", made.name, unjudged=True)) == 2
    for page in ("evaluate", "failures", "compare", "overview"):
        assert "не получилось" not in words(sound(opened(page, "ru", catalogue="shop", queries=made.name))).lower()
    assert "to_judge" in [b.key for b in opened("evaluate", "ru", catalogue="shop", queries=made.name).button]
    sound(opened("judge", "ru", catalogue="shop", queries=made.name, rater="Аня"))
    first = desks[-1]["shown"][0]
    assert first["asked"].startswith("thumbs/shop/") and first["item"] != first["query"]
    relevant = {query.id: query.id.replace("north", "X").replace("south", "north").replace("X", "south")
                for query in made.queries}  # fmt: skip
    bench.judge([Judgment(made.name, query, item, 2, rater="Аня") for query, item in relevant.items()])
    assert bench.judged(made.name).reworded == {}
    assert bench.adopt(made.name).judgments == {query: {item: 2} for query, item in relevant.items()}
    scored = bench.evaluate([HOG], "shop", made.name)[0]
    assert "unjudged" not in scored.run.settings and scored.counts["queries"] == 4
    assert 0 <= scored.metrics["RR"] <= 1 and len(bench.runs("shop", made.name)) == 1
    lines = bench.export_judgments(made.name, "csv").splitlines()
    assert lines[0].endswith(",picture") and lines[1].split(",")[-1] in relevant


def test_judging_counts_the_pictures_that_a_filtered_gallery_was_asked_with(home: Path) -> None:
    """Half of the items ask when the gallery is one shop's: the others are no zeros of the runs."""
    bench = Bench(home)
    made = bench.evaluate([HOG, SPEC], "shop", SET, where={"source": "north"})
    stand = bench.standing(bench.judged(SET), [one.run.id for one in made], 5)
    assert len(stand.queries) == 12
    reported = {one.run: one.reported for one in stand.bounds}
    assert reported == {one.run.id: pytest.approx(one.metrics["P@5"]) for one in made}


def test_photos_without_judgments_wait_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path / "home")
    bench.import_catalogue(tiny_shop(tmp_path / "shop").csv, name="shop")
    asked = bench.add_query_set([photos(tmp_path, "picture\nphotos/a.jpg\nphotos/b.png\n")], "shop")
    assert asked.of_pictures and len(asked) == 2 and asked.judgments == {}
    monkeypatch.setenv("UZOR_HOME", str(bench.home))
    desk = sound(opened("judge", "en", catalogue="shop", queries=asked.name))
    assert any("evaluate classical:hog --catalogue shop" in code.value for code in desk.code)
    run = bench.evaluate([HOG], "shop", asked.name)[0].run
    assert run.settings["unjudged"] and [len(r.items) for r in run.rankings] == [24, 24]
    done = CliRunner().invoke(main, ["evaluate", HOG, "--catalogue", "shop", "--queries", asked.name],
                              env={"UZOR_HOME": str(tmp_path / "home")})  # fmt: skip
    assert done.exit_code == 0 and "nobody has judged these queries yet" in done.output
