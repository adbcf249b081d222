"""Words to begin a search with: a judged query that the chosen model answers well, in the language it reads best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app import state
from app.answers import Evaluation
from app.evaluate import runs
from app.language import N_
from app.text import short
from data.catalogue import Catalogue
from data.queries import QuerySet
from eval import registry
from eval.contracts import KnownModel
from eval.store import RunSummary

DECLARED = {"ruclip": "ru", "openclip": "en"}  # what the cards of the bundled models say that they learnt
LOOKED_AT = 8  # newest runs of a model
SAMPLE = 200  # titles that tell a catalogue's language

ASK = {
    "": N_("A few words in Russian or English: what is drawn, how, in what mood. Press Enter."),
    "ru": N_("A few words in Russian, which this model reads: what is drawn, how, in what mood. Press Enter."),
    "en": N_("A few words in English, which this model reads: what is drawn, how, in what mood. Press Enter."),
}
OTHER = {
    "ru": N_("This model reads Russian, and these words are in another language: expect little of what it finds."),
    "en": N_("This model reads English, and these words are in another language: expect little of what it finds."),
}


def language_of(texts: Iterable[str]) -> str:
    """ "ru" when most of the letters are Cyrillic, "en" when they are Latin, "" without a letter."""
    said = " ".join(texts)
    cyrillic, latin = len(re.findall("[а-яёА-ЯЁ]", said)), len(re.findall("[a-zA-Z]", said))
    return "" if not cyrillic + latin else "ru" if cyrillic >= latin else "en"


def reads(model: KnownModel, catalogue: Catalogue) -> str:
    """The language that the model reads best here: "ru", "en", or "" when nothing tells.

    Measured where it was asked the same things in both; else what the titles are written in for a search by words, and
    what its card declares for a small bundled model.
    """
    asked = {language_of(e.run.facts["texts"].values()): e for e in reversed(_answered(str(model.spec), catalogue))}
    if {"ru", "en"} <= set(asked):
        return max(("ru", "en"), key=lambda code: _first(asked[code]))
    if registry.lexical(model.spec):
        return language_of(catalogue.table["title"].head(SAMPLE))
    return DECLARED.get(model.spec.family, "") if model.bundled else ""


def words(model: KnownModel | None, catalogue: Catalogue, query_sets: Sequence[QuerySet]) -> str:
    """The query that the model's newest run answers best, else one of a set in its language, else a title."""
    reading = reads(model, catalogue) if model else ""
    for e in _answered(str(model.spec), catalogue) if model else []:
        if len(e.per_query) and reading in ("", language_of(e.run.facts["texts"].values())):
            return str(e.per_query["text"].iloc[int(e.per_query["AP"].argmax())])
    texts = [[query.text for query in one.queries] for one in query_sets if one.queries]
    fitting = [one for one in texts if reading in ("", language_of(one))]
    if chosen := fitting or texts:
        return chosen[0][0]
    return short(catalogue.table["title"].iloc[0], 40) if len(catalogue) else ""


def _answered(spec: str, catalogue: Catalogue) -> list[Evaluation]:
    """The model's newest runs on this catalogue that stand under the conditions of the newest but for the words."""
    every = state.bench().runs(catalogue.name, limit=10_000)
    stored = [run for run in every if run.spec == spec and "asks" not in run.settings]  # asked in words
    alike = [run for run in stored if _where(run) == _where(stored[0])]
    return runs.evaluations(alike, 5, LOOKED_AT)


def _where(run: RunSummary) -> tuple[str, str]:
    pool, kept, _catalogue, _queries = runs.conditions(run)
    return pool, kept


def _first(evaluation: Evaluation) -> float:
    return float(next(iter(evaluation.metrics.values())))
