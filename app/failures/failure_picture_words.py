"""Causes that only pictures have, in the visitor's words, where a picture asked; `failure_words` has the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.language import N_, _, n_, number, percent
from app.text import md


@dataclass(frozen=True)
class Said:
    """A cause on the screen; `page` is where its remedy is at hand, "" for none."""

    title: str
    means: str
    helps: str
    icon: str
    page: str = ""


CAUSES: dict[str, Said] = {
    "copy_gap": Said(
        N_("A copy is not judged"),
        N_("Nobody judged results that are nearly the picture of a relevant item: it may be no failure."),
        N_("Judge these results; the score rises at once when they are right."),
        "help",
        "judge",
    ),
    "bare": Said(
        N_("Nothing to be seen"),
        N_("The asking picture, or those that were missed, are nearly of one colour."),
        N_("Replace these pictures in the catalogue; no model finds what is not there."),
        "hide_image",
        "catalogue",
    ),
    "lookalike": Said(
        N_("Its double stands before"),
        N_("Pictures that are nearly the asking one, of other items, stand before what is right."),
        N_("Judge whether they are the same article; else show one of a group of copies, or tell them apart by words."),
        "file_copy",
        "judge",
    ),
    "framing": Said(
        N_("Framed otherwise"),
        N_("The object takes much more or much less of the picture than in what was missed; results are framed alike."),
        N_("Search with the part that shows the object (“Find the object”), or crop the catalogue's pictures alike."),
        "crop",
        "search",
    ),
    "ground": Said(
        N_("Another background"),
        N_("The results stand on the asking picture's background, what was missed stands on another."),
        N_("Cut the object out before searching, or fine-tune on pictures of one item on several backgrounds."),
        "wallpaper",
        "search",
    ),
    "unlike": Said(
        N_("Another picture to the model"),
        N_("To the model a large part of the shop is nearer than the relevant picture: it does not see them as alike."),
        N_("Fine-tune on pairs of pictures of one item; meanwhile add words to the picture."),
        "compare",
        "tuning",
    ),
    "kind": Said(
        N_("The kind is right, the item is not"),
        N_("Nearly all wrong results are of the relevant items' category."),
        N_("Take a model with finer features, or fine-tune on pairs within one category."),
        "category",
        "tuning",
    ),
    "titles": Said(
        N_("Its words would find it"),
        N_("The asking item's title finds what its picture does not."),
        N_("Search with the picture and the item's words together, or fuse with word search."),
        "title",
        "search",
    ),
    "faint": Said(
        N_("No picture stands out"),
        N_("The scores are low and flat: no picture is much nearer to the asking one than the rest."),
        N_("Search with the part that shows the object, or fine-tune on such pictures."),
        "blur_on",
        "search",
    ),
}


def _bare(e: Mapping[str, Any]) -> str:
    if e["asking"]:
        return _("In the asking picture no part differs from its neighbour.")
    return _(
        "In {n} of {missed} missed pictures no part differs from its neighbour.",
        n=number(e["n"]),
        missed=number(e["missed"]),
    )


def _titles(e: Mapping[str, Any]) -> str:
    said = _("Relevant among the first {k}: {lexical} by the title's words, {hits} by the picture.",
             **{name: number(e[name]) for name in ("k", "lexical", "hits")})  # fmt: skip
    if e["described"] is not None:
        said += " " + _("By captions in the model's space: {described}.", described=number(e["described"]))
    return said


EVIDENCE: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "copy_gap": lambda e: n_(
        "{n} of the first {k} has no judgment and is nearly the picture of a relevant item.",
        "{n} of the first {k} have no judgment and are nearly the picture of a relevant item.",
        e["n"],
        k=number(e["k"]),
    ),
    "bare": lambda e: _bare(e),
    "lookalike": lambda e: n_(
        "{n} of the first {k} is nearly the asking picture and not right.",
        "{n} of the first {k} are nearly the asking picture and not right.",
        e["n"],
        k=number(e["k"]),
    ),
    "framing": lambda e: _(
        "The object takes {filled} of the asking picture and {missed} of the missed ones; {n} of the first {k} are "
        "framed like the asking one.",
        filled=percent(e["filled"]),
        missed=percent(e["missed"]),
        n=number(e["n"]),
        k=number(e["k"]),
    ),
    "ground": lambda e: _(
        "{n} of the first {k} stand on the asking picture's background, of the missed ones {same} of {missed}.",
        **{name: number(e[name]) for name in ("n", "k", "same", "missed")},
    ),
    "unlike": lambda e: _(
        "{ahead} of {gallery} items are nearer than the nearest relevant picture.",
        ahead=number(e["ahead"]),
        gallery=number(e["gallery"]),
    ),
    "kind": lambda e: _(
        "{n} of {wrong} wrong results are “{kind}”, as the relevant items are; of the whole gallery {common} are.",
        n=number(e["n"]),
        wrong=number(e["wrong"]),
        kind=md(e["kind"]),
        common=percent(e["common"]),
    ),
    "titles": lambda e: _titles(e),
}
