"""The grid of pictures: real buttons, arrow keys, pictures by URL, marks of the judgments; text is never HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from app.language import _, language, number
from app.titles import telling
from data.cleaning import visible_bidi

if TYPE_CHECKING:
    from data.catalogue import Catalogue

HERE = Path(__file__).resolve().parent
MARKS = ("", "hit", "miss", "unjudged")


@dataclass(frozen=True)
class Card:
    """One picture of a grid; `mark` is what the judgments say of it (one of MARKS)."""

    id: str
    title: str
    picture: str = ""  # URL of the thumbnail, relative to the page
    about: str = ""  # source and category
    rank: str = ""
    score: str = ""
    mark: str = ""
    change: str = ""  # against another ranking, as it is written: "↑ 2", "new"
    copies: str = ""  # how many near-duplicates stand behind it, as it is written: "+3"
    state: str = ""  # `change` as a code of `eval.ranking_changes.STATES`


def picture_url(catalogue: Catalogue, sha256: str) -> str:
    """The thumbnail's URL, relative so that it survives a base path; it changes when the catalogue does."""
    return f"thumbs/{quote(catalogue.name)}/{sha256}.webp?v={catalogue.fingerprint[:8]}"


def cards(
    catalogue: Catalogue,
    ids: Iterable[str],
    scores: Sequence[float] | None = None,
    marks: Sequence[str] | None = None,
    ranks: Sequence[int] | None = None,
    digits: int = 3,
    copies: Mapping[str, Sequence[str]] | None = None,
) -> list[Card]:
    """Cards of those items in that order, with a score, a mark, a rank and hidden near-duplicates where given."""
    wanted = list(ids)
    columns = catalogue.table.iloc[[catalogue.row(item_id) for item_id in wanted]]
    parts = (columns[name] for name in ("title", "sha256", "source", "category"))
    return [
        Card(
            item_id,
            visible_bidi(telling(catalogue, title) or item_id),
            picture_url(catalogue, sha256),
            " · ".join(word for word in (source, category) if word),
            place(ranks[i]) if ranks else "",
            number(scores[i], digits) if scores else "",
            marks[i] if marks else "",
            copies=f"+{number(len(copies[item_id]))}" if copies and copies.get(item_id) else "",
        )
        for i, (item_id, title, sha256, source, category) in enumerate(zip(wanted, *parts, strict=True))
    ]


def place(rank: int) -> str:
    """A rank as it is written on a card; 0 is an item that the ranking does not hold."""
    sign = "№ " if language() == "ru" else "#"
    return sign + number(rank) if rank else _("not found")


def gallery(shown: Sequence[Card], key: str, label: str, picked: str = "", wide: int = 150) -> str | None:
    """Draw the cards, `wide` pixels each at least; return the id of the card clicked in this run, else None."""
    words = {"hit": _("relevant"), "miss": _("not relevant"), "unjudged": _("not judged"),
             "up": _("stands higher than in the first ranking"), "down": _("stands lower than in the first ranking"),
             "entered": _("not among the first in the first ranking"),
             "left": _("no longer among the first"), "copies": _("near-duplicates behind this one")}  # fmt: skip
    answer = _gallery(
        key=key,
        data={
            "cards": [asdict(card) for card in shown],
            "label": label,
            "picked": picked,
            "words": words,
            "wide": wide,
        },
        on_picked_change=lambda: None,
    )
    return str(answer["picked"]) if answer.get("picked") else None


_gallery = st.components.v2.component(
    "uzor_gallery",
    html='<div class="g" role="group"></div>',
    css=HERE.joinpath("gallery.css").read_text(encoding="utf-8"),
    js=HERE.joinpath("gallery.js").read_text(encoding="utf-8"),
)
