"""How long does the page of failures take to open from stored runs: 1,000 queries over 20,000 items, no torch?

Once with words that ask, once with pictures of items. `python -m bench.failures HOME QUERY-SET` opens the page in a
process of its own and prints what it took.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import drawn

ITEMS, QUERIES, RELEVANT, MODELS, SIZE, PICTURES, REPEATS = 20_000, 1_000, 12, 4, 128, 200, 5
ROOT = Path(__file__).resolve().parents[1]
SETS = ("asked", "pictured")
VIEWS = ("queries", "causes", "hubs")
LIMIT = 2.0  # seconds the page may take to open


class Drawn:
    """An encoder whose every text has a vector drawn from its own words; stands for a model, costs nothing."""

    precision, reads_text, size = "fp32", True, SIZE

    def __init__(self, number: int) -> None:
        from eval.contracts import ModelSpec

        self.spec, self.number = ModelSpec("drawn", str(number)), number
        self.fingerprint = hashlib.sha256(f"drawn {number}".encode()).hexdigest()

    def texts(self, words: list[str]) -> np.ndarray:
        """Unit rows float32 (n, size): the sum of what each word draws."""
        return unit(np.stack([sum(self._word(word) for word in text.split()) for text in words]))

    def _word(self, word: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(f"{word}".encode()).digest()[:8], "big")
        return np.random.default_rng(seed).normal(size=SIZE)

    def truncated(self, text: str) -> bool:
        """Every word is read."""
        return False


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1, float32."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def furnished(home: Path, items: int = ITEMS, queries: int = QUERIES, models: int = MODELS) -> None:
    """A workspace with a catalogue, judged queries, and runs of several models with their diagnoses."""
    from app.bench import Bench
    from data import queries as stored
    from eval.contracts import Vectors
    from eval.failures import kept
    from eval.failures.diagnosis import diagnose
    from eval.search import VectorSearcher
    from eval.tasks import retrieval

    bench = Bench(home)
    print("drawing and importing …", file=sys.stderr)
    bench.import_catalogue(_shop(home / "shop", items), name="shop")
    catalogue = bench.catalogue("shop")
    bench.add_query_set(_asked(home, catalogue.ids, queries), "shop", name="asked")
    stored.save(bench.home, _pictured(bench.query_set("asked"), catalogue.ids))
    rng = np.random.default_rng(0)
    for number in range(models):
        encoder = Drawn(number)
        print(f"evaluating and diagnosing model {number + 1} …", file=sys.stderr)
        noise = (1.0 + number) * rng.normal(size=(items, SIZE))
        matrix = unit(SIZE**0.5 * encoder.texts(list(catalogue.table["title"])) + noise)
        vectors = Vectors(matrix, catalogue.ids, encoder.fingerprint, encoder.fingerprint, catalogue.fingerprint)
        searcher = VectorSearcher(encoder, vectors)  # type: ignore[arg-type]
        for name in SETS:
            run = retrieval.evaluate(catalogue, bench.query_set(name), searcher)
            bench.store.add(run)
            made = diagnose(run, catalogue, searcher, bench.home)
            kept.save(bench.home, run, made)
            print(f"  {name}: diagnosed in {made.seconds:.0f} s", file=sys.stderr)


def _pictured(words: Any, ids: tuple[str, ...]) -> Any:
    """The same judgments asked by pictures of items that are not among them."""
    from data.judgments import PictureQuery, QuerySet

    asked = []
    for number, query in enumerate(words.queries):
        free = (item for item in ids[number * len(ids) // len(words.queries) :] if item not in words.judged(query.id))
        asked.append(PictureQuery(query.id, query.text, (), next(free)))
    return QuerySet("pictured", "1", words.catalogue, tuple(asked), words.judgments)


def _shop(folder: Path, items: int) -> Path:
    """A table of many items that share some pictures; titles of three words out of a few hundred."""
    (folder / "images").mkdir(parents=True)
    for number in range(PICTURES):
        drawn.picture(number, (64, 64)).save(folder / "images" / f"{number}.jpg", quality=88)
    rng = np.random.default_rng(1)
    words = rng.integers(0, 400, (items, 3))
    with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "title", "image", "category", "source", "price"])
        for number in range(items):
            title = " ".join(f"мотив{word}" for word in words[number])
            category = drawn.CATEGORIES[number % 4]
            table.writerow([f"p{number:05d}", title, f"images/{number % PICTURES}.jpg", category,
                            f"shop{number % 2}", int(rng.integers(50, 500))])  # fmt: skip
    return folder / "products.csv"


def _asked(home: Path, ids: tuple[str, ...], queries: int) -> list[Path]:
    rng = np.random.default_rng(2)
    asked, qrels = home / "queries.tsv", home / "qrels.txt"
    texts = [f"мотив{first} мотив{second}" for first, second in rng.integers(0, 400, (queries, 2))]
    asked.write_text("".join(f"q{i}\t{text}\n" for i, text in enumerate(texts)), encoding="utf-8")
    lines = [f"q{i} 0 {ids[row]} 1\n" for i in range(queries) for row in rng.choice(len(ids), RELEVANT, replace=False)]
    qrels.write_text("".join(lines), encoding="utf-8")
    return [asked, qrels]


def opened(home: Path, query_set: str, view: str = "queries") -> dict[str, object]:
    """Open the page in this process: seconds of the first opening, of the next ones, and whether torch was loaded."""
    os.environ["UZOR_HOME"] = str(home)
    from streamlit.testing.v1 import AppTest

    AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=120).run()  # the server has shown some page before
    took = []
    for _ in range(1 + REPEATS):
        page = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=120)
        page.query_params["queries"], page.query_params["failures_view"] = query_set, view
        page.switch_page(str(ROOT / "pages/failures.py"))
        started = time.perf_counter()
        page.run()
        took.append(time.perf_counter() - started)
        if page.exception:
            raise RuntimeError(f"page failures: {page.exception[0].value}")
    return {"first": took[0], "again": sorted(took[1:])[REPEATS // 2], "torch": "torch" in sys.modules,
            "lines": len(page.dataframe[0].value) if page.dataframe else 0}  # fmt: skip


def elsewhere(home: Path, query_set: str, view: str = "queries") -> dict[str, object]:
    """`opened` in a fresh process."""
    command = [sys.executable, "-m", "bench.failures", str(home), query_set, view]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure() -> str:
    """Every view opened in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        furnished(Path(name), ITEMS, QUERIES, MODELS)
        found = {f"{view}, {asks}": elsewhere(Path(name), asks, view) for asks in SETS for view in VIEWS}
    lines = [
        f"### The page of failures: {QUERIES:,} queries over {ITEMS:,} items, {MODELS} runs with diagnoses",
        "",
        f"| view | first opening, s (limit {LIMIT:g}) | opened again, s (median) | torch loaded |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {v} | {f['first']:.2f} | {f['again']:.2f} | {'yes' if f['torch'] else 'no'} |" for v, f in found.items()
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(json.dumps(opened(Path(sys.argv[1]), *sys.argv[2:4])))
