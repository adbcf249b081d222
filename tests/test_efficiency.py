"""What models cost: real processes, honest memory, a loaded machine flagged, a dominated model never on the front."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app.bench import Bench
from app.cli import main
from app.efficiency import cost_quality, cost_view
from data.errors import Cancelled
from eval import diagnoses, registry
from eval.costs import front, galleries, growing, machine, measuring, outcome, process
from eval.costs.front import Point
from eval.costs.machine import Ticks
from eval.precision import offered_precisions
from eval.tasks import efficiency
from eval.tasks.efficiency import Settings

ROOT = Path(__file__).resolve().parents[1]
TINY = "ruclip:tiny"
KINDS = ("efficiency", "gallery")  # of records


def told(**numbers: Any) -> dict[str, Any]:
    """What one process may say."""
    plain = {"cold_start": 2.0, "first_answer": 2.5, "text_p50": 10.0, "text_p95": 12.0, "peak_ram": 5e8, "items": 24,
             "others": 0.01, "load_average": [0.1]}  # fmt: skip
    return {**plain, **numbers}


def cost(spec: str = "a", *repeats: dict[str, Any], niceness: int = 0) -> outcome.Cost:
    """A measurement with these processes."""
    record = {"key": spec, "spec": spec, "catalogue": "shop", "made": "2026-01-01", "settings": {}, "fingerprints": {},
              "machine": {"niceness": niceness}, "repeats": list(repeats or (told(), told()))}  # fmt: skip
    return outcome.Cost.read(record)


# the front


def points(*numbers: tuple[float, float]) -> list[Point]:
    return [Point(f"m{n}", q, q - 0.01, q + 0.01, c, c * 0.99, c * 1.01) for n, (q, c) in enumerate(numbers)]


def test_a_dominated_model_is_never_on_the_front() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        some = points(*((float(q), float(c)) for q, c in rng.random((8, 2)).round(1) + 0.1))
        fake = replace(some[0], spec="fake", quality=some[0].quality - 0.05, cost=some[0].cost + 0.05)
        states = front.standing([*some, fake])
        assert states["fake"] != "front"
        for one in some:
            better = [o for o in some if o.quality >= one.quality and o.cost <= one.cost
                      and (o.quality > one.quality or o.cost < one.cost)]  # fmt: skip
            assert (states[one.spec] == "front") == (not better)


def test_a_model_behind_within_the_intervals_is_told_from_one_that_is_surely_behind() -> None:
    good, near, far = points((0.8, 10), (0.79, 11), (0.5, 20))
    assert front.standing([good, near, far]) == {"m0": "front", "m1": "maybe", "m2": "dominated"}
    assert front.standing([good]) == {"m0": "front"}
    twin = replace(good, spec="twin")
    assert front.standing([good, twin]) == {"m0": "front", "twin": "front"}  # equals are both on it


def test_limits_leave_those_within_and_count_what_was_not_measured_as_beyond() -> None:
    one = cost("a", told(throughput=40.0))
    assert front.beyond(one, {"text_p95": 12.0, "peak_ram": 1e9, "throughput": 40}) == []
    assert front.beyond(one, {"text_p95": 11.9, "throughput": 41, "picture_p95": 1e9}) == [
        "text_p95", "throughput", "picture_p95",
    ]  # fmt: skip
    with pytest.raises(LookupError, match="no number 'speed'"):
        front.beyond(one, {"speed": 1})


# sums and flags


def test_the_median_the_least_and_the_most_of_the_processes_are_shown() -> None:
    one = cost("a", told(text_p50=10.0), told(text_p50=14.0), told(text_p50=11.0))
    number = one.numbers["text_p50"]
    assert (number.value, number.low, number.high) == (11.0, 10.0, 14.0)
    assert "picture_p50" not in one.numbers
    with pytest.raises(ValueError, match="did not measure throughput"):
        outcome.summed([told(throughput=1.0), told()])


def test_a_loaded_machine_unsteady_repeats_and_lowered_priority_are_flagged() -> None:
    assert cost().flags == ()
    assert cost("a", told(), told(others=0.11)).flags == ("loaded",)
    assert cost("a", told(text_p50=10.0), told(text_p50=13.0)).flags == ("unsteady",)
    assert cost("a", told()).flags == ("once",)
    assert cost(niceness=15).flags == ("nice",)


def test_what_others_used_is_what_is_busy_without_us() -> None:
    before, after = Ticks(busy=100, total=400, own=10), Ticks(busy=118, total=420, own=13)
    assert machine.others(before, after) == pytest.approx((18 - 3) / 20)
    assert machine.others(before, Ticks(103, 420, 14)) == 0.0  # clocks that tick apart never say less than nothing
    assert machine.others(before, before) == 0.0


def test_a_busy_neighbour_is_seen() -> None:
    spin = [sys.executable, "-c", "import time\nend = time.time() + 20\nwhile time.time() < end: pass"]
    neighbour = subprocess.Popen(spin)
    try:
        time.sleep(0.3)
        before = Ticks.now()
        time.sleep(1.5)
        share = machine.others(before, Ticks.now())
    finally:
        neighbour.kill()
        neighbour.wait()
    assert share > 0.5 / (os.cpu_count() or 1) / 4  # a spinning process gets a quarter of a core at the very least


def test_peak_memory_is_the_childs_own_however_big_its_parent_is() -> None:
    ballast = bytearray(os.urandom(1024)) * (600 * 1024)  # 600 MB, really there
    said = subprocess.run(
        [sys.executable, "-c", "from eval.costs.machine import peak_bytes; print(peak_bytes())"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert len(ballast) > 6e8 and 5e6 < int(said) < 3e8


def test_calls_are_timed_one_by_one_after_a_warm_up() -> None:
    seen: list[int] = []
    found = measuring.timed(lambda n: (seen.append(n), time.sleep(0.05 if n < measuring.WARM_UP else 0.001)), range(13))
    assert seen == list(range(13)) and 1 <= found["p50"] <= found["p95"] < 50


def test_the_processor_time_of_calls_is_theirs_alone() -> None:
    """The first quantile of a process computes for ten milliseconds: thirty calls that sleep must not be told so."""
    code = ("import time; from eval.costs.measuring import timed; "
            "print(timed(lambda n: time.sleep(0.001), range(33))['cpu'])")  # fmt: skip
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 0 <= float(said) < 0.2  # seconds for 1,000 sleeping calls


# real processes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the drawn shop and a random model."""
    folder = tmp_path_factory.mktemp("efficiency")
    shop, bench = tiny_shop(folder / "shop"), Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    return bench.home


@pytest.mark.timeout(400)
def test_models_are_measured_in_processes_of_their_own_and_kept(home: Path) -> None:
    bench, heard = Bench(home), []
    asked = {"repeats": 2, "calls": 5, "batch": 4}
    made = bench.measure([TINY, "bm25", "ruclip:nowhere"], "shop", lambda *step: heard.append(step), **asked)
    assert set(made["made"]) == {TINY, "bm25"} and set(made["failed"]) == {"ruclip:nowhere"}
    found = {one.spec: one for one in bench.costs("shop")}
    tiny, words = found[TINY], found["bm25"]
    assert len(tiny.repeats) == 2 and tiny.items == 24 and tiny.machine["torch"]
    numbers = tiny.numbers
    assert set(numbers) == set(outcome.NUMBERS)
    assert 0 < numbers["cold_start"].value < numbers["first_answer"].value
    assert numbers["text_p50"].value <= numbers["text_p95"].value
    encoder = bench.encoder(TINY)
    assert numbers["parameters"].value == sum(one.numel() for one in encoder.model.parameters())
    files = sum(path.stat().st_size for path in (home / "models" / "tiny").iterdir())
    assert numbers["file_bytes"].value == files and numbers["size"].value == encoder.size
    assert numbers["index_bytes"].value == 24 * encoder.size * 4
    assert 5e7 < numbers["peak_ram"].value < 5e9 and numbers["throughput"].value > 0
    assert {"text_p50", "first_answer", "peak_ram"} <= set(words.numbers) and "picture_p50" not in words.numbers
    assert any(what == "measure" for _done, _total, what in heard)
    again = bench.measure(["bm25"], "shop", repeats=1, calls=5)
    assert len(bench.costs("shop")) == 2  # the newest of each model
    assert next(one for one in bench.costs("shop") if one.spec == "bm25").key == again["made"]["bm25"]
    assert all(not diagnoses.wrong(path) for path in (home / "diagnoses").glob("efficiency-*.json"))


# galleries


def test_a_gallery_holds_the_catalogues_own_vectors_a_part_of_them_or_unit_copies_that_all_differ() -> None:
    own = np.random.default_rng(0).standard_normal((50, 16)).astype(np.float32)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    assert np.array_equal(growing.grown(own, 50), own)
    part = growing.grown(own, 20, seed=3)
    assert part.shape == (20, 16) and {row.tobytes() for row in part} < {row.tobytes() for row in own}
    many = growing.grown(own, 10_001)
    assert np.array_equal(many[:50], own) and len({row.tobytes() for row in many}) == 10_001
    assert np.abs(np.linalg.norm(many, axis=1) - 1).max() < 1e-5
    originals = own[np.arange(10_001) % 50]
    assert (many * originals).sum(axis=1).min() > 0.999  # each copy is near the vector that it repeats
    assert [growing.origin(size, 50) for size in (20, 50, 51)] == ["part", "own", "repeated"]
    queries = growing.queries(own, 8, 0)
    assert all(query.shape == (1, 16) for query in queries) and not np.array_equal(queries[0], queries[1])


def test_sizes_beyond_their_limits_and_unknown_indexes_are_refused() -> None:
    assert Settings(sizes=(20, 10, 20), indexes=("faiss", "exact", "faiss")).sizes == (10, 20)
    assert Settings(indexes=("faiss", "exact", "faiss")).indexes == ("faiss", "exact")
    for wrong in ({"sizes": (0,)}, {"sizes": (galleries.MOST + 1,)}, {"indexes": ()}, {"precisions": ()},
                  {"precisions": ("fp8",)}):  # fmt: skip
        with pytest.raises(ValueError):
            Settings(**wrong)
    with pytest.raises(LookupError, match="exact, faiss"):
        Settings(indexes=("hnsw",))


def test_a_gallery_there_is_no_memory_for_is_not_begun() -> None:
    fits, refused = galleries.room((1_000, 1_000_000), 512, int(4e9))
    assert fits == (1_000,) and list(refused) == ["1000000"]
    assert "4.9 GB" in refused["1000000"] and "4.0 GB are free" in refused["1000000"]
    assert 1e8 < machine.free_bytes() <= __import__("psutil").virtual_memory().total


def gallery(*points: tuple[str, int, float]) -> galleries.Gallery:
    """Galleries measured twice: index, size, milliseconds; an index holds 100 bytes a vector."""
    told = [
        {"index": index, "others": 0.0, "points": [{"size": size, "origin": "own", "search_p50": ms, "search_p95": ms,
         "search_cpu": ms, "build": 0.1, "index_bytes": 100 * size, "peak_ram": 1e8}]}
        for index, size, ms in points
    ] * 2  # fmt: skip
    record = {"key": "g", "spec": "a", "catalogue": "shop", "made": "2026-01-01", "items": 10, "fingerprints": {},
              "settings": {"repeats": 2}, "machine": {"niceness": 0}, "repeats": told, "refused": {}}  # fmt: skip
    return galleries.Gallery.read(record)


def test_limits_apply_to_the_chosen_size_and_what_was_not_measured_there_is_beyond() -> None:
    one = cost("a", told(search_p50=0.1, search_p95=0.2, index_bytes=1000, throughput=5.0),
               told(search_p50=0.1, search_p95=0.2, index_bytes=1000, throughput=5.0))  # fmt: skip
    grown = gallery(("exact", 10, 0.2), ("exact", 1_000_000, 50.0), ("faiss", 1_000_000, 20.0))
    assert grown.indexes == ("exact", "faiss") and grown.sizes == (10, 1_000_000) and grown.flags == ()
    wanted = {"search_p95": 30.0, "peak_ram": 5.5e8, "throughput": 1.0}
    assert front.beyond(one, wanted) == []
    far = galleries.at_size(one, grown, "exact", 1_000_000)
    assert far.numbers["search_p95"].value == 50.0 and far.numbers["index_bytes"].value == 1e8
    assert far.numbers["peak_ram"].value == 5e8 + 1e8 - 1000  # 500 MB measured, and what the index holds more
    assert front.beyond(far, wanted) == ["search_p95", "peak_ram"]
    assert front.beyond(galleries.at_size(one, grown, "faiss", 1_000_000), wanted) == ["peak_ram"]
    for lacking in (galleries.at_size(one, grown, "faiss", 10), galleries.at_size(one, None, "exact", 10)):
        assert front.beyond(lacking, wanted) == ["search_p95", "peak_ram"]
    assert galleries.at_size(cost(), grown, "exact", 10) == cost()  # words are searched without vectors


def test_an_index_says_how_many_bytes_it_holds() -> None:
    rows = np.eye(8, dtype=np.float32)
    held = {}
    for kind in ("exact", "faiss"):
        index = registry.index(kind)
        index.add(rows)
        held[kind] = index.nbytes
    assert held == {"exact": rows.nbytes, "faiss": 2 * rows.nbytes}


@pytest.mark.timeout(400)
def test_galleries_are_searched_with_every_index_and_kept(home: Path) -> None:
    bench = Bench(home)
    heard: list[tuple[int, int, str]] = []
    made = bench.measure([TINY], "shop", lambda *step: heard.append(step), repeats=2, calls=5, batch=2,
                         indexes=["exact", "faiss"], sizes=[10, 5000])  # fmt: skip
    grown = bench.galleries("shop")[TINY]
    assert grown.key == made["galleries"][TINY] and not made["failed"]
    assert [(p.index, p.size, p.origin) for p in grown.points] == [
        (index, *size) for index in ("exact", "faiss") for size in ((10, "part"), (24, "own"), (5000, "repeated"))
    ]  # fmt: skip
    columns = bench.encoder(TINY).size
    for point in grown.points:
        assert set(point.numbers) == set(galleries.NUMBERS)
        assert point.numbers["search_p50"].value <= point.numbers["search_p95"].value
        assert point.numbers["index_bytes"].value == point.size * columns * 4 * (1 + (point.index == "faiss"))
        assert point.numbers["search_cpu"].value > 0 and 1e7 < point.numbers["peak_ram"].value < 1e9
    assert heard[-1] == (6, 6, "measure")  # two processes of the model and of each index
    assert {one.spec: one.fingerprints["features"] != "" for one in bench.costs("shop")}[TINY]


def test_what_was_measured_before_a_cancel_is_kept_and_galleries_are_measured_anew(home: Path) -> None:
    bench, seen = Bench(home), {name: len(list((home / "diagnoses").glob(f"{name}-*.json"))) for name in KINDS}

    def stop(done: int, total: int, what: str) -> None:
        if what == "measure" and done >= 1:  # the model's only process is done, the gallery's has begun
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        bench.measure([TINY], "shop", stop, repeats=1, calls=5, batch=2)
    now = {name: len(list((home / "diagnoses").glob(f"{name}-*.json"))) for name in KINDS}
    assert now == {**seen, "efficiency": seen["efficiency"] + 1}


@pytest.mark.skipif("bf16" not in offered_precisions(), reason="this processor has no instructions for bf16")
@pytest.mark.timeout(400)
def test_two_precisions_of_one_model_stand_side_by_side(home: Path) -> None:
    bench = Bench(home)
    made = bench.measure([TINY, "bm25"], "shop", repeats=1, calls=5, batch=2, precisions=["fp32", "bf16"])
    assert set(made["made"]) == {TINY, f"{TINY} bf16", "bm25"}  # words have no precision
    found = {one.name: one for one in bench.costs("shop")}
    assert found[f"{TINY} bf16"].precision == "bf16" and found[TINY].precision == "fp32"
    assert set(bench.galleries("shop")) == {TINY}


@pytest.mark.skipif("bf16" not in offered_precisions(), reason="this processor has no instructions for bf16")
@pytest.mark.timeout(400)
def test_where_one_precision_fails_the_other_is_measured_with_its_galleries(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = process.once

    def once(module: str, plan: dict[str, Any], look: Any) -> dict[str, Any]:
        dies = module == efficiency.MODELS and plan["precision"] == "fp32"
        return {"error": "it was killed", "remedy": ""} if dies else real(module, plan, look)

    monkeypatch.setattr(process, "once", once)
    bench = Bench(home)
    made = bench.measure([TINY], "shop", repeats=1, calls=5, batch=2, precisions=["fp32", "bf16"])
    assert set(made["made"]) == {f"{TINY} bf16"} and made["failed"] == {TINY: "it was killed"}
    assert set(bench.galleries("shop")) == {TINY}


def test_cancelling_ends_the_measuring_process(home: Path) -> None:
    import psutil

    calls = 0

    def stop(done: int, total: int, what: str) -> None:
        nonlocal calls
        calls += what == "measure"
        if calls > 2:
            raise Cancelled("enough")

    before = len(list((home / "diagnoses").glob("efficiency-*.json")))
    with pytest.raises(Cancelled):
        Bench(home).measure(["bm25"], "shop", stop, repeats=3)
    mine = [child.cmdline() for child in psutil.Process().children()]
    assert not [line for line in mine if efficiency.MODELS in line]
    assert len(list((home / "diagnoses").glob("efficiency-*.json"))) == before


def test_a_process_that_dies_is_told_with_its_last_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficiency, "MODELS", "eval.costs.no_such_module")
    with pytest.raises(ValueError, match="ended with code 1"):
        Bench(home).measure(["bm25"], "shop", repeats=1)
    monkeypatch.undo()
    monkeypatch.setattr(process, "LIMIT_SECONDS", 0.0)
    with pytest.raises(ValueError, match="took longer"):
        Bench(home).measure(["bm25"], "shop", repeats=1)


@pytest.mark.parametrize("wrong", [{"repeats": 0}, {"calls": 4}, {"batch": 0}, {"threads": 0}])
def test_settings_that_measure_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="came"):
        Settings(**wrong)


def test_a_damaged_record_is_no_measurement() -> None:
    with pytest.raises(ValueError, match="no record of a measurement"):
        outcome.Cost.read({"spec": "a"})


def test_quality_comes_from_the_newest_run_over_the_whole_catalogue(home: Path, tmp_path: Path) -> None:
    bench, shop = Bench(home), tiny_shop(tmp_path / "shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    assert bench.qualities("shop", "asked", "P@5") == {}
    bench.evaluate(["chance"], "shop", "asked", where={"source": "south"})
    (part,) = bench.evaluate(["bm25"], "shop", "asked", pool="judged", where={"source": "north"})
    told = bench.qualities("shop", "asked", "P@5")
    assert set(told) == {"bm25"} and told["bm25"][0] == part.metrics["P@5"]  # one gallery, never two beside each other
    (run,) = bench.evaluate(["bm25"], "shop", "asked")
    value, low, high = bench.qualities("shop", "asked", "P@5")["bm25"]
    assert value == run.metrics["P@5"] and low <= value <= high


def test_the_command_prints_numbers_flags_and_limits(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZOR_HOME", str(home))
    asked = ["efficiency", "bm25", "--catalogue", "shop", "--repeats", "1", "--calls", "5"]
    said = CliRunner().invoke(main, [*asked, "--limit", "text_p95=1e9", "--limit", "peak_ram=1"])
    assert said.exit_code == 0, said.output
    assert "cold_start s" in said.stdout and "measured in one process only" in said.stdout
    assert "bm25: beyond peak_ram" in said.stdout
    record = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)
    assert record["costs"][0]["flags"] and record["costs"][0]["numbers"]["cold_start"][0] > 0
    vectors = ["efficiency", TINY, "--catalogue", "shop", "--repeats", "1", "--calls", "5", "--batch", "2",
               "--index", "exact,faiss"]  # fmt: skip
    grown = CliRunner().invoke(main, [*vectors, "--sizes", "10, 2000", "--limit", "search_p95=1e9", "--at", "2000"])
    assert grown.exit_code == 0, grown.output
    assert "With 2,000 vectors in the index exact" in grown.stdout and f"{TINY}: within all limits" in grown.stdout
    assert "repeated: they and copies of them" in grown.stdout and "faiss" in grown.stdout
    for wrong in (["--sizes", "1k"], ["--sizes", "0"], ["--index", "hnsw"], ["--index", ","], ["--precision", "fp8"],
                  ["--at", "77"], ["--at", "0"]):  # fmt: skip
        assert CliRunner().invoke(main, [*vectors, *wrong]).exit_code == 2, wrong
    for wrong in (["--limit", "speed=1"], ["--limit", "peak_ram=much"], ["--limit", "peak_ram"], ["--calls", "1"]):
        assert CliRunner().invoke(main, [*asked, *wrong]).exit_code == 2, wrong


def test_the_cost_that_stands_beside_a_quality_is_one_that_is_measured() -> None:
    words, pictures = "text_p95", cost_quality.Quality("key", "title", {}, "interval").cost
    assert {words, pictures} <= set(cost_view.COSTS) and words != pictures
