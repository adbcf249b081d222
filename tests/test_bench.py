"""The Bench over a real workspace: what it remembers, what it measures, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_models import tiny_ruclip
from tiny_shop import tiny_shop

from app import shelf, state
from app.answers import X, Y
from app.bench import Bench
from eval import precision, registry
from eval.contracts import ModelSpec, Run
from eval.tasks import retrieval


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    shop = tiny_shop(tmp_path / "shop")
    bench = Bench(tmp_path / "home")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="shapes")
    return bench


@pytest.fixture
def spec(tmp_path: Path) -> str:
    return f"ruclip:{tiny_ruclip(tmp_path / 'model')}"


def test_a_catalogue_imported_again_with_other_items_is_read_again(bench: Bench, tmp_path: Path) -> None:
    before = bench.ask("bm25", "круг", "shop", 50)
    lines = (tmp_path / "shop" / "products.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "shop" / "products.csv").write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    bench.import_catalogue(tmp_path / "shop" / "products.csv", name="shop")
    assert (len(before.hits), len(bench.ask("bm25", "круг", "shop", 50).hits)) == (8, 1)


def test_more_like_this_leaves_the_item_itself_out_by_its_id(bench: Bench, spec: str) -> None:
    item = bench.catalogue("shop").ids[5]
    found = bench.similar(spec, item, "shop", k=30)
    assert len(found.hits) == 23 and item not in [hit.id for hit in found.hits]


def test_a_filter_searches_only_its_items(bench: Bench, spec: str) -> None:
    answer = bench.ask(spec, "красный круг", "shop", 50, where={"source": "north"})
    assert answer.gallery == 12 and {hit.source for hit in answer.hits} == {"north"}


def test_a_stored_run_scores_at_another_k_without_its_model(bench: Bench, spec: str) -> None:
    made = bench.evaluate([spec], "shop", "shapes", k=5)[0]
    again = Bench(bench.home).evaluation(made.run.id, k=3)
    assert "P@3" in again.metrics and again.metrics["AP"] == pytest.approx(made.metrics["AP"])


def test_a_map_is_computed_once_and_holds_every_item_and_query(bench: Bench, spec: str) -> None:
    assert bench.map_cached(spec, "shop", "pca") is None
    made = bench.map(spec, "shop", "pca", query_set="shapes")
    again = bench.map_cached(spec, "shop", "pca", query_set="shapes")
    assert again is not None and again.facts["cached"] and not made.facts["cached"]
    assert len(made.table) == 24 and len(made.queries) == 7
    assert again.table[[X, Y]].equals(made.table[[X, Y]])


def test_a_run_in_bf16_carries_its_measured_agreement_with_fp32(bench: Bench, spec: str) -> None:
    if "bf16" not in precision.supported_precisions():
        pytest.skip("this processor has no bf16 instructions")
    run = bench.evaluate([spec], "shop", "shapes", precision="bf16")[0].run
    agreed = run.facts["agreement_with_fp32"]
    assert (agreed["items"], agreed["queries"], agreed["k"]) == (24, 7, 10)
    assert 0.5 < agreed["kept"] <= 1 and 0 < agreed["apart"] < 0.05
    assert bench.evaluation(run.id).run.facts["agreement_with_fp32"] == agreed


def test_a_query_too_long_for_the_model_is_noted(bench: Bench, spec: str) -> None:
    answer = bench.ask(spec, "красный круг " * 20, "shop")
    assert "truncated" in answer.notes
    assert "truncated" not in bench.ask(spec, "круг", "shop").notes


def test_retrained_weights_are_seen_by_a_running_bench(
    bench: Bench, spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UZOR_HOME", str(bench.home))
    monkeypatch.setattr(state, "bench", lambda: bench)
    bench.evaluate([spec], "shop", "shapes")
    bench.map(spec, "shop", "pca")
    before = bench.ask(spec, "красный круг", "shop", 24), state.laid_out(spec, "shop", "pca", "")
    tiny_ruclip(tmp_path / "model", seed=1)
    after, fresh = bench.ask(spec, "красный круг", "shop", 24), Bench(bench.home)
    assert after.hits == fresh.ask(spec, "красный круг", "shop", 24).hits != before[0].hits
    assert before[1] is not None and state.laid_out(spec, "shop", "pca", "") is None
    run = bench.evaluate([spec], "shop", "shapes")[0].run
    assert run.fingerprints["encoder"] == bench.fingerprint(spec) == fresh.fingerprint(spec)
    tiny_ruclip(tmp_path / "model", seed=0)
    assert bench.ask(spec, "красный круг", "shop", 24).hits == before[0].hits
    assert state.laid_out(spec, "shop", "pca", "") is not None


def test_more_models_than_are_kept_in_memory_are_loaded_once_for_their_searchers(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = [f"ruclip:{tiny_ruclip(tmp_path / f'model{seed}', seed)}" for seed in range(shelf.ENCODERS + 1)]
    loads: list[ModelSpec] = []
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda spec, *how: loads.append(spec) or load(spec, *how))  # type: ignore[func-returns-value]
    for _ in range(2):
        for spec in specs:
            bench.ask(spec, "красный круг", "shop", 5)
    assert [str(spec) for spec in loads] == specs


def test_every_run_of_an_evaluation_searches_the_catalogue_it_names(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    csv, before, evaluate = tmp_path / "shop" / "products.csv", bench.catalogue("shop"), retrieval.evaluate

    def imported_anew(*given: Any, **how: Any) -> Run:
        run = evaluate(*given, **how)
        csv.write_text(csv.read_text(encoding="utf-8").replace("north-circle", "new-circle"), encoding="utf-8")
        for name in [path.name for path in (csv.parent / "images").glob("north-circle*")]:
            (csv.parent / "images" / name).rename(csv.parent / "images" / name.replace("north", "new"))
        bench.import_catalogue(csv, name="shop")
        return run

    monkeypatch.setattr(retrieval, "evaluate", imported_anew)
    runs = [made.run for made in bench.evaluate(["bm25", "chance", "bm25"], "shop", "shapes")]
    assert bench.catalogue("shop").fingerprint != before.fingerprint
    assert {run.fingerprints["catalogue"] for run in runs} == {before.fingerprint}
    assert all(set(ranking.items) <= set(before.ids) for run in runs for ranking in run.rankings)
    assert runs[2].rankings == runs[0].rankings
