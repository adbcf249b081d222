"""The demonstration that ships: the drawn embroidery catalogue, its queries, and the bundled models' first numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from app import jobs
from data import catalogue as catalogues
from data import queries, storage
from data.demo.shipping import SHIPPED
from data.progress import Progress, silent
from eval import registry
from eval.contracts import ModelSpec

if TYPE_CHECKING:
    from app.bench import Bench
    from eval.store import RunSummary

CATALOGUE, QUERIES = "embroidery", "embroidery-24"
ENGLISH = "embroidery-24-en"  # the same queries in English, for the models that read English only
Asked = tuple[str, str, str]  # spec, query set, pool
K, POOL, WHOLE = 5, "judged", "catalogue"  # as the 2025 report: the judged pictures alone are searched
WORDS = "bm25"  # search by words, which every encoder is held against
METHOD = "umap"  # of the map that the tour shows


def models(bench: Bench) -> list[str]:
    """The bundled models that are evaluated at the first start, pretrained and fine-tuned."""
    return [str(model.spec) for model in bench.models() if model.bundled and model.here]


def seeing(bench: Bench) -> list[str]:
    """Those of the models that see pictures."""
    return [spec for spec in models(bench) if not registry.lexical(ModelSpec.parse(spec))]


def plan(bench: Bench) -> list[Asked]:
    """Which model is asked which query set over what: the judged pool, in English where it reads that, and everything.

    The newest runs are what pages open with, so the 24 queries over the judged pool come last; search by words follows
    once the models' own table stands.
    """
    asked = models(bench)
    english = [(spec, ENGLISH, POOL) for spec in asked if spec.startswith("openclip:")]
    table = [*((spec, QUERIES, WHOLE) for spec in asked), *english, *((spec, QUERIES, POOL) for spec in asked)]
    return list(dict.fromkeys([*table, (WORDS, QUERIES, WHOLE), (WORDS, QUERIES, POOL)]))


def ready(bench: Bench) -> bool:
    """True once the catalogue is here and every run of the plan."""
    return CATALOGUE in bench.catalogues() and set(plan(bench)) <= _done(bench)


def _done(bench: Bench) -> set[Asked]:
    return {(run.spec, run.query_set, run.settings["pool"]) for run in _runs(bench)}


def _runs(bench: Bench) -> list[RunSummary]:
    """The runs that the models as they are now would make again, newest first: those of older weights do not count."""
    now = {spec: bench.fingerprint(spec) for spec in seeing(bench)}
    made = bench.runs(CATALOGUE, limit=10_000)
    whole = [run for run in made if not run.settings.get("where")]  # a part of the gallery is somebody's own question
    return [run for run in whole if now.get(run.spec) in (None, run.fingerprints.get("encoder"))]


def prepare(bench: Bench, progress: Progress = silent, anew: bool = False) -> list[str]:
    """Bring in what is missing of the demonstration, `anew` with new runs; returns the ids of the runs that were made.

    The numbers come first; then the causes of failures, the map, curves and towers of what was evaluated. May raise
    Cancelled, after which asking again goes on.
    """
    if anew:
        reset(bench)
    if CATALOGUE not in bench.catalogues():
        bench.import_catalogue(SHIPPED, progress, name=CATALOGUE)
    add_queries(bench)
    done = set() if anew else _done(bench)
    made = [
        e.run.id
        for spec, asked, pool in plan(bench)
        if (spec, asked, pool) not in done
        for e in bench.evaluate([spec], CATALOGUE, asked, K, pool, progress=progress)
    ]
    look_closer(bench, progress)
    return made


def look_closer(bench: Bench, progress: Progress = silent) -> None:
    """Find what the pages Failures, Map and Diagnosis show of the evaluated models; what was found before stays."""
    judged = [run for run in _runs(bench) if (run.query_set, run.settings["pool"]) == (QUERIES, POOL)]
    newest = {run.spec: run.id for run in reversed(judged)}
    asked = [spec for spec in models(bench) if spec in newest]
    for spec in asked:
        bench.diagnose(newest[spec], progress)
    seen = [spec for spec in seeing(bench) if spec in newest]
    if seen:
        bench.map(max(seen, key=lambda spec: _found(bench, newest[spec])), CATALOGUE, METHOD, progress=progress)
    if asked:
        bench.curves(list(dict.fromkeys([*asked, WORDS])), CATALOGUE, QUERIES, K, progress=progress)
    for spec in seen:
        if not any(known == (spec, WHOLE, K) for known in bench.measured_towers(CATALOGUE, QUERIES)):
            bench.towers(spec, CATALOGUE, QUERIES, K, progress=progress)
    match_shops(bench, seen, progress)


def match_shops(bench: Bench, specs: list[str], progress: Progress = silent) -> None:
    """Match the gallery's two shops with these models, as the page Matching opens."""
    shops = sorted(set(bench.catalogue(CATALOGUE).table["source"]) - {""})
    if len(shops) > 1 and specs:
        bench.match_all(specs, bench.side(CATALOGUE, shops[0]), bench.side(CATALOGUE, shops[1]), progress=progress)


def _found(bench: Bench, run: str) -> float:
    return bench.evaluation(run, K).metrics[f"P@{K}"]


def add_queries(bench: Bench) -> None:
    """Keep every query set that ships, judged from what was drawn."""
    from data.demo import query_sets
    from data.demo.gallery import gallery

    for name in query_sets.shipped():
        if name not in bench.query_sets(CATALOGUE):
            queries.save(bench.home, query_sets.judged(name, gallery(), CATALOGUE))


def reset(bench: Bench) -> None:
    """Take the demonstration's catalogue and query sets away, so that the next start brings them anew; runs stay."""
    from app import tour

    tour.forget(bench.home)
    for name in bench.query_sets(CATALOGUE):
        queries.remove(bench.home, name)
    if CATALOGUE in bench.catalogues():
        catalogues.remove(bench.home, CATALOGUE)


def begin(home: Path) -> str:
    """Start the job that prepares the demonstration in a workspace without any catalogue; "" where it is not wanted.

    `UZOR_DEMO=off` keeps it away.
    """
    if os.environ.get("UZOR_DEMO") == "off" or not SHIPPED.is_file() or catalogues.names(home):
        return ""
    storage.make_folder(home)
    return jobs.start(home, "demo")
