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
from data.errors import Cancelled
from eval import diagnoses
from eval.costs import front, machine, measuring, outcome
from eval.costs.front import Point
from eval.costs.machine import Ticks
from eval.tasks import efficiency
from eval.tasks.efficiency import Settings

ROOT = Path(__file__).resolve().parents[1]
TINY = "ruclip:tiny"


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
    assert not [line for line in mine if efficiency.MODULE in line]
    assert len(list((home / "diagnoses").glob("efficiency-*.json"))) == before


def test_a_process_that_dies_is_told_with_its_last_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficiency, "MODULE", "eval.costs.no_such_module")
    with pytest.raises(ValueError, match="ended with code 1"):
        Bench(home).measure(["bm25"], "shop", repeats=1)
    monkeypatch.undo()
    monkeypatch.setattr(efficiency, "LIMIT_SECONDS", 0.0)
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
    bench.evaluate(["bm25"], "shop", "asked", pool="judged", where={"source": "north"})
    assert bench.qualities("shop", "asked", "P@5") == {}
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
    for wrong in (["--limit", "speed=1"], ["--limit", "peak_ram=much"], ["--limit", "peak_ram"], ["--calls", "1"]):
        assert CliRunner().invoke(main, [*asked, *wrong]).exit_code == 2, wrong
