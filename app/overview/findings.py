"""First findings on the Overview: families, tuning, search by words, languages; each a pair of runs with its proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from app import definitions, state
from app.compare import compare_choice, pairings, verdict_words
from app.evaluate import run_names, runs
from app.language import N_, _
from app.search.examples import language_of
from app.text import md
from app.vocabulary import POOLS, word
from app.widgets import link
from eval import stats
from eval.comparison import Verdict
from eval.store import RunSummary

METRIC, WORDS = "P@5", "bm25"
TITLES = {
    "family": N_("ruCLIP-like against CLIP-like"),
    "tuning": N_("What fine-tuning brought"),
    "words": N_("Against search by words"),
    "language": N_("What the language of the queries does"),
}


@dataclass(frozen=True)
class Finding:
    """A pair of stored runs and what its verdict tells: "family", "tuning", "words" or "language"."""

    kind: str
    verdict: Verdict
    pool: str = ""  # where both searched, when that has to be said


def show(catalogue: str) -> None:
    """The findings of the newest comparable runs, each a sentence with its proof; nothing without a pair of runs.

    The runs are those of the query set that most models have answered.
    """
    query_set = _most_answered(catalogue)
    groups = state.bench().comparable(catalogue, query_set) if query_set else []
    found = _findings(groups, query_set) if groups else []
    if not found:
        return
    names = {run: name for group in groups for run, name in compare_choice.called(group, query_set).items()}
    st.header(_("First findings"), anchor=False)
    with st.container(border=True):
        for finding in found:
            _tell(finding, names)
        definitions.caption(
            _("Paired over the same queries; p-values are corrected for all the pairs of this list."), "rank"
        )
        link("compare", _("Query by query, in pictures"), "balance")


def _most_answered(catalogue: str) -> str:
    answered = {(run.query_set, run.spec) for run in state.bench().runs(catalogue, limit=10_000)}
    counts = Counter(query_set for query_set, _spec in sorted(answered))
    return max(counts, key=lambda name: counts[name], default="")


def _tell(finding: Finding, names: dict[str, str]) -> None:
    verdict, title = finding.verdict, word(TITLES, finding.kind)
    icon = ":green[:material/check_circle:]" if verdict.proven else ":orange[:material/help:]"
    more = ""
    if finding.kind == "words":
        more = " " + _("BM25 reads the titles and descriptions; the model sees nothing but the pictures.")
    if finding.pool:
        title += f" ({word(POOLS, finding.pool).lower()})"
    if finding.kind == "language" and verdict.proven:
        more = " " + _("The pictures, the queries and the judgments are the same: the gap is the language.")
    st.markdown(f"{icon} **{title}.** {md(verdict_words.sentence(verdict, names, METRIC) + more)}")


def _findings(groups: Sequence[Sequence[RunSummary]], query_set: str) -> list[Finding]:
    group = groups[0]
    here = [run for run in group if run.query_set == query_set]
    taught = [run for run in here if run.spec not in compare_choice.UNTAUGHT]
    home = str(state.bench().home)
    pairs: list[tuple[str, str, str]] = []
    if len(taught) > 1:
        ids = tuple(run.id for run in taught)
        stored = [state.bench().evaluation(run_id).run for run_id in ids]
        for first, second in pairings.of_runs(compare_choice.compared(ids, METRIC, home), stored):
            specs = {run.id: run.spec for run in taught}
            same = run_names.base_of(specs[first]) == run_names.base_of(specs[second])
            pairs.append(("tuning" if same else "family", first, second))
    held = _words(groups, query_set)
    pairs += [("words", *pair) for pair in held]
    pairs += [("language", *pair) for pair in _languages(group, taught)]
    verdicts = [
        compare_choice.compared((first, second), METRIC, home).between(first, second) for _kind, first, second in pairs
    ]
    corrected = stats.holm([verdict.p for verdict in verdicts])
    return [
        Finding(kind, replace(verdict, corrected=p), held.get((first, second), "") if kind == "words" else "")
        for (kind, first, second), verdict, p in zip(pairs, verdicts, corrected, strict=True)
    ]


def _words(groups: Sequence[Sequence[RunSummary]], query_set: str) -> dict[tuple[str, str], str]:
    """The best model and BM25 under each of the conditions that both were asked under → the pool that was searched.

    Conditions that differ in more than the pool (a filter, an older catalogue) are left out.
    """
    found: dict[tuple[str, str], str] = {}
    for group in groups:
        here = [run for run in group if run.query_set == query_set and not run.settings.get("where")]
        pool = str(group[0].settings["pool"])
        lexical = next((run.id for run in here if run.spec == WORDS), "")
        taught = [run.id for run in here if run.spec not in compare_choice.UNTAUGHT]
        same = group[0].fingerprints["catalogue"] == groups[0][0].fingerprints["catalogue"]
        if lexical and taught and same and pool not in found.values():
            found[max(taught, key=_mean), lexical] = pool
    return found


def _mean(run: str) -> float:
    return float(runs.scored(run, 5, str(state.bench().home)).metrics[METRIC])


def _languages(group: Sequence[RunSummary], taught: Sequence[RunSummary]) -> list[tuple[str, str]]:
    """Untuned models that were asked the same queries in Russian and in English: the English run, the Russian one."""
    found = []
    for run in taught:
        others = [other for other in group if other.spec == run.spec and other.query_set != run.query_set]
        if others and run_names.base_of(run.spec) == run.spec and _cyrillic(run) and not _cyrillic(others[0]):
            found.append((others[0].id, run.id))
    return found


def _cyrillic(run: RunSummary) -> bool:
    texts = runs.scored(run.id, 5, str(state.bench().home)).run.facts["texts"].values()
    return language_of(texts) == "ru"
