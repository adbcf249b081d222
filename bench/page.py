"""How long does a page take to run again with 20,000 items, a run, a drawn map and two models in memory?"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench import drawn, timing

if TYPE_CHECKING:
    from app.bench import Bench

ITEMS, RELEVANT, REPEATS = 20_000, 12, 15
ROOT = Path(__file__).resolve().parents[1]
MODEL = "ruclip:bundled/mini-ruclip"
QUERIES = ("красный квадрат", "синие полосы", "цветы", "животные", "еда", "праздники")
SCREENS: dict[str, dict[str, str]] = {
    "overview": {},
    "catalogue": {},
    "evaluate": {"query": "q1"},
    "search": {"model": MODEL, "q": "цветы"},
    "map": {"model": MODEL, "method": "pca"},
}


def furnished(home: Path, items: int, relevant: int) -> Bench:
    """A workspace of so many small pictures with a query set, runs of two models and a map."""
    from app import state

    os.environ["UZOR_HOME"] = str(home)
    bench = state.bench()
    print("drawing and importing …", file=sys.stderr)
    bench.import_catalogue(drawn.catalogue_csv(home / "shop", items, 48, 96), name="shop")
    ids = bench.catalogue("shop").ids
    queries, qrels = home / "queries.tsv", home / "qrels.txt"
    queries.write_text("".join(f"q{i}\t{text}\n" for i, text in enumerate(QUERIES)), encoding="utf-8")
    pairs = [(i, ids[(97 * i + 31 * j) % items]) for i in range(len(QUERIES)) for j in range(relevant)]
    qrels.write_text("".join(f"q{i} 0 {item} 1\n" for i, item in pairs), encoding="utf-8")
    bench.add_query_set([queries, qrels], "shop", name="asked")
    print("embedding, evaluating, laying out …", file=sys.stderr)
    bench.evaluate([MODEL, "bm25"], "shop", "asked")
    bench.map(MODEL, "shop", "pca")
    return bench


def rerun(page: str, asked: dict[str, str]) -> Callable[[], object]:
    """The page opened by such a link, as a function that runs its script again."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=120)
    for name, value in {"catalogue": "shop", "queries": "asked", **asked}.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(str(ROOT / f"pages/{page}.py"))
    app.run()
    if app.exception:
        raise RuntimeError(f"page {page}: {app.exception[0].value}")
    return app.run


def measure() -> str:
    """Rerun each page by AppTest; the times are those of the whole run, garbage collection included."""
    with tempfile.TemporaryDirectory() as name:
        furnished(Path(name), ITEMS, RELEVANT)
        timings = timing.side_by_side({page: rerun(page, asked) for page, asked in SCREENS.items()}, REPEATS)
    lines = [
        f"### Page rerun with {ITEMS:,} items, runs, a map and models in memory",
        "",
        "| page | script ms (median) | fastest–slowest |",
        "|---|---|---|",
    ]
    lines += [f"| {t.way} | {1000 * t.median:.1f} | {1000 * t.fastest:.1f}–{1000 * t.slowest:.1f} |" for t in timings]
    return "\n".join([*lines, ""])
