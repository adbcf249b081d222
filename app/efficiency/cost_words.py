"""The words of efficiency: what each number is, how it is written, and what makes a measurement doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.language import N_, _, number, percent
from eval.costs import galleries, outcome
from eval.costs.galleries import Gallery
from eval.costs.outcome import FINE, Cost, Number

TITLES = {
    "cold_start": N_("Cold start, s"),
    "first_answer": N_("First answer, s"),
    "text_p50": N_("Text p50, ms"),
    "text_p95": N_("Text p95, ms"),
    "picture_first": N_("First picture, ms"),
    "picture_p50": N_("Picture p50, ms"),
    "picture_p95": N_("Picture p95, ms"),
    "search_p50": N_("Search p50, ms"),
    "search_p95": N_("Search p95, ms"),
    "search_cpu": N_("CPU for 1,000 searches, s"),
    "throughput": N_("Pictures a second"),
    "cpu_per_1000": N_("CPU for 1,000 texts, s"),
    "cpu_percent": N_("CPU, percent"),
    "peak_ram": N_("Peak memory, MB"),
    "parameters": N_("Parameters, millions"),
    "file_bytes": N_("Size, MB"),
    "size": N_("Vector"),
    "index_bytes": N_("Index, MB"),
}
SAYS = {
    "cold_start": N_("From the start of a new process to a model that is loaded."),
    "first_answer": N_("From the start of a new process to the first items found for a text; vectors lie ready."),
    "text_p50": N_("One text → its vector, one at a time, in a warm process; for word search: text → items. Median."),
    "text_p95": N_("The same; 95 of 100 texts are not slower."),
    "picture_first": N_("The first picture of a process → its vector."),
    "picture_p50": N_("One decoded picture → its vector, one at a time, in a warm process. Median."),
    "picture_p95": N_("The same; 95 of 100 pictures are not slower."),
    "search_p50": N_("One vector → the 20 nearest items of the catalogue. Median."),
    "search_p95": N_("The same; 95 of 100 searches are not slower."),
    "search_cpu": N_("Processor time of the process for 1,000 searches."),
    "throughput": N_("Decoded pictures → vectors, a batch at a time."),
    "cpu_per_1000": N_("Processor time of the process for 1,000 texts."),
    "cpu_percent": N_("Processor time against the clock while texts and pictures are read; 100 is one core."),
    "peak_ram": N_("The most memory that the process held at once, libraries and catalogue included."),
    "parameters": N_("Numbers the model learnt."),
    "file_bytes": N_("The files that loading the model reads."),
    "size": N_("Numbers of one vector."),
    "index_bytes": N_("Memory that searching takes; FAISS keeps a copy of the vectors, so twice their size."),
}
ORIGINS = {
    "own": N_("the catalogue's own vectors"),
    "part": N_("a random part of them"),
    "repeated": N_("they and copies of them with a little noise"),
}
FLAGS = {
    "loaded": N_("others used the machine"),
    "unsteady": N_("the processes differ by more than a quarter"),
    "once": N_("measured in one process only"),
    "nice": N_("the process gave way to others"),
}
BY = {"bytes": 1e6, "count": 1.0}
STANDING = {
    "front": N_("on the front"),
    "maybe": N_("behind, but within the intervals"),
    "dominated": N_("another is better and cheaper"),
}


NUMBERS = {**outcome.NUMBERS, **galleries.NUMBERS}  # name → unit


def names(costs: Sequence[Cost], titles: Mapping[str, str]) -> dict[str, str]:
    """What each measured model is called on screen: its title, and its precision where that is not fp32."""
    said = {one.name: titles.get(one.spec, one.spec) for one in costs}
    return said | {one.name: f"{said[one.name]} · {one.precision}" for one in costs if one.precision != FINE}


def shown(name: str, value: float) -> float:
    """A number in the unit of its title: bytes as megabytes, parameters as millions."""
    return value / (1e6 if name == "parameters" else BY.get(NUMBERS[name], 1.0))


def written(number: Number | None, name: str) -> str:
    """The median with the least and the most of the processes where they differ; a dash for what was not measured."""
    if number is None:
        return "—"
    value, low, high = (_digits(shown(name, part)) for part in (number.value, number.low, number.high))
    return value if low == high else f"{value} ({low}–{high})"


def _digits(value: float) -> str:
    """Three digits that tell."""
    return number(value, 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2 if value >= 0.1 else 3)


def flags(cost: Cost | Gallery) -> str:
    """What makes the measurement doubtful, in the visitor's language; "" for a quiet and steady one."""
    said = {flag: _(FLAGS[flag]) for flag in cost.flags}
    if "loaded" in said:
        said["loaded"] = _("others used up to {share} of the machine", share=percent(cost.others))
    return "; ".join(said.values())
