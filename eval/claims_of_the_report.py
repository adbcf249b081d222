"""The numbers of the 2025 report held to account: computed again from its own figures, or measured on its own files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from data import catalogue as catalogues
from data import published
from data.errors import Unavailable
from data.queries import QuerySet
from eval import pairs, stats
from eval.contracts import Run
from eval.evidence import Evidence, Undecided, measure
from eval.store import RunSummary
from eval.tasks import retrieval

Of = Mapping[str, Any]


@measure("published mean")
def published_mean(evidence: Evidence, of: Of) -> float:
    """Mean P@5 or R@5 of a model, or its hits altogether, from the figures query by query."""
    model = published.model(of["model"])
    return float(sum(model.hits)) if of["metric"] == "hits" else model.means[of["metric"]]


@measure("published count")
def published_count(evidence: Evidence, of: Of) -> float:
    """How many queries there are, how many judged pairs, the fewest and the most relevant pictures of a query."""
    relevant = [query.relevant for query in published.queries()]
    known: dict[str, Callable[[list[int]], int]] = {"queries": len, "pairs": sum, "fewest": min, "most": max}
    return float(known[of["what"]](relevant))


@measure("published ceiling")
def published_ceiling(evidence: Evidence, of: Of) -> float:
    """The best mean R@k that anybody can have with the report's relevant counts."""
    return float(np.mean([min(of["k"], query.relevant) / query.relevant for query in published.queries()]))


@measure("published pair")
def published_pair(evidence: Evidence, of: Of) -> float:
    """Two models of the report compared on P@5 query by query: gain of the second, p, spread, better, equal, worse."""
    first, second = (published.model(of[name]).hits for name in ("first", "second"))
    moved = np.subtract(second, first)
    differences = [int(value) / published.K for value in moved]
    known: dict[str, Callable[[list[float]], float]] = {
        "gain": np.mean,
        "p": stats.randomisation_p,
        "spread": stats.spread,
        "detectable": stats.detectable,
        "needed": stats.needed,
        "better": lambda _: sum(moved > 0),
        "equal": lambda _: sum(moved == 0),
        "worse": lambda _: sum(moved < 0),
    }
    return float(known[of["what"]](differences))


@measure("left for training")
def left_for_training(evidence: Evidence, of: Of) -> float:
    """The report's catalogue without the pictures that its test judges."""
    return float(published.CATALOGUE - published.GALLERY)


def _own_run(run: Run) -> bool:
    judged = run.facts["judgments"]
    relevant = {query: [item for item, grade in judged[query].items() if grade >= 1] for query in judged}
    return published.own_judgments(run.facts["texts"], relevant) and run.settings["gallery"] == published.GALLERY


def _asks_as_many(summary: RunSummary) -> bool:
    return summary.queries == len(published.queries())


def _run_of(evidence: Evidence, of: Of, metric: str) -> Run:
    """The newest run of the report's model on its own pictures; Undecided, naming our nearest run, without one."""
    if found := evidence.run(of["specs"], _own_run, _asks_as_many):
        return found
    near = [*of["specs"], *of.get("near", ())]
    other = evidence.run(near, lambda run: bool(published.matched(run.facts["texts"])), _asks_as_many)
    if other is None:
        raise Undecided("absent", "no_run", specs=", ".join(of["specs"]))
    raise Undecided("incomparable", "other_run", _value(other, metric), spec=other.spec, metric=metric,
                    gallery=int(other.settings["gallery"]), catalogue=other.catalogue)  # fmt: skip


def _value(run: Run, metric: str) -> float | None:
    if metric == "match":
        found = run.facts.get("match_probability")
        return None if found is None else float(found)
    return retrieval.scores(run, chosen=[metric]).mean[metric]


@measure("measured again")
def measured_again(evidence: Evidence, of: Of) -> float:
    """P@5 or R@5 of the report's model over its own 328 pictures and judgments, from a stored run."""
    return retrieval.scores(_run_of(evidence, of, of["metric"]), chosen=[of["metric"]]).mean[of["metric"]]


@measure("match again")
def match_again(evidence: Evidence, of: Of) -> float:
    """The mean softmax over pairs that the report called «Cosine Sim»; another number of pairs cannot be compared."""
    run = _run_of(evidence, of, "match")
    value, count = _value(run, "match"), run.facts.get("pairs", 0)
    if value is None or count != published.GALLERY:
        raise Undecided("incomparable", "other_pairs", value, pairs=count, theirs=published.GALLERY)
    return value


def _own_set(evidence: Evidence) -> QuerySet:
    """The report's query set, item for item; Undecided when only another one for the same queries is here, or none."""
    other = None
    for found in evidence.query_sets():
        texts = {query.id: query.text for query in found.queries}
        if published.own_judgments(texts, {query: found.relevant(query) for query in texts}):
            return found
        other = found if published.matched(texts) else other
    if other is None:
        raise Undecided("absent", "no_report")
    raise Undecided("incomparable", "other_judgments", float(len(other.pool)), name=other.name)


@measure("judged pictures")
def judged_pictures(evidence: Evidence, of: Of) -> float:
    """How many different pictures the report's judgments name, from its own query file."""
    return float(len(_own_set(evidence).pool))


@measure("report rows")
def report_rows(evidence: Evidence, of: Of) -> float:
    """How many designs the report's catalogue has, or its training part, from its own tables."""
    try:
        pool = _own_set(evidence).pool
    except Undecided as other:
        raise Undecided("absent", "no_report") from other
    counts = []
    for name in catalogues.names(evidence.home):
        table = catalogues.load(evidence.home, name).table
        if "split" in table.columns and pool <= set(table["id"]):
            counts.append(len(table) if of["part"] == "all" else int((table["split"] == of["part"]).sum()))
    if not any(counts):
        raise Undecided("absent", "no_report")
    return float(max(counts))


@measure("epoch on an A100")
def epoch_on_an_a100(evidence: Evidence, of: Of) -> float:
    """Never measured here: Uzor runs frozen towers once, so that an epoch of the report's kind does not take place."""
    raise Undecided("incomparable", "other_way")


@measure("shown similarity")
def shown_similarity(evidence: Evidence, of: Of) -> float:
    """What the report's service shows for two unit vectors of that cosine: 1 − d² / 2, d from faiss's IndexFlatL2."""
    return float(_shown(np.array([of["cosine"]]))[0])


@measure("shown order")
def shown_order(evidence: Evidence, of: Of) -> float:
    """Share of neighbours in the order of falling cosine that the shown similarity keeps in order (1: the same)."""
    shown = _shown(np.linspace(1.0, -1.0, 201))
    return float(np.mean(np.diff(shown) <= 0))


def _shown(cosines: np.ndarray) -> np.ndarray:
    """The service's formula over what faiss answers for unit vectors at these cosines (n,) from a query."""
    try:
        import faiss
    except ImportError as error:
        raise Unavailable("The package faiss-cpu is not installed.", "pip install faiss-cpu") from error
    vectors = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)
    index = faiss.IndexFlatL2(2)
    index.add(vectors)
    distances, rows = index.search(np.array([[1.0, 0.0]], np.float32), len(vectors))
    squared = np.empty(len(vectors))
    squared[rows[0]] = distances[0]
    return np.asarray(1 - squared**2 / 2)


@measure("pairs doubled")
def pairs_doubled(evidence: Evidence, of: Of) -> float:
    """By what factor a number about pairs changes when every pair stands there twice: 1 for a mean of cosines."""
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(2, of["pairs"], 32))
    texts, pictures = raw / np.linalg.norm(raw, axis=2, keepdims=True)
    once = pairs.facts(texts, pictures, [[row] for row in range(len(texts))], None)
    twice = pairs.facts(texts, pictures, [[row, row] for row in range(len(texts))], None)
    return float(twice[of["number"]] / once[of["number"]])
