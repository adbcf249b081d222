"""Causes of failures in the visitor's words: what each is called, what shows it, what helps, and where to do that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.failures import failure_picture_words
from app.failures.failure_picture_words import Said
from app.language import N_, _, n_, number
from app.text import md
from eval.failures.causes import FOUND, UNEXPLAINED, Cause

CAUSES: dict[str, Said] = {
    "label_gap": Said(
        N_("Not judged"),
        N_("Nobody judged results whose words fit as well as those of the relevant items: it may be no failure."),
        N_("Judge these results; the score rises at once when they are right."),
        "help",
        "judge",
    ),
    "unread": Said(
        N_("Words not learnt"),
        N_(
            "The model hardly tells this query from queries about something else: it has not learnt these words, or "
            "this language."
        ),
        N_("Take a model that has learnt them, or ask in other words or in the language that this model reads."),
        "language",
        "search",
    ),
    "crowding": Said(
        N_("Copies crowd the top"),
        N_("Nearly equal pictures take the first places and leave no room for others."),
        N_("Show one of a group of copies, or take copies out of the catalogue."),
        "content_copy",
        "catalogue",
    ),
    "hub": Said(
        N_("A hub"),
        N_("The wrong results turn up for many queries that have nothing to do with this one."),
        N_("Switch a correction on (CSLS or centring) and see below what it changes."),
        "hub",
        "hubs",
    ),
    "attribute": Said(
        N_("A word is not heard"),
        N_("One word of the query changes nothing, though it tells the relevant items from the results."),
        N_("Fine-tune on captions that name such attributes; or fuse with word search, which hears every word."),
        "hearing_disabled",
        "tuning",
    ),
    "ambiguous": Said(
        N_("Several meanings"),
        N_("The first results fall into groups with words of their own, and only one of them is meant."),
        N_("Ask with one more word, or show the meanings as groups to choose from."),
        "call_split",
        "search",
    ),
    "near_miss": Said(
        N_("Just missed"),
        N_("What is missing stands right below the first places."),
        N_("Show more results, or re-rank the first twenty: little is lacking."),
        "vertical_align_bottom",
        "search",
    ),
    "text": Said(
        N_("The words are not understood"),
        N_("Word search finds the items, but to the model the query is far from their captions."),
        N_("Fine-tune with the text side; meanwhile word search (BM25) or a fusion with it answers such queries."),
        "translate",
        "tuning",
    ),
    "picture": Said(
        N_("The pictures are not understood"),
        N_("The model finds the items by their captions, but not by their pictures."),
        N_("Fine-tune with the picture side; meanwhile search by captions beside pictures."),
        "image_not_supported",
        "tuning",
    ),
    "abstract": Said(
        N_("Nothing stands out"),
        N_("The scores are low and flat: no picture is much nearer to the query than the rest."),
        N_("Ask for something that can be seen, or add such words to the captions the model learns from."),
        "blur_on",
        "tuning",
    ),
    **failure_picture_words.CAUSES,
    UNEXPLAINED: Said(
        N_("Not explained"),
        N_("Something is missing among the first places, and no rule fits."),
        N_("Look at the pictures and name the cause yourself."),
        "question_mark",
    ),
    FOUND: Said(
        N_("Nothing lost"),
        N_("As many relevant items stand among the first places as can."),
        N_("Nothing has to be done."),
        "check_circle",
    ),
}


def title(code: str) -> str:
    """The name of a cause; an unknown code stays as it is."""
    return _(CAUSES[code].title) if code in CAUSES else code


def _same_vector(e: Mapping[str, Any]) -> str:
    said = n_(
        "{n} of {of} query about something else has nearly the same vector: a cosine of {cosine} or more.",
        "{n} of {of} queries about something else have nearly the same vector: a cosine of {cosine} or more.",
        e["n"],
        of=number(e["of"]),
        cosine=number(e["cosine"], 2),
    )
    if e["told"] is not None:
        said += " " + _("Between captions that the model reads it is {told}.", told=number(e["told"], 2))
    if e["shared"]:
        said += " " + _("{shared} of the first {k} are the same as theirs.", shared=number(e["shared"]),
                        k=number(e["k"]))  # fmt: skip
    return said


def _words(words: list[str]) -> str:
    return ", ".join(md(word) for word in words) or "…"


EVIDENCE: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "label_gap": lambda e: n_(
        "{n} of the first {k} has no judgment, but its words fit.",
        "{n} of the first {k} have no judgment, but their words fit.",
        e["n"],
        k=number(e["k"]),
    ),
    "unread": lambda e: _same_vector(e),
    "crowding": lambda e: _("{n} of the first {k} are nearly the same picture.", n=number(e["n"]), k=number(e["k"])),
    "hub": lambda e: _(
        "{n} of the first {k} also turn up elsewhere, up to {lists} times in {of} lists about something else.",
        n=number(e["n"]),
        k=number(e["k"]),
        lists=number(e["lists"]),
        of=number(e["of"]),
    ),
    "attribute": lambda e: _(
        "Without “{word}” {n} of the first {k} stay; {having} of {relevant} relevant items have this word, "
        "{lacking} of the wrong results have not.",
        word=md(e["word"]),
        **{name: number(e[name]) for name in ("n", "k", "having", "relevant", "lacking")},
    ),
    "ambiguous": lambda e: _(
        "The first results are {groups} (silhouette {silhouette}).",
        groups=_(" and ").join(
            n_("{n} item “{words}”", "{n} items “{words}”", s["items"], words=_words(s["words"])) for s in e["senses"]
        ),
        silhouette=number(e["silhouette"], 2),
    ),
    "near_miss": lambda e: n_(
        "{n} relevant item stands at ranks {a}–{b}.",
        "{n} relevant items stand at ranks {a}–{b}.",
        e["n"],
        a=number(e["k"] + 1),
        b=number(e["to"]),
    ),
    "text": lambda e: _(
        "Relevant among the first {k}: {lexical} by words, {described} by captions in the model's space, "
        "{hits} by pictures.",
        **{name: number(e[name]) for name in ("k", "lexical", "described", "hits")},
    ),
    "picture": lambda e: _(
        "Relevant among the first {k}: {described} by captions in the model's space, {hits} by pictures.",
        **{name: number(e[name]) for name in ("k", "described", "hits")},
    ),
    "abstract": lambda e: _(
        "The best score stands {standout} standard deviations above the rest (usually {usual}) and falls by {fall} "
        "down to the fiftieth (usually {usual_fall}).",
        standout=number(e["standout"], 1),
        usual=number(e["usual"], 1),
        fall=number(e["fall"], 3),
        usual_fall=number(e["usual_fall"], 3),
    ),
    **failure_picture_words.EVIDENCE,
}
EVIDENCE["faint"] = EVIDENCE["abstract"]


def evidence(cause: Cause) -> str:
    """What shows the cause, one sentence of Markdown."""
    return EVIDENCE[cause.code](cause.evidence)
