"""The grid of pictures: real buttons, arrow keys, pictures by URL, marks of the judgments; text is never HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from app.language import _, language, number
from data.cleaning import visible_bidi

if TYPE_CHECKING:
    from data.catalogue import Catalogue

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
    made = []
    for i, item_id in enumerate(ids):
        item = catalogue.item(item_id)
        made.append(
            Card(
                item_id,
                visible_bidi(item["title"] or item_id),
                picture_url(catalogue, item["sha256"]),
                " · ".join(word for word in (item["source"], item["category"]) if word),
                (number(ranks[i]) if ranks[i] else "> 1000") if ranks else "",
                number(scores[i], digits) if scores else "",
                marks[i] if marks else "",
            )
        )
    return made


def gallery(shown: Sequence[Card], key: str, label: str, picked: str = "", wide: int = 150) -> str | None:
    """Draw the cards, `wide` pixels each at least; return the id of the card clicked in this run, else None."""
    words = {"hit": _("relevant"), "miss": _("not relevant"), "unjudged": _("not judged")}
    answer = _gallery(
        key=key,
        data={
            "cards": [asdict(card) for card in shown],
            "label": label,
            "picked": picked,
            "words": words,
            "wide": wide,
            "number": "№ " if language() == "ru" else "#",
        },
        on_picked_change=lambda: None,
    )
    return str(answer["picked"]) if answer.get("picked") else None


_CSS = """
.g { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(var(--wide), 45%), 1fr));
  font-family: var(--st-font); padding: 2px; }
.c { display: flex; flex-direction: column; gap: 4px; padding: 8px; margin: 0; text-align: left; cursor: pointer;
  font: inherit; font-size: 13px; line-height: 1.25; color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); transition: border-color .15s, box-shadow .15s; min-width: 0; }
.c:hover { border-color: var(--st-primary-color); box-shadow: 0 2px 10px rgb(0 0 0 / .10); }
.c:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
.c[aria-pressed=true] { border-color: var(--st-primary-color); box-shadow: inset 0 0 0 1px var(--st-primary-color); }
.p { position: relative; background: #fff; border-radius: 6px; overflow: hidden; aspect-ratio: 1; }
.p img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; display: block; }
.p .x { position: absolute; inset: 0; display: none; align-items: center; justify-content: center;
  color: #6b625c; font-size: 12px; }
.p.broken img { display: none; } .p.broken .x { display: flex; }
.t { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden;
  overflow-wrap: anywhere; min-height: 2.5em; }
.a { color: color-mix(in srgb, var(--st-text-color) 72%, var(--st-background-color)); font-size: 12px;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; min-height: 1.25em; }
.r { display: flex; justify-content: space-between; gap: 8px; font-variant-numeric: tabular-nums; align-items: center; }
.s { font-weight: 600; }
.m { display: inline-flex; align-items: center; font-size: 12px; border-radius: 99px; padding: 1px 7px; }
.m.hit { color: var(--st-green-text-color); background: var(--st-green-background-color); }
.m.miss { color: var(--st-red-text-color); background: var(--st-red-background-color); }
.m.unjudged { color: var(--st-gray-text-color); background: var(--st-gray-background-color); }
@media (prefers-reduced-motion: reduce) { .c { transition: none; } }
"""

_JS = """
const SIGNS = { hit: "\\u2713", miss: "\\u2717", unjudged: "?" };

function part(name, text, parent) {
  const node = document.createElement("span");
  node.className = name;
  if (text !== undefined) node.textContent = text;
  parent.appendChild(node);
  return node;
}

function picture(card, button) {
  const frame = part("p", undefined, button);
  const image = document.createElement("img");
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = "";
  image.onerror = () => frame.classList.add("broken");
  part("x", "\\u2014", frame);
  image.src = card.picture;
  frame.appendChild(image);
}

function foot(card, words, number, button) {
  if (!card.rank && !card.score && !card.mark) return;
  const row = part("r", undefined, button);
  part("n", card.rank ? number + card.rank : "", row);
  if (card.mark) {
    const mark = part("m " + card.mark, undefined, row);
    mark.title = words[card.mark];
    part("i", SIGNS[card.mark], mark).setAttribute("aria-hidden", "true");
  }
  part("s", card.score, row);
}

function drawn(card, data) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "c";
  button.dataset.id = card.id;
  button.setAttribute("aria-pressed", String(card.id === data.picked));
  const said = [card.rank && data.number + card.rank, card.title, card.about, card.score, data.words[card.mark]];
  button.setAttribute("aria-label", said.filter(Boolean).join(", "));
  button.title = card.title;
  picture(card, button);
  part("t", card.title, button);
  part("a", card.about, button);
  foot(card, data.words, data.number, button);
  return button;
}

function filled(grid, data) {
  const state = JSON.stringify(data);
  if (grid.dataset.state === state) return;
  grid.dataset.state = state;
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--wide", data.wide + "px");
  const stop = Math.max(0, data.cards.findIndex((card) => card.id === data.picked));
  grid.replaceChildren(...data.cards.map((card) => drawn(card, data)));
  [...grid.children].forEach((button, i) => { button.tabIndex = i === stop ? 0 : -1; });
}

function target(grid, at, key) {
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  if (key === "Home") return 0;
  if (key === "End") return grid.children.length - 1;
  return step === undefined ? undefined : Math.min(grid.children.length - 1, Math.max(0, at + step));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".g");
  filled(grid, data);
  grid.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) setTriggerValue("picked", button.dataset.id);
  };
  grid.onkeydown = (event) => {
    const at = [...grid.children].indexOf(event.target.closest("button"));
    const next = at < 0 ? undefined : target(grid, at, event.key);
    if (next === undefined) return;
    event.preventDefault();
    grid.children[at].tabIndex = -1;
    grid.children[next].tabIndex = 0;
    grid.children[next].focus();
  };
}
"""

_gallery = st.components.v2.component("uzor_gallery", html='<div class="g" role="group"></div>', css=_CSS, js=_JS)
