"""How long does a page take to run again with 20,000 items and a model in memory?"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bench import drawn, timing

ITEMS = 20_000
ROOT = Path(__file__).resolve().parents[1]


def measure() -> str:
    """Import 20,000 small pictures, embed them with mini-ruclip, then rerun each page by AppTest."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["UZOR_HOME"] = name
        from streamlit.testing.v1 import AppTest

        from app import state

        csv = drawn.catalogue_csv(Path(name) / "shop", ITEMS, 48, 96)
        bench = state.bench()
        print("importing …", file=sys.stderr)
        bench.import_catalogue(csv, name="shop")
        bench.searcher("ruclip:bundled/mini-ruclip", "shop")
        ways = {}
        for page in ("overview", "catalogue", "evaluate", "search", "map"):
            app = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=120)
            app.query_params["catalogue"] = "shop"
            app.run()
            app.switch_page(str(ROOT / f"pages/{page}.py")).run()
            if app.exception:
                raise RuntimeError(f"page {page}: {app.exception[0].value}")
            ways[page] = app.run
        timings = timing.side_by_side(ways, 11)
    lines = [
        f"### Page rerun with {ITEMS:,} items, model in memory",
        "",
        "| page | script ms (median) | fastest–slowest |",
        "|---|---|---|",
    ]
    lines += [f"| {t.way} | {1000 * t.median:.1f} | {1000 * t.fastest:.1f}–{1000 * t.slowest:.1f} |" for t in timings]
    return "\n".join([*lines, ""])
