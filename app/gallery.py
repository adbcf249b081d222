"""The grid of pictures: real buttons, arrow keys, pictures by URL, marks of the judgments; text is never HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from app.language import _, language, number
from data.cleaning import visible_bidi

if TYPE_CHECKING:
    from data.catalogue import Catalogue

HERE = Path(__file__).resolve().parent
MARKS = ("", "hit", "miss", "unjudged")
FEWEST = 10  # titles of a source that tell what all of them begin with
_BEGUN: dict[str, dict[str, str]] = {}


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
    state: str = ""  # the same as a code of `eval.ranking_changes.STATES`


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
) -> list[Card]:
    """Cards of those items in that order, with a score, a mark and a rank each where given."""
    wanted, begun = list(ids), beginnings(catalogue)
    columns = catalogue.table.iloc[[catalogue.row(item_id) for item_id in wanted]]
    parts = (columns[name] for name in ("title", "sha256", "source", "category"))
    return [
        Card(
            item_id,
            visible_bidi(_told(title, begun.get(source, "")) or item_id),
            picture_url(catalogue, sha256),
            " · ".join(word for word in (source, category) if word),
            place(ranks[i]) if ranks else "",
            number(scores[i], digits) if scores else "",
            marks[i] if marks else "",
        )
        for i, (item_id, title, sha256, source, category) in enumerate(zip(wanted, *parts, strict=True))
    ]


def beginnings(catalogue: Catalogue) -> dict[str, str]:
    """Source → the words with which every one of its titles begins: a card leaves them out, its subject is short."""
    key = catalogue.fingerprint
    if key not in _BEGUN:
        if len(_BEGUN) > 16:
            _BEGUN.clear()
        titles = catalogue.table.groupby("source")["title"]
        _BEGUN[key] = {str(source): _common(list(shown)) for source, shown in titles if len(shown) >= FEWEST}
    return _BEGUN[key]


def _common(titles: Sequence[str]) -> str:
    """The whole words that all of them begin with, with the space behind; "" when one would be left without any."""
    words = [title.split() for title in (min(titles), max(titles))]
    pairs = enumerate(zip(*words, strict=False))
    count = next((i for i, (one, other) in pairs if one != other), min(map(len, words)))
    begun = " ".join(words[0][:count]) + " "
    return begun if count and all(title.startswith(begun) and title[len(begun) :].strip() for title in titles) else ""


def _told(title: str, begun: str) -> str:
    return title.removeprefix(begun) if begun else title


def place(rank: int) -> str:
    """A rank as it is written on a card; 0 is an item that the ranking does not hold."""
    sign = "№ " if language() == "ru" else "#"
    return sign + number(rank) if rank else _("not found")


def gallery(shown: Sequence[Card], key: str, label: str, picked: str = "", wide: int = 150) -> str | None:
    """Draw the cards, `wide` pixels each at least; return the id of the card clicked in this run, else None."""
    words = {"hit": _("relevant"), "miss": _("not relevant"), "unjudged": _("not judged"),
             "up": _("stands higher than in the first ranking"), "down": _("stands lower than in the first ranking"),
             "entered": _("not among the first in the first ranking"),
             "left": _("no longer among the first")}  # fmt: skip
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
