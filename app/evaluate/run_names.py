"""What stored runs are called beside each other, without a screen: the model's name and what tells two of it apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.language import when
from app.text import plain
from app.vocabulary import CORRECTIONS, TITLES, word
from eval.contracts import KnownModel, Run
from eval.store import RunSummary

TUNED = ", fine-tuned: "  # between a base and its tuned weights in a title


def names(runs: Sequence[Run | RunSummary], models: Sequence[KnownModel], asked: str = "") -> dict[str, str]:
    """Run id → the model's name on screen, unescaped; a correction is always named.

    Runs of one model say how else they differ (words, precision, index, k), else when they were made. A query set that
    is not the one `asked` is named, too.
    """
    titles = {str(model.spec): brief(model.title) for model in models}
    shown: dict[str, str] = {}
    for run in runs:
        same = [_how(other) for other in runs if other.spec == run.spec]
        told = [value for name, value in _how(run).items() if len({how[name] for how in same}) > 1]
        if asked and run.query_set != asked and run.query_set not in told:
            told.insert(0, run.query_set)
        told = [value for value in told if value != asked] + _corrected(run)
        name = plain(titles.get(run.spec, run.spec)) + (f" ({', '.join(told)})" if told else "")
        name = name if name not in shown.values() else f"{name}, {when(run.made)}"
        shown[run.id] = name if name not in shown.values() else f"{name}, {run.id}"
    return shown


def single(run: Run | RunSummary, titles: Mapping[str, str]) -> str:
    """What a run is called where its conditions stand beside it: the model, with its correction; `titles` by spec."""
    return plain(titles.get(run.spec, run.spec)) + "".join(f" ({kind})" for kind in _corrected(run))


def _how(run: Run | RunSummary) -> Mapping[str, str]:
    settings = {name: str(run.settings.get(name, "")) for name in ("precision", "index", "k")}
    return {"queries": run.query_set, **settings}


def _corrected(run: Run | RunSummary) -> list[str]:
    kind = str(run.settings.get("correction", "none"))
    return [] if kind == "none" else [word(CORRECTIONS, kind)]


def brief(title: str) -> str:
    """ "base (about), fine-tuned: base-words" → "base + words": what a model is called in tables and charts."""
    title, _mark, tuned = title.partition(TUNED)
    base = word(TITLES, title).partition(" (")[0]
    return f"{base} + {tuned.partition(' (')[0].removeprefix(base + '-')}" if tuned else base


def base_of(spec: str) -> str:
    """The spec a tuned one was made from: what stands before "+" or "@"; an untuned one itself."""
    return spec.partition("+")[0].partition("@")[0]
