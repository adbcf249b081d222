"""The numbers that Uzor's own pages claim held to account: from what ships, what can be made here, and stored runs."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data import catalogue as catalogues
from data import published
from eval import floors, metrics, weight_counts
from eval.costs.outcome import FINE
from eval.evidence import Evidence, Undecided, measure

Of = Mapping[str, Any]
BUNDLED = Path(published.FILE).parent
MODELS = BUNDLED / "models"
COSTS_ALIKE = {"precision": FINE, "index": "exact", "batch": 32}  # what costs are measured with unless told otherwise
WEIGHTS = {"mini-clip": "open_clip_model.safetensors", "mini-ruclip": "pytorch_model.bin"}


@measure("bundled curve")
def bundled_curve(evidence: Evidence, of: Of) -> float:
    """The last line of a bundled model's curve: the figure its training ended with."""
    with open(MODELS / of["model"] / of["file"], encoding="utf-8", newline="") as file:
        return float(list(csv.DictReader(file))[-1][of["column"]])


@measure("bundled megabytes")
def bundled_megabytes(evidence: Evidence, of: Of) -> float:
    """The size on the disk of these bundled models, in millions of bytes."""
    return sum(path.stat().st_size for name in of["models"] for path in (MODELS / name).iterdir()) / 1e6


@measure("bundled weights")
def bundled_weights(evidence: Evidence, of: Of) -> float:
    """How many millions of numbers a bundled model's weights are; `times` divides that many by them."""
    millions = weight_counts.of_file(MODELS / of["model"] / WEIGHTS[of["model"]]) / 1e6
    return of["times"] / millions if "times" in of else millions


@measure("bundled queries")
def bundled_queries(evidence: Evidence, of: Of) -> float:
    """How many queries a shipped set has."""
    from data.demo import query_sets

    return float(len(query_sets.queries(of["name"])))


@measure("drawn")
def drawn(evidence: Evidence, of: Of) -> float:
    """How many motifs there are, or designs in the judged pool, the gallery and the training set."""
    from data.demo import gallery, vocabulary

    what = of["what"]
    return float(len(vocabulary.motifs() if what == "motifs" else gallery.SETS[what]()))


@measure("recipe")
def recipe(evidence: Evidence, of: Of) -> float:
    """A number of one of the tuning recipes."""
    from eval.finetuning.recipe import RECIPES

    value = getattr(RECIPES[of["name"]], of["number"])
    return float(value[of["place"]] if "place" in of else value)


@measure("ceiling")
def ceiling(evidence: Evidence, of: Of) -> float:
    """The best possible value of a metric for a query with that many relevant items among many others."""
    relevant = of["relevant"]
    judgments = {str(number): 1 for number in range(relevant)}
    return float(floors.ceiling(metrics.metric(of["metric"]), judgments, 1000, 1000))


@measure("catalogue size")
def catalogue_size(evidence: Evidence, of: Of) -> float:
    """How many items a catalogue of that name has, when it was imported here."""
    if of["name"] not in catalogues.names(evidence.home):
        raise Undecided("absent", "no_catalogue", name=of["name"])
    return float(len(catalogues.load(evidence.home, of["name"])))


@measure("stored run")
def stored_run(evidence: Evidence, of: Of) -> float:
    """A metric (or its chance level) of the newest plain run of a model over so many queries and items.

    `of` can ask for another "correction", "precision" or "without" (names of groups), as `Evidence.scored` says.
    """
    found = evidence.scored(of["spec"], of["gallery"], of["queries"], of["metric"], of)
    if found is None:
        raise Undecided("absent", "no_such_run", spec=of["spec"], queries=of["queries"], gallery=of["gallery"])
    return found[1 if of.get("chance") else 0]


@measure("matching")
def matching(evidence: Evidence, of: Of) -> float:
    """A number of the newest kept matching of a model over so many items on either side, by the column alone."""
    from eval.matching import kept, sweep

    for place in kept.every(evidence.home):
        found = kept.load(evidence.home, place.stem)
        sizes = [found.settings[side] for side in ("left", "right")] if found else []
        if found and found.spec == of["spec"] and sizes == [of["left"], of["right"]] and found.settings["pairs"]:
            return float(getattr(sweep.at(found.tally(of["rule"]), of["threshold"]), of["number"]))
    raise Undecided("absent", "no_such_matching", spec=of["spec"], left=of["left"], right=of["right"])


@measure("command")
def command(evidence: Evidence, of: Of) -> float:
    """Never measured in passing: a command of its own takes minutes of a quiet machine and prints the number."""
    raise Undecided("absent", "own_command", command=of["command"])


@measure("stored probe")
def stored_probe(evidence: Evidence, of: Of) -> float:
    """A metric of a classifier on a model's vectors, from the newest probe of that column with seed 0 kept here."""
    from eval.probing import outcome

    wanted = {"where": of.get("where", {}), "near": of.get("near", True), "seed": 0, "template": "{}",
              "precision": of.get("precision", FINE)}  # fmt: skip
    for one in outcome.kept(evidence.home):
        fits = one.catalogue == of["catalogue"] and one.column == of["column"] and one.spec == of["spec"]
        if fits and of["classifier"] in one.cells and all(one.settings.get(name) == v for name, v in wanted.items()):
            return one.cells[of["classifier"]].scores[of["metric"]][0]
    raise Undecided("absent", "no_such_probe", spec=of["spec"], column=of["column"], catalogue=of["catalogue"])


@measure("stored cost")
def stored_cost(evidence: Evidence, of: Of) -> float:
    """A number of the newest kept measurement of what a model costs, as `uzor efficiency` measures unless told
    otherwise; `of` can ask for another "precision", "index" or "batch"; `per` divides the number.

    With a `machine` it counts only where that has the same processor, threads and torch and was quiet.
    """
    from eval.costs import outcome

    wanted = {name: of.get(name, usual) for name, usual in COSTS_ALIKE.items()}
    every = [one for one in outcome.kept(evidence.home) if (one.spec, one.catalogue) == (of["spec"], of["catalogue"])]
    found = [one for one in every if all(one.settings.get(name, COSTS_ALIKE[name]) == v for name, v in wanted.items())]
    if not found or of["number"] not in found[0].numbers:
        raise Undecided("absent", "no_such_cost", spec=of["spec"], catalogue=of["catalogue"])
    value = found[0].numbers[of["number"]].value / of.get("per", 1)
    if any(str(found[0].machine.get(name)) != str(same) for name, same in of.get("machine", {}).items()):
        raise Undecided("incomparable", "other_machine", value)
    if "machine" in of and {"loaded", "once", "nice"} & set(found[0].flags):
        raise Undecided("incomparable", "busy_machine", value)
    return value
