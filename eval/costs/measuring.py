"""The measured process: `python -m eval.costs.measuring PLAN RESULT` loads one model and times what it is asked."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from eval.contracts import Encoder, Searcher

K = 20  # items of an answer
WARM_UP = 3  # calls before the clock counts


@dataclass(frozen=True)
class Plan:
    """What a process is to measure; `born` is the time.time() just before it was started."""

    home: str
    spec: str
    catalogue: str
    precision: str = "fp32"
    index: str = "exact"
    threads: int = 1
    calls: int = 30  # single texts, pictures and searches
    batch: int = 32
    seed: int = 0
    born: float = 0.0

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def measured(plan: Plan) -> dict[str, Any]:
    """Everything about one model in this process; numbers that it has no part for are None.

    Seconds `cold_start` (start of the process → model ready to answer a call) and `first_answer` (→ first items
    found); milliseconds of single calls; pictures a second; bytes.
    """
    from data import catalogue as catalogues
    from eval import registry
    from eval.contracts import ModelSpec
    from eval.costs.machine import peak_bytes

    home, spec = Path(plan.home), ModelSpec.parse(plan.spec)
    lexical = registry.lexical(spec)
    encoder = None if lexical else registry.load(spec, home, plan.precision)
    _threads(plan.threads)
    loaded = time.time() - plan.born
    chosen = catalogues.load(home, plan.catalogue)
    searcher = _searcher(chosen, plan, encoder)
    texts, items = _sample(chosen, plan)
    found: dict[str, Any] = {"cold_start": loaded, "first_answer": _first(searcher, chosen, texts[0], items[0], plan)}
    if lexical:
        found["cold_start"] = found["first_answer"]  # words are indexed before anything can be asked
    busy, wall = time.process_time(), time.perf_counter()
    found |= _texts(searcher, encoder, texts[1:])
    found |= _pictures(chosen, encoder, items, plan) if encoder is not None else {}
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    found |= {"cpu_percent": 100 * busy / wall}
    found |= _searches(searcher, items) if encoder is not None else {}
    return {**found, "peak_ram": peak_bytes(), **_sizes(searcher, encoder, chosen, plan)}


def _threads(count: int) -> None:
    """Let torch use so many threads from now on; loading has told it to use one in this thread."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(count)


def _sample(catalogue: Catalogue, plan: Plan) -> tuple[list[str], list[str]]:
    """Seeded: different texts (titles of items, the first of them for the first answer), and item ids."""
    rng = np.random.default_rng(plan.seed)
    titles = sorted({title for title in catalogue.table["title"] if title})
    words = [titles[i] for i in rng.permutation(len(titles))] or ["item"]
    texts = [words[i % len(words)] for i in range(plan.calls + WARM_UP + 1)]
    items = [catalogue.ids[i] for i in rng.permutation(len(catalogue))]
    return texts, [items[i % len(items)] for i in range(max(plan.calls + WARM_UP + 1, plan.batch))]


def _searcher(catalogue: Catalogue, plan: Plan, encoder: Encoder | None) -> Searcher:
    from eval import search
    from eval.contracts import ModelSpec

    return search.searcher(catalogue, ModelSpec.parse(plan.spec), Path(plan.home), plan.index, plan.precision,
                           encoder=encoder)  # fmt: skip


def _first(searcher: Searcher, catalogue: Catalogue, text: str, item: str, plan: Plan) -> float:
    """Seconds from the start of the process to the first items found, asked in words where the model reads any."""
    encoder = getattr(searcher, "encoder", None)
    if encoder is None or encoder.reads_text:
        _ask(searcher, text)
    else:
        encoder.images([catalogue.picture(item)])
        searcher.similar(item, K)  # type: ignore[attr-defined]
    return time.time() - plan.born


def _ask(searcher: Searcher, text: str) -> None:
    from data.queries import TextQuery

    searcher.search([TextQuery("measured", text)], K)


def timed(call: Callable[[Any], Any], asked: Sequence[Any]) -> dict[str, float]:
    """Each call but the first `WARM_UP`: median and 95th percentile in milliseconds, and the seconds on the processor
    of 1,000 of them: {"p50": …, "p95": …, "cpu": …}.
    """
    for one in asked[:WARM_UP]:
        call(one)
    took, busy = [], time.process_time()
    for one in asked[WARM_UP:]:
        started = time.perf_counter()
        call(one)
        took.append(1000 * (time.perf_counter() - started))
    spent = time.process_time() - busy  # before anything else is computed: the first quantile of a process takes 10 ms
    p50, p95 = (float(np.quantile(took, share)) for share in (0.5, 0.95))
    return {"p50": p50, "p95": p95, "cpu": 1000 * spent / len(took)}


def _texts(searcher: Searcher, encoder: Encoder | None, texts: list[str]) -> dict[str, float | None]:
    if encoder is not None and not encoder.reads_text:
        return {"text_p50": None, "text_p95": None}
    call = (lambda text: encoder.texts([text])) if encoder is not None else (lambda text: _ask(searcher, text))
    found = timed(call, texts)
    return {"text_p50": found["p50"], "text_p95": found["p95"], "cpu_per_1000": found["cpu"]}


def _pictures(catalogue: Catalogue, encoder: Encoder, items: list[str], plan: Plan) -> dict[str, float | None]:
    """One decoded picture → its vector; and pictures a second when they come `batch` at a time."""
    names = ("picture_first", "picture_p50", "picture_p95", "throughput")
    pictures = [catalogue.picture(item) for item in items]
    try:
        started = time.perf_counter()
        encoder.images(pictures[:1])
    except LookupError:  # ready vectors see no new picture
        return dict.fromkeys(names)
    first = 1000 * (time.perf_counter() - started)
    found = timed(lambda one: encoder.images([one]), pictures[1 : plan.calls + WARM_UP + 1])
    batch = pictures[: plan.batch]
    encoder.images(batch)
    started, done = time.perf_counter(), 0
    while done < 2 or time.perf_counter() - started < 1.0:
        encoder.images(batch)
        done += 1
    speed = done * len(batch) / (time.perf_counter() - started)
    return dict(zip(names, (first, found["p50"], found["p95"], speed), strict=True))


def _searches(searcher: Any, items: list[str]) -> dict[str, float]:
    """One vector → the nearest items of the catalogue, by the searcher's own index."""
    found = timed(lambda item: searcher.similar(item, K), items)
    return {"search_p50": found["p50"], "search_p95": found["p95"]}


def _sizes(searcher: Any, encoder: Encoder | None, catalogue: Catalogue, plan: Plan) -> dict[str, Any]:
    from eval.costs import sizes

    held = searcher.index_bytes if encoder is not None else None
    return {
        "parameters": sizes.parameters(encoder), "file_bytes": sizes.file_bytes(plan.spec, Path(plan.home)),
        "size": encoder.size if encoder else None, "index_bytes": held, "items": len(catalogue),
    }  # fmt: skip


def main() -> None:
    """Entry point of the process."""
    from eval.costs.process import told

    plan = Plan(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(told(lambda: measured(plan))), encoding="utf-8")


if __name__ == "__main__":
    main()
