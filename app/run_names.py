"""What stored runs are called beside each other, without a screen: the model's name and what tells two of it apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.language import when
from app.text import plain
from app.vocabulary import TITLES, word
from eval.contracts import KnownModel, Run
from eval.store import RunSummary

TUNED = ", fine-tuned: "  # between a base and its tuned weights in a title


def names(runs: Sequence[Run | RunSummary], models: Sequence[KnownModel]) -> dict[str, str]:
    """Run id → name; runs of one model say how they differ (words, precision, index, correction), else when made."""
    titles = {str(model.spec): _brief(model.title) for model in models}
    shown: dict[str, str] = {}
    for run in runs:
        alike = [_how(other) for other in runs if other.spec == run.spec]
        told = [value for name, value in _how(run).items() if len({how[name] for how in alike}) > 1]
        name = plain(titles.get(run.spec, run.spec)) + (f" ({', '.join(told)})" if told else "")
        shown[run.id] = name if name not in shown.values() else f"{name}, {when(run.made)}, {run.id}"
    return shown


def _how(run: Run | RunSummary) -> Mapping[str, str]:
    asked = ("precision", "index", "correction", "k")
    return {"queries": run.query_set, **{name: str(run.settings.get(name, "")) for name in asked}}


def _brief(title: str) -> str:
    """ "base (about), fine-tuned: base-words" → "base + words"."""
    title, _mark, tuned = word(TITLES, title).partition(TUNED)
    base = title.partition(" (")[0]
    return f"{base} + {tuned.partition(' (')[0].removeprefix(base + '-')}" if tuned else base
